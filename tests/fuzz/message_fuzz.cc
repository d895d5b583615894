// Our own messages on the data channels: what parses holds only finite numbers, and what is written
// of it parses to the same.

#include <array>
#include <cmath>

#include "fuzz_check.h"
#include "wire/act_messages.h"
#include "wire/hearing_messages.h"
#include "wire/messages.h"

namespace earshot {
namespace {

using Room = std::array<uint8_t, 2048>;

// What `write` writes; also checks that it takes no more room than that.
template <typename Writes>
ByteView Written(Room& room, const Writes& write) {
  ByteWriter writer(room);
  write(writer);
  FUZZ_CHECK(writer.ok() && writer.size() > 0 && writer.size() <= kMaxMessageBytes);
  Room other;
  ByteWriter exact(ByteSpan(other).first(writer.size()));
  write(exact);
  FUZZ_CHECK(exact.ok());
  ByteWriter narrow(ByteSpan(other).first(writer.size() - 1));
  write(narrow);
  FUZZ_CHECK(!narrow.ok());
  return ByteView(room).first(writer.size());
}

bool IsFinite(const Pose& pose) {
  return std::isfinite(pose.position.x) && std::isfinite(pose.position.y) &&
         std::isfinite(pose.heading);
}
bool AreSame(const Pose& a, const Pose& b) {
  return a.position.x == b.position.x && a.position.y == b.position.y && a.heading == b.heading;
}
// But for the azimuth, which is cut to what an angle can be.
bool AreSame(const SlotHint& a, const SlotHint& b) {
  return a.slot == b.slot && a.gain == b.gain && a.distance == b.distance && a.detail == b.detail;
}

void CheckFromClient(ByteView message) {
  Room room;
  if (const auto published = ParseIPublish(message)) {
    FUZZ_CHECK(message.size() == 2);
    const auto again =
        ParseIPublish(Written(room, [&](ByteWriter& out) { WriteIPublish(*published, out); }));
    FUZZ_CHECK(again && *again == *published);
  }
  if (const auto mine = ParseMyPose(message)) {
    FUZZ_CHECK(message.size() == 17 && IsFinite(mine->pose));
    const auto again = ParseMyPose(Written(room, [&](ByteWriter& out) { Write(*mine, out); }));
    FUZZ_CHECK(again && again->sequence == mine->sequence && AreSame(again->pose, mine->pose));
  }
}

void CheckActs(ByteView message) {
  Room room;
  if (const auto act = ParseAct(message)) {
    FUZZ_CHECK(message.size() == 11);
    FUZZ_CHECK(ParseAct(Written(room, [&](ByteWriter& out) { Write(*act, out); })) == act);
  }
  if (const auto outcome = ParseOutcome(message)) {
    const auto again = ParseOutcome(Written(room, [&](ByteWriter& out) { Write(*outcome, out); }));
    FUZZ_CHECK(again == outcome);
  }
  if (const auto event = ParseEvent(message)) {
    FUZZ_CHECK(ParseEvent(Written(room, [&](ByteWriter& out) { Write(*event, out); })) == event);
  }
}

// As many parts, corners and zones as the server may say.
bool IsBounded(const VoiceReach& reach) {
  size_t zones = 0;
  for (const ReachPart& part : reach.parts) {
    if (part.outline.size() > kMaxReachCorners) return false;
    zones += part.zones.size();
  }
  return reach.parts.size() <= kMaxReachParts && zones <= 257;
}

void CheckHearing(ByteView message) {
  Room room;
  if (const auto hearing = ParseHearing(message)) {
    FUZZ_CHECK(message.size() == 6);
    const auto again = ParseHearing(Written(room, [&](ByteWriter& out) { Write(*hearing, out); }));
    FUZZ_CHECK(again == hearing);
  }
  const auto reach = ParseReach(message);
  if (!reach) return;
  for (const ReachPart& part : reach->parts) {
    FUZZ_CHECK(std::isfinite(part.radius) && part.radius >= 0);
    for (const Point& corner : part.outline) {
      FUZZ_CHECK(std::isfinite(corner.x) && std::isfinite(corner.y));
    }
  }
  if (!IsBounded(*reach)) return;
  const auto again = ParseReach(Written(room, [&](ByteWriter& out) { Write(*reach, out); }));
  FUZZ_CHECK(again && again->parts.size() == reach->parts.size());
}

void CheckRecords(ByteView message) {
  size_t taken = 0;
  ForEachRecord(message, [&](ByteView record) {
    taken += kRecordHeaderSize + record.size();
    FUZZ_CHECK(record.data() + record.size() == message.data() + taken);
  });
  FUZZ_CHECK(taken <= message.size());
}

void CheckFromServer(ByteView message) {
  Room room;
  if (const auto entered = ParsePersonEntered(message)) {
    FUZZ_CHECK(IsFinite(entered->pose));
    const auto again =
        ParsePersonEntered(Written(room, [&](ByteWriter& out) { Write(*entered, out); }));
    FUZZ_CHECK(again && again->participant == entered->participant);
    FUZZ_CHECK(again->name == entered->name && again->published == entered->published);
    FUZZ_CHECK(AreSame(again->pose, entered->pose));
  }
  if (const auto slot = ParseSlotAssigned(message)) {
    const auto again =
        ParseSlotAssigned(Written(room, [&](ByteWriter& out) { Write(*slot, out); }));
    FUZZ_CHECK(again && again->source == slot->source && AreSame(again->hint, slot->hint));
  }
  if (const auto hints = ParseSlotHints(message); hints && hints->size() <= kMaxHintsPerMessage) {
    const auto again =
        ParseSlotHints(Written(room, [&](ByteWriter& out) { WriteSlotHints(*hints, out); }));
    FUZZ_CHECK(again && std::equal(again->begin(), again->end(), hints->begin(), hints->end(),
                                   [](auto& a, auto& b) { return AreSame(a, b); }));
  }
  if (const auto poses = ParsePoses(message)) {
    size_t count = 0;
    const auto again =
        ParsePoses(Written(room, [&](ByteWriter& out) { count = WritePoses(*poses, out); }));
    FUZZ_CHECK(again && again->size() == count);
    FUZZ_CHECK(count == poses->size() || count >= 90);
    for (size_t i = 0; i < count; ++i) {
      FUZZ_CHECK((*again)[i].participant == (*poses)[i].participant);
      FUZZ_CHECK(AreSame((*again)[i].pose, (*poses)[i].pose));
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  CheckFromClient({data, size});
  CheckFromServer({data, size});
  CheckRecords({data, size});
  CheckActs({data, size});
  CheckHearing({data, size});
  return 0;
}

}  // namespace earshot
