#pragma once

// The indices that RTP packets were sealed under with one key. With AES-GCM, two packets under the
// same key, SSRC and index give away the key that authenticates all others (RFC 5116 section
// 5.1.1), whatever made them, so this is the last thing that is asked before sealing. Knows nothing
// of packets. One thread.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/replay_window.h"

namespace earshot {

/// Where an RTP packet stands in its stream.
struct RtpIndex {
  uint32_t ssrc = 0;
  /// Of 48 bits (RFC 3711 section 3.3.1).
  uint64_t value = 0;
};

/// That nothing was sealed under an index: good for one packet, so it is moved only.
class UnusedIndex {
 public:
  UnusedIndex(UnusedIndex&&) = default;
  UnusedIndex& operator=(UnusedIndex&&) = default;
  const RtpIndex& operator*() const { return index_; }
  const RtpIndex* operator->() const { return &index_; }

 private:
  friend class UsedIndices;
  explicit UnusedIndex(const RtpIndex& index) : index_(index) {}
  RtpIndex index_;
};

class UsedIndices {
 public:
  /// What comes late may lie so far behind; nobody opens what is older (threat row R2).
  static constexpr size_t kWindow = 1024;

  /// Nothing when it was taken before, or is so old that this is not known any more.
  [[nodiscard]] std::optional<UnusedIndex> Take(const RtpIndex& index) {
    if (!WindowOf(index.ssrc).Take(index.value)) return std::nullopt;
    return UnusedIndex(index);
  }

 private:
  using Window = ReplayWindow<kWindow>;
  static constexpr uint32_t kFree = 0xffffffff;
  struct Entry {
    uint32_t ssrc = 0;
    uint32_t window = kFree;  // its place in windows_
  };

  // SSRCs are random, and ours, so that their lowest bits are as good as a hash.
  Window& WindowOf(uint32_t ssrc) {
    for (size_t i = ssrc & mask_;; i = (i + 1) & mask_) {
      const Entry& entry = entries_[i];
      if (entry.window == kFree) return Add(ssrc);
      if (entry.ssrc == ssrc) return windows_[entry.window];
    }
  }

  // At the first packet of an SSRC; there are as many as slots, twice for their repairs.
  Window& Add(uint32_t ssrc) {
    if ((windows_.size() + 1) * 2 > entries_.size()) Grow();
    Enter({ssrc, static_cast<uint32_t>(windows_.size())});
    return windows_.emplace_back();
  }
  void Enter(const Entry& entry) {
    size_t i = entry.ssrc & mask_;
    while (entries_[i].window != kFree) i = (i + 1) & mask_;
    entries_[i] = entry;
  }
  void Grow() {
    const std::vector<Entry> before =
        std::exchange(entries_, std::vector<Entry>(entries_.size() * 2));
    mask_ = entries_.size() - 1;
    for (const Entry& entry : before) {
      if (entry.window != kFree) Enter(entry);
    }
  }

  std::vector<Entry> entries_ = std::vector<Entry>(1);  // a power of two, half of them free
  size_t mask_ = 0;
  std::vector<Window> windows_;
};

}  // namespace earshot
