#pragma once

// When a loop looks at its socket again. What comes one by one is handled at once. Where much comes,
// every turn costs a wake-up, a read and a send of few datagrams; so they gather for a moment, and
// what goes to the same listener leaves in one piece. One thread.

#include <cstddef>

#include "earshot/units.h"

namespace earshot {

class TurnPacing {
 public:
  /// No datagram waits longer than `max_wait` for its turn to begin; with zero, none waits.
  explicit TurnPacing(Duration max_wait) : max_wait_(max_wait) {}

  /// After a turn that began at `began`, took `messages` from the socket and left it empty: the time
  /// before which it need not be looked at again.
  Timestamp NextTurn(Timestamp began, size_t messages) {
    const Duration observed = began - window_began_;
    if (observed >= kWindow) {
      // Company within the wait is likely.
      gathers_ = max_wait_ * static_cast<int64_t>(messages_) >= observed;
      window_began_ = began;
      messages_ = 0;
    }
    messages_ += messages;
    return gathers_ ? began + max_wait_ : began;
  }

 private:
  // Longer than a frame takes, so that the frames of a camera look like an even load.
  static constexpr Duration kWindow = Duration::Millis(100);

  Duration max_wait_;
  Timestamp window_began_ = Timestamp::LongAgo();
  size_t messages_ = 0;
  bool gathers_ = false;
};

}  // namespace earshot
