#pragma once

// A token bucket: so many events per second after a burst. Header only, no clock of its own. One
// thread at a time.

#include <algorithm>

#include "earshot/units.h"

namespace earshotd {

class RateLimiter {
 public:
  RateLimiter(double per_second, double burst)
      : per_second_(per_second), burst_(burst), available_(burst) {}

  /// Whether one more event may happen now; if so, it is counted.
  bool Admit(earshot::Timestamp now) {
    available_ = Available(now);
    last_ = std::max(last_, now);
    if (available_ < 1) return false;
    available_ -= 1;
    return true;
  }

  /// How many may happen now.
  double Available(earshot::Timestamp now) const {
    if (now <= last_ || last_ == earshot::Timestamp::LongAgo()) return available_;
    return std::min(burst_, available_ + (now - last_).seconds() * per_second_);
  }

 private:
  double per_second_;
  double burst_;
  double available_;
  earshot::Timestamp last_ = earshot::Timestamp::LongAgo();
};

}  // namespace earshotd
