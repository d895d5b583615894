#pragma once

// Bounds what NACKs can make the server send to one listener: a quarter of what it gets anyhow,
// plus 100 kbit/s (threat row C2). One thread.

#include <algorithm>
#include <cstdint>
#include <optional>

#include "earshot/units.h"

namespace earshot {

class RetransmissionBudget {
 public:
  /// What is sent anyhow; not the retransmissions, which would earn more of their kind.
  void CountSent(size_t bytes) { bytes_ = std::min(kCap, bytes_ + static_cast<double>(bytes) / 4); }
  /// True, and charged, when `bytes` more may be retransmitted.
  bool TrySpend(size_t bytes, Timestamp now) {
    const Duration elapsed =
        std::clamp(now - refilled_.value_or(now), Duration::Zero(), Duration::Seconds(10));
    refilled_ = now;
    bytes_ = std::min(kCap, bytes_ + elapsed.seconds() * kBytesPerSecond);
    if (bytes_ < static_cast<double>(bytes)) return false;
    bytes_ -= static_cast<double>(bytes);
    return true;
  }

 private:
  static constexpr double kBytesPerSecond = 100000.0 / 8;
  static constexpr double kCap = 128.0 * 1024;
  double bytes_ = kCap / 4;
  std::optional<Timestamp> refilled_;
};

}  // namespace earshot
