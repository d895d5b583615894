#pragma once

// How somebody gets towards a place on foot: straight on, and along whatever stops it, as people do
// who brush along a wall. The page walks by the same rule (daemon/web/walls.js), and
// tests/data/walks.json holds both to it. Pure functions, any thread while no door moves.

#include <optional>

#include "spatial/premises.h"

namespace earshot {

/// Where somebody comes to be on a way.
struct Walked {
  Point to;
  /// The first zone on it that it may not enter; kOpenFloor for none.
  ZoneIndex refused = kOpenFloor;
};

/// How far somebody comes who goes from one point to the other and meets the line: a little apart
/// from it, so that rounding leaves it on the near side.
Point PlaceBefore(Point from, Point to, const Stop& stop);
/// Where the rest of the way to `to` ends for somebody who goes on along the line instead, on the
/// floor; `at` if that would lead back from where it wanted to go, which is by `wish` from
/// anywhere.
Point GoalAlong(const FloorPlan& plan, Point at, Point to, Point wish, const Segment& line);

/// `keys` is who walks: keys.HasKey(zone) says whether it may pass the locked doors of the zone,
/// keys.MayEnter(zone) whether it may be inside. No way is longer than the straight one.
template <typename Keys>
Walked WalkTowards(const Premises& premises, Point from, Point to, const Keys& keys) {
  // Into a corner, and along its other side.
  constexpr int kLegs = 3;
  constexpr double kSamePlace = 0.01;
  ZoneIndex refused = kOpenFloor;
  const auto first_stop = [&](Point a, Point b) -> std::optional<Stop> {
    const ZoneIndex zone = premises.ZoneAt(b);
    const auto stop = premises.FirstStop(a, b, keys.HasKey(zone) ? zone : kOpenFloor);
    ZoneIndex barred = kOpenFloor;
    const auto border = premises.FirstBorder(a, b, [&](ZoneIndex met) {
      if (keys.MayEnter(met)) return false;
      barred = met;
      return true;
    });
    if (!border || (stop && stop->along <= border->along)) return stop;
    // Where the border is a wall, it is the wall that is met.
    const bool is_wall = stop && (stop->along - border->along) * Distance(a, b) < kSamePlace;
    if (!is_wall && refused == kOpenFloor) refused = barred;
    return border;
  };
  const Point wish{to.x - from.x, to.y - from.y};
  Point at = from;
  for (int leg = 0; leg < kLegs && at != to; ++leg) {
    const std::optional<Stop> stop = first_stop(at, to);
    const Point next = stop ? PlaceBefore(at, to, *stop) : to;
    // Where rounding, or another line nearby, has put it on the far side, it stands still.
    if (!keys.MayEnter(premises.ZoneAt(next)) || (stop && first_stop(at, next))) break;
    at = next;
    if (!stop) break;
    to = GoalAlong(premises.plan(), at, to, wish, stop->line);
  }
  return {at, refused};
}

}  // namespace earshot
