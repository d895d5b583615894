#include "transport/dcep.h"

#include <gtest/gtest.h>

#include <string>

#include "base/random.h"

namespace earshot {
namespace {

ByteView AsBytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// Figure 1 of RFC 8832 filled in: unordered, at most 3 retransmissions, label "pos", protocol "p".
const std::vector<uint8_t> kOpen = {0x03, 0x81, 0x01, 0x00, 0,   0,   0,   3,
                                    0,    3,    0,    1,    'p', 'o', 's', 'p'};

TEST(DcepTest, ReadsAnOpenMessage) {
  const auto message = ParseDcepMessage(kOpen);
  ASSERT_TRUE(message && std::holds_alternative<DcepOpen>(*message));
  const DcepOpen expected{.reliability = DcepOpen::Reliability::kMaxRetransmits,
                          .ordered = false,
                          .priority = 256,
                          .reliability_parameter = 3,
                          .label = "pos",
                          .protocol = "p"};
  EXPECT_EQ(std::get<DcepOpen>(*message), expected);
}

TEST(DcepTest, WritesWhatItReads) {
  const auto message = ParseDcepMessage(kOpen);
  EXPECT_EQ(WriteDcepOpen(std::get<DcepOpen>(*message)), kOpen);
}

TEST(DcepTest, ReadsTheAckItWrites) {
  EXPECT_EQ(WriteDcepAck(), std::vector<uint8_t>{0x02});
  const auto message = ParseDcepMessage(WriteDcepAck());
  EXPECT_TRUE(message && std::holds_alternative<DcepAck>(*message));
}

TEST(DcepTest, KnowsAllSixChannelTypes) {
  for (const int type : {0x00, 0x80, 0x01, 0x81, 0x02, 0x82}) {
    std::vector<uint8_t> bytes = kOpen;
    bytes[1] = static_cast<uint8_t>(type);
    const auto message = ParseDcepMessage(bytes);
    ASSERT_TRUE(message) << type;
    EXPECT_EQ(std::get<DcepOpen>(*message).ordered, type < 0x80);
    EXPECT_EQ(static_cast<uint8_t>(std::get<DcepOpen>(*message).reliability), type & 3);
  }
}

TEST(DcepTest, IgnoresTheReliabilityParameterOfAReliableChannel) {
  std::vector<uint8_t> bytes = kOpen;
  bytes[1] = 0;
  EXPECT_EQ(std::get<DcepOpen>(*ParseDcepMessage(bytes)).reliability_parameter, 0u);
}

TEST(DcepTest, T6_EveryTruncationIsRefused) {
  for (size_t size = 0; size < kOpen.size(); ++size) {
    EXPECT_FALSE(ParseDcepMessage(ByteView(kOpen).first(size))) << size;
  }
}

struct BadOpen {
  std::string name;
  size_t position;
  uint8_t value;
};
void PrintTo(const BadOpen& bad, std::ostream* os) { *os << bad.name; }

class DcepBadOpenTest : public testing::TestWithParam<BadOpen> {};

TEST_P(DcepBadOpenTest, T6_IsRefused) {
  std::vector<uint8_t> bytes = kOpen;
  bytes[GetParam().position] = GetParam().value;
  EXPECT_FALSE(ParseDcepMessage(bytes));
}

INSTANTIATE_TEST_SUITE_P(
    Messages, DcepBadOpenTest,
    testing::Values(BadOpen{"ReservedMessageType", 0, 0x00}, BadOpen{"OldMessageType", 0, 0x01},
                    BadOpen{"UnknownMessageType", 0, 0x04}, BadOpen{"AckWithBody", 0, 0x02},
                    BadOpen{"UnknownChannelType", 1, 0x03},
                    BadOpen{"UnknownUnorderedChannelType", 1, 0x83},
                    BadOpen{"ReservedBit", 1, 0x40}, BadOpen{"LabelBeyondMessage", 9, 9},
                    BadOpen{"LabelFarBeyondMessage", 8, 0xff}, BadOpen{"LabelShorter", 9, 2},
                    BadOpen{"ProtocolBeyondMessage", 11, 2}, BadOpen{"ProtocolMissing", 11, 0},
                    BadOpen{"LabelNotUtf8", 12, 0xff}, BadOpen{"ProtocolNotUtf8", 15, 0x80}),
    [](const testing::TestParamInfo<BadOpen>& info) { return info.param.name; });

TEST(DcepTest, T6_ALabelOf256BytesPassesAndOneMoreDoesNot) {
  EXPECT_TRUE(ParseDcepMessage(WriteDcepOpen({.label = std::string(256, 'x'), .protocol = ""})));
  EXPECT_FALSE(ParseDcepMessage(WriteDcepOpen({.label = std::string(257, 'x'), .protocol = ""})));
  EXPECT_FALSE(ParseDcepMessage(WriteDcepOpen({.label = "", .protocol = std::string(257, 'x')})));
}

TEST(DcepTest, T6_RandomBytesAreHandledWithoutHarm) {
  SeededRandom random(3);
  size_t accepted = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::vector<uint8_t> bytes = kOpen;
    for (uint32_t change = random.Below(4); change > 0; --change) {
      bytes[random.Below(static_cast<uint32_t>(bytes.size()))] = static_cast<uint8_t>(random.U32());
    }
    accepted += ParseDcepMessage(bytes).has_value();
  }
  EXPECT_GT(accepted, 0u);
  EXPECT_LT(accepted, 200'000u);
}

TEST(Utf8Test, AcceptsTextOfEveryLength) {
  EXPECT_TRUE(IsValidUtf8(AsBytes("")));
  EXPECT_TRUE(IsValidUtf8(AsBytes("B\xc3\xbcro \xe2\x82\xac \xf0\x9f\x98\x80")));
  EXPECT_TRUE(IsValidUtf8(AsBytes("\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf")));
}

TEST(Utf8Test, RefusesWhatRfc3629Forbids) {
  for (const char* text : {"\x80", "\xc0\xaf", "\xc1\xbf", "\xc3", "\xc3\x28", "\xe0\x9f\xbf",
                           "\xed\xa0\x80", "\xe2\x82", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
                           "\xf5\x80\x80\x80", "\xff", "\xe2\x28\xa1", "\xf0\x9f\x98"}) {
    EXPECT_FALSE(IsValidUtf8(AsBytes(text))) << testing::PrintToString(std::string(text));
  }
}

}  // namespace
}  // namespace earshot
