#include "rate_limiter.h"

#include <gtest/gtest.h>

namespace earshotd {
namespace {

using earshot::Duration;
using earshot::Timestamp;

TEST(RateLimiterTest, H5_AdmitsTheBurstAndThenTheRate) {
  RateLimiter limiter(50, 200);
  const Timestamp start = Timestamp::Seconds(100);
  int admitted = 0;
  for (int i = 0; i < 1000; ++i) admitted += limiter.Admit(start);
  EXPECT_EQ(admitted, 200);
  for (int i = 0; i < 1000; ++i) admitted += limiter.Admit(start + Duration::Seconds(1));
  EXPECT_EQ(admitted, 250);
}

TEST(RateLimiterTest, NeverSavesMoreThanTheBurst) {
  RateLimiter limiter(50, 3);
  ASSERT_TRUE(limiter.Admit(Timestamp::Seconds(1)));
  int admitted = 0;
  for (int i = 0; i < 10; ++i) admitted += limiter.Admit(Timestamp::Seconds(1000));
  EXPECT_EQ(admitted, 3);
}

TEST(RateLimiterTest, AClockThatStandsOrGoesBackGivesNothing) {
  RateLimiter limiter(50, 1);
  ASSERT_TRUE(limiter.Admit(Timestamp::Seconds(10)));
  EXPECT_FALSE(limiter.Admit(Timestamp::Seconds(9)));
  EXPECT_FALSE(limiter.Admit(Timestamp::Seconds(10)));
}

}  // namespace
}  // namespace earshotd
