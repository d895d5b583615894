#pragma once

// The plan of a space as plain values: what an operator writes and the page draws. Any thread.

#include <cstdint>
#include <string>
#include <vector>

#include "earshot/units.h"

namespace earshot {

/// A point on the floor in metres. The origin is the upper left corner, x grows to the right and
/// y downwards, as on a drawing.
struct Point {
  float x = 0;
  float y = 0;
  bool operator==(const Point&) const = default;
};

/// Where an avatar stands and where it looks.
struct Pose {
  Point position;
  /// Radians, clockwise from the positive x axis, in [-pi, pi].
  float heading = 0;
  bool operator==(const Pose&) const = default;
};

/// A closed room: its sound stays inside, and no outside sound comes in.
struct Room {
  /// Shown to people; at most 64 bytes of UTF-8.
  std::string name;
  /// At least three corners in order, without repeating the first. May be non-convex; edges must
  /// not cross each other.
  std::vector<Point> outline;
};

/// Radii in metres. A source becomes audible (visible) to a listener within `enter` and stops
/// beyond `leave`; the gap is the hysteresis that keeps a person on the edge from flapping.
struct Reach {
  float enter = 0;
  float leave = 0;
};

struct FloorPlan {
  /// Metres, each in [1, 10000].
  float width = 40;
  float height = 30;
  Reach audible{8.0f, 9.0f};
  Reach visible{10.0f, 11.0f};
  /// Full volume within this distance, falling off from there to the audible leave radius.
  float full_gain_radius = 1.5f;
  /// People within this radius learn of each other's position and name.
  float sight_radius = 30;
  /// Where newcomers stand, spread around the point.
  Point spawn{20, 15};
  std::vector<Room> rooms;
};

/// What is wrong with a plan, in a sentence that names the field and its allowed range; empty if
/// nothing is.
std::string ValidateFloorPlan(const FloorPlan& plan);

}  // namespace earshot
