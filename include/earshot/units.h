#pragma once

// Strong types for time and rate, so that no interface needs a unit in a comment.
// All are one signed 64-bit integer wide and cheap to pass by value. Any thread.

#include <compare>
#include <cstdint>
#include <limits>

namespace earshot {

/// A span of time with microsecond resolution.
class Duration {
 public:
  constexpr Duration() = default;
  static constexpr Duration Micros(int64_t value) { return Duration(value); }
  static constexpr Duration Millis(int64_t value) { return Duration(value * 1000); }
  static constexpr Duration Seconds(int64_t value) { return Duration(value * 1000000); }
  static constexpr Duration Zero() { return Duration(0); }

  constexpr int64_t micros() const { return micros_; }
  constexpr int64_t millis() const { return micros_ / 1000; }
  constexpr double seconds() const { return static_cast<double>(micros_) / 1e6; }

  constexpr auto operator<=>(const Duration&) const = default;
  constexpr Duration operator+(Duration other) const { return Duration(micros_ + other.micros_); }
  constexpr Duration operator-(Duration other) const { return Duration(micros_ - other.micros_); }
  constexpr Duration operator*(int64_t factor) const { return Duration(micros_ * factor); }
  constexpr Duration operator/(int64_t divisor) const { return Duration(micros_ / divisor); }

 private:
  explicit constexpr Duration(int64_t micros) : micros_(micros) {}
  int64_t micros_ = 0;
};

/// A point on a monotonic clock. Its zero is the clock's own; only differences mean anything.
class Timestamp {
 public:
  constexpr Timestamp() = default;
  static constexpr Timestamp Micros(int64_t value) { return Timestamp(value); }
  static constexpr Timestamp Millis(int64_t value) { return Timestamp(value * 1000); }
  static constexpr Timestamp Seconds(int64_t value) { return Timestamp(value * 1000000); }
  /// Later than every deadline: a machine without a timer names it as its next deadline.
  static constexpr Timestamp Never() { return Timestamp(std::numeric_limits<int64_t>::max()); }
  /// Earlier than every other time: "has not happened yet".
  static constexpr Timestamp LongAgo() {
    return Timestamp(std::numeric_limits<int64_t>::min() / 4);
  }

  constexpr int64_t micros() const { return micros_; }
  constexpr int64_t millis() const { return micros_ / 1000; }
  constexpr bool IsNever() const { return *this == Never(); }

  constexpr auto operator<=>(const Timestamp&) const = default;
  constexpr Timestamp operator+(Duration delta) const {
    return Timestamp(micros_ + delta.micros());
  }
  constexpr Timestamp operator-(Duration delta) const {
    return Timestamp(micros_ - delta.micros());
  }
  constexpr Duration operator-(Timestamp other) const {
    return Duration::Micros(micros_ - other.micros_);
  }

 private:
  explicit constexpr Timestamp(int64_t micros) : micros_(micros) {}
  int64_t micros_ = 0;
};

/// A bit rate.
class DataRate {
 public:
  constexpr DataRate() = default;
  static constexpr DataRate BitsPerSecond(int64_t value) { return DataRate(value); }
  static constexpr DataRate KilobitsPerSecond(int64_t value) { return DataRate(value * 1000); }

  constexpr int64_t bits_per_second() const { return bits_per_second_; }
  constexpr auto operator<=>(const DataRate&) const = default;

 private:
  explicit constexpr DataRate(int64_t value) : bits_per_second_(value) {}
  int64_t bits_per_second_ = 0;
};

}  // namespace earshot
