#pragma once

// What is missing in the sequence numbers of one slot. Counts while it is open; afterwards repairs
// and late packets may still fill gaps. One thread.

#include <algorithm>
#include <cstdint>
#include <optional>

namespace earshot::load {

class SlotLoss {
 public:
  /// Begins anew with the next packet.
  void Open() { *this = SlotLoss(); }
  /// What comes after the highest so far counts no more.
  void Close() { is_open_ = false; }

  /// A packet that is no duplicate, with its sequence number extended.
  void HandlePacket(int64_t sequence) {
    if (!first_ && is_open_) first_ = highest_ = sequence;
    if (!first_ || sequence < *first_ || (sequence > highest_ && !is_open_)) return;
    highest_ = std::max(highest_, sequence);
    ++received_;
  }

  uint64_t expected() const { return first_ ? static_cast<uint64_t>(highest_ - *first_ + 1) : 0; }
  uint64_t lost() const { return expected() - std::min(expected(), received_); }

 private:
  bool is_open_ = true;
  std::optional<int64_t> first_;
  int64_t highest_ = 0;
  uint64_t received_ = 0;
};

}  // namespace earshot::load
