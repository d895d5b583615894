#include "transport/tick_clock.h"

#include <gtest/gtest.h>

namespace earshot {
namespace {

TEST(TickClockTest, TurnsTheWheelByWholeMillisecondsAndKeepsTheRest) {
  TickClock clock;
  EXPECT_EQ(clock.Advance(Timestamp::Seconds(1)), 0u);
  EXPECT_EQ(clock.Advance(Timestamp::Seconds(1) + Duration::Micros(10'700)), 10u);
  EXPECT_EQ(clock.Advance(Timestamp::Seconds(1) + Duration::Micros(21'100)), 11u);
}

TEST(TickClockTest, ShowsTimeFinerThanTheWheelTurns) {
  TickClock clock;
  clock.Advance(Timestamp::Seconds(1));
  const Timestamp start = clock.time();
  EXPECT_EQ(clock.Advance(Timestamp::Seconds(1) + Duration::Micros(300)), 0u);
  EXPECT_EQ(clock.time() - start, Duration::Micros(300));
}

TEST(TickClockTest, AWorkerThatLagsBehindDoesNotCountTimeTwice) {
  TickClock clock;
  clock.Advance(Timestamp::Millis(1000));
  uint32_t turned = clock.Advance(Timestamp::Millis(1050));
  turned += clock.Advance(Timestamp::Millis(1020));
  turned += clock.Advance(Timestamp::Millis(1100));
  EXPECT_EQ(turned, 100u);
}

TEST(TickClockTest, AnotherClockGoesOnFromWhereTheOldOneStood) {
  TickClock clock;
  clock.Advance(Timestamp::Seconds(1000));
  const Timestamp before = clock.time();
  EXPECT_EQ(clock.Advance(Timestamp::Seconds(0)), 0u);
  EXPECT_EQ(clock.Advance(Timestamp::Millis(30)), 30u);
  EXPECT_EQ(clock.time() - before, Duration::Millis(30));
}

TEST(TickClockTest, ALongGapCountsAsAShortOne) {
  TickClock clock;
  clock.Advance(Timestamp::Seconds(1));
  EXPECT_EQ(clock.Advance(Timestamp::Seconds(3600)), TickClock::kMaxStep.millis());
  EXPECT_EQ(clock.Advance(Timestamp::Seconds(3600) + Duration::Millis(20)), 20u);
}

TEST(TickClockTest, AfterAResetTheSameTimesGiveTheSameTurns) {
  TickClock clock;
  clock.Advance(Timestamp::Micros(1));
  clock.Advance(Timestamp::Micros(7'654));
  clock.Reset();
  EXPECT_EQ(clock.Advance(Timestamp::Seconds(2)), 0u);
  EXPECT_EQ(clock.Advance(Timestamp::Seconds(2) + Duration::Micros(9'999)), 0u);
  EXPECT_EQ(clock.Advance(Timestamp::Seconds(2) + Duration::Micros(10'000)), 10u);
  EXPECT_EQ(clock.time().micros() % 1'000'000, 10'000);
}

}  // namespace
}  // namespace earshot
