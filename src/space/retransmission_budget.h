#pragma once

// Bounds what NACKs can make the server send to one listener: a quarter of what it gets anyhow,
// plus 100 kbit/s (threat row C2). One thread.

#include <cstddef>

#include "base/token_bucket.h"

namespace earshot {

class RetransmissionBudget {
 public:
  /// What is sent anyhow; not the retransmissions, which would earn more of their kind.
  void CountSent(size_t bytes) { bytes_.Add(static_cast<double>(bytes) / 4); }
  /// True, and charged, when `bytes` more may be retransmitted.
  bool TrySpend(size_t bytes, Timestamp now) {
    return bytes_.TrySpend(static_cast<double>(bytes), now);
  }

 private:
  static constexpr double kBytesPerSecond = 100000.0 / 8;
  static constexpr double kCap = 128.0 * 1024;
  TokenBucket bytes_{kBytesPerSecond, kCap, kCap / 4};
};

}  // namespace earshot
