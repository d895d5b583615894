#include "space/position_feed.h"

#include <algorithm>

#include "spatial/geometry.h"

namespace earshot {
namespace {

int64_t RepeatsUntil(Timestamp now, Timestamp moved) {
  const int64_t intervals = (now - moved).micros() / PositionFeed::kRepeatInterval.micros();
  return std::clamp<int64_t>(intervals, 0, PositionFeed::kRepeats);
}

uint32_t PeriodAt(double distance_squared) {
  constexpr auto kWithin = [](double distance) { return distance * distance; };
  if (distance_squared <= kWithin(PositionFeed::kNear)) return 1;
  return distance_squared <= kWithin(PositionFeed::kFarOff) ? 2 : 4;
}

}  // namespace

bool PositionFeed::PersonMoved(Timestamp now) {
  const Timestamp due = std::max(now, NextTurn());
  if (due >= poses_due_) return false;
  poses_due_ = due;
  return true;
}

bool PositionFeed::BeginRound(Timestamp now) {
  begun_ = now;
  return poses_due_ <= now;
}

void PositionFeed::Take(Timestamp now, uint64_t steps, Point viewer, std::span<const Mover> movers,
                        std::vector<PersonPose>& out) {
  out.clear();
  poses_due_ = Timestamp::Never();
  for (const Mover& mover : movers) {
    const uint32_t period = PeriodAt(DistanceSquared(viewer, mover.pose.position));
    const LastStep& told = RoundBefore(period);
    const int64_t repeats = RepeatsUntil(now, mover.step.time);
    const bool is_due =
        mover.step.number > told.number || repeats > RepeatsUntil(told.time, mover.step.time);
    const bool is_turn = (static_cast<uint32_t>(mover.person) + round_) % period == 0;
    if (is_due) poses_due_ = now;
    if (is_due && is_turn) out.push_back({mover.person, mover.pose});
    if (repeats < kRepeats) {
      poses_due_ = std::min(poses_due_, mover.step.time + kRepeatInterval * (repeats + 1));
    }
  }
  std::sort(out.begin(), out.end(),
            [](const PersonPose& a, const PersonPose& b) { return a.participant < b.participant; });
  rounds_[round_++ % kMaxPeriod] = {now, steps};
  poses_due_ = std::max(poses_due_, now + kInterval);  // repeats wait for company, too
}

}  // namespace earshot
