#pragma once

// What the generator has to know of a floor plan, as the server tells it on joining. Values only,
// any thread.

#include <string>
#include <vector>

#include "earshot/floor_plan.h"

namespace earshot::load {

struct FloorZone {
  std::string name;
  std::string kind;
  std::vector<Point> outline;
  /// Of a stage.
  std::string audience;
};

struct Floor {
  float width = 0;
  float height = 0;
  Reach audible;
  Reach visible;
  /// Within which people are told where others are.
  float sight_radius = 0;
  /// Where the first of us was placed: open floor.
  Point spawn;
  /// Metres per second.
  float max_speed = 0;
  std::vector<FloorZone> zones;
};

}  // namespace earshot::load
