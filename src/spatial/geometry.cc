#include "spatial/geometry.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace earshot {
namespace {

Box BoundsOfSegment(const Segment& segment) {
  return {{std::min(segment.from.x, segment.to.x), std::min(segment.from.y, segment.to.y)},
          {std::max(segment.from.x, segment.to.x), std::max(segment.from.y, segment.to.y)}};
}

}  // namespace

float Distance(Point a, Point b) { return static_cast<float>(std::sqrt(DistanceSquared(a, b))); }

bool IsFinite(Point point) { return std::isfinite(point.x) && std::isfinite(point.y); }

bool IsFinite(const Pose& pose) { return IsFinite(pose.position) && std::isfinite(pose.heading); }

float WrapAngle(float radians) {
  constexpr float kPi = std::numbers::pi_v<float>;
  if (radians >= -kPi && radians <= kPi) return radians;
  const auto wrapped =
      static_cast<float>(std::remainder(static_cast<double>(radians), 2 * std::numbers::pi));
  return std::clamp(wrapped, -kPi, kPi);
}

float Azimuth(const Pose& from, Point to) {
  if (from.position == to) return 0;
  const float direction = std::atan2(to.y - from.position.y, to.x - from.position.x);
  return WrapAngle(direction - from.heading);
}

Box BoundsOf(std::span<const Point> outline) {
  if (outline.empty()) return {};
  Box box{outline[0], outline[0]};
  for (const Point& corner : outline) {
    box.low = {std::min(box.low.x, corner.x), std::min(box.low.y, corner.y)};
    box.high = {std::max(box.high.x, corner.x), std::max(box.high.y, corner.y)};
  }
  return box;
}

bool Contains(std::span<const Point> outline, Point point) {
  bool inside = false;
  for (size_t i = 0; i < outline.size(); ++i) {
    auto [upper, lower] = EdgeAt(outline, i);
    if ((upper.y > point.y) == (lower.y > point.y)) continue;
    // In one order whichever way round the outline runs, so that the neighbour on the other side
    // of this edge rounds alike.
    if (upper.y > lower.y) std::swap(upper, lower);
    const double along =
        (static_cast<double>(point.y) - upper.y) / (static_cast<double>(lower.y) - upper.y);
    const double crossing = upper.x + along * (static_cast<double>(lower.x) - upper.x);
    if (point.x < crossing) inside = !inside;
  }
  return inside;
}

bool SegmentsMeet(const Segment& a, const Segment& b) {
  // With overlapping boxes, the segments meet unless one lies wholly on one side of the other.
  if (!BoundsOfSegment(a).Meets(BoundsOfSegment(b))) return false;
  const double b_from = SideOf(a, b.from);
  const double b_to = SideOf(a, b.to);
  if ((b_from > 0 && b_to > 0) || (b_from < 0 && b_to < 0)) return false;
  const double a_from = SideOf(b, a.from);
  const double a_to = SideOf(b, a.to);
  return !((a_from > 0 && a_to > 0) || (a_from < 0 && a_to < 0));
}

float DistanceToSegment(Point point, const Segment& segment) {
  const double along = FractionAlong(point, segment);
  const double dx = static_cast<double>(segment.to.x) - segment.from.x;
  const double dy = static_cast<double>(segment.to.y) - segment.from.y;
  return static_cast<float>(
      std::hypot(point.x - (segment.from.x + along * dx), point.y - (segment.from.y + along * dy)));
}

double SideOf(const Segment& segment, Point point) {
  return (static_cast<double>(segment.to.x) - segment.from.x) *
             (static_cast<double>(point.y) - segment.from.y) -
         (static_cast<double>(segment.to.y) - segment.from.y) *
             (static_cast<double>(point.x) - segment.from.x);
}

double FractionAlong(Point point, const Segment& segment) {
  const double dx = static_cast<double>(segment.to.x) - segment.from.x;
  const double dy = static_cast<double>(segment.to.y) - segment.from.y;
  const double length_squared = dx * dx + dy * dy;
  if (length_squared == 0) return 0;
  const double along = ((static_cast<double>(point.x) - segment.from.x) * dx +
                        (static_cast<double>(point.y) - segment.from.y) * dy) /
                       length_squared;
  return std::clamp(along, 0.0, 1.0);
}

Point PointAlong(const Segment& segment, double fraction) {
  return {static_cast<float>(segment.from.x +
                             fraction * (static_cast<double>(segment.to.x) - segment.from.x)),
          static_cast<float>(segment.from.y +
                             fraction * (static_cast<double>(segment.to.y) - segment.from.y))};
}

Segment EdgeAt(std::span<const Point> outline, size_t index) {
  return {outline[index], outline[index + 1 == outline.size() ? 0 : index + 1]};
}

}  // namespace earshot
