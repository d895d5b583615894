#include "wire/hearing_messages.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "wire/messages.h"

namespace earshot {
namespace {

template <typename Message>
std::vector<uint8_t> Written(const Message& message) {
  std::array<uint8_t, kMaxMessageBytes - kRecordHeaderSize> room;
  ByteWriter out(room);
  Write(message, out);
  EXPECT_TRUE(out.ok());
  return {out.written().begin(), out.written().end()};
}

TEST(HearingMessagesTest, HearingIsSixBytes) {
  const HearingMessage message{ParticipantId{17}, false, true};
  EXPECT_EQ(Written(message), (std::vector<uint8_t>{0x0b, 2, 17, 0, 0, 0}));
  EXPECT_EQ(ParseHearing(Written(message)), message);
}

// The page reads the same bytes (tests/browser/module.test.js).
TEST(HearingMessagesTest, AReachIsAsTheProtocolLaysItOut) {
  VoiceReach reach;
  reach.hearers_out_of_sight = 258;
  reach.heard_out_of_sight = 1;
  reach.parts = {{0, {3, 0}, {}}, {8, {-1}, {{8, 0}, {0, 8}, {-8, -4}}}};
  EXPECT_EQ(Written(reach),
            (std::vector<uint8_t>{0x0c, 2,    1,    0,    0,    1,    0,    0, 0,    2,       //
                                  0,    0,    0,    0,    0,    2,    0,    3, 0,    0,   0,  //
                                  0,    0,    0,    0x41, 3,    0xff, 0x7f, 0, 0,    0,   0,
                                  0xff, 0x7f, 0x01, 0x80, 0x00, 0xc0, 1,    0, 0xff, 0xff}));
  const auto parsed = ParseReach(Written(reach));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->parts[0], reach.parts[0]);
  EXPECT_NEAR(parsed->parts[1].outline[2].y, -4, 0.001);
}

TEST(HearingMessagesTest, TheLargestReachFitsInARecord) {
  VoiceReach reach;
  for (size_t i = 0; i < kMaxReachParts; ++i) {
    reach.parts.push_back({1e4f, {}, std::vector<Point>(kMaxReachCorners, {1e4f, -1e4f})});
  }
  for (int16_t zone = -1; zone < 256; ++zone) reach.parts[1].zones.push_back(zone);
  EXPECT_EQ(ParseReach(Written(reach)), reach);
}

TEST(HearingMessagesTest, HalfAMessageIsNoneNorOneTooLong) {
  VoiceReach reach;
  reach.parts = {{8, {-1, 4}, {{8, 0}, {0, 8}, {-8, -8}}}};
  for (std::vector<uint8_t> whole : {Written(reach), Written(HearingMessage{})}) {
    for (size_t size = 0; size < whole.size(); ++size) {
      const ByteView half = ByteView(whole).first(size);
      EXPECT_FALSE(ParseReach(half) || ParseHearing(half));
    }
    whole.push_back(0);
    EXPECT_FALSE(ParseReach(whole) || ParseHearing(whole));
  }
}

TEST(HearingMessagesTest, ARadiusIsANumberOfMetres) {
  for (const uint32_t radius : {0x7fc00000u, 0x7f800000u, 0xc1000000u}) {
    std::vector<uint8_t> message = Written(VoiceReach{.parts = {{8, {-1}, {}}}});
    for (size_t i = 0; i < 4; ++i) message[10 + i] = static_cast<uint8_t>(radius >> 8 * i);
    EXPECT_FALSE(ParseReach(message));
  }
}

}  // namespace
}  // namespace earshot
