#include "wire/hearing_messages.h"

#include <algorithm>
#include <cmath>

#include "wire/messages.h"

namespace earshot {
namespace {

constexpr uint8_t kHears = 1;
constexpr uint8_t kIsHeard = 2;

constexpr size_t kMaxZones = 256 + 1;  // and the open floor
constexpr size_t kPartSize = 4 + 1 + 2;
static_assert(1 + 4 + 4 + 1 + kMaxReachParts * (kPartSize + kMaxReachCorners * 4) + kMaxZones * 2 <=
              kMaxMessageBytes - kRecordHeaderSize);

// Corners are in parts of the radius, so that no floor is too large.
constexpr float kScale = 32767;

void WriteSigned(int16_t value, ByteWriter& out) { out.U16Le(static_cast<uint16_t>(value)); }
int16_t ReadSigned(ByteReader& in) { return static_cast<int16_t>(in.U16Le()); }

void WriteShare(float metres, float radius, ByteWriter& out) {
  WriteSigned(static_cast<int16_t>(std::lround(std::clamp(metres / radius, -1.0f, 1.0f) * kScale)),
              out);
}

void Write(const ReachPart& part, ByteWriter& out) {
  const size_t corners = std::min(part.outline.size(), kMaxReachCorners);
  out.F32Le(part.radius);
  out.U8(static_cast<uint8_t>(corners));
  for (size_t i = 0; i < corners; ++i) {
    WriteShare(part.outline[i].x, part.radius, out);
    WriteShare(part.outline[i].y, part.radius, out);
  }
  out.U16Le(static_cast<uint16_t>(part.zones.size()));
  for (const int16_t zone : part.zones) WriteSigned(zone, out);
}

std::optional<ReachPart> ReadPart(ByteReader& in) {
  ReachPart part;
  part.radius = in.F32Le();
  if (!std::isfinite(part.radius) || part.radius < 0) return std::nullopt;
  for (size_t left = in.U8(); left > 0 && in.ok(); --left) {
    const float x = static_cast<float>(ReadSigned(in)) / kScale * part.radius;
    const float y = static_cast<float>(ReadSigned(in)) / kScale * part.radius;
    part.outline.push_back({x, y});
  }
  for (size_t left = in.U16Le(); left > 0 && in.ok(); --left) part.zones.push_back(ReadSigned(in));
  return part;
}

}  // namespace

void Write(const HearingMessage& message, ByteWriter& out) {
  out.U8(static_cast<uint8_t>(MessageType::kHearing));
  out.U8(static_cast<uint8_t>((message.hears ? kHears : 0) | (message.is_heard ? kIsHeard : 0)));
  out.U32Le(static_cast<uint32_t>(message.participant));
}

void Write(const VoiceReach& reach, ByteWriter& out) {
  out.U8(static_cast<uint8_t>(MessageType::kReach));
  out.U32Le(reach.hearers_out_of_sight);
  out.U32Le(reach.heard_out_of_sight);
  const size_t parts = std::min(reach.parts.size(), kMaxReachParts);
  out.U8(static_cast<uint8_t>(parts));
  for (size_t i = 0; i < parts; ++i) Write(reach.parts[i], out);
}

std::optional<HearingMessage> ParseHearing(ByteView message) {
  ByteReader in = OpenMessage(message, MessageType::kHearing);
  const uint8_t bits = in.U8();
  HearingMessage parsed{ParticipantId{in.U32Le()}, (bits & kHears) != 0, (bits & kIsHeard) != 0};
  if (!in.ok() || in.remaining() != 0) return std::nullopt;
  return parsed;
}

std::optional<VoiceReach> ParseReach(ByteView message) {
  ByteReader in = OpenMessage(message, MessageType::kReach);
  VoiceReach parsed;
  parsed.hearers_out_of_sight = in.U32Le();
  parsed.heard_out_of_sight = in.U32Le();
  for (size_t left = in.U8(); left > 0 && in.ok(); --left) {
    std::optional<ReachPart> part = ReadPart(in);
    if (!part) return std::nullopt;
    parsed.parts.push_back(std::move(*part));
  }
  if (!in.ok() || in.remaining() != 0) return std::nullopt;
  return parsed;
}

}  // namespace earshot
