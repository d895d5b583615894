#pragma once

// The last packets of one inbound video stream, plain, for answering NACKs. Bounded by count and by
// age (threat row R12); memory of an entry is reused. One thread.

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "codec/frame_info.h"
#include "earshot/units.h"

namespace earshot {

class RetransmissionCache {
 public:
  static constexpr size_t kCapacity = 512;
  static constexpr Duration kMaxAge = Duration::Seconds(1);

  struct Entry {
    int64_t extended_sequence = -1;
    Timestamp arrival;
    std::optional<Vp8Descriptor> vp8;
    std::vector<uint8_t> payload;
  };

  void Store(int64_t extended_sequence, ByteView payload, const std::optional<Vp8Descriptor>& vp8,
             Timestamp now);
  /// Frees its memory.
  void Clear() { entries_ = std::vector<Entry>(); }
  /// Nothing when it is not there or too old. Valid until the next Store.
  const Entry* Find(int64_t extended_sequence, Timestamp now) const;

 private:
  std::vector<Entry> entries_;
};

}  // namespace earshot
