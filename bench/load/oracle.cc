#include "oracle.h"

#include <algorithm>
#include <numeric>

#include "wire/demux.h"
#include "wire/rtp_packet.h"

namespace earshot::load {
namespace {

constexpr Duration kStreakEnds = Duration::Seconds(1);

// Behind the tag a synthetic payload is zero.
bool IsIntact(const ReceivedMedia& media) {
  const std::optional<RtpView> view = RtpView::Parse(media.packet);
  if (!view || !media.tag) return false;
  ByteView payload = view->payload();
  if (media.is_repair) payload = payload.subspan(2);
  if (payload.size() < kMinSyntheticPayload) return false;
  return std::ranges::all_of(payload.subspan(kMinSyntheticPayload),
                             [](uint8_t byte) { return byte == 0; });
}

uint32_t KeyOf(ParticipantId participant) { return static_cast<uint32_t>(participant); }

}  // namespace

std::string_view BreachName(Breach breach) {
  constexpr std::array<std::string_view, kBreachCount> kNames = {
      "unauthenticated", "index_twice", "unknown_sender", "wrong_sender",
      "payload_changed", "other_space", "gone",           "out_of_earshot"};
  return kNames[static_cast<size_t>(breach)];
}

void Oracle::Enter(size_t person, ParticipantId participant, size_t space) {
  people_[person] = {};
  people_[person].participant = participant;
  people_[person].space = space;
  identities_[KeyOf(participant)] = {.space = space, .person = person};
}

void Oracle::Leave(size_t person, Timestamp now) {
  const auto found = identities_.find(KeyOf(people_[person].participant));
  if (found != identities_.end()) found->second.left = now;
  people_[person] = {};
}

void Oracle::AddHostile(ParticipantId participant, size_t space) {
  identities_[KeyOf(participant)] = {.space = space};
}

void Oracle::HandleDatagram(size_t person, ByteView datagram) {
  if (ClassifyPacket(datagram) != PacketKind::kRtp) return;
  if (datagram.size() < kRtpFixedHeaderSize) return;
  Stream& stream = people_[person].streams[LoadBigEndian<uint32_t>(datagram.data() + 8)];
  const auto index = stream.sequence.Unwrap(LoadBigEndian<uint16_t>(datagram.data() + 2));
  if (!stream.used.Take(static_cast<uint64_t>(index))) Note(Breach::kIndexTwice);
}

void Oracle::HandleDrop(DropReason reason) {
  if (reason == DropReason::kSrtpUnauthenticated) Note(Breach::kUnauthenticated);
}

std::optional<size_t> Oracle::SenderOf(const ReceivedMedia& media) const {
  const auto found = identities_.find(KeyOf(media.source.participant()));
  if (found == identities_.end() || found->second.left) return std::nullopt;
  return found->second.person;
}

void Oracle::HandleMedia(size_t person, const ReceivedMedia& media, bool is_near, Timestamp now) {
  ++checked_;
  Person& listener = people_[person];
  const auto found = identities_.find(KeyOf(media.source.participant()));
  if (found == identities_.end()) return Note(Breach::kUnknownSender);
  const Identity& sender = found->second;
  if (sender.space != listener.space) Note(Breach::kOtherSpace);
  CountLoss(listener, media, sender.person.has_value());
  // Of who means harm, nothing else is known.
  if (!sender.person) return;
  CheckContent(listener, media);
  if (sender.left) {
    if (now - *sender.left > kPatience) Note(Breach::kGone);
  } else {
    CheckDistance(listener, media.source, is_near, now);
  }
}

void Oracle::CheckContent(const Person& listener, const ReceivedMedia& media) {
  const bool is_self = media.source.participant() == listener.participant;
  if (is_self || !media.tag || media.tag->source != media.source) Note(Breach::kWrongSender);
  if (!IsIntact(media)) Note(Breach::kPayloadChanged);
}

// Between two packets of one and the same.
void Oracle::CountLoss(Person& listener, const ReceivedMedia& media, bool behaves) {
  Latest& latest = listener.latest[{media.slot.kind, media.slot.index}];
  const int64_t ahead = media.extended_sequence - latest.sequence;
  const bool is_known = behaves && latest.source == media.source;
  if (ahead < 0) {
    if (is_known && !media.is_duplicate && loss_.lost > 0) --loss_.lost;
    return;
  }
  if (is_known && ahead > 0)
    loss_.Add({static_cast<uint64_t>(ahead), static_cast<uint64_t>(ahead - 1)});
  latest = {media.source, media.extended_sequence};
}

void Oracle::CheckDistance(Person& listener, SourceId source, bool is_near, Timestamp now) {
  if (is_near) {
    listener.far.erase(source.value());
    return;
  }
  const auto [found, is_new] = listener.far.try_emplace(source.value(), Streak{now, now});
  Streak& streak = found->second;
  if (now - streak.last > kStreakEnds) streak.first = now;
  streak.last = now;
  if (now - streak.first > kPatience) Note(Breach::kOutOfEarshot);
}

std::map<std::string, uint64_t> Oracle::counts() const {
  std::map<std::string, uint64_t> counts;
  for (size_t i = 0; i < kBreachCount; ++i) {
    counts[std::string(BreachName(static_cast<Breach>(i)))] = counts_[i];
  }
  return counts;
}

uint64_t Oracle::breaches() const {
  return std::accumulate(counts_.begin(), counts_.end(), uint64_t{0});
}

}  // namespace earshot::load
