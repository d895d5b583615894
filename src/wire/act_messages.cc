#include "wire/act_messages.h"

#include <algorithm>

#include "wire/messages.h"

namespace earshot {
namespace {

int16_t ReadIndex(ByteReader& in) { return static_cast<int16_t>(in.U16Le()); }
void WriteIndex(int16_t index, ByteWriter& out) { out.U16Le(static_cast<uint16_t>(index)); }

}  // namespace

void Write(const ActMessage& message, ByteWriter& out) {
  out.U8(static_cast<uint8_t>(MessageType::kAct));
  out.U8(message.number);
  out.U8(static_cast<uint8_t>(message.act));
  out.U32Le(static_cast<uint32_t>(message.participant));
  WriteIndex(message.place, out);
  out.U16Le(message.value);
}

void Write(const OutcomeMessage& message, ByteWriter& out) {
  out.U8(static_cast<uint8_t>(MessageType::kOutcome));
  out.U8(message.number);
  out.U8(static_cast<uint8_t>(message.act));
  out.U8(static_cast<uint8_t>(message.outcome));
}

void Write(const EventMessage& message, ByteWriter& out) {
  out.U8(static_cast<uint8_t>(MessageType::kEvent));
  out.U8(static_cast<uint8_t>(message.kind));
  out.U32Le(static_cast<uint32_t>(message.other));
  WriteIndex(message.zone, out);
  WriteIndex(message.door, out);
  out.U8(static_cast<uint8_t>(message.door_state));
  const int64_t millis = message.time_left.micros() / 1000;
  out.U32Le(static_cast<uint32_t>(std::clamp<int64_t>(millis, 0, UINT32_MAX)));
  const std::string_view name = message.name.substr(0, 255);
  out.U8(static_cast<uint8_t>(name.size()));
  out.Bytes({reinterpret_cast<const uint8_t*>(name.data()), name.size()});
}

std::optional<ActMessage> ParseAct(ByteView message) {
  ByteReader in = OpenMessage(message, MessageType::kAct);
  ActMessage parsed;
  parsed.number = in.U8();
  parsed.act = Act{in.U8()};
  parsed.participant = ParticipantId{in.U32Le()};
  parsed.place = ReadIndex(in);
  parsed.value = in.U16Le();
  if (!in.ok() || in.remaining() != 0) return std::nullopt;
  return parsed;
}

std::optional<OutcomeMessage> ParseOutcome(ByteView message) {
  ByteReader in = OpenMessage(message, MessageType::kOutcome);
  OutcomeMessage parsed;
  parsed.number = in.U8();
  parsed.act = Act{in.U8()};
  const uint8_t outcome = in.U8();
  if (!in.ok() || in.remaining() != 0 || outcome >= kOutcomeCount) return std::nullopt;
  parsed.outcome = Outcome{outcome};
  return parsed;
}

std::optional<EventMessage> ParseEvent(ByteView message) {
  ByteReader in = OpenMessage(message, MessageType::kEvent);
  EventMessage parsed;
  parsed.kind = EventKind{in.U8()};
  parsed.other = ParticipantId{in.U32Le()};
  parsed.zone = ReadIndex(in);
  parsed.door = ReadIndex(in);
  const uint8_t door_state = in.U8();
  parsed.time_left = Duration::Millis(in.U32Le());
  const ByteView name = in.Take(in.U8());
  if (!in.ok() || in.remaining() != 0 || door_state >= kDoorStateCount) return std::nullopt;
  parsed.door_state = DoorState{door_state};
  parsed.name = {reinterpret_cast<const char*>(name.data()), name.size()};
  return parsed;
}

}  // namespace earshot
