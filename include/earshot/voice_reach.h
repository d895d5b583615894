#pragma once

// Where on the floor somebody would be heard, as its client is told. Values only, any thread.

#include <cstdint>
#include <vector>

#include "earshot/floor_plan.h"

namespace earshot {

/// Who stands in one of the zones, within the radius and within the outline, would hear.
struct ReachPart {
  /// In metres, from the speaker; 0: everywhere in the zones.
  float radius = 0;
  /// By their places in FloorPlan::zones; -1 for the floor that lies in none.
  std::vector<int16_t> zones;
  /// Corners in order, from the speaker in metres, on the square around the circle of the radius or
  /// within it; empty: nothing is in the way.
  std::vector<Point> outline;
  bool operator==(const ReachPart&) const = default;
};

/// As a stranger would hear, who has come just now and is in no bubble. No zone is in two parts.
struct VoiceReach {
  std::vector<ReachPart> parts;
  /// How many hear the speaker, and whom the speaker hears, without being seen by it. Those in
  /// sight it is told of one by one.
  uint32_t hearers_out_of_sight = 0;
  uint32_t heard_out_of_sight = 0;
  bool operator==(const VoiceReach&) const = default;
};

/// What all that is told of a reach is bounded by: zones apart, of which a plan has at most 256. An
/// office has one or two kinds of parts, and few corners stand out in a circle of some metres.
inline constexpr size_t kMaxReachParts = 4;
inline constexpr size_t kMaxReachCorners = 32;

}  // namespace earshot
