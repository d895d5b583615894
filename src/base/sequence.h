#pragma once

// Serial number arithmetic (RFC 1982) and unwrapping to 64 bits, for RTP sequence numbers and
// timestamps.

#include <concepts>
#include <cstdint>
#include <optional>

namespace earshot {

/// How far `to` is ahead of `from`, negative if behind, taking the shorter way around.
constexpr int16_t SequenceDistance(uint16_t from, uint16_t to) {
  return static_cast<int16_t>(static_cast<uint16_t>(to - from));
}
constexpr int32_t TimestampDistance(uint32_t from, uint32_t to) {
  return static_cast<int32_t>(to - from);
}

/// Turns a wrapping counter into one that never wraps. The first value starts at one period, so
/// that values from before it stay positive.
template <std::unsigned_integral T>
class Unwrapper {
 public:
  /// The extended value nearest to the highest seen. Remembers it if it is higher.
  int64_t Unwrap(T value) {
    const int64_t extended = Peek(value);
    if (!highest_ || extended > *highest_) highest_ = extended;
    return extended;
  }
  int64_t Peek(T value) const {
    if (!highest_) return kPeriod + value;
    const auto delta = static_cast<std::make_signed_t<T>>(
        static_cast<T>(value - static_cast<T>(static_cast<uint64_t>(*highest_))));
    return *highest_ + delta;
  }
  std::optional<int64_t> highest() const { return highest_; }
  void Reset() { highest_.reset(); }
  static constexpr int64_t kPeriod = int64_t{1} << (sizeof(T) * 8);

 private:
  std::optional<int64_t> highest_;
};

}  // namespace earshot
