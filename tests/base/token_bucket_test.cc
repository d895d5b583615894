#include "base/token_bucket.h"

#include <gtest/gtest.h>

namespace earshot {
namespace {

int Drain(TokenBucket& bucket, Timestamp now) {
  int taken = 0;
  while (bucket.TrySpend(1, now)) ++taken;
  return taken;
}

TEST(TokenBucketTest, GivesABurstAndThenItsRate) {
  TokenBucket bucket(10, 20, 20);
  EXPECT_EQ(Drain(bucket, Timestamp::Seconds(1)), 20);
  EXPECT_EQ(Drain(bucket, Timestamp::Seconds(1) + Duration::Millis(500)), 5);
  EXPECT_EQ(Drain(bucket, Timestamp::Seconds(100)), 20);
}

TEST(TokenBucketTest, WhatIsRefusedCostsNothing) {
  TokenBucket bucket(1, 10, 5);
  EXPECT_FALSE(bucket.TrySpend(6, Timestamp::Seconds(1)));
  EXPECT_TRUE(bucket.TrySpend(5, Timestamp::Seconds(1)));
}

TEST(TokenBucketTest, WhatIsAddedCountsUpToTheCapacity) {
  TokenBucket bucket(0, 10, 0);
  bucket.Add(4);
  EXPECT_EQ(Drain(bucket, Timestamp::Seconds(1)), 4);
  bucket.Add(1000);
  EXPECT_EQ(Drain(bucket, Timestamp::Seconds(2)), 10);
}

}  // namespace
}  // namespace earshot
