#include "office.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

#include "acts.h"
#include "transport/dtls.h"
#include "wire/demux.h"

namespace earshot::sim {
namespace {

constexpr Duration kStepInterval = Duration::Millis(50);
constexpr Duration kCheckInterval = Duration::Millis(50);
constexpr Duration kJoinSpread = Duration::Seconds(5);
// The server may know a switch of sources only after it has travelled.
constexpr Duration kSwitchSlack = Duration::Millis(500);
// Longer than consent lasts, so that those who vanished are gone too.
constexpr Duration kAftermath = Duration::Seconds(45);

SourceSet DrawSources(Random& random) {
  SourceSet sources;
  sources.Set(SourceKind::kMic, random.Unit() < 0.85);
  sources.Set(SourceKind::kCamera, random.Unit() < 0.4);
  sources.Set(SourceKind::kScreen, random.Unit() < 0.1);
  sources.Set(SourceKind::kScreenAudio, random.Unit() < 0.1);
  return sources;
}

ClientOptions DrawClientOptions(const Scenario& scenario, Random& random) {
  ClientOptions options;
  // Each client numbers things in its own way, as browsers do.
  const auto shift = static_cast<uint8_t>(random.Below(5));
  ClientNumbers& numbers = options.offer.numbers;
  numbers.opus_payload_type = static_cast<uint8_t>(100 + shift);
  numbers.vp8_payload_type = static_cast<uint8_t>(110 + 2 * shift);
  numbers.vp8_rtx_payload_type = static_cast<uint8_t>(111 + 2 * shift);
  numbers.extensions.mid = static_cast<uint8_t>(1 + shift);
  numbers.extensions.audio_level = static_cast<uint8_t>(7 + shift);
  numbers.extensions.abs_send_time = static_cast<uint8_t>(14 - (shift > 2 ? 1 : 0));
  options.offer.announces_ssrcs = random.Unit() < 0.7;
  options.first_index_bound = scenario.same_sequence_numbers ? 1 : 0x7fff;
  // So that sequence numbers wrap on the way (threat row L3).
  if (scenario.begins_before_wraps) options.first_index = 0x10000 - 500;
  return options;
}

EngineOptions MakeEngineOptions(const Scenario& scenario, const SocketAddress& address) {
  EngineOptions options;
  options.media = scenario.media;
  options.spaces = {scenario.space};
  options.candidates = {address};
  return options;
}

HearingOptions MakeHearingOptions(const Scenario& scenario) {
  HearingOptions options;
  options.demands_completeness = scenario.network.loses_nothing();
  return options;
}

}  // namespace

Office::Office(const Scenario& scenario)
    : scenario_(scenario),
      random_(scenario.seed ^ 0x0ff1ce),
      server_certificate_(DtlsCertificate::Make()),
      client_certificate_(DtlsCertificate::Make()),
      engine_random_(scenario.seed ^ 0xe27e),
      server_address_(*SocketAddress::FromLiteral("192.0.2.1", 40000)),
      engine_(std::make_unique<Engine>(MakeEngineOptions(scenario, server_address_),
                                       server_certificate_, engine_random_, counters_)),
      network_(scenario.network, scenario.seed ^ 0x2e7),
      hearing_(scenario.space.plan, MakeHearingOptions(scenario), violations_),
      now_(scenario.begins_at),
      end_(now_ + scenario.length),
      next_check_(now_) {
  if (!scenario.shares_egress) return;
  lanes_.AddLane();
  lanes_.SetBatch(0, &batch_);
  for (size_t shard = 0; shard < EgressLanes::kShards; shard += 2) lanes_.lane_of()[shard] = 0;
  engine_out_.lanes = &lanes_;
}

Office::~Office() = default;

Report Office::Run() {
  Check(ValidateFloorPlan(scenario_.space.plan).empty(), "the plan that was drawn is not valid");
  next_join_ = now_;
  RunUntil(end_);
  CloseDown();
  report_.violations = violations_.listed();
  report_.violation_count = violations_.count();
  report_.digest = network_.digest();
  report_.datagrams = network_.sent();
  report_.datagrams_lost = network_.lost();
  report_.packets_judged = hearing_.packets_judged();
  report_.demands_judged = hearing_.demands_judged();
  for (size_t i = 0; i < kOutcomeCount; ++i) report_.acts[i] = counters_.acts[i].value();
  report_.slot_switches = counters_.slot_switches.value();
  const HistogramStats cut_ins = counters_.move_to_first_packet.Snapshot();
  for (size_t i = 0; i < report_.cut_ins.size(); ++i) {
    report_.cut_ins[i] = cut_ins.buckets[i].count;
  }
  return report_;
}

void Office::Check(bool holds, const char* what) {
  if (!holds) violations_.Add(now_, what);
}

Timestamp Office::After(Duration mean, Timestamp now) {
  if (mean == Duration::Zero()) return Timestamp::Never();
  // Exponential, as things without memory are.
  const double factor = -std::log(1 - random_.Unit());
  return now + Duration::Micros(static_cast<int64_t>(static_cast<double>(mean.micros()) * factor));
}

SocketAddress Office::NewAddress() {
  const uint32_t number = ++addresses_;
  const std::array<uint8_t, 4> host = {10, static_cast<uint8_t>(number >> 16),
                                       static_cast<uint8_t>(number >> 8),
                                       static_cast<uint8_t>(number)};
  return SocketAddress(host, 50000);
}

Timestamp Office::Next() const {
  Timestamp next =
      std::min({engine_->NextDeadline(), network_.NextDeadline(), next_check_, next_join_});
  for (const auto& person : people_) {
    if (person->has_vanished) continue;
    next = std::min({next, person->client.NextDeadline(), person->NextAct()});
  }
  return next;
}

void Office::RunUntil(Timestamp end) {
  for (Timestamp next = Next(); next <= end; next = Next()) {
    now_ = std::max(now_, next);
    RunOnce(now_);
  }
  now_ = end;
}

void Office::RunOnce(Timestamp now) {
  while (std::optional<Parcel> parcel = network_.TakeDue(now)) Deliver(*std::move(parcel), now);
  if (engine_->NextDeadline() <= now) RunEngineDeadline(now);
  // By index: acting may add people, and leaving removes them in the next round.
  for (size_t i = 0; i < people_.size(); ++i) {
    Person& person = *people_[i];
    if (person.has_vanished) continue;
    if (person.client.NextDeadline() <= now) {
      person.client.HandleDeadline(now, client_out_);
      Check(person.client.NextDeadline() > now, "a client's deadline stays due");
      CarryFromClient(person, now);
    }
    if (person.NextAct() <= now) Act(person, now);
  }
  std::erase_if(people_, [](const auto& person) { return person->is_gone; });
  if (next_join_ <= now) Join(now);
  if (next_check_ <= now) {
    hearing_.CheckCompleteness(now);
    next_check_ = now + kCheckInterval;
  }
}

void Office::Deliver(Parcel parcel, Timestamp now) {
  if (parcel.to == server_address_) {
    engine_->HandleDatagram(parcel.from, parcel.bytes, now, engine_out_);
    // Media changes nobody's rights.
    const PacketKind kind = ClassifyPacket(parcel.bytes);
    if (kind != PacketKind::kRtp && kind != PacketKind::kRtcp) FollowEverything(now);
    CarryFromEngine(now);
    TakeClosed();
  } else if (Person* person = FindByAddress(parcel.to);
             person != nullptr && person->address == parcel.to && !person->has_vanished) {
    person->client.HandleDatagram(parcel.from, parcel.bytes, now, client_out_);
    CarryFromClient(*person, now);
  }
  network_.Recycle(std::move(parcel));
}

void Office::RunEngineDeadline(Timestamp now) {
  engine_->HandleDeadline(now, engine_out_);
  Check(engine_->NextDeadline() > now, "the engine's deadline stays due");
  FollowEverything(now);
  CarryFromEngine(now);
  TakeClosed();
}

// Before what the call sent is looked at: a step may bring media in the same call, which the step
// before did not allow.
void Office::FollowEverything(Timestamp now) {
  changes_ = {};
  std::vector<DoorState> doors = engine_->DoorsOf(scenario_.space.id);
  if (doors != doors_) changes_.doors = doors_ = std::move(doors);
  for (const auto& person : people_) FollowStance(person->id);
  if (changes_.doors || !changes_.stances.empty()) hearing_.Follow(changes_, now);
}

void Office::CarryFromEngine(Timestamp now) {
  // After what the engine sealed itself, as no order is promised between the two.
  batch_.SealAll(engine_out_.datagrams);
  batch_.Clear();
  for (size_t i = 0; i < engine_out_.datagrams.size(); ++i) {
    const Datagram datagram = engine_out_.datagrams[i];
    JudgeEgress(datagram, now);
    network_.Send(server_address_, datagram.peer, datagram.bytes, now);
  }
  engine_out_.datagrams.Clear();
  for (const Timestamp moved : engine_out_.first_packets_of_moves) {
    counters_.move_to_first_packet.Observe(now - moved);
  }
  engine_out_.first_packets_of_moves.clear();
}

void Office::JudgeEgress(const Datagram& datagram, Timestamp now) {
  const PacketKind kind = ClassifyPacket(datagram.bytes);
  Person* listener = FindByAddress(datagram.peer);
  if (kind == PacketKind::kRtcp && listener != nullptr && listener->streams) {
    listener->streams->HandleRtcpEgress(datagram.bytes, now);
  }
  if (kind != PacketKind::kRtp) return;
  if (listener == nullptr || !listener->streams) {
    violations_.Add(now, "R17: media goes to an address that belongs to nobody");
    return;
  }
  const SourceId source = listener->streams->HandleEgress(datagram.bytes, now);
  hearing_.HandleEgress(listener->id, source, now);
}

void Office::FollowStance(ParticipantId id) {
  std::optional<Stance> stance = engine_->StanceOf(id);
  if (!stance) return;
  stance->pose.heading = 0;  // gives no right
  const auto [known, is_new] = stances_.try_emplace(id, *stance);
  if (!is_new && known->second == *stance) return;
  known->second = *stance;
  changes_.stances.push_back({id, *stance});
}

void Office::TakeClosed() {
  for (const ClosedParticipant& closed : engine_out_.closed) {
    hearing_.Leave(closed.participant);
    stances_.erase(closed.participant);
    for (const auto& person : people_) {
      if (person->id == closed.participant) MarkGone(*person);
    }
  }
  engine_out_.closed.clear();
}

void Office::MarkGone(Person& person) {
  person.is_gone = true;
  person.has_vanished = true;
  absl::erase_if(by_address_, [&](const auto& entry) { return entry.second == &person; });
}

void Office::CarryFromClient(Person& person, Timestamp now) {
  if (client_out_.media) {
    ++report_.packets_arrived;
    report_.repairs_arrived += client_out_.media->is_repair;
    person.streams->HandleArrival(*client_out_.media, now);
  }
  ReadMessages(person, now);
  for (size_t i = 0; i < client_out_.datagrams.size(); ++i) {
    const Datagram datagram = client_out_.datagrams[i];
    network_.Send(person.address, datagram.peer, datagram.bytes, now);
  }
  client_out_.Clear();
}

void Office::ReadMessages(Person& person, Timestamp now) {
  std::vector<ActMessage> answers;
  for (const ChannelMessage& message : client_out_.messages) {
    // The first message on the channel: from now on the server hears what is published.
    const bool is_reset =
        !message.bytes.empty() && message.bytes[0] == static_cast<uint8_t>(MessageType::kReset);
    if (is_reset) {
      person.is_heard = true;
      hearing_.SetSending(person.id, person.client.published(), now + kSwitchSlack);
    } else if (const auto event = ParseEvent(message.bytes)) {
      if (const auto answer = AnswerTo(*event, random_)) answers.push_back(*answer);
    }
  }
  // Not before: what a message says is in the output that this adds to.
  for (const ActMessage& answer : answers) person.client.Ask(answer, now, client_out_);
}

Person* Office::FindByAddress(const SocketAddress& address) {
  const auto found = by_address_.find(address);
  return found == by_address_.end() ? nullptr : found->second;
}

void Office::Join(Timestamp now) {
  const size_t present = static_cast<size_t>(std::count_if(
      people_.begin(), people_.end(), [](const auto& person) { return !person->has_vanished; }));
  next_join_ = present + 1 < scenario_.people
                   ? After(kJoinSpread / static_cast<int64_t>(scenario_.people), now)
                   : After(Duration::Seconds(3), now);
  if (present >= scenario_.people || now + Duration::Seconds(5) > end_) return;
  const ClientOptions options = DrawClientOptions(scenario_, random_);
  auto person = std::make_unique<Person>(options, *client_certificate_, random_.U64());
  JoinRequest request;
  request.space = scenario_.space.id;
  request.name = "Person " + std::to_string(report_.joins);
  request.offer = person->client.Offer();
  request.track_mids = person->client.TrackMids();
  DrawPrivileges(random_, request);
  const Result<Joined> joined = engine_->Join(request, now);
  if (!joined) return violations_.Add(now, "join refused: " + joined.error().message);
  ++report_.joins;
  AcceptJoined(std::move(person), options, *joined, now);
}

void Office::AcceptJoined(std::unique_ptr<Person> person, const ClientOptions& options,
                          const Joined& joined, Timestamp now) {
  if (const auto error = person->client.Accept(joined.answer, joined.participant, now)) {
    return violations_.Add(now, "answer refused: " + error->message);
  }
  person->id = joined.participant;
  person->pose = joined.pose;
  person->target = joined.pose.position;
  person->address = NewAddress();
  by_address_[person->address] = person.get();
  std::vector<SlotStream> slots;
  for (const SlotReceiver& slot : person->client.slots()) slots.push_back(slot.stream());
  const StreamOptions demands{
      scenario_.network.keeps_order(),
      scenario_.habits.change_address_every != Duration::Zero(),
  };
  person->streams.emplace(options.offer.numbers, slots, demands, violations_);
  hearing_.Join(person->id, {joined.audio_slots, joined.video_slots});
  person->client.Publish(DrawSources(random_), now, client_out_);
  const Habits& habits = scenario_.habits;
  person->next_step = now + Duration::Micros(random_.Below(50000));
  person->next_talk = After(habits.talk_every, now);
  person->next_switch = After(habits.switch_every, now);
  person->next_ask = After(habits.ask_every, now);
  person->next_restart = After(habits.restart_ice_every, now);
  person->next_address = After(habits.change_address_every, now);
  person->next_leave = After(habits.leave_every, now);
  people_.push_back(std::move(person));
}

void Office::Act(Person& person, Timestamp now) {
  const Habits& habits = scenario_.habits;
  if (person.next_step <= now) {
    person.next_step = now + kStepInterval;
    Step(person, now);
  }
  if (person.next_talk <= now) {
    person.next_talk = After(habits.talk_every, now);
    person.talking = !person.talking;
    person.client.SetTalking(person.talking);
  }
  if (person.next_switch <= now) {
    person.next_switch = After(habits.switch_every, now);
    SwitchSources(person, now);
  }
  if (person.next_ask <= now) {
    person.next_ask = After(habits.ask_every, now);
    person.client.Ask(DrawAct(person.client, scenario_.space.plan, random_), now, client_out_);
    CarryFromClient(person, now);
  }
  if (person.next_restart <= now) {
    person.next_restart = After(habits.restart_ice_every, now);
    RestartIce(person, now);
  }
  if (person.next_address <= now) {
    person.next_address = After(habits.change_address_every, now);
    if (person.client.connected()) ChangeAddress(person);
  }
  if (person.next_leave <= now) {
    person.next_leave = After(habits.leave_every, now);
    Leave(person, now);
  }
}

// Random waypoints: walks straight to one, lingers, and takes the next. Now and then a lie.
void Office::Step(Person& person, Timestamp now) {
  const FloorPlan& plan = scenario_.space.plan;
  Point& at = person.pose.position;
  if (const auto corrected = person.client.TakeCorrectedPose()) {
    at = corrected->position;
    // A wall, or a door that is not for everybody: somewhere else, then. Or it was placed there.
    person.target = {static_cast<float>(random_.Unit()) * plan.width,
                     static_cast<float>(random_.Unit()) * plan.height};
  }
  const float dx = person.target.x - at.x;
  const float dy = person.target.y - at.y;
  const float distance = std::hypot(dx, dy);
  const float step = scenario_.habits.walking_speed * static_cast<float>(kStepInterval.seconds());
  if (distance <= step) {
    at = person.target;
    if (random_.Unit() < 0.05) {
      person.target = {static_cast<float>(random_.Unit()) * plan.width,
                       static_cast<float>(random_.Unit()) * plan.height};
    }
    // Standing still is not told, but for some repeats.
    if (random_.Unit() < 0.9) return;
  } else {
    at = {at.x + dx / distance * step, at.y + dy / distance * step};
    person.pose.heading = std::atan2(dy, dx);
  }
  Pose told = person.pose;
  if (random_.Unit() < scenario_.habits.leaps) {
    told.position = {static_cast<float>(random_.Unit() * 3 - 1) * plan.width,
                     static_cast<float>(random_.Unit() * 3 - 1) * plan.height};
  }
  if (!person.client.connected()) return;
  person.client.Move(told, now, client_out_);
  CarryFromClient(person, now);
}

void Office::SwitchSources(Person& person, Timestamp now) {
  const SourceSet wanted = DrawSources(random_);
  person.client.Publish(wanted, now, client_out_);
  CarryFromClient(person, now);
  if (!person.is_heard) return;
  // What goes off is demanded no longer at once; what comes on, only once the server knows.
  hearing_.SetSending(person.id, wanted, now + kSwitchSlack);
}

void Office::RestartIce(Person& person, Timestamp now) {
  const Result<std::string> answer =
      engine_->RestartIce(person.id, person.client.RestartOffer(), now);
  if (!answer) return violations_.Add(now, "ICE restart refused: " + answer.error().message);
  if (const auto error = person.client.AcceptRestart(*answer, now)) {
    violations_.Add(now, "answer to ICE restart refused: " + error->message);
  }
}

void Office::ChangeAddress(Person& person) {
  person.address = NewAddress();
  by_address_[person.address] = &person;
}

void Office::Leave(Person& person, Timestamp now) {
  hearing_.LoseInterest(person.id);
  if (random_.Unit() < scenario_.habits.vanishes) {
    person.has_vanished = true;
  } else if (random_.Unit() < 0.5) {
    person.client.Close(client_out_);
    CarryFromClient(person, now);
    person.has_vanished = true;
  } else {
    engine_->Leave(person.id, now, engine_out_);
    FollowEverything(now);
    CarryFromEngine(now);
    TakeClosed();
  }
}

void Office::CloseDown() {
  for (const auto& person : people_) {
    if (!person->has_vanished) Leave(*person, now_);
  }
  next_join_ = Timestamp::Never();
  RunUntil(now_ + kAftermath);
  Check(people_.empty(), "somebody is still there after everybody left");
  Check(engine_->NextDeadline().IsNever(), "the empty engine has a deadline");
  Check(counters_.participants.value() == 0, "gauge: participants left over");
  for (size_t i = 0; i < kMediaKindCount; ++i) {
    Check(counters_.sources[i].value() == 0, "gauge: sources left over");
    Check(counters_.slots_in_use[i].value() == 0, "gauge: slots in use left over");
  }
  Check(counters_.invariant_violations.value() == 0, "the server counted invariant violations");
  Check(counters_.joins.value() == counters_.participants_closed.value(),
        "joins and closes do not add up");
}

}  // namespace earshot::sim
