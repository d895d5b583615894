#include "wire/act_messages.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace earshot {
namespace {

template <typename Message>
std::vector<uint8_t> Bytes(const Message& message) {
  std::array<uint8_t, 512> room;
  ByteWriter out(room);
  Write(message, out);
  EXPECT_TRUE(out.ok());
  return {out.written().begin(), out.written().end()};
}

TEST(ActMessagesTest, AnActIsLaidOutAsTheProtocolSays) {
  const ActMessage act{7, Act::kAdmit, ParticipantId{0x01020304}, 5, 480};
  EXPECT_EQ(Bytes(act), (std::vector<uint8_t>{0x82, 7, 3, 4, 3, 2, 1, 5, 0, 0xe0, 1}));
  EXPECT_EQ(ParseAct(Bytes(act)), act);
}

TEST(ActMessagesTest, AnActWithoutAPlaceSaysMinusOne) {
  EXPECT_EQ(Bytes(ActMessage{1, Act::kLeaveBubble}),
            (std::vector<uint8_t>{0x82, 1, 11, 0, 0, 0, 0, 0xff, 0xff, 0, 0}));
}

TEST(ActMessagesTest, AnUnknownActIsStillAMessage) {
  std::vector<uint8_t> bytes = Bytes(ActMessage{});
  bytes[2] = 200;
  EXPECT_EQ(ParseAct(bytes)->act, Act{200});
}

TEST(ActMessagesTest, AnOutcomeIsLaidOutAsTheProtocolSays) {
  const OutcomeMessage outcome{9, Act::kBeam, Outcome::kTooOften};
  EXPECT_EQ(Bytes(outcome), (std::vector<uint8_t>{0x08, 9, 18, 6}));
  EXPECT_EQ(ParseOutcome(Bytes(outcome)), outcome);
}

TEST(ActMessagesTest, AnEventIsLaidOutAsTheProtocolSays) {
  const EventMessage event{EventKind::kKnock,       ParticipantId{17}, 3, -1, DoorState::kLocked,
                           Duration::Millis(60001), "J\xc3\xb6rg"};
  const std::vector<uint8_t> bytes = Bytes(event);
  EXPECT_EQ(bytes, (std::vector<uint8_t>{0x09, 3,    17, 0, 0, 0,   3,    0,    0xff, 0xff, 2,
                                         0x61, 0xea, 0,  0, 5, 'J', 0xc3, 0xb6, 'r',  'g'}));
  EXPECT_EQ(ParseEvent(bytes), event);
}

TEST(ActMessagesTest, ATimeThatIsOverIsNone) {
  EventMessage event;
  event.time_left = Duration::Millis(-5);
  EXPECT_EQ(ParseEvent(Bytes(event))->time_left, Duration::Zero());
}

TEST(ActMessagesTest, LongNamesAreCut) {
  EventMessage event;
  const std::string name(300, 'x');
  event.name = name;
  EXPECT_EQ(Bytes(event).size(), 16u + 255u);
}

TEST(ActMessagesTest, OtherLengthsTypesAndValuesAreRefused) {
  const std::vector<std::vector<uint8_t>> all = {Bytes(ActMessage{}), Bytes(OutcomeMessage{}),
                                                 Bytes(EventMessage{})};
  const auto parses = [](ByteView bytes) {
    return ParseAct(bytes).has_value() + ParseOutcome(bytes).has_value() +
           ParseEvent(bytes).has_value();
  };
  for (std::vector<uint8_t> bytes : all) {
    EXPECT_EQ(parses(bytes), 1);
    for (size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_EQ(parses(ByteView(bytes).first(size)), 0);
    }
    bytes.push_back(0);
    EXPECT_EQ(parses(bytes), 0);
  }
  std::vector<uint8_t> outcome = all[1];
  outcome[3] = kOutcomeCount;
  EXPECT_EQ(parses(outcome), 0);
  std::vector<uint8_t> event = all[2];
  event[10] = kDoorStateCount;
  EXPECT_EQ(parses(event), 0);
}

}  // namespace
}  // namespace earshot
