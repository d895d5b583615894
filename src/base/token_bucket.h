#pragma once

// So much per second after a burst, of whatever is counted. No clock of its own. One thread.

#include <algorithm>
#include <optional>

#include "earshot/units.h"

namespace earshot {

class TokenBucket {
 public:
  /// Never holds more than `capacity`; begins with `at_start`.
  TokenBucket(double per_second, double capacity, double at_start)
      : per_second_(per_second), capacity_(capacity), tokens_(at_start) {}

  void Add(double tokens) { tokens_ = std::min(capacity_, tokens_ + tokens); }
  /// True, and taken, when there are as many.
  bool TrySpend(double tokens, Timestamp now) {
    const Duration elapsed = std::max(now - refilled_.value_or(now), Duration::Zero());
    refilled_ = now;
    Add(elapsed.seconds() * per_second_);
    if (tokens_ < tokens) return false;
    tokens_ -= tokens;
    return true;
  }

 private:
  double per_second_;
  double capacity_;
  double tokens_;
  std::optional<Timestamp> refilled_;
};

}  // namespace earshot
