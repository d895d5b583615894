#include "base/clock_units.h"

#include <gtest/gtest.h>

namespace earshot {
namespace {

TEST(ClockUnitsTest, CountsAtTheRateOfTheClock) {
  EXPECT_EQ(ClockUnits(Duration::Millis(20), 48000), 960u);
  EXPECT_EQ(ClockUnits(Duration::Micros(33333), 90000), 2999u);
  EXPECT_EQ(ClockUnits(Duration::Seconds(3), 1), 3u);
}

// Each step is as long as any other, whatever the uptime and wherever the units wrap.
TEST(ClockUnitsTest, L3_GoesOnEvenlyForALifetime) {
  constexpr int64_t kDay = 24 * 3600;
  for (const uint32_t rate : {48000u, 90000u, 65536u, 1u << 18}) {
    for (const int64_t days : {25, 50, 407, 408, 1300, 4 * 365, 100 * 365}) {
      Timestamp now = Timestamp::Seconds(days * kDay) - Duration::Seconds(40);
      uint32_t before = ClockUnits(now, rate);
      for (int step = 0; step < 8000; ++step) {
        now = now + Duration::Millis(10);
        const uint32_t units = ClockUnits(now, rate);
        ASSERT_NEAR(static_cast<double>(units - before), rate / 100.0, 1) << days << " " << rate;
        before = units;
      }
    }
  }
}

}  // namespace
}  // namespace earshot
