#include "wire/messages.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace earshot {
namespace {

constexpr float kTurn = 2 * std::numbers::pi_v<float>;
constexpr float kAzimuthScale = 10000.0f;
constexpr float kCentimetres = 100.0f;
constexpr uint8_t kVideoSlot = 0x80;
static_assert(kMaxSlotsPerKind <= kVideoSlot);

void Write(MessageType type, ByteWriter& out) { out.U8(static_cast<uint8_t>(type)); }

void Write(const Pose& pose, ByteWriter& out) {
  out.F32Le(pose.position.x);
  out.F32Le(pose.position.y);
  out.F32Le(pose.heading);
}

std::optional<Pose> ReadPose(ByteReader& in) {
  Pose pose;
  pose.position.x = in.F32Le();
  pose.position.y = in.F32Le();
  pose.heading = in.F32Le();
  if (!std::isfinite(pose.position.x) || !std::isfinite(pose.position.y) ||
      !std::isfinite(pose.heading)) {
    return std::nullopt;
  }
  return pose;
}

// Of a distance, in 16 bits: to be farther off makes no difference to anybody.
uint16_t Centimetres(float metres) {
  return static_cast<uint16_t>(std::clamp(std::round(metres * kCentimetres), 0.0f, 65535.0f));
}

// A place on the largest floor that a plan may have, 10 km. A float is exact to that.
constexpr float kFarthest = 1000000;

int32_t PlaceInCentimetres(float metres) {
  return static_cast<int32_t>(std::clamp(std::round(metres * kCentimetres), 0.0f, kFarthest));
}

// A place beyond any floor comes to its edge.
float PlaceInMetres(uint32_t centimetres) {
  const auto place = static_cast<float>(static_cast<int32_t>(centimetres));
  return std::clamp(place, 0.0f, kFarthest) / kCentimetres;
}

// The highest bit of the slot's byte says that it is one for video.
void Write(const SlotHint& hint, ByteWriter& out) {
  const uint8_t kind = hint.slot.kind == MediaKind::kVideo ? kVideoSlot : 0;
  out.U8(static_cast<uint8_t>(kind | hint.slot.index));
  out.U8(static_cast<uint8_t>(std::lround(std::clamp(hint.gain, 0.0f, 1.0f) * 255.0f)));
  out.U16Le(static_cast<uint16_t>(
      static_cast<int16_t>(std::clamp(hint.azimuth, -3.2f, 3.2f) * kAzimuthScale)));
  out.U16Le(Centimetres(hint.distance));
  out.U8(static_cast<uint8_t>(hint.detail));
}

std::optional<SlotHint> ReadHint(ByteReader& in) {
  const uint8_t slot = in.U8();
  SlotHint hint;
  hint.slot.kind = (slot & kVideoSlot) != 0 ? MediaKind::kVideo : MediaKind::kAudio;
  hint.slot.index = static_cast<uint8_t>(slot & ~kVideoSlot);
  hint.gain = static_cast<float>(in.U8()) / 255.0f;
  hint.azimuth = static_cast<float>(static_cast<int16_t>(in.U16Le())) / kAzimuthScale;
  hint.distance = static_cast<float>(in.U16Le()) / kCentimetres;
  const uint8_t detail = in.U8();
  if (!in.ok() || detail > static_cast<uint8_t>(Detail::kFull)) return std::nullopt;
  hint.detail = static_cast<Detail>(detail);
  return hint;
}

// Seven bits a byte, the lowest first; the highest bit says that more follow. At most 5 bytes.
void WriteVarint(uint32_t value, ByteWriter& out) {
  for (; value >= 0x80; value >>= 7) out.U8(static_cast<uint8_t>(value | 0x80));
  out.U8(static_cast<uint8_t>(value));
}

uint32_t ReadVarint(ByteReader& in) {
  uint32_t value = 0;
  for (unsigned shift = 0; shift < 35; shift += 7) {
    const uint8_t byte = in.U8();
    value |= static_cast<uint32_t>(byte & 0x7fu) << shift;
    if (byte < 0x80) return value;
  }
  in.Take(in.remaining() + 1);  // longer than any
  return 0;
}

// Small numbers of either sign become small ones without.
uint32_t ZigZag(int32_t value) {
  return static_cast<uint32_t>(value) << 1 ^ static_cast<uint32_t>(value >> 31);
}

int32_t UnZigZag(uint32_t value) {
  const auto magnitude = static_cast<int32_t>(value >> 1);
  return (value & 1u) != 0 ? ~magnitude : magnitude;
}

uint8_t CoarseHeading(float heading) {
  return static_cast<uint8_t>(static_cast<int>(std::lround(heading / kTurn * 256.0f)) & 0xff);
}

}  // namespace

