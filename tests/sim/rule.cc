#include "rule.h"

#include <cmath>

namespace earshot::sim {
namespace {

// By winding number: how often the outline goes around the point. An edge belongs to the polygon
// above or to the left of it, so that neighbours with a common wall share no point.
bool GoesAround(const std::vector<Point>& outline, Point point) {
  int winding = 0;
  for (size_t i = 0; i < outline.size(); ++i) {
    const Point from = outline[i];
    const Point to = outline[(i + 1) % outline.size()];
    const bool from_above = from.y > point.y;
    const bool to_above = to.y > point.y;
    if (from_above == to_above) continue;
    const double cross = (double{to.x} - from.x) * (double{point.y} - from.y) -
                         (double{point.x} - from.x) * (double{to.y} - from.y);
    if (to_above && cross > 0) ++winding;
    if (from_above && cross < 0) --winding;
  }
  return winding != 0;
}

}  // namespace

int Rule::RoomOf(Point point) const {
  for (size_t i = 0; i < plan_.zones.size(); ++i) {
    if (GoesAround(plan_.zones[i].outline, point)) return static_cast<int>(i);
  }
  return -1;
}

Verdict Rule::Judge(Point listener, Point speaker, MediaKind kind) const {
  if (RoomOf(listener) != RoomOf(speaker)) return Verdict::kMustNot;
  const Reach& reach = kind == MediaKind::kAudio ? plan_.audible : plan_.visible;
  const double distance =
      std::hypot(double{listener.x} - speaker.x, double{listener.y} - speaker.y);
  if (distance <= double{reach.enter}) return Verdict::kMust;
  return distance <= double{reach.leave} ? Verdict::kAsItWas : Verdict::kMustNot;
}

}  // namespace earshot::sim
