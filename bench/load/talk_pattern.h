#pragma once

// When somebody talks: spurts and pauses whose lengths are exponential, as measured conversations
// are nearly (ITU-T P.59). One thread.

#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "earshot/units.h"

namespace earshot::load {

class TalkPattern {
 public:
  /// Talks for `share` of the time, above 0 and below 1, and for `spurt` at a time on average.
  /// `random` must outlive this object.
  TalkPattern(double share, Duration spurt, Random& random, Timestamp now)
      : spurt_(spurt),
        pause_(Duration::Micros(
            static_cast<int64_t>(static_cast<double>(spurt.micros()) * (1 - share) / share))),
        random_(random),
        is_talking_(random.Unit() < share) {
    // Exponential lengths have no memory: what is left of the one that goes on is like a new one.
    next_ = now + Draw();
  }

  bool is_talking() const { return is_talking_; }
  Timestamp NextDeadline() const { return next_; }
  void HandleDeadline(Timestamp now) {
    while (next_ <= now) {
      is_talking_ = !is_talking_;
      next_ = next_ + Draw();
    }
  }

 private:
  Duration Draw() {
    const auto mean = static_cast<double>((is_talking_ ? spurt_ : pause_).micros());
    const double length = -std::log(1 - random_.Unit()) * mean;
    return std::max(Duration::Millis(20), Duration::Micros(static_cast<int64_t>(length)));
  }

  Duration spurt_;
  Duration pause_;
  Random& random_;
  bool is_talking_;
  Timestamp next_;
};

}  // namespace earshot::load