void Write(const PersonEntered& message, ByteWriter& out) {
  Write(MessageType::kPersonEntered, out);
  out.U8(message.published.bits());
  out.U32Le(static_cast<uint32_t>(message.participant));
  Write(message.pose, out);
  const std::string_view name = message.name.substr(0, 255);
  out.U8(static_cast<uint8_t>(name.size()));
  out.Bytes({reinterpret_cast<const uint8_t*>(name.data()), name.size()});
}

void WritePersonLeft(ParticipantId participant, ByteWriter& out) {
  Write(MessageType::kPersonLeft, out);
  out.U32Le(static_cast<uint32_t>(participant));
}

void WritePersonPublishes(ParticipantId participant, SourceSet published, ByteWriter& out) {
  Write(MessageType::kPersonPublishes, out);
  out.U8(published.bits());
  out.U32Le(static_cast<uint32_t>(participant));
}

void Write(const SlotAssigned& message, ByteWriter& out) {
  Write(MessageType::kSlotAssigned, out);
  out.U32Le(message.source.value());
  Write(message.hint, out);
}

void WriteSlotHints(std::span<const SlotHint> hints, ByteWriter& out) {
  hints = hints.first(std::min(hints.size(), kMaxHintsPerMessage));
  Write(MessageType::kSlotHints, out);
  out.U8(static_cast<uint8_t>(hints.size()));
  for (const SlotHint& hint : hints) Write(hint, out);
}

void WriteYourPose(const Pose& pose, ByteWriter& out) {
  Write(MessageType::kYourPose, out);
  Write(pose, out);
}

void WriteReset(ByteWriter& out) { Write(MessageType::kReset, out); }

void Write(const WantedMessage& message, ByteWriter& out) {
  Write(MessageType::kWanted, out);
  out.U8(message.sources.bits());
  out.U8(message.layers.bits());
}

// Each record says how it differs from the one before it in the same message: those who are in one
// sight have ids and places not far apart, and what is lost with a message is missed nowhere else.
size_t WritePoses(std::span<const PersonPose> poses, ByteWriter& out) {
  // A difference of 10 km in centimetres takes 21 bits with its sign, which is 3 bytes.
  static_assert(2 * kFarthest < 1 << 21);
  constexpr size_t kLargest = 5 + 3 + 3 + 1;
  std::array<uint8_t, kMaxMessageBytes - 2> room;
  ByteWriter records(room);
  size_t count = 0;
  uint32_t id = 0;
  int32_t x = 0;
  int32_t y = 0;
  for (; count < poses.size() && count < 255; ++count) {
    if (records.size() + kLargest > room.size()) break;
    const PersonPose& person = poses[count];
    const auto next_id = static_cast<uint32_t>(person.participant);
    const int32_t next_x = PlaceInCentimetres(person.pose.position.x);
    const int32_t next_y = PlaceInCentimetres(person.pose.position.y);
    WriteVarint(next_id - id, records);
    WriteVarint(ZigZag(next_x - x), records);
    WriteVarint(ZigZag(next_y - y), records);
    records.U8(CoarseHeading(person.pose.heading));
    id = next_id;
    x = next_x;
    y = next_y;
  }
  Write(MessageType::kPoses, out);
  out.U8(static_cast<uint8_t>(count));
  out.Bytes(records.written());
  return count;
}

void WriteIPublish(SourceSet published, ByteWriter& out) {
  Write(MessageType::kIPublish, out);
  out.U8(published.bits());
}

