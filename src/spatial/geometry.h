#pragma once

// Plane geometry on points in metres: distances, angles, segments, polygons. Knows nothing of
// rooms or people. Pure functions, any thread.

#include <optional>
#include <span>

#include "earshot/floor_plan.h"

namespace earshot {

/// An axis-parallel box, borders included.
struct Box {
  Point low;
  Point high;
  bool Meets(const Box& other) const {
    return low.x <= other.high.x && other.low.x <= high.x && low.y <= other.high.y &&
           other.low.y <= high.y;
  }
};

struct Segment {
  Point from;
  Point to;
};

/// The differences are floats, whose squares are exact in a double: the result is the same in both
/// directions, on every machine and with or without fused multiply-add. Every comparison with a
/// radius uses it, so that two places never disagree about a person on the edge.
inline double DistanceSquared(Point a, Point b) {
  const double dx = a.x - b.x;
  const double dy = a.y - b.y;
  return dx * dx + dy * dy;
}
float Distance(Point a, Point b);

bool IsFinite(Point point);
bool IsFinite(const Pose& pose);

/// The same direction in [-pi, pi].
float WrapAngle(float radians);
/// Direction of `to` as seen from `from`: radians clockwise from its heading, in [-pi, pi]. Zero
/// if both are the same point.
float Azimuth(const Pose& from, Point to);

Box BoundsOf(std::span<const Point> outline);
/// Whether the point is inside by the even-odd rule; outlines may be non-convex. Of two polygons
/// that share an edge, a point on that edge is inside exactly one.
bool Contains(std::span<const Point> outline, Point point);
/// Whether the segments have at least one point in common; touching counts.
bool SegmentsMeet(const Segment& a, const Segment& b);
float DistanceToSegment(Point point, const Segment& segment);
/// Twice the area of the triangle that the point makes with the segment; its sign says on which
/// side the point lies.
double SideOf(const Segment& segment, Point point);
/// Where on the segment the nearest point to `point` lies, 0 to 1.
double FractionAlong(Point point, const Segment& segment);
/// The point at a fraction of the segment.
Point PointAlong(const Segment& segment, double fraction);

/// The edge that leaves corner `index` of the closed outline.
Segment EdgeAt(std::span<const Point> outline, size_t index);

}  // namespace earshot
