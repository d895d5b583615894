#pragma once

// Undisturbed and disturbed turns, one after the other, so that what people get can be compared
// with and without a disturbance within one run. Decides only. One thread.

#include <cstdint>
#include <optional>

#include "earshot/units.h"

namespace earshot::load {

class Turns {
 public:
  /// What a disturbance has left behind is no calm yet for `calm_down`; what it does right away
  /// disturbs.
  constexpr Turns(Duration turn, Duration calm_down) : turn_(turn), calm_down_(calm_down) {}

  /// Begins with a calm turn.
  void Begin(Timestamp now) { start_ = now; }

  int64_t NumberAt(Timestamp now) const { return (now - start_).micros() / turn_.micros(); }
  /// How far the turn has got.
  Duration ElapsedAt(Timestamp now) const { return now - start_ - turn_ * NumberAt(now); }
  bool IsDisturbed(Timestamp now) const { return NumberAt(now) % 2 == 1; }
  /// Whether something that comes now belongs to a disturbed turn or to a calm one, if to either.
  std::optional<bool> KindOf(Timestamp now) const {
    if (IsDisturbed(now)) return true;
    const bool calms_down = NumberAt(now) > 0 && ElapsedAt(now) < calm_down_;
    return calms_down ? std::nullopt : std::optional(false);
  }

 private:
  Duration turn_;
  Duration calm_down_;
  Timestamp start_;
};

}  // namespace earshot::load
