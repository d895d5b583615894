#include "transport/sealing_batch.h"

#include <algorithm>

namespace earshot {

// Who is destroyed before its packets are sealed lives on here.
SrtpSealer* SealingBatch::Keep(SharedSealer& shared) {
  const bool is_kept = shared.kept_by == this && shared.kept_at < sealers_.size() &&
                       sealers_[shared.kept_at] == shared.sealer;
  if (!is_kept) {
    shared.kept_by = this;
    shared.kept_at = sealers_.size();
    sealers_.push_back(shared.sealer);
  }
  return shared.sealer.get();
}

void SealingBatch::TakePayload(ByteView payload) {
  const bool is_last = has_payload_ && payload.data() == last_payload_.data() &&
                       payload.size() == last_payload_.size();
  if (is_last) return;
  has_payload_ = true;
  last_payload_ = payload;
  payload_ = payloads_.size();
  payloads_.insert(payloads_.end(), payload.begin(), payload.end());
}

void SealingBatch::SealAll(DatagramList& out) {
  for (Packet& packet : packets_) {
    const ByteSpan payload = ByteSpan(payloads_).subspan(packet.payload, packet.payload_size);
    std::copy_n(packet.own_bytes.begin(), std::min(payload.size(), kOwnBytes), payload.begin());
    const size_t capacity = packet.header_size + packet.payload_size + kMaxSrtpOverhead;
    const ByteSpan room = out.Reserve(capacity);
    std::copy_n(packet.header.begin(), packet.header_size, room.begin());
    const size_t size =
        packet.sealer->SealRtp(room, packet.header_size, payload, std::move(packet.index));
    if (size != 0) out.Commit(packet.to, size, packet.precedence);
  }
}

void SealingBatch::Clear() {
  packets_.clear();
  payloads_.clear();
  sealers_.clear();
  has_payload_ = false;
}

}  // namespace earshot
