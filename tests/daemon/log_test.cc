#include "log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace earshotd {
namespace {

using earshot::Duration;
using earshot::Timestamp;

TEST(LogLimiterTest, TenLinesASecondOfEachEventAndACountOfTheRest) {
  LogLimiter limiter;
  const Timestamp start = Timestamp::Seconds(5);
  int written = 0;
  for (int i = 0; i < 1000; ++i) written += limiter.Admit("flood", start).has_value();
  EXPECT_EQ(written, 10);
  EXPECT_EQ(limiter.Admit("calm", start), 0u);
  EXPECT_EQ(limiter.Admit("flood", start + Duration::Seconds(1)), 990u);
  EXPECT_EQ(limiter.Admit("flood", start + Duration::Seconds(1)), 0u);
}

std::string LogOnce(LogFormat format, earshot::LogLevel level, const std::string& value) {
  testing::internal::CaptureStdout();
  {
    Log log({earshot::LogLevel::kInfo, format});
    log.Write(level, "something-happened", {{"key", value}});
  }
  std::fflush(stdout);
  return testing::internal::GetCapturedStdout();
}

TEST(LogTest, LinesOfJsonAreJson) {
  const std::string line =
      LogOnce(LogFormat::kJson, earshot::LogLevel::kInfo, "a\"\n\\\x1b[31m\xff");
  const auto parsed = nlohmann::json::parse(line);
  EXPECT_EQ(parsed["event"], "something-happened");
  EXPECT_EQ(parsed["level"], "info");
  EXPECT_EQ(parsed["key"], "a\"\n\\\x1b[31m\ufffd");
}

TEST(LogTest, NoValueBreaksALine) {
  const std::string line = LogOnce(LogFormat::kText, earshot::LogLevel::kWarning,
                                   "x\r\n2026-11-24T00:00:00.000Z info forged\x1b[2J");
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
  EXPECT_EQ(line.find('\r'), std::string::npos);
  EXPECT_EQ(line.find('\x1b'), std::string::npos);
  EXPECT_NE(line.find(" warning something-happened key=\""), std::string::npos) << line;
}

TEST(LogTest, LowerLevelsAreLeftOut) {
  EXPECT_EQ(LogOnce(LogFormat::kText, earshot::LogLevel::kDebug, "x"), "");
}

}  // namespace
}  // namespace earshotd
