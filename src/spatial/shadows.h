#pragma once

// How far sound comes around a point in straight lines, through what lets only a share of it pass.
// Knows nothing of zones or people. Pure functions, any thread.

#include <span>
#include <vector>

#include "earshot/floor_plan.h"
#include "spatial/geometry.h"

namespace earshot {

/// A line that lets a share of the sound through.
struct Screen {
  Segment line;
  float transmission = 0;
};

/// More of them within one radius are beyond what a drawing shows.
inline constexpr size_t kMaxScreens = 48;

/// Replaces `outline` by the corners, from `from` in metres, of what sound reaches in the square of
/// twice the radius around it of which at least `least` is left: at most `max_corners`, with little
/// of the area cut off for that. Empty if that is all of the square. Of the screens, at most
/// kMaxScreens count.
void TraceReached(Point from, float radius, float least, std::span<const Screen> screens,
                  size_t max_corners, std::vector<Point>& outline);

}  // namespace earshot
