#pragma once

// Replay windows of the SSRCs that one transport receives: a bounded set. Knows nothing of packets
// or keys; the caller calls Accept only for what was authenticated. One thread.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/drop_reason.h"
#include "base/replay_window.h"

namespace earshot {

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
  /// For an SSRC without a window.
  bool HasRoom(uint32_t ssrc) const {
    if (ssrcs_.size() >= max_ssrcs_) return false;
    return retired_.size() < kMaxRetired || FindRetired(ssrc) != retired_.end();
  }
  size_t size() const { return ssrcs_.size(); }
  /// The highest index of a stream that has ended.
  std::optional<uint64_t> LastOfRetired(uint32_t ssrc) const {
    const auto found = FindRetired(ssrc);
    return found == retired_.end() ? std::nullopt : std::optional(found->highest);
  }

  /// Why a packet with this index cannot be used; nothing when it may be decrypted.
  std::optional<DropReason> Check(uint32_t ssrc, uint64_t index) const {
    const Window* window = Find(ssrc);
    if (window == nullptr) {
      return HasRoom(ssrc) ? std::nullopt : std::optional(DropReason::kSrtpTooManySsrcs);
    }
    return window->IsFresh(index) ? std::nullopt : std::optional(DropReason::kSrtpReplayed);
  }

  /// Remembers an authenticated packet. An SSRC without a window gets one if there is room.
  void Accept(uint32_t ssrc, uint64_t index) {
    if (const Window* window = Find(ssrc)) {
      windows_[static_cast<size_t>(window - windows_.data())].Accept(index);
    } else if (HasRoom(ssrc)) {
      const auto last = LastOfRetired(ssrc);
      ssrcs_.push_back(ssrc);
      windows_.push_back(last ? Window::ClosedAt(*last) : Window());
      windows_.back().Accept(index);
    }
  }

  /// Forgets the window, but not what a stream ended with that was retired before.
  void Remove(uint32_t ssrc) {
    if (LastOfRetired(ssrc)) return Retire(ssrc);
    Erase(ssrc);
  }
  /// Keeps of the window that nothing up to its end may come again.
  void Retire(uint32_t ssrc) {
    const Window* window = Find(ssrc);
    if (window == nullptr) return;
    const auto found = FindRetired(ssrc);
    if (found != retired_.end()) {
      retired_[static_cast<size_t>(found - retired_.begin())].highest = window->highest();
    } else {
      retired_.push_back({ssrc, window->highest()});
    }
    Erase(ssrc);
  }

 private:
  // Who has changed its SSRC so often (threat row R4) keeps those that it has.
  static constexpr size_t kMaxRetired = 256;
  struct Retired {
    uint32_t ssrc;
    uint64_t highest;
  };

  typename std::vector<Retired>::const_iterator FindRetired(uint32_t ssrc) const {
    return std::find_if(retired_.begin(), retired_.end(),
                        [ssrc](const Retired& one) { return one.ssrc == ssrc; });
  }
  void Erase(uint32_t ssrc) {
    const auto found = std::find(ssrcs_.begin(), ssrcs_.end(), ssrc);
    if (found == ssrcs_.end()) return;
    windows_.erase(windows_.begin() + (found - ssrcs_.begin()));
    ssrcs_.erase(found);
  }

  size_t max_ssrcs_;
  std::vector<uint32_t> ssrcs_;
  std::vector<Window> windows_;  // of the SSRC at the same place in ssrcs_
  std::vector<Retired> retired_;
};

}  // namespace earshot
