#include "origin_rules.h"

#include <gtest/gtest.h>

namespace earshotd {
namespace {

TEST(OriginRulesTest, H6_OnlyListedAndOwnOriginsAreAdmitted) {
  const OriginRules rules({"https://office.example"}, /*demo=*/false);
  EXPECT_TRUE(rules.Admits("https://office.example", "media.example"));
  EXPECT_TRUE(rules.Admits("https://Office.Example", "media.example"));
  EXPECT_TRUE(rules.Admits("https://media.example", "media.example"));
  EXPECT_TRUE(rules.Admits("https://media.example", "media.example:443"));
  EXPECT_TRUE(rules.Admits("http://localhost:8080", "localhost:8080"));
  for (const char* origin :
       {"https://evil.example", "http://office.example", "https://office.example.evil.example",
        "https://office.example:444", "https://evil-office.example", "null", "", "https://",
        "https://media.example:444", "file://", "https://office.example/x",
        "https://office.example\r\n"}) {
    EXPECT_FALSE(rules.Admits(origin, "media.example")) << origin;
  }
}

TEST(OriginRulesTest, H6_InDemoModeOnlyLoopbackNamesAreOurOwn) {
  const OriginRules rules({}, /*demo=*/true);
  EXPECT_TRUE(rules.Admits("http://localhost:8080", "localhost:8080"));
  EXPECT_TRUE(rules.Admits("http://127.0.0.1:8080", "127.0.0.1:8080"));
  EXPECT_TRUE(rules.Admits("http://[::1]:8080", "[::1]:8080"));
  EXPECT_FALSE(rules.Admits("http://rebound.example:8080", "rebound.example:8080"));
  EXPECT_FALSE(rules.Admits("http://localhost.evil.example", "localhost.evil.example"));
}

TEST(OriginRulesTest, LoopbackIsWhatTheKernelKeepsInside) {
  EXPECT_TRUE(IsLoopback("127.0.0.1"));
  EXPECT_TRUE(IsLoopback("127.8.9.10"));
  EXPECT_TRUE(IsLoopback("::1"));
  for (const char* address : {"0.0.0.0", "::", "192.0.2.1", "localhost", "", "128.0.0.1"}) {
    EXPECT_FALSE(IsLoopback(address)) << address;
  }
}

}  // namespace
}  // namespace earshotd
