#pragma once

// Thins out the positions that a client sends: older ones are ignored, at most 20 a second count,
// and of more the latest wins. One thread.

#include <algorithm>
#include <optional>
#include <utility>

#include "base/sequence.h"
#include "earshot/units.h"
#include "wire/messages.h"

namespace earshot {

/// A pose to apply, and when the message came that brought it.
struct PoseWish {
  Pose pose;
  Timestamp came;
};

class PoseIntake {
 public:
  static constexpr Duration kInterval = Duration::Millis(50);

  /// The pose to apply now; nothing when it is old or has to wait for its turn.
  std::optional<PoseWish> Offer(const MyPose& message, Timestamp now) {
    if (last_sequence_ && SequenceDistance(*last_sequence_, message.sequence) <= 0) {
      return std::nullopt;
    }
    last_sequence_ = message.sequence;
    waiting_ = PoseWish{message.pose, now};
    return TakeDue(now);
  }
  std::optional<PoseWish> TakeDue(Timestamp now) {
    if (!waiting_ || now < next_) return std::nullopt;
    next_ = now + kInterval;
    return std::exchange(waiting_, std::nullopt);
  }
  /// Those that follow have to wait, for what they make the server tell people.
  void HoldUntil(Timestamp time) { next_ = std::max(next_, time); }
  Timestamp NextDeadline() const { return waiting_ ? next_ : Timestamp::Never(); }

 private:
  std::optional<uint16_t> last_sequence_;
  std::optional<PoseWish> waiting_;
  Timestamp next_ = Timestamp::LongAgo();
};

}  // namespace earshot
