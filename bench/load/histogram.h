#pragma once

// How long things took, in bounded memory: buckets that widen with the value, 32 to each doubling,
// so that a percentile is at most 3 % too high. One thread.

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "earshot/units.h"

namespace earshot::load {

inline double Millis(Duration duration) { return static_cast<double>(duration.micros()) / 1000; }

class Histogram {
 public:
  /// A negative duration counts as zero, and what is beyond an hour as an hour.
  void Add(Duration value) {
    const auto micros =
        static_cast<uint64_t>(std::clamp(value, Duration::Zero(), kLongest).micros());
    ++buckets_[BucketOf(micros)];
    ++count_;
    sum_ = sum_ + Duration::Micros(static_cast<int64_t>(micros));
    max_ = std::max(max_, Duration::Micros(static_cast<int64_t>(micros)));
  }
  void Add(const Histogram& other) {
    for (size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
    count_ += other.count_;
    sum_ = sum_ + other.sum_;
    max_ = std::max(max_, other.max_);
  }

  uint64_t count() const { return count_; }
  Duration sum() const { return sum_; }
  Duration max() const { return max_; }
  /// The least value that `percent` of all do not exceed; zero when there are none.
  Duration Percentile(double percent) const {
    const auto wanted = static_cast<double>(count_) * percent / 100;
    uint64_t seen = 0;
    for (size_t i = 0; i < buckets_.size(); ++i) {
      seen += buckets_[i];
      if (buckets_[i] > 0 && static_cast<double>(seen) >= wanted) {
        return std::min(max_, UpperBoundOf(i));
      }
    }
    return max_;
  }

 private:
  static constexpr Duration kLongest = Duration::Seconds(3600);
  static constexpr unsigned kStepBits = 5;
  static constexpr uint64_t kSteps = 1u << kStepBits;
  /// 3600 s are below 2^32 µs.
  static constexpr size_t kBuckets = (32 - kStepBits + 1) * kSteps;

  // Up to kSteps each value has a bucket of its own; beyond, those that share their highest bits.
  static size_t BucketOf(uint64_t micros) {
    if (micros < kSteps) return static_cast<size_t>(micros);
    const auto shift = static_cast<unsigned>(std::bit_width(micros)) - kStepBits - 1;
    return static_cast<size_t>(shift * kSteps + (micros >> shift));
  }
  static Duration UpperBoundOf(size_t bucket) {
    if (bucket < 2 * kSteps) return Duration::Micros(static_cast<int64_t>(bucket));
    const size_t shift = bucket / kSteps - 1;
    const uint64_t first = (bucket % kSteps + kSteps) << shift;
    return Duration::Micros(static_cast<int64_t>(first + (uint64_t{1} << shift) - 1));
  }

  std::array<uint64_t, kBuckets> buckets_{};
  uint64_t count_ = 0;
  Duration sum_;
  Duration max_;
};

}  // namespace earshot::load
