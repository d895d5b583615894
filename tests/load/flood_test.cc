#include "flood.h"

#include <gtest/gtest.h>

#include <array>

namespace earshot::load {
namespace {

constexpr Timestamp kStart = Timestamp::Seconds(50);

TEST(FloodTest, SendsItsRateInEveryOtherTurn) {
  Flood flood;
  flood.Begin(80'000, kStart);
  std::array<uint64_t, 6> sent{};
  for (int64_t i = 0; i < 6000; ++i) {
    const Timestamp now = kStart + Duration::Millis(i);
    if (now >= flood.NextDeadline()) sent[static_cast<size_t>(i / 1000)] += flood.TakeDue(now);
  }
  for (const size_t calm : {0u, 2u, 4u}) EXPECT_EQ(sent[calm], 0u);
  for (const size_t flooded : {1u, 3u, 5u}) {
    EXPECT_NEAR(static_cast<double>(sent[flooded]), 80'000, 200);
  }
  EXPECT_EQ(flood.packets_sent(), sent[1] + sent[3] + sent[5]);
}

TEST(FloodTest, MakesUpForNoMoreThanAHundredthOfASecond) {
  Flood flood;
  flood.Begin(80'000, kStart);
  EXPECT_EQ(flood.TakeDue(kStart + Duration::Millis(1500)), 800u);
  EXPECT_NEAR(flood.TakeDue(kStart + Duration::Millis(1501)), 80, 1);
}

TEST(FloodTest, SaysWhichTurnAPacketBelongsTo) {
  Flood flood;
  EXPECT_FALSE(flood.KindOf(kStart));
  flood.Begin(100, kStart);
  EXPECT_EQ(flood.KindOf(kStart + Duration::Millis(10)), false);
  EXPECT_EQ(flood.KindOf(kStart + Duration::Millis(1000)), true);
  EXPECT_EQ(flood.KindOf(kStart + Duration::Millis(1999)), true);
  EXPECT_EQ(flood.KindOf(kStart + Duration::Millis(2010)), std::nullopt);
  EXPECT_EQ(flood.KindOf(kStart + Duration::Millis(2300)), false);
  flood.End();
  EXPECT_FALSE(flood.KindOf(kStart + Duration::Millis(2300)));
}

TEST(FloodTest, WithoutARateThereIsNone) {
  Flood flood;
  flood.Begin(0, kStart);
  EXPECT_TRUE(flood.NextDeadline().IsNever());
  EXPECT_FALSE(flood.KindOf(kStart + Duration::Millis(1000)));
}

}  // namespace
}  // namespace earshot::load
