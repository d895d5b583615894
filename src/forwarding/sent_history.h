#pragma once

// What a slot has sent lately, for answering NACKs: where each packet came from, and what the
// rewriter made of it. A quarter of a cache line each, since a meeting of twenty writes into 380 of
// these, packet by packet. One thread.

#include <cstdint>
#include <optional>
#include <vector>

#include "codec/frame_info.h"
#include "earshot/media.h"
#include "earshot/units.h"
#include "forwarding/retransmission_cache.h"

namespace earshot {

class SentHistory {
 public:
  struct Sent {
    int64_t source_sequence = 0;
    uint32_t timestamp = 0;
    uint16_t picture_id = 0;
    uint8_t tl0_pic_idx = 0;
    Codec codec = Codec::kOpus;
    uint8_t layer = 0;
    bool marker = false;
  };

  /// `sequence_number` as it was sent.
  void Store(uint16_t sequence_number, const Sent& sent) {
    if (entries_.empty()) entries_.resize(kCapacity);
    Entry& entry = entries_[sequence_number % kCapacity];
    entry.source_sequence = static_cast<uint32_t>(sent.source_sequence);
    entry.timestamp = sent.timestamp;
    entry.sequence_number = sequence_number;
    entry.picture_id = sent.picture_id;
    entry.repaired = kNotRepaired;
    entry.tl0_pic_idx = sent.tl0_pic_idx;
    entry.codec = sent.codec;
    entry.layer = sent.layer & 7;
    entry.marker = sent.marker;
    entry.is_there = true;
    newest_source_sequence_ = sent.source_sequence;
  }
  /// Nothing when it is not there, or was found by TakeForRepair within the last 20 ms (threat row
  /// C2).
  std::optional<Sent> TakeForRepair(uint16_t sequence_number, Timestamp now);
  /// Nothing of it can be repaired any more.
  void Invalidate() {
    for (Entry& entry : entries_) entry.is_there = false;
  }
  /// Frees the memory as well.
  void Clear() { entries_ = std::vector<Entry>(); }

 private:
  // What is not in the cache any more cannot be repaired.
  static constexpr size_t kCapacity = RetransmissionCache::kCapacity;
  static_assert(0x10000 % kCapacity == 0, "the low bits of a sequence number name its entry");
  static constexpr uint16_t kNotRepaired = 0;
  struct Entry {
    uint32_t source_sequence = 0;  // its low bits
    uint32_t timestamp = 0;
    uint16_t sequence_number = 0;
    uint16_t picture_id = 0;
    uint16_t repaired = kNotRepaired;  // when, by RepairClock
    uint8_t tl0_pic_idx = 0;
    Codec codec : 3 = Codec::kOpus;
    uint8_t layer : 3 = 0;
    bool marker : 1 = false;
    bool is_there : 1 = false;
  };
  static_assert(sizeof(Entry) == 16 && kMaxLayers <= 8);

  std::vector<Entry> entries_;  // made at the first packet
  int64_t newest_source_sequence_ = 0;
};

}  // namespace earshot
