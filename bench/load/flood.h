#pragma once

// When one of the people sends far more than it may: in every other turn. How many packets are due,
// and which turn a packet of somebody else's belongs to. Decides only. One thread.

#include <algorithm>
#include <cstdint>
#include <optional>

#include "earshot/units.h"
#include "turns.h"

namespace earshot::load {

class Flood {
 public:
  static constexpr Duration kTurn = Duration::Seconds(1);
  /// For what it has left behind in sockets.
  static constexpr Duration kCalmDown = Duration::Millis(200);
  static constexpr Duration kStep = Duration::Millis(1);

  /// Begins with a calm turn. None at all with a rate of zero.
  void Begin(uint32_t packets_per_second, Timestamp now) {
    rate_ = packets_per_second;
    turns_.Begin(now);
    sent_ = 0;
    next_ = rate_ == 0 ? Timestamp::Never() : now + kTurn;
  }
  void End() { next_ = Timestamp::Never(); }

  Timestamp NextDeadline() const { return next_; }
  /// How many packets to send now; at most a hundredth of a second's worth, however late it is.
  uint32_t TakeDue(Timestamp now) {
    if (now < next_) return 0;
    next_ = now + kStep;
    if (!turns_.IsDisturbed(now)) return 0;
    // Of all the time of its turns so far.
    const Duration flooded = kTurn * (turns_.NumberAt(now) / 2) + turns_.ElapsedAt(now);
    const auto due = static_cast<uint64_t>(flooded.seconds() * rate_);
    const auto count = static_cast<uint32_t>(
        std::min<uint64_t>(due - std::min(due, sent_), std::max(1u, rate_ / 100)));
    sent_ = due;
    packets_sent_ += count;
    return count;
  }
  /// Whether a packet that comes now belongs to a flooded turn or to a calm one, if to either.
  std::optional<bool> KindOf(Timestamp now) const {
    return next_.IsNever() ? std::nullopt : turns_.KindOf(now);
  }
  uint64_t packets_sent() const { return packets_sent_; }

 private:
  uint32_t rate_ = 0;
  Turns turns_{kTurn, kCalmDown};
  Timestamp next_ = Timestamp::Never();
  uint64_t sent_ = 0;  // or passed over
  uint64_t packets_sent_ = 0;
};

}  // namespace earshot::load
