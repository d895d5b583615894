#include "io/patience.h"

#include <gtest/gtest.h>

namespace earshot {
namespace {

constexpr Duration kWait = Duration::Millis(5);
Timestamp At(int64_t millis) { return Timestamp::Millis(1000 + millis); }

TEST(PatienceTest, WhatComesAloneNeverWaits) {
  Patience patience(kWait);
  for (int i = 0; i < 10; ++i) {
    patience.Read(At(5 * i), 1, false);
    EXPECT_FALSE(patience.waits());
  }
}

TEST(PatienceTest, WhatComesCloseTogetherGathers) {
  Patience patience(kWait);
  patience.Read(At(0), 1, false);
  patience.Read(At(4), 1, false);
  EXPECT_TRUE(patience.waits());
  EXPECT_EQ(patience.wait(), kWait);
  // However late the loop comes to it.
  patience.Read(At(30), 3, false);
  EXPECT_TRUE(patience.waits());
}

TEST(PatienceTest, ReadingNothingEndsIt) {
  Patience patience(kWait);
  patience.Read(At(0), 1, false);
  patience.Read(At(1), 1, false);
  patience.Read(At(6), 0, false);
  EXPECT_FALSE(patience.waits());
  patience.Read(At(20), 1, false);
  EXPECT_FALSE(patience.waits());
}

TEST(PatienceTest, P9_WhatIsLeftAfterABatchIsReadInTheNextTurn) {
  Patience patience(kWait);
  patience.Read(At(0), 64, true);
  patience.Read(At(1), 64, true);
  EXPECT_FALSE(patience.waits());
  patience.Read(At(2), 10, false);
  EXPECT_TRUE(patience.waits());
}

TEST(PatienceTest, WithoutAWaitThereIsNone) {
  Patience patience(Duration::Zero());
  patience.Read(At(0), 1, false);
  patience.Read(At(0), 1, false);
  EXPECT_FALSE(patience.waits());
}

}  // namespace
}  // namespace earshot
