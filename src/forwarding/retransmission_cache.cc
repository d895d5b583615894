#include "forwarding/retransmission_cache.h"

namespace earshot {

void RetransmissionCache::Store(int64_t extended_sequence, ByteView payload,
                                const std::optional<Vp8Descriptor>& vp8, Timestamp now) {
  // Made at the first packet: a participant without video costs nothing.
  if (entries_.empty()) entries_.resize(kCapacity);
  Entry& entry = entries_[static_cast<size_t>(extended_sequence) % kCapacity];
  entry.extended_sequence = extended_sequence;
  entry.arrival = now;
  entry.vp8 = vp8;
  entry.payload.assign(payload.begin(), payload.end());
}

const RetransmissionCache::Entry* RetransmissionCache::Find(int64_t extended_sequence,
                                                            Timestamp now) const {
  if (entries_.empty() || extended_sequence < 0) return nullptr;
  const Entry& entry = entries_[static_cast<size_t>(extended_sequence) % kCapacity];
  if (entry.extended_sequence != extended_sequence || now - entry.arrival > kMaxAge) return nullptr;
  return &entry;
}

}  // namespace earshot
