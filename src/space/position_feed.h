#pragma once

// Whose positions one viewer is due to be told: of whoever moved, at most ten times a second, of
// people farther off less often, and some repeats after they stopped, because the channel may lose
// messages. One thread.

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "spatial/routing.h"
#include "wire/messages.h"

namespace earshot {

class PositionFeed {
 public:
  static constexpr Duration kInterval = Duration::Millis(100);
  static constexpr Duration kRepeatInterval = Duration::Seconds(1);
  static constexpr int kRepeats = 3;
  /// In metres: who is farther off is told of in every other round, from kFarOff on in each fourth.
  static constexpr float kNear = 10;
  static constexpr float kFarOff = 20;

  /// The viewer comes at `start`, and is told otherwise who is where then.
  explicit PositionFeed(Timestamp start) { rounds_.fill({start, 0}); }

  /// Somebody in sight did. Whether the next deadline has become another.
  bool PersonMoved(Timestamp now);
  Timestamp NextDeadline() const { return poses_due_; }
  /// From when on there may be a round; long past after a while without.
  Timestamp NextTurn() const { return begun_ + kInterval; }
  /// Whether it looks at who has moved no later than it would if somebody moved now. Stays so while
  /// somebody does.
  bool IsAwake(Timestamp now) const { return poses_due_ <= std::max(now, NextTurn()); }

  /// The viewer is told something now: whatever had to wait for its turn. Whether poses are due,
  /// too.
  bool BeginRound(Timestamp now);
  /// Then, Take needs everybody in sight who has moved after this,
  Timestamp since() const { return RoundBefore(kMaxPeriod).time - kRepeatInterval * kRepeats; }
  /// and replaces `out` by the poses to send, in the order of their ids. `steps` have been made.
  void Take(Timestamp now, uint64_t steps, Point viewer, std::span<const Mover> movers,
            std::vector<PersonPose>& out);

 private:
  static constexpr uint32_t kMaxPeriod = 4;

  const LastStep& RoundBefore(uint32_t count) const {
    return rounds_[(round_ - count) % kMaxPeriod];
  }

  Timestamp poses_due_ = Timestamp::Never();
  Timestamp begun_ = Timestamp::LongAgo();
  // When the latest rounds of poses were, by their numbers, and up to which step they tell. Who is
  // told of in each fourth round is told of in one that its id says, so that the messages are of
  // one size.
  std::array<LastStep, kMaxPeriod> rounds_;
  uint32_t round_ = 0;
};

}  // namespace earshot
