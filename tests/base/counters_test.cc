#include "base/counters.h"

#include <gtest/gtest.h>

namespace earshot {
namespace {

TEST(CountersTest, CountersAddAndGaugesSet) {
  Counter counter;
  EXPECT_EQ(counter.value(), 0u);
  counter.Add();
  counter.Add(41);
  EXPECT_EQ(counter.value(), 42u);
  counter.Set(7);
  EXPECT_EQ(counter.value(), 7u);
}

TEST(CountersTest, ADropIsCountedUnderItsReasonOnly) {
  Counters counters;
  counters.Drop(DropReason::kRtpMalformed);
  counters.Drop(DropReason::kRtpMalformed);
  counters.Drop(DropReason::kTransportClosed);
  for (size_t i = 0; i < kDropReasonCount; ++i) {
    const auto reason = static_cast<DropReason>(i);
    const uint64_t expected =
        reason == DropReason::kRtpMalformed ? 2 : (reason == DropReason::kTransportClosed ? 1 : 0);
    EXPECT_EQ(counters.drops[i].value(), expected) << DropReasonName(reason);
  }
}

TEST(CountersTest, AnObservationFallsIntoTheFirstBucketThatHoldsIt) {
  HistogramCells<2> histogram({Duration::Millis(1), Duration::Millis(10)});
  for (const int64_t micros : {0, 1000, 1001, 10000, 10001, 99999999}) {
    histogram.Observe(Duration::Micros(micros));
  }
  const HistogramStats stats = histogram.Snapshot();
  ASSERT_EQ(stats.buckets.size(), 3u);
  EXPECT_DOUBLE_EQ(stats.buckets[0].upper_bound_seconds, 0.001);
  EXPECT_DOUBLE_EQ(stats.buckets[1].upper_bound_seconds, 0.01);
  EXPECT_EQ(stats.buckets[2].upper_bound_seconds, HistogramStats::kUnbounded);
  EXPECT_EQ(stats.buckets[0].count, 2u);
  EXPECT_EQ(stats.buckets[1].count, 2u);
  EXPECT_EQ(stats.buckets[2].count, 2u);
  EXPECT_DOUBLE_EQ(stats.sum_seconds, 100.022001);
}

TEST(CountersTest, ANegativeObservationDoesNotSpoilTheSum) {
  HistogramCells<1> histogram({Duration::Millis(1)});
  histogram.Observe(Duration::Millis(-5));
  EXPECT_EQ(histogram.Snapshot().buckets[0].count, 1u);
  EXPECT_EQ(histogram.Snapshot().sum_seconds, 0);
}

TEST(CountersTest, HistogramBoundsRise) {
  for (size_t i = 1; i < kLatencyBounds.size(); ++i) {
    EXPECT_LT(kLatencyBounds[i - 1], kLatencyBounds[i]);
  }
  for (size_t i = 1; i < kJoinBounds.size(); ++i) EXPECT_LT(kJoinBounds[i - 1], kJoinBounds[i]);
}

}  // namespace
}  // namespace earshot
