#include "spatial/outlines.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "spatial/geometry.h"

namespace earshot {
namespace {

// Plans are drawn to centimetres; floats of this size resolve a millimetre at 10 km.
constexpr float kTolerance = 1e-3f;
constexpr float kGrid = 1e-2f;

float FarthestEnd(const Segment& part, const Segment& whole) {
  return std::max(DistanceToSegment(part.from, whole), DistanceToSegment(part.to, whole));
}

// Within the box around the segment, and a little more.
bool IsBeside(Point point, const Segment& segment) {
  const auto [left, right] = std::minmax(segment.from.x, segment.to.x);
  const auto [low, high] = std::minmax(segment.from.y, segment.to.y);
  return point.x >= left - kGrid && point.x <= right + kGrid && point.y >= low - kGrid &&
         point.y <= high + kGrid;
}

bool IsDeepInside(std::span<const Point> outline, Point point) {
  if (!Contains(outline, point)) return false;
  for (size_t i = 0; i < outline.size(); ++i) {
    if (DistanceToSegment(point, EdgeAt(outline, i)) <= kTolerance) return false;
  }
  return true;
}

// Where `edge` meets `other`, as fractions of its length: one for a crossing, two for edges that
// lie on one line.
void AppendMeetings(const Segment& edge, const Segment& other, std::vector<double>& fractions) {
  const double dx = static_cast<double>(edge.to.x) - edge.from.x;
  const double dy = static_cast<double>(edge.to.y) - edge.from.y;
  const double other_dx = static_cast<double>(other.to.x) - other.from.x;
  const double other_dy = static_cast<double>(other.to.y) - other.from.y;
  const double from_x = static_cast<double>(other.from.x) - edge.from.x;
  const double from_y = static_cast<double>(other.from.y) - edge.from.y;
  const double cross = dx * other_dy - dy * other_dx;
  const double length_squared = dx * dx + dy * dy;
  if (cross != 0) fractions.push_back((from_x * other_dy - from_y * other_dx) / cross);
  // The ends of an edge that only touches this one also cut it.
  fractions.push_back((from_x * dx + from_y * dy) / length_squared);
  fractions.push_back(((from_x + other_dx) * dx + (from_y + other_dy) * dy) / length_squared);
}

// Cut at every meeting, a piece of an edge lies wholly inside, wholly outside or on the border of
// the other room; its middle tells which.
bool EdgeRunsInside(const Segment& edge, std::span<const Point> outline,
                    std::vector<double>& fractions) {
  fractions.assign({0.0, 1.0});
  for (size_t i = 0; i < outline.size(); ++i) AppendMeetings(edge, EdgeAt(outline, i), fractions);
  for (double& fraction : fractions) fraction = std::clamp(fraction, 0.0, 1.0);
  std::sort(fractions.begin(), fractions.end());
  for (size_t i = 0; i + 1 < fractions.size(); ++i) {
    if (fractions[i] == fractions[i + 1]) continue;
    if (IsDeepInside(outline, PointAlong(edge, (fractions[i] + fractions[i + 1]) / 2))) return true;
  }
  return false;
}

bool AnyEdgeRunsInside(std::span<const Point> edges_of, std::span<const Point> outline) {
  const Box bounds = BoundsOf(outline);
  std::vector<double> fractions;
  for (size_t i = 0; i < edges_of.size(); ++i) {
    const Segment edge = EdgeAt(edges_of, i);
    const Point ends[] = {edge.from, edge.to};
    if (!BoundsOf(ends).Meets(bounds)) continue;
    if (EdgeRunsInside(edge, outline, fractions)) return true;
  }
  return false;
}

// A point well inside: the middle of the widest inner stretch on a horizontal line that avoids all
// corners as far as possible.
Point InnerPoint(std::span<const Point> outline) {
  std::vector<float> heights;
  for (const Point& corner : outline) heights.push_back(corner.y);
  std::sort(heights.begin(), heights.end());
  float y = heights[0];
  float widest_gap = 0;
  for (size_t i = 0; i + 1 < heights.size(); ++i) {
    if (heights[i + 1] - heights[i] <= widest_gap) continue;
    widest_gap = heights[i + 1] - heights[i];
    y = heights[i] + widest_gap / 2;
  }
  std::vector<float> crossings;
  for (size_t i = 0; i < outline.size(); ++i) {
    const Segment edge = EdgeAt(outline, i);
    if ((edge.from.y > y) == (edge.to.y > y)) continue;
    const double along =
        (static_cast<double>(y) - edge.from.y) / (static_cast<double>(edge.to.y) - edge.from.y);
    crossings.push_back(PointAlong(edge, along).x);
  }
  std::sort(crossings.begin(), crossings.end());
  Point inner{outline[0].x, y};
  float widest_stretch = -1;
  for (size_t i = 0; i + 1 < crossings.size(); i += 2) {
    if (crossings[i + 1] - crossings[i] <= widest_stretch) continue;
    widest_stretch = crossings[i + 1] - crossings[i];
    inner.x = crossings[i] + widest_stretch / 2;
  }
  return inner;
}

// Edges of a common corner meet there anyway; the second must not run back over the first.
bool RunsBack(const Segment& edge, const Segment& next) {
  const double back_x = static_cast<double>(edge.from.x) - edge.to.x;
  const double back_y = static_cast<double>(edge.from.y) - edge.to.y;
  const double next_x = static_cast<double>(next.to.x) - next.from.x;
  const double next_y = static_cast<double>(next.to.y) - next.from.y;
  return back_x * next_y == back_y * next_x && back_x * next_x + back_y * next_y > 0;
}

}  // namespace

bool IsSimple(std::span<const Point> outline) {
  const size_t count = outline.size();
  if (count < 3) return false;
  for (size_t i = 0; i < count; ++i) {
    const Segment edge = EdgeAt(outline, i);
    if (edge.from == edge.to || RunsBack(edge, EdgeAt(outline, (i + 1) % count))) return false;
    for (size_t j = i + 2; j < count; ++j) {
      const bool are_neighbours = i == 0 && j + 1 == count;
      if (!are_neighbours && SegmentsMeet(edge, EdgeAt(outline, j))) return false;
    }
  }
  return true;
}

bool OutlinesOverlap(std::span<const Point> a, std::span<const Point> b) {
  if (!BoundsOf(a).Meets(BoundsOf(b))) return false;
  if (AnyEdgeRunsInside(a, b) || AnyEdgeRunsInside(b, a)) return true;
  // No border of one inside the other: they are apart, or the same.
  return IsDeepInside(b, InnerPoint(a)) || IsDeepInside(a, InnerPoint(b));
}

bool LiesOn(const Segment& part, const Segment& whole) {
  // Most are far apart, which is quicker to see than how far.
  return IsBeside(part.from, whole) && IsBeside(part.to, whole) &&
         FarthestEnd(part, whole) <= kTolerance;
}

bool NarrowlyMisses(const Segment& part, const Segment& whole) {
  return !LiesOn(part, whole) && FarthestEnd(part, whole) <= kGrid;
}

bool RunTogether(const Segment& a, const Segment& b) {
  // Where two straight lines run together, they begin and end to do so at an end of one of them.
  std::optional<Point> first;
  const auto is_farther_end = [&](Point end, const Segment& other) {
    if (DistanceToSegment(end, other) > kTolerance) return false;
    if (first) return Distance(*first, end) > kGrid;
    first = end;
    return false;
  };
  return is_farther_end(a.from, b) || is_farther_end(a.to, b) || is_farther_end(b.from, a) ||
         is_farther_end(b.to, a);
}

}  // namespace earshot
