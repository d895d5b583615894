#include "base/rate_policer.h"

#include <gtest/gtest.h>

namespace earshot {
namespace {

constexpr Timestamp kStart = Timestamp::Seconds(100);

// How many packets of the size conform if one comes every `interval`.
int Admitted(RatePolicer& policer, size_t size, Duration interval, Timestamp from, int count) {
  int admitted = 0;
  for (int i = 0; i < count; ++i) {
    const Timestamp now = from + interval * i;
    if (!policer.Conforms(now)) continue;
    policer.Count(size, now);
    ++admitted;
  }
  return admitted;
}

TEST(RatePolicerTest, WhatKeepsToTheRateConformsForEver) {
  RatePolicer policer({50, 1000}, Duration::Millis(100));
  EXPECT_EQ(Admitted(policer, 100, Duration::Millis(20), kStart, 100'000), 100'000);
}

TEST(RatePolicerTest, R14_AFloodGetsABurstAndThenTheRate) {
  RatePolicer policer({50, 1'000'000}, Duration::Seconds(2));
  EXPECT_EQ(Admitted(policer, 100, Duration::Zero(), kStart, 10'000), 100);
  // Ten seconds at 10 000 packets a second.
  EXPECT_NEAR(Admitted(policer, 100, Duration::Micros(100), kStart, 100'000), 500, 1);
}

TEST(RatePolicerTest, R14_LargePacketsAreHeldToTheBitRate) {
  // 1 Mbit/s are 125 packets of 1000 bytes.
  RatePolicer policer({1'000'000, 1000}, Duration::Seconds(1));
  EXPECT_EQ(Admitted(policer, 1000, Duration::Zero(), kStart, 10'000), 125);
  EXPECT_NEAR(Admitted(policer, 1000, Duration::Micros(100), kStart, 100'000), 1250, 1);
}

TEST(RatePolicerTest, WhatIsNotCountedCostsNothing) {
  RatePolicer policer({1, 1}, Duration::Seconds(1));
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(policer.Conforms(kStart));
}

TEST(RatePolicerTest, SilenceSavesUpNoMoreThanTheBurst) {
  RatePolicer policer({10, 1'000'000}, Duration::Seconds(1));
  EXPECT_EQ(Admitted(policer, 1, Duration::Zero(), kStart, 1000), 10);
  EXPECT_EQ(Admitted(policer, 1, Duration::Zero(), kStart + Duration::Seconds(86400), 1000), 10);
}

TEST(RateMeterTest, SaysFromWhenOnOneMoreConforms) {
  RateMeter meter(100, Duration::Seconds(1));
  EXPECT_LE(meter.ConformsFrom(), kStart);
  meter.Count(350, kStart);
  const Timestamp from = meter.ConformsFrom();
  EXPECT_FALSE(meter.Conforms(from - Duration::Micros(1)));
  EXPECT_TRUE(meter.Conforms(from));
  EXPECT_EQ((from - kStart).millis(), 2500);
}

}  // namespace
}  // namespace earshot
