#include "soak.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace earshot::load {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

std::vector<SoakMinute> MinutesOf(size_t count, auto resident_mib) {
  std::vector<SoakMinute> minutes(count);
  for (size_t i = 0; i < count; ++i) minutes[i].resident_mib = resident_mib(static_cast<double>(i));
  return minutes;
}

SoakResults GoodResults() {
  SoakResults results;
  results.minutes = MinutesOf(60, [](double) { return 40; });
  results.checked = 10'000;
  results.breaches = {{"gone", 0}};
  for (int i = 0; i < 2000; ++i) {
    results.calm.Add(Duration::Millis(2));
    results.disturbed.Add(Duration::Millis(3));
  }
  return results;
}

TEST(SoakTest, AGoodOneIsNoFailure) {
  EXPECT_THAT(FailureOf(GoodResults()), IsEmpty());
  const std::string table = SoakAsTable(GoodResults());
  EXPECT_THAT(table, HasSubstr("40.0 MiB on average, rises by 0.00 MiB in 45 minutes"));
  EXPECT_THAT(table, HasSubstr("10000 packets checked; breaches: none"));
}

TEST(SoakTest, MemoryThatRisesIsAFailureAndMemoryThatSwingsIsNone) {
  SoakResults results = GoodResults();
  results.minutes = MinutesOf(60, [](double minute) { return 40 + minute * 0.2; });
  EXPECT_NEAR(TrendOf(results.minutes).rise_mib, 44 * 0.2, 0.01);
  EXPECT_THAT(FailureOf(results), HasSubstr("memory rises: by 8.8 MiB in 45 minutes"));
  results.minutes = MinutesOf(60, [](double minute) { return 40 + 3 * std::fmod(minute, 2); });
  EXPECT_THAT(FailureOf(results), IsEmpty());
  // What the first people bring is the warm-up.
  results.minutes = MinutesOf(60, [](double minute) { return minute < 15 ? 10 + minute : 40; });
  EXPECT_THAT(FailureOf(results), IsEmpty());
  results.minutes = MinutesOf(2, [](double minute) { return 40 + minute * 40; });
  EXPECT_EQ(TrendOf(results.minutes).minutes, 0u) << "two points are always a line";
}

TEST(SoakTest, EachBreachIsAFailure) {
  SoakResults results = GoodResults();
  results.breaches["index_twice"] = 1;
  EXPECT_THAT(FailureOf(results), HasSubstr("index_twice 1"));
  results = GoodResults();
  results.invariant_violations = 1;
  EXPECT_THAT(FailureOf(results), HasSubstr("mistakes of its own"));
  results = GoodResults();
  results.checked = 0;
  EXPECT_THAT(FailureOf(results), HasSubstr("nothing was checked"));
  results = GoodResults();
  results.loss = {1000, 20};
  EXPECT_THAT(FailureOf(results), HasSubstr("lost 2.00 %"));
}

TEST(SoakTest, OthersMayAtMostDoubleTheLatency) {
  SoakResults results = GoodResults();
  EXPECT_NEAR(DisturbanceOf(results), 1.5, 0.1);
  for (int i = 0; i < 2000; ++i) results.disturbed.Add(Duration::Millis(5));
  EXPECT_THAT(FailureOf(results), HasSubstr("p99 2.5"));
  results.disturbed = {};
  EXPECT_EQ(DisturbanceOf(results), 0) << "nothing to compare";
  EXPECT_THAT(FailureOf(results), IsEmpty());
}

TEST(SoakTest, AMinuteIsARowUnderTheHead) {
  const std::string row = MinuteAsRow(7, {.is_disturbed = true, .resident_mib = 41.5, .acts = 900});
  EXPECT_THAT(row, HasSubstr("   7 hostile"));
  EXPECT_THAT(row, HasSubstr("41.5"));
  EXPECT_THAT(HeadOfMinutes(), HasSubstr("MiB"));
}

}  // namespace
}  // namespace earshot::load
