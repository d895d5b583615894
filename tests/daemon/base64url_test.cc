#include "base64url.h"

#include <gtest/gtest.h>

namespace earshotd {
namespace {

TEST(Base64UrlTest, MatchesTheVectorsOfRfc4648WithoutPadding) {
  const std::pair<const char*, const char*> kVectors[] = {
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},         {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : kVectors) {
    EXPECT_EQ(Base64UrlEncode(bytes), text);
    EXPECT_EQ(Base64UrlDecode(text), bytes);
  }
}

TEST(Base64UrlTest, UsesTheUrlAlphabet) {
  EXPECT_EQ(Base64UrlEncode("\xfb\xff"), "-_8");
  EXPECT_FALSE(Base64UrlDecode("+/8"));
}

TEST(Base64UrlTest, EachByteStringHasOneText) {
  for (const char* text : {"Zg==", "Zm8=", "Z", "Zh", "Zm9", "Zm 9v", "Zm9v\n", "Zm9v."}) {
    EXPECT_FALSE(Base64UrlDecode(text)) << text;
  }
}

}  // namespace
}  // namespace earshotd
