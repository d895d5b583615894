#include "sdp/lines.h"

#include <gtest/gtest.h>

#include <string>

#include "sdp/tokens.h"

namespace earshot::sdp {
namespace {

TEST(LinesTest, SplitsAtBothKindsOfLineEnds) {
  const auto lines = SplitLines("v=0\r\ns=a b\nt=0 0", "code");
  ASSERT_TRUE(lines);
  ASSERT_EQ(lines->size(), 3u);
  EXPECT_EQ((*lines)[0].value, "0");
  EXPECT_EQ((*lines)[1].type, 's');
  EXPECT_EQ((*lines)[1].value, "a b");
  EXPECT_EQ((*lines)[2].number, 3u);
}

TEST(LinesTest, AValueMayBeEmpty) {
  const auto lines = SplitLines("s=\r\n", "code");
  ASSERT_TRUE(lines);
  EXPECT_EQ((*lines)[0].value, "");
}

TEST(LinesTest, H18_EveryControlCharacterIsRefused) {
  for (int byte = 0; byte < 0x20; ++byte) {
    const std::string text = std::string("v=0\r\ns=a") + static_cast<char>(byte) + "b\r\n";
    const auto lines = SplitLines(text, "code");
    if (byte == '\t') {
      EXPECT_TRUE(lines);
      continue;
    }
    ASSERT_FALSE(lines) << byte;
    EXPECT_EQ(lines.error().code, "code");
    // A line feed ends the line, so what follows it is the bad line.
    EXPECT_TRUE(lines.error().message.starts_with(byte == '\n' ? "Line 3: " : "Line 2: "));
  }
}

TEST(TokensTest, NumbersAreDigitsThatFit) {
  EXPECT_EQ(ParseNumber<uint8_t>("255"), 255);
  EXPECT_EQ(ParseNumber<uint8_t>("256"), std::nullopt);
  EXPECT_EQ(ParseNumber<uint32_t>("4294967295"), 4294967295u);
  for (const char* bad : {"", "-1", "+1", " 1", "1 ", "0x1", "1.0", "99999999999999999999"}) {
    EXPECT_EQ(ParseNumber<uint32_t>(bad), std::nullopt) << bad;
  }
}

TEST(TokensTest, TokensHoldNoDelimiters) {
  EXPECT_TRUE(IsToken("a-Z.0_~", 16));
  EXPECT_FALSE(IsToken("", 16));
  EXPECT_FALSE(IsToken("12345", 4));
  for (const char c : std::string(" \t\r\n\"(),/:;<=>?@[]\\\x7f\x80")) {
    EXPECT_FALSE(IsToken(std::string("a") + c, 16)) << static_cast<int>(c);
  }
}

TEST(TokensTest, TakingWordsConsumesTheText) {
  std::string_view rest = "a  b";
  EXPECT_EQ(TakeWord(rest), "a");
  EXPECT_EQ(TakeWord(rest), "");
  EXPECT_EQ(TakeWord(rest), "b");
  EXPECT_EQ(TakeWord(rest), "");
  EXPECT_TRUE(rest.empty());
}

}  // namespace
}  // namespace earshot::sdp
