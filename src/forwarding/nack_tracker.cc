#include "forwarding/nack_tracker.h"

#include <algorithm>

namespace earshot {

NackTracker::Arrival NackTracker::HandlePacket(int64_t extended_sequence, Timestamp now) {
  Arrival arrival;
  if (highest_ < 0) {
    highest_ = extended_sequence;
    return arrival;
  }
  if (extended_sequence <= highest_) {
    const auto it = std::lower_bound(
        missing_.begin(), missing_.end(), extended_sequence,
        [](const Missing& missing, int64_t sequence) { return missing.sequence < sequence; });
    arrival.duplicate = it == missing_.end() || it->sequence != extended_sequence;
    if (!arrival.duplicate) {
      missing_.erase(it);
      RecomputeDeadline();
    }
    return arrival;
  }

  const int64_t gap = extended_sequence - highest_ - 1;
  if (gap > 0) {
    if (missing_.size() + static_cast<size_t>(gap) > kMaxMissing) {
      missing_.clear();
      arrival.needs_keyframe = true;
    } else {
      for (int64_t sequence = highest_ + 1; sequence < extended_sequence; ++sequence) {
        missing_.push_back({sequence, now + kReorderWindow, 0});
      }
    }
    RecomputeDeadline();
  }
  highest_ = extended_sequence;
  return arrival;
}

NackTracker::Batch NackTracker::TakeDue(Timestamp now, bool& gave_up) {
  Batch batch;
  gave_up = false;
  if (next_deadline_ > now) return batch;
  std::erase_if(missing_, [&](const Missing& missing) {
    const bool spent = missing.due <= now && missing.requests >= kMaxRequests;
    gave_up |= spent;
    return spent;
  });
  for (Missing& missing : missing_) {
    if (missing.due > now) continue;
    batch.push_back(static_cast<uint16_t>(missing.sequence));
    ++missing.requests;
    missing.due = now + kRetryInterval;
  }
  RecomputeDeadline();
  return batch;
}

void NackTracker::RecomputeDeadline() {
  next_deadline_ = Timestamp::Never();
  for (const Missing& missing : missing_) next_deadline_ = std::min(next_deadline_, missing.due);
}

}  // namespace earshot
