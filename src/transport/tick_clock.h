#pragma once

// The one time that usrsctp lives in: turns the `now` that several callers bring along into a
// clock that only goes forwards, and into steps for its timer wheel. Callers are worker threads,
// whose `now` may be a loop turn old, or one simulation after another, each of which starts its
// virtual time anywhere. The owner locks.

#include <algorithm>
#include <cstdint>
#include <optional>

#include "earshot/units.h"

namespace earshot {

class TickClock {
 public:
  /// The wheel walks all its timers at each turn: this bounds how often, whoever calls.
  static constexpr Duration kGranularity = Duration::Millis(10);
  /// As far as a busy worker's `now` may lie behind another's. Any further back is another clock.
  static constexpr Duration kMaxLag = Duration::Millis(100);
  /// A longer gap means that nobody had a timer to wait for: nothing is due because of it, and a
  /// stalled process must not fire all timers at once.
  static constexpr Duration kMaxStep = Duration::Millis(250);

  /// Lets time go on to `now`. Returns by how many milliseconds the wheel must turn.
  constexpr uint32_t Advance(Timestamp now) {
    if (!last_ || now < *last_ - kMaxLag) last_ = now;
    if (now > *last_) {
      time_ = time_ + std::min(now - *last_, kMaxStep);
      last_ = now;
    }
    const Duration behind = time_ - wheel_;
    if (behind < kGranularity) return 0;
    wheel_ = wheel_ + Duration::Millis(behind.millis());
    return static_cast<uint32_t>(behind.millis());
  }

  /// What the clock shows.
  constexpr Timestamp time() const { return time_; }

  /// Nobody is left who measures by the old clock. Starts on a whole second again, so that what
  /// comes next goes the same way whatever was before.
  constexpr void Reset() {
    last_.reset();
    time_ = Timestamp::Seconds(time_.micros() / 1'000'000 + 1);
    wheel_ = time_;
  }

 private:
  std::optional<Timestamp> last_;
  // Starts well above zero, which usrsctp takes for "never".
  Timestamp time_ = Timestamp::Seconds(1'000'000);
  Timestamp wheel_ = time_;
};

}  // namespace earshot
