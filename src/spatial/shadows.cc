#include "spatial/shadows.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "absl/container/inlined_vector.h"

namespace earshot {
namespace {

// Corners that make so little difference in square metres are none.
constexpr double kFlat = 0.002;
// Where screens cross each other is looked at, too, but not without end.
constexpr size_t kMaxEvents = 4 * kMaxScreens;

struct Vector {
  double x = 0;
  double y = 0;
};

double Cross(Vector a, Vector b) { return a.x * b.y - a.y * b.x; }

// A screen as seen from the middle, of which the part beyond the square is cut off.
struct Part {
  Vector from;
  Vector to;
  float transmission;
};

std::optional<Part> ClipToSquare(const Screen& screen, Point middle, double radius) {
  const Vector from{static_cast<double>(screen.line.from.x) - middle.x,
                    static_cast<double>(screen.line.from.y) - middle.y};
  const Vector to{static_cast<double>(screen.line.to.x) - middle.x,
                  static_cast<double>(screen.line.to.y) - middle.y};
  const Vector way{to.x - from.x, to.y - from.y};
  double begin = 0;
  double end = 1;
  const auto cut = [&](double speed, double room) {
    // From where `room` is left on that side, which shrinks by `speed`.
    if (speed == 0) return room >= 0;
    const double at = room / speed;
    if (speed > 0) end = std::min(end, at);
    if (speed < 0) begin = std::max(begin, at);
    return begin < end;
  };
  if (!cut(way.x, radius - from.x) || !cut(-way.x, radius + from.x) ||
      !cut(way.y, radius - from.y) || !cut(-way.y, radius + from.y)) {
    return std::nullopt;
  }
  return Part{{from.x + way.x * begin, from.y + way.y * begin},
              {from.x + way.x * end, from.y + way.y * end},
              screen.transmission};
}

// Rises with the direction once around, from 0 to 4.
double TurnOf(Vector direction) {
  const double share = direction.y / (std::abs(direction.x) + std::abs(direction.y));
  if (direction.x < 0) return 2 - share;
  return direction.y < 0 ? 4 + share : share;
}

class Tracer {
 public:
  Tracer(double radius, float least) : radius_(radius), least_(least) {}

  void Add(const Screen& screen, Point middle) {
    if (const auto part = ClipToSquare(screen, middle, radius_)) parts_.push_back(*part);
  }
  bool HasScreens() const { return !parts_.empty(); }

  // Between two neighbouring directions, one straight line is what stops the sound.
  void Trace(std::vector<Point>& outline) {
    CollectDirections();
    bool is_cut = false;
    for (const Vector& direction : directions_) {
      const double share = ShareReached(direction);
      is_cut = is_cut || share < 1;
      outline.push_back(
          {static_cast<float>(direction.x * share), static_cast<float>(direction.y * share)});
    }
    if (!is_cut) outline.clear();
  }

 private:
  // On the border of the square.
  Vector Stretched(Vector v) const {
    const double longest = std::max(std::abs(v.x), std::abs(v.y));
    return {v.x / longest * radius_, v.y / longest * radius_};
  }
  void AddEvent(Vector at) {
    constexpr double kAside = 1e-5;
    if (at.x == 0 && at.y == 0) return;
    directions_.push_back(Stretched({at.x + at.y * kAside, at.y - at.x * kAside}));
    directions_.push_back(Stretched({at.x - at.y * kAside, at.y + at.x * kAside}));
  }
  void CollectDirections() {
    for (const double x : {-radius_, radius_}) {
      for (const double y : {-radius_, radius_}) directions_.push_back({x, y});
    }
    for (const Part& part : parts_) {
      AddEvent(part.from);
      AddEvent(part.to);
    }
    for (size_t i = 0; i < parts_.size(); ++i) {
      for (size_t k = 0; k < i && directions_.size() < 2 * kMaxEvents; ++k) {
        AddCrossing(parts_[i], parts_[k]);
      }
    }
    std::sort(directions_.begin(), directions_.end(),
              [](Vector a, Vector b) { return TurnOf(a) < TurnOf(b); });
  }
  void AddCrossing(const Part& a, const Part& b) {
    const Vector way{a.to.x - a.from.x, a.to.y - a.from.y};
    const auto along = Meet(a.from, way, b);
    if (along && *along < 1) AddEvent({a.from.x + way.x * *along, a.from.y + way.y * *along});
  }
  // How far along the way from the point it meets the screen.
  static std::optional<double> Meet(Vector from, Vector way, const Part& part) {
    const Vector line{part.to.x - part.from.x, part.to.y - part.from.y};
    const double slant = Cross(way, line);
    if (slant == 0) return std::nullopt;
    const Vector apart{part.from.x - from.x, part.from.y - from.y};
    const double along = Cross(apart, line) / slant;
    const double on_line = Cross(apart, way) / slant;
    if (along < 0 || on_line < 0 || on_line > 1) return std::nullopt;
    return along;
  }
  double ShareReached(Vector direction) const {
    struct Hit {
      double along;
      float transmission;
    };
    absl::InlinedVector<Hit, kMaxScreens> hits;
    for (const Part& part : parts_) {
      const auto along = Meet({}, direction, part);
      if (along && *along < 1) hits.push_back({*along, part.transmission});
    }
    std::sort(hits.begin(), hits.end(), [](Hit a, Hit b) { return a.along < b.along; });
    float passing = 1;
    for (const Hit& hit : hits) {
      passing *= hit.transmission;
      if (passing < least_) return hit.along;
    }
    return 1;
  }

  double radius_;
  float least_;
  absl::InlinedVector<Part, kMaxScreens> parts_;
  absl::InlinedVector<Vector, 64> directions_;
};

double AreaOf(Point a, Point b, Point c) { return std::abs(SideOf({a, c}, b)) / 2; }

// Leaves out what lies on a straight line between its neighbours.
void Straighten(std::vector<Point>& outline) {
  size_t kept = 1;
  for (size_t i = 1; i < outline.size(); ++i) {
    const Point next = outline[i + 1 == outline.size() ? 0 : i + 1];
    if (AreaOf(outline[kept - 1], outline[i], next) > kFlat) outline[kept++] = outline[i];
  }
  outline.resize(kept);
}

void LeaveOutSmallest(std::vector<Point>& outline) {
  size_t smallest = 0;
  double least = 0;
  for (size_t i = 0; i < outline.size(); ++i) {
    const double area = AreaOf(outline[(i + outline.size() - 1) % outline.size()], outline[i],
                               outline[(i + 1) % outline.size()]);
    if (i > 0 && area >= least) continue;
    smallest = i;
    least = area;
  }
  outline.erase(outline.begin() + static_cast<ptrdiff_t>(smallest));
}

}  // namespace

void TraceReached(Point from, float radius, float least, std::span<const Screen> screens,
                  size_t max_corners, std::vector<Point>& outline) {
  outline.clear();
  Tracer tracer(radius, least);
  for (const Screen& screen : screens.first(std::min(screens.size(), kMaxScreens))) {
    tracer.Add(screen, from);
  }
  if (!tracer.HasScreens()) return;
  tracer.Trace(outline);
  if (outline.empty()) return;
  Straighten(outline);
  while (outline.size() > max_corners) LeaveOutSmallest(outline);
}

}  // namespace earshot
