#include "text_rules.h"

#include <gtest/gtest.h>

#include <string>

namespace earshotd {
namespace {

TEST(TextRulesTest, CountsCharactersNotBytes) {
  EXPECT_EQ(CountCharacters("a\u00e4\u674e\U0001f600"), 4u);
  EXPECT_EQ(CountCharacters(""), 0u);
}

TEST(TextRulesTest, IllFormedUtf8HasNoCharacters) {
  for (const char* text : {"\x80", "\xc0\xaf", "\xc3", "\xe0\x80\xaf", "\xed\xa0\x80",
                           "\xf0\x80\x80\xaf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff"}) {
    EXPECT_EQ(CountCharacters(text), std::nullopt);
    EXPECT_FALSE(IsDisplayText(text, 10));
  }
}

TEST(TextRulesTest, H23_NamesAreBoundedAndHoldNoControls) {
  EXPECT_TRUE(IsDisplayText(std::string(128, 'x'), 128));
  EXPECT_FALSE(IsDisplayText(std::string(129, 'x'), 128));
  EXPECT_FALSE(IsDisplayText(std::string(1'000'000, 'x'), 128));
  for (const std::string& text :
       {std::string(), std::string("   "), std::string("\u00a0"), std::string("a\rb"),
        std::string("a\x1b[31m"), std::string("a\0", 2), std::string("\u0085x"),
        std::string("\u2028x"), std::string("\u202dx"), std::string("\u2069x"),
        std::string("\ufeffx"), std::string("\u061cx"), std::string("x\u200e"),
        std::string("\u200fx"), std::string("\u206ax"), std::string("\ufff9x")}) {
    EXPECT_FALSE(IsDisplayText(text, 128)) << EscapeText(text);
  }
}

TEST(TextRulesTest, H23_ANameThatNobodySeesIsNone) {
  for (const char* text :
       {"\u2800", "\u3164", "\u00ad", "\u00ad \u00ad", "\u200b", "\u200d\u200c", "\u034f",
        "\u115f\u1160", "\u17b4", "\u180e", "\u202f", "\u2060", "\u2063", "\ufe0f", "\uffa0",
        "\U0001d173", "\U000e0041\U000e007f", "\U000e0100", "\u1680"}) {
    EXPECT_FALSE(IsDisplayText(text, 128)) << text;
  }
  EXPECT_TRUE(IsDisplayText("\u00adx", 128)) << "but among others they may stand";
}

TEST(TextRulesTest, NamesOfAllScriptsAreFine) {
  for (const char* text :
       {"Ada Lovelace", "J\u00fcrgen", "\u05d3\u05d5\u05d3", "\u674e\u5c0f\u9f99", "\U0001f600",
        "O'Neill <x>", "\u0646\u0627\u0645\u200c\u0647\u0627", "\U0001f468\u200d\U0001f4bb"}) {
    EXPECT_TRUE(IsDisplayText(text, 128)) << text;
  }
}

TEST(TextRulesTest, EscapedTextStaysOnOneLine) {
  EXPECT_EQ(EscapeText("a\nb\r\x1b\"\\"), "a\\u000ab\\u000d\\u001b\\\"\\\\");
  EXPECT_EQ(EscapeText("\xff!"), "\ufffd!");
  EXPECT_EQ(EscapeText("J\u00fcrgen"), "J\u00fcrgen");
}

}  // namespace
}  // namespace earshotd
