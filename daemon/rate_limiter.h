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
    if (now > last_) {
      if (last_ != earshot::Timestamp::LongAgo()) {
        available_ = std::min(burst_, available_ + (now - last_).seconds() * per_second_);
      }
      last_ = now;
    }
    if (available_ < 1) return false;
    available_ -= 1;
    return true;
  }

 private:
  double per_second_;
  double burst_;
  double available_;
  earshot::Timestamp last_ = earshot::Timestamp::LongAgo();
};

}  // namespace earshotd
