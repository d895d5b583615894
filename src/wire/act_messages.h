#pragma once

// The binary messages of what people do with each other (daemon/PROTOCOL.md sections 2.1 and 2.2):
// act, its outcome, and what others are told. Bytes to values and back; stateless. Both the server
// and the client role use it.

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "earshot/floor_plan.h"
#include "earshot/interaction.h"
#include "earshot/media.h"
#include "earshot/units.h"

namespace earshot {

struct ActMessage {
  /// The client's own; the outcome repeats it.
  uint8_t number = 0;
  /// May be one that nobody knows.
  Act act = Act::kSetDoor;
  ParticipantId participant = kNoParticipant;
  /// A zone or a door, as the act says; -1 for none.
  int16_t place = -1;
  uint16_t value = 0;
  bool operator==(const ActMessage&) const = default;
};

struct OutcomeMessage {
  uint8_t number = 0;
  Act act = Act::kSetDoor;
  Outcome outcome = Outcome::kDone;
  bool operator==(const OutcomeMessage&) const = default;
};

struct EventMessage {
  EventKind kind = EventKind::kMoved;
  ParticipantId other = kNoParticipant;
  int16_t zone = -1;
  int16_t door = -1;
  DoorState door_state = DoorState::kOpen;
  /// In whole milliseconds; zero when it does not end.
  Duration time_left = Duration::Zero();
  std::string_view name = {};  // cut to 255 bytes
  bool operator==(const EventMessage&) const = default;
};

void Write(const ActMessage& message, ByteWriter& out);
void Write(const OutcomeMessage& message, ByteWriter& out);
void Write(const EventMessage& message, ByteWriter& out);

/// Nothing for a message of another type or length, or with a value that is none.
std::optional<ActMessage> ParseAct(ByteView message);
std::optional<OutcomeMessage> ParseOutcome(ByteView message);
std::optional<EventMessage> ParseEvent(ByteView message);

}  // namespace earshot