void Write(const MyPose& message, ByteWriter& out) {
  Write(MessageType::kMyPose, out);
  out.U8(0);
  out.U16Le(message.sequence);
  Write(message.pose, out);
  out.U8(0);
}

ByteReader OpenMessage(ByteView message, MessageType type) {
  ByteReader in(message);
  if (in.U8() != static_cast<uint8_t>(type)) in.Take(message.size() + 1);
  return in;
}

std::optional<SourceSet> ParseIPublish(ByteView message) {
  ByteReader in = OpenMessage(message, MessageType::kIPublish);
  const uint8_t bits = in.U8();
  if (!in.ok() || in.remaining() != 0) return std::nullopt;
  return SourceSet(bits);
}

std::optional<WantedMessage> ParseWanted(ByteView message) {
  ByteReader in = OpenMessage(message, MessageType::kWanted);
  const uint8_t sources = in.U8();
  const uint8_t layers = in.U8();
  if (!in.ok() || in.remaining() != 0) return std::nullopt;
  return WantedMessage{SourceSet(sources), LayerSet(layers)};
}

std::optional<MyPose> ParseMyPose(ByteView message) {
  ByteReader in = OpenMessage(message, MessageType::kMyPose);
  in.U8();
  MyPose parsed;
  parsed.sequence = in.U16Le();
  const std::optional<Pose> pose = ReadPose(in);
  in.U8();
  if (!in.ok() || in.remaining() != 0 || !pose) return std::nullopt;
  parsed.pose = *pose;
  return parsed;
}

std::optional<PersonEntered> ParsePersonEntered(ByteView message) {
  ByteReader in = OpenMessage(message, MessageType::kPersonEntered);
  PersonEntered parsed;
  parsed.published = SourceSet(in.U8());
  parsed.participant = ParticipantId{in.U32Le()};
  const std::optional<Pose> pose = ReadPose(in);
  const ByteView name = in.Take(in.U8());
  if (!in.ok() || !pose) return std::nullopt;
  parsed.pose = *pose;
  parsed.name = {reinterpret_cast<const char*>(name.data()), name.size()};
  return parsed;
}

std::optional<SlotAssigned> ParseSlotAssigned(ByteView message) {
  ByteReader in = OpenMessage(message, MessageType::kSlotAssigned);
  const uint32_t source = in.U32Le();
  const std::optional<SlotHint> hint = ReadHint(in);
  if (!hint) return std::nullopt;
  return SlotAssigned{SourceId(ParticipantId{source >> 2}, static_cast<SourceKind>(source & 3u)),
                      *hint};
}

std::optional<std::vector<SlotHint>> ParseSlotHints(ByteView message) {
  ByteReader in = OpenMessage(message, MessageType::kSlotHints);
  const size_t count = in.U8();
  std::vector<SlotHint> hints;
  for (size_t i = 0; i < count; ++i) {
    const std::optional<SlotHint> hint = ReadHint(in);
    if (!hint) return std::nullopt;
    hints.push_back(*hint);
  }
  if (!in.ok()) return std::nullopt;
  return hints;
}

std::optional<std::vector<PersonPose>> ParsePoses(ByteView message) {
  ByteReader in = OpenMessage(message, MessageType::kPoses);
  const size_t count = in.U8();
  std::vector<PersonPose> poses;
  uint32_t id = 0;
  // Sums of whatever comes, which wrap.
  uint32_t x = 0;
  uint32_t y = 0;
  for (size_t i = 0; i < count && in.ok(); ++i) {
    id += ReadVarint(in);
    x += static_cast<uint32_t>(UnZigZag(ReadVarint(in)));
    y += static_cast<uint32_t>(UnZigZag(ReadVarint(in)));
    PersonPose person;
    person.participant = ParticipantId{id};
    person.pose.position = {PlaceInMetres(x), PlaceInMetres(y)};
    person.pose.heading = static_cast<float>(in.U8()) / 256.0f * kTurn;
    poses.push_back(person);
  }
  if (!in.ok()) return std::nullopt;
  return poses;
}

}  // namespace earshot
