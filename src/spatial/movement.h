#pragma once

// How far a wish to move is granted: clients say where they would like to be, the server decides.
// Pure functions, any thread.

#include <optional>

#include "earshot/floor_plan.h"
#include "earshot/units.h"

namespace earshot {

/// The nearest pose on the floor with the heading in [-pi, pi]; nothing if a number is not finite.
std::optional<Pose> PlaceOnFloor(const FloorPlan& plan, const Pose& wish);

struct Step {
  Pose pose;
  /// Of the time that was there for walking, what the step did not take. The next step may have it,
  /// so that positions which a network delivers in a burst count as the walk that they were.
  Duration time_left;
};

/// The pose on the straight way from `from` to `wish` (which lies on the floor) that a person of
/// `max_speed` metres per second reaches in the time. At most one second counts, so that patience
/// does not save up for a leap. Turning is free.
Step StepTowards(const Pose& from, const Pose& wish, Duration time, float max_speed);

}  // namespace earshot
