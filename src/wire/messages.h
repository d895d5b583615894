#pragma once

// Earshot's own binary messages on the data channels, as daemon/PROTOCOL.md sections 2 and 3 lay
// them out. Bytes to values and back; stateless. Both the server and the client role use it.

#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "earshot/floor_plan.h"
#include "earshot/media.h"

namespace earshot {

inline constexpr std::string_view kEventsLabel = "earshot-events";
inline constexpr std::string_view kPositionsLabel = "earshot-positions";

enum class MessageType : uint8_t {
  kPersonEntered = 0x01,
  kPersonLeft = 0x02,
  kPersonPublishes = 0x03,
  kSlotAssigned = 0x04,
  kSlotHints = 0x05,
  kYourPose = 0x06,
  kReset = 0x07,
  kOutcome = 0x08,
  kEvent = 0x09,
  kWanted = 0x0a,
  kHearing = 0x0b,
  kReach = 0x0c,
  kPoses = 0x11,
  kIPublish = 0x81,
  kAct = 0x82,
  kMyPose = 0x91,
};

struct PersonEntered {
  ParticipantId participant;
  SourceSet published;
  Pose pose;
  std::string_view name;  // cut to 255 bytes
};
/// How the source comes that is in a slot.
struct SlotHint {
  SlotRef slot;
  float gain = 0;      // 0 to 1
  float azimuth = 0;   // radians
  float distance = 0;  // metres
  Detail detail = Detail::kFull;
};
struct SlotAssigned {
  SourceId source;
  SlotHint hint;
};
/// Which sources of one's own, and which layers of one's camera, somebody needs.
struct WantedMessage {
  SourceSet sources;
  LayerSet layers;
};
struct MyPose {
  uint16_t sequence = 0;
  Pose pose;
};
struct PersonPose {
  ParticipantId participant;
  Pose pose;  // coarse: centimetres, and 1/256 of a turn
};

inline constexpr size_t kMaxHintsPerMessage = 2 * kMaxSlotsPerKind;
inline constexpr size_t kMaxMessageBytes = 1100;
inline constexpr size_t kRecordHeaderSize = 2;

void Write(const PersonEntered& message, ByteWriter& out);
void WritePersonLeft(ParticipantId participant, ByteWriter& out);
void WritePersonPublishes(ParticipantId participant, SourceSet published, ByteWriter& out);
void Write(const SlotAssigned& message, ByteWriter& out);
/// At most kMaxHintsPerMessage.
void WriteSlotHints(std::span<const SlotHint> hints, ByteWriter& out);
void WriteYourPose(const Pose& pose, ByteWriter& out);
void WriteReset(ByteWriter& out);
void Write(const WantedMessage& message, ByteWriter& out);
/// As many as surely fit into a message; returns how many. Short when their ids rise.
size_t WritePoses(std::span<const PersonPose> poses, ByteWriter& out);
void WriteIPublish(SourceSet published, ByteWriter& out);
void Write(const MyPose& message, ByteWriter& out);

/// What the server sends on the events channel: records, each behind its length. One that is cut
/// short ends it.
template <typename Visitor>
void ForEachRecord(ByteView message, Visitor&& visit) {
  ByteReader in(message);
  while (in.remaining() > 0) {
    const ByteView record = in.Take(in.U16Le());
    if (in.ok()) visit(record);
  }
}

/// A reader behind the type byte, failed when the type is another.
ByteReader OpenMessage(ByteView message, MessageType type);

/// Nothing for a message of another type or length, or with a number that is not finite.
std::optional<SourceSet> ParseIPublish(ByteView message);
std::optional<MyPose> ParseMyPose(ByteView message);
std::optional<WantedMessage> ParseWanted(ByteView message);
std::optional<PersonEntered> ParsePersonEntered(ByteView message);
std::optional<SlotAssigned> ParseSlotAssigned(ByteView message);
std::optional<std::vector<SlotHint>> ParseSlotHints(ByteView message);
std::optional<std::vector<PersonPose>> ParsePoses(ByteView message);

}  // namespace earshot
