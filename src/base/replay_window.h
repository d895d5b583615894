#pragma once

// Which indices of a stream of packets were seen already: a sliding window, as RFC 3711 section
// 3.3.2 has it for SRTP. Knows nothing of packets. One thread.

#include <array>
#include <cstddef>
#include <cstdint>

namespace earshot {

/// The window of one stream: kSize indices, ending at the highest one accepted.
template <size_t kSize>
class ReplayWindow {
 public:
  /// In which nothing up to `highest` is fresh.
  static ReplayWindow ClosedAt(uint64_t highest) {
    ReplayWindow window;
    window.words_.fill(~uint64_t{0});
    window.highest_ = highest;
    window.started_ = true;
    return window;
  }

  /// The highest index accepted so far.
  uint64_t highest() const { return highest_; }

  /// False for an index that was accepted before or lies behind the window.
  bool IsFresh(uint64_t index) const {
    if (!started_ || index > highest_) return true;
    if (highest_ - index >= kSize) return false;
    return (words_[Word(index)] & Bit(index)) == 0;
  }

  void Accept(uint64_t index) {
    if (!started_ || index > highest_) Advance(index);
    words_[Word(index)] |= Bit(index);
  }

  /// Accepts it if it is fresh, and says so. At its quickest for the next one.
  [[nodiscard]] bool Take(uint64_t index) {
    if (started_ && index == highest_ + 1) {
      highest_ = index;
    } else if (!IsFresh(index)) {
      return false;
    } else if (!started_ || index > highest_) {
      Advance(index);
    }
    words_[Word(index)] |= Bit(index);
    return true;
  }

 private:
  static_assert(kSize % 64 == 0 && kSize >= 64, "RFC 3711 section 3.3.2 asks for at least 64");
  static constexpr size_t Word(uint64_t index) { return index % kSize / 64; }
  static constexpr uint64_t Bit(uint64_t index) { return uint64_t{1} << (index % 64); }

  // The bitmap is a ring, so the bits of the indices that come into the window are stale. Word by
  // word, so that no packet makes it loop for long (threat row R11).
  void Advance(uint64_t index) {
    if (!started_ || index - highest_ >= kSize) {
      words_.fill(0);
    } else {
      for (uint64_t first = highest_ + 1; first <= index; first = (first | 63) + 1) {
        const uint64_t last = index < (first | 63) ? index : first | 63;
        words_[Word(first)] &= ~((~uint64_t{0} >> (63 - (last - first))) << (first % 64));
      }
    }
    highest_ = index;
    started_ = true;
  }

  std::array<uint64_t, kSize / 64> words_{};
  uint64_t highest_ = 0;
  bool started_ = false;
};

}  // namespace earshot
