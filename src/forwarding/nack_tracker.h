#pragma once

// Which packets of an inbound video stream are missing and when to ask for them again (RFC 4585).
// Decides only; the caller sends. One thread.

#include <cstdint>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "earshot/units.h"

namespace earshot {

class NackTracker {
 public:
  /// More missing packets than these are not worth repairing: a keyframe is cheaper.
  static constexpr size_t kMaxMissing = 256;
  static constexpr int kMaxRequests = 8;

  struct Arrival {
    /// Older than the newest and not missing: it came before, or was given up.
    bool duplicate = false;
    /// The gap was too large to repair; everything missing has been given up.
    bool needs_keyframe = false;
  };
  Arrival HandlePacket(int64_t extended_sequence, Timestamp now);

  using Batch = absl::InlinedVector<uint16_t, 32>;
  /// The sequence numbers to ask for now, ascending. True in `gave_up` when a packet was asked for
  /// too often and is given up.
  Batch TakeDue(Timestamp now, bool& gave_up);
  Timestamp NextDeadline() const { return next_deadline_; }

 private:
  struct Missing {
    int64_t sequence;
    Timestamp due;
    int requests;
  };
  // Two late packets are usual reordering (as TCP's duplicate-ACK rule assumes); a gap is asked
  // for after this long, so that reordering within it costs nothing.
  static constexpr Duration kReorderWindow = Duration::Millis(10);
  static constexpr Duration kRetryInterval = Duration::Millis(80);

  void RecomputeDeadline();

  std::vector<Missing> missing_;  // ascending
  int64_t highest_ = -1;
  Timestamp next_deadline_ = Timestamp::Never();
};

}  // namespace earshot
