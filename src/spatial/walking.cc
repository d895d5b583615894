#include "spatial/walking.h"

#include <algorithm>
#include <cmath>

namespace earshot {
namespace {

// In metres.
constexpr double kWallDistance = 0.02;

// How much of the way from one coordinate to the other lies between 0 and `side`.
double ShareWithin(double from, double to, double side) {
  if (to < 0) return from / (from - to);
  return to > side ? (side - from) / (to - from) : 1;
}

}  // namespace

// Who is nearer to the line than that comes no nearer.
Point PlaceBefore(Point from, Point to, const Stop& stop) {
  const Segment& line = stop.line;
  const double length = std::hypot(static_cast<double>(line.to.x) - line.from.x,
                                   static_cast<double>(line.to.y) - line.from.y);
  const double distance = std::abs(SideOf(line, from)) / length;
  if (distance <= kWallDistance) return from;
  return PointAlong({from, to}, stop.along * (1 - kWallDistance / distance));
}

Point GoalAlong(const FloorPlan& plan, Point at, Point to, Point wish, const Segment& line) {
  const double dx = static_cast<double>(line.to.x) - line.from.x;
  const double dy = static_cast<double>(line.to.y) - line.from.y;
  const double along =
      ((static_cast<double>(to.x) - at.x) * dx + (static_cast<double>(to.y) - at.y) * dy) /
      (dx * dx + dy * dy);
  if (along * (wish.x * dx + wish.y * dy) <= 0) return at;
  const double share = std::min(ShareWithin(at.x, at.x + dx * along, plan.width),
                                ShareWithin(at.y, at.y + dy * along, plan.height));
  return {std::clamp(static_cast<float>(at.x + dx * along * share), 0.0f, plan.width),
          std::clamp(static_cast<float>(at.y + dy * along * share), 0.0f, plan.height)};
}

}  // namespace earshot
