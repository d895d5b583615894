#include "turns.h"

#include <gtest/gtest.h>

namespace earshot::load {
namespace {

constexpr Timestamp kStart = Timestamp::Seconds(50);

TEST(TurnsTest, CalmAndDisturbedOnesTakeTurns) {
  Turns turns(Duration::Seconds(10), Duration::Seconds(2));
  turns.Begin(kStart);
  EXPECT_FALSE(turns.IsDisturbed(kStart));
  EXPECT_TRUE(turns.IsDisturbed(kStart + Duration::Seconds(10)));
  EXPECT_FALSE(turns.IsDisturbed(kStart + Duration::Seconds(20)));
  EXPECT_EQ(turns.NumberAt(kStart + Duration::Seconds(25)), 2);
  EXPECT_EQ(turns.ElapsedAt(kStart + Duration::Seconds(25)), Duration::Seconds(5));
}

TEST(TurnsTest, WhatComesRightBehindADisturbanceBelongsToNeither) {
  Turns turns(Duration::Seconds(10), Duration::Seconds(2));
  turns.Begin(kStart);
  EXPECT_EQ(turns.KindOf(kStart), false);
  EXPECT_EQ(turns.KindOf(kStart + Duration::Seconds(10)), true);
  EXPECT_EQ(turns.KindOf(kStart + Duration::Seconds(21)), std::nullopt);
  EXPECT_EQ(turns.KindOf(kStart + Duration::Seconds(22)), false);
}

}  // namespace
}  // namespace earshot::load
