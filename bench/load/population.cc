#include "population.h"

#include <algorithm>
#include <utility>

#include "io/clock.h"

namespace earshot::load {

Population::Population(const Scenario& scenario, const SignallingTarget& target,
                       const TokenMint* mint, const DtlsCertificate& certificate, EventLoop& loop)
    : scenario_(scenario),
      target_(target),
      mint_(mint),
      surroundings_{loop.loop(), loop.io(), target_,
                    certificate, secrets_,  UdpSocket::MakeBuffers(),
                    out_,        *this},
      // Two generators at one server must not take each other's places.
      run_("load-" + std::to_string(secrets_.Below(1000000)) + "-"),
      people_(scenario.people),
      behaviours_(scenario.people) {
  const size_t count = scenario.spaces.size();
  for (size_t i = 0; i < count; ++i) {
    const auto people = static_cast<uint32_t>((scenario.people + count - 1 - i) / count);
    venues_.emplace_back(scenario.spaces[i], Scaled(scenario, people), chance_);
  }
  if (scenario.hostile.people == 0) return;
  oracle_.emplace(people_.size());
  hostiles_.emplace(scenario, mint, surroundings_, [this](ParticipantId participant, size_t space) {
    oracle_->AddHostile(participant, space);
  });
}

bool Population::AddOne() {
  if (next_index_ == people_.size()) return false;
  Begin(next_index_++);
  return true;
}

void Population::Begin(size_t index) {
  Person::Options options;
  options.index = index;
  options.name = run_ + std::to_string(++names_);
  options.space = VenueOf(index).space();
  if (mint_ != nullptr) options.token = mint_->Mint(options.name, options.space, UnixSeconds());
  options.client = MakeClientOptions();
  options.published = PublishedBy(index);
  people_[index] = std::make_unique<Person>(options, surroundings_);
  ++asked_;
  if (const auto error = people_[index]->Join()) {
    people_[index].reset();
    fatal_ = error;
  }
}

ClientOptions Population::MakeClientOptions() const {
  ClientOptions options;
  options.offer.sources = SourceSet();
  options.offer.sources.Set(SourceKind::kMic, true);
  options.offer.sources.Set(SourceKind::kCamera, true);
  options.offer.audio_slots = scenario_.audio_slots;
  options.offer.video_slots = scenario_.video_slots;
  options.media = scenario_.media;
  // As the page does.
  options.rests_unwanted = true;
  return options;
}

SourceSet Population::PublishedBy(size_t index) const {
  const auto publishes = [&](Publishers who) {
    return who == Publishers::kEverybody || (who == Publishers::kTalkers && IsTalker(index));
  };
  SourceSet published;
  // It sends its packets itself.
  if (IsFlooder(index)) return published;
  published.Set(SourceKind::kMic, publishes(scenario_.mic));
  published.Set(SourceKind::kCamera, index < scenario_.cameras && publishes(scenario_.camera));
  return published;
}

void Population::OnJoined(size_t person, const JoinedReply& reply) {
  const std::string missing = VenueOf(person).Enter(MemberOf(person), reply, Now());
  if (!missing.empty()) fatal_ = Error{"plan-unfit", missing};
  if (oracle_) oracle_->Enter(person, reply.participant, person % venues_.size());
}

void Population::OnHere(size_t person, Duration join_time) {
  ++joins_;
  ++here_;
  meter_.join_time.Add(join_time);
  if (fatal_) return;
  const Timestamp now = Now();
  Behaviour& behaviour = behaviours_[person];
  const bool takes_turns = scenario_.talk == Talk::kSome && !IsSpeaker(person);
  behaviour.talk.reset();
  if (takes_turns) behaviour.talk.emplace(scenario_.talking_share, scenario_.spurt, chance_, now);
  SetTalking(person, takes_turns ? behaviour.talk->is_talking() : IsTalker(person));
  // Spread over the interval, as people are not in step.
  behaviour.next_step =
      now + Duration::Micros(static_cast<int64_t>(
                chance_.Unit() * static_cast<double>(Crowd::kStepInterval.micros())));
  steps_.Set(person, behaviour.next_step);
}

void Population::SetTalking(size_t index, bool talking) {
  people_[index]->SetTalking(talking);
  const bool is_heard = talking && people_[index]->published().Has(SourceKind::kMic);
  VenueOf(index).cut_in().SetTalking(MemberOf(index), is_heard);
}

void Population::OnEnded(size_t person, const Error& error) {
  const std::string problem = error.message + " (" + error.code + ")";
  if (first_problem_.empty()) first_problem_ = problem;
  if (people_[person]->was_here()) {
    ++dropped_;
  } else {
    ++joins_failed_;
    // What holds for the first will hold for all.
    if (joins_ == 0) fatal_ = Error{error.code, problem};
  }
  Retire(person);
}

void Population::Retire(size_t index) {
  Person& person = *people_[index];
  if (person.was_here()) --here_;
  VenueOf(index).Leave(MemberOf(index));
  if (oracle_) oracle_->Leave(index, Now());
  deadlines_.Remove(index);
  steps_.Remove(index);
  sent_by_departed_ += person.packets_sent();
  drops_of_departed_ += person.receive_drops();
  meter_.loss_of_departed.Add(person.loss());
  departed_.push_back(std::move(people_[index]));
}

void Population::ReplaceOne() {
  const size_t index = chance_.Below(static_cast<uint32_t>(people_.size()));
  if (!people_[index] || !people_[index]->is_here() || IsSpeaker(index)) return;
  if (IsFlooder(index)) return;
  people_[index]->Leave();
  Retire(index);
  Begin(index);
}

void Population::LeaveAll() {
  for (size_t i = 0; i < people_.size(); ++i) {
    if (people_[i]) people_[i]->Leave();
    deadlines_.Remove(i);
    steps_.Remove(i);
  }
}

bool Population::HaveAllArrived() const {
  for (size_t i = 0; i < people_.size(); ++i) {
    if (!people_[i] || !people_[i]->is_here()) continue;
    if (!VenueOf(i).crowd().HasArrived(MemberOf(i))) return false;
  }
  return true;
}

void Population::OnDatagram(size_t person, ByteView datagram) {
  if (oracle_) oracle_->HandleDatagram(person, datagram);
}

void Population::OnDrop(DropReason reason) {
  if (oracle_) oracle_->HandleDrop(reason);
}

void Population::CheckMedia(size_t person, const ReceivedMedia& media, Timestamp now) {
  const std::optional<size_t> sender = oracle_->SenderOf(media);
  const Venue& venue = VenueOf(person);
  const bool is_near = sender && &VenueOf(*sender) == &venue &&
                       venue.AreNear(MemberOf(person), MemberOf(*sender), media.slot.kind);
  oracle_->HandleMedia(person, media, is_near, now);
}

void Population::OnMedia(size_t person, const ReceivedMedia& media, std::optional<Duration> latency,
                         Timestamp now) {
  if (oracle_) CheckMedia(person, media, now);
  if (!is_open_) return;
  ++meter_.received;
  if (media.is_repair) ++meter_.repairs;
  if (media.is_duplicate) {
    ++meter_.duplicates;
    return;
  }
  if (latency) NoteLatency(media, *latency, now);
  if (media.source.kind() != SourceKind::kMic) return;
  const auto waited =
      VenueOf(person).cut_in().Hear(MemberOf(person), media.source.participant(), now);
  if (waited) meter_.cut_in.Add(*waited);
}

void Population::NoteLatency(const ReceivedMedia& media, Duration latency, Timestamp now) {
  meter_.latency[static_cast<size_t>(media.slot.kind)].Add(latency);
  meter_.recent_latency.Add(latency);
  const std::optional<bool> disturbed = hostiles_ ? hostiles_->KindOf(now) : flood_.KindOf(now);
  if (disturbed) (*disturbed ? meter_.disturbed_latency : meter_.calm_latency).Add(latency);
}

void Population::OnCorrected(size_t person, const Pose& pose) {
  Venue& venue = VenueOf(person);
  if (venue.is_open() && people_[person]->is_here()) venue.crowd().Correct(MemberOf(person), pose);
}

void Population::OnTurn(size_t person) { deadlines_.Set(person, people_[person]->NextDeadline()); }

void Population::HandleDeadline(Timestamp now) {
  departed_.clear();
  // Each once: one that stays due, by a fault, must not keep all others waiting.
  due_.clear();
  size_t person = 0;
  const Timestamp next = deadlines_.Next();
  if (is_open_ && next <= now) meter_.lateness.Add(now - next);
  while (deadlines_.PopDue(now, person)) due_.push_back(person);
  for (const size_t one : due_) {
    if (people_[one]) people_[one]->HandleDeadline(Now());
  }
  if (flood_.NextDeadline() <= now) {
    const uint32_t count = flood_.TakeDue(now);
    if (people_.back() && people_.back()->is_here()) people_.back()->SendFlood(count, now);
  }
  if (hostiles_) hostiles_->HandleDeadline(now);
  due_.clear();
  while (steps_.PopDue(now, person)) due_.push_back(person);
  for (const size_t one : due_) {
    if (people_[one] && people_[one]->is_here()) Step(one, now);
  }
}

void Population::Step(size_t index, Timestamp now) {
  Behaviour& behaviour = behaviours_[index];
  if (behaviour.talk && behaviour.talk->NextDeadline() <= now) {
    behaviour.talk->HandleDeadline(now);
    SetTalking(index, behaviour.talk->is_talking());
  }
  if (behaviour.next_step <= now) {
    behaviour.next_step = std::max(behaviour.next_step + Crowd::kStepInterval, now);
    Venue& venue = VenueOf(index);
    if (const auto pose = venue.crowd().Step(MemberOf(index), now)) {
      venue.cut_in().Move(MemberOf(index), pose->position, now);
      people_[index]->Move(*pose, now);
    }
  }
  // The server may have ended it in this turn.
  if (!people_[index]) return;
  const Timestamp talk = behaviour.talk ? behaviour.talk->NextDeadline() : Timestamp::Never();
  steps_.Set(index, std::min(behaviour.next_step, talk));
}

void Population::Open() {
  const Histogram join_time = meter_.join_time;
  meter_ = {};
  meter_.join_time = join_time;
  TakeMissedCutIns(Timestamp::Never());
  for (const auto& person : people_) {
    if (person) person->OpenLoss();
  }
  flood_ = {};
  flood_.Begin(scenario_.flood, Now());
  if (hostiles_) hostiles_->Begin(Now());
  is_open_ = true;
}

void Population::Close() {
  is_open_ = false;
  meter_.flood_packets = flood_.packets_sent();
  flood_.End();
  if (hostiles_) hostiles_->End();
  meter_.cut_ins_missed += TakeMissedCutIns(Now());
  for (const auto& person : people_) {
    if (!person) continue;
    person->CloseLoss();
    for (const MediaKind kind : {MediaKind::kAudio, MediaKind::kVideo}) {
      meter_.silent_slots[static_cast<size_t>(kind)] += person->SilentSlots(kind);
    }
  }
}

uint64_t Population::TakeMissedCutIns(Timestamp now) {
  uint64_t missed = 0;
  for (Venue& venue : venues_) {
    if (venue.is_open()) missed += venue.cut_in().TakeMissed(now);
  }
  return missed;
}

Loss Population::loss() const {
  Loss sum = meter_.loss_of_departed;
  for (const auto& person : people_) {
    if (person) sum.Add(person->loss());
  }
  return sum;
}

uint64_t Population::packets_sent() const {
  uint64_t sent = sent_by_departed_;
  for (const auto& person : people_) sent += person ? person->packets_sent() : 0;
  return sent;
}

uint64_t Population::receive_drops() const {
  uint64_t drops = drops_of_departed_;
  for (const auto& person : people_) drops += person ? person->receive_drops() : 0;
  return drops;
}

}  // namespace earshot::load
