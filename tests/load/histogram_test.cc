#include "histogram.h"

#include <gtest/gtest.h>

namespace earshot::load {
namespace {

TEST(HistogramTest, AnEmptyOneIsZero) {
  const Histogram histogram;
  EXPECT_EQ(histogram.count(), 0u);
  EXPECT_EQ(histogram.Percentile(99), Duration::Zero());
  EXPECT_EQ(histogram.max(), Duration::Zero());
}

TEST(HistogramTest, SmallValuesAreExact) {
  Histogram histogram;
  for (int64_t micros = 1; micros <= 50; ++micros) histogram.Add(Duration::Micros(micros));
  EXPECT_EQ(histogram.Percentile(50), Duration::Micros(25));
  EXPECT_EQ(histogram.Percentile(90), Duration::Micros(45));
  EXPECT_EQ(histogram.Percentile(100), Duration::Micros(50));
  EXPECT_EQ(histogram.Percentile(0), Duration::Micros(1));
}

TEST(HistogramTest, APercentileIsAtMostThreePercentTooHighAndNeverTooLow) {
  for (int64_t micros = 1; micros < 3'600'000'000; micros = micros * 5 / 4 + 1) {
    Histogram histogram;
    histogram.Add(Duration::Micros(micros));
    histogram.Add(Duration::Seconds(3600));
    const int64_t median = histogram.Percentile(50).micros();
    EXPECT_GE(median, micros);
    EXPECT_LE(static_cast<double>(median), static_cast<double>(micros) * 1.032);
  }
}

TEST(HistogramTest, ValuesOutOfRangeCountAtItsEnds) {
  Histogram histogram;
  histogram.Add(Duration::Micros(-5));
  EXPECT_EQ(histogram.max(), Duration::Zero());
  histogram.Add(Duration::Seconds(100'000));
  EXPECT_EQ(histogram.max(), Duration::Seconds(3600));
  EXPECT_EQ(histogram.Percentile(100), Duration::Seconds(3600));
  EXPECT_EQ(histogram.count(), 2u);
}

TEST(HistogramTest, TwoAddUp) {
  Histogram one;
  Histogram other;
  for (int64_t i = 1; i <= 10; ++i) one.Add(Duration::Micros(i));
  for (int64_t i = 11; i <= 20; ++i) other.Add(Duration::Micros(i));
  one.Add(other);
  EXPECT_EQ(one.count(), 20u);
  EXPECT_EQ(one.Percentile(50), Duration::Micros(10));
  EXPECT_EQ(one.max(), Duration::Micros(20));
}

}  // namespace
}  // namespace earshot::load
