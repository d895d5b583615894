#pragma once

// The last moments of one inbound audio stream, for somebody who comes into earshot in the middle
// of a word. Bounded by count and size (threat row R12); memory of an entry is reused. One thread.

#include <vector>

#include "forwarding/source.h"

namespace earshot {

class RecentAudio {
 public:
  /// 160 ms of what browsers send.
  static constexpr size_t kCapacity = 8;

  void Store(const SourcePacket& packet, Timestamp now);
  /// Switched off: what was said before is nobody's any more, and its memory is free.
  void Clear();

  /// Calls visit(packet, arrival) with what has come since `from`, in the order of arrival.
  template <typename Visitor>
  void VisitSince(Timestamp from, Visitor&& visit) {
    for (size_t i = 0; i < entries_.size(); ++i) {
      Entry& entry = entries_[(next_ + i) % kCapacity];
      if (entry.arrival < from) continue;
      entry.packet.payload = entry.bytes;
      visit(entry.packet, entry.arrival);
    }
  }

 private:
  struct Entry {
    Timestamp arrival = Timestamp::LongAgo();
    SourcePacket packet;  // without a payload of its own
    std::vector<uint8_t> bytes;
  };

  std::vector<Entry> entries_;  // made at the first packet
  size_t next_ = 0;
};

}  // namespace earshot
