#pragma once

// Which packet indices of SRTP streams were seen already (RFC 3711 section 3.3.2): a sliding
// window per SSRC, and a bounded set of such windows. Knows nothing of packets or keys; the caller
// calls Accept only for what was authenticated. One thread.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/drop_reason.h"

namespace earshot {

/// The window of one stream: kSize indices, ending at the highest one accepted.
template <size_t kSize>
class ReplayWindow {
 public:
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

 private:
  static_assert(kSize % 64 == 0 && kSize >= 64, "RFC 3711 section 3.3.2 asks for at least 64");
  static constexpr size_t Word(uint64_t index) { return index % kSize / 64; }
  static constexpr uint64_t Bit(uint64_t index) { return uint64_t{1} << (index % 64); }

  // The bitmap is a ring, so the bits of the indices that come into the window are stale.
  void Advance(uint64_t index) {
    if (!started_ || index - highest_ >= kSize) {
      words_.fill(0);
    } else {
      for (uint64_t i = highest_ + 1; i <= index; ++i) words_[Word(i)] &= ~Bit(i);
    }
    highest_ = index;
    started_ = true;
  }

  std::array<uint64_t, kSize / 64> words_{};
  uint64_t highest_ = 0;
  bool started_ = false;
};

/// One window per SSRC, for at most `max_ssrcs` of them. A linear search over the bare SSRCs: a
/// participant has a handful.
template <size_t kSize>
class SsrcReplayWindows {
 public:
  using Window = ReplayWindow<kSize>;

  explicit SsrcReplayWindows(size_t max_ssrcs) : max_ssrcs_(max_ssrcs) {}

  /// Null for an SSRC that nothing was accepted from.
  const Window* Find(uint32_t ssrc) const {
    const auto found = std::find(ssrcs_.begin(), ssrcs_.end(), ssrc);
    return found == ssrcs_.end() ? nullptr : &windows_[static_cast<size_t>(found - ssrcs_.begin())];
  }
  bool HasRoom() const { return ssrcs_.size() < max_ssrcs_; }
  size_t size() const { return ssrcs_.size(); }

  /// Why a packet with this index cannot be used; nothing when it may be decrypted.
  std::optional<DropReason> Check(uint32_t ssrc, uint64_t index) const {
    const Window* window = Find(ssrc);
    if (window == nullptr) {
      return HasRoom() ? std::nullopt : std::optional(DropReason::kSrtpTooManySsrcs);
    }
    return window->IsFresh(index) ? std::nullopt : std::optional(DropReason::kSrtpReplayed);
  }

  /// Remembers an authenticated packet. An SSRC without a window gets one if there is room.
  void Accept(uint32_t ssrc, uint64_t index) {
    if (const Window* window = Find(ssrc)) {
      windows_[static_cast<size_t>(window - windows_.data())].Accept(index);
    } else if (HasRoom()) {
      ssrcs_.push_back(ssrc);
      windows_.emplace_back().Accept(index);
    }
  }

  void Remove(uint32_t ssrc) {
    const auto found = std::find(ssrcs_.begin(), ssrcs_.end(), ssrc);
    if (found == ssrcs_.end()) return;
    windows_.erase(windows_.begin() + (found - ssrcs_.begin()));
    ssrcs_.erase(found);
  }

 private:
  size_t max_ssrcs_;
  std::vector<uint32_t> ssrcs_;
  std::vector<Window> windows_;  // of the SSRC at the same place in ssrcs_
};

}  // namespace earshot
