#include "places.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "spatial/geometry.h"

namespace earshot::load {
namespace {

// People who stand together are no closer than chairs.
constexpr float kElbowRoom = 0.7f;
// Of a radius: what rounding and hysteresis may take.
constexpr float kMargin = 0.9f;
// Each side of a seat: who listens to a stage still hears few of the others.
constexpr float kSeat = 2.8f;
// Beyond all radii. The server looks at pairs up to 2 m beyond, which should cost nothing either.
constexpr float kGap = 3;

size_t CountAlong(float length, float pitch) {
  return static_cast<size_t>(std::floor(length / pitch));
}

}  // namespace

Point SeedOfSunflower(size_t index, float spacing) {
  const float radius = spacing * std::sqrt(static_cast<float>(index));
  const double golden_angle = std::numbers::pi * (3 - std::sqrt(5.0));
  const double angle = std::fmod(static_cast<double>(index) * golden_angle, 2 * std::numbers::pi);
  return {radius * static_cast<float>(std::cos(angle)),
          radius * static_cast<float>(std::sin(angle))};
}

float SpacingInEarshot(const Floor& floor, size_t people) {
  const float reach = std::min(floor.audible.enter, floor.visible.enter) / 2 * kMargin;
  return std::min(kElbowRoom, reach / std::sqrt(static_cast<float>(people)));
}

Point MiddleOf(const FloorZone& zone) {
  Point sum;
  for (const Point& corner : zone.outline) sum = {sum.x + corner.x, sum.y + corner.y};
  const auto count = static_cast<float>(zone.outline.size());
  return {sum.x / count, sum.y / count};
}

std::vector<Point> SeatsIn(const FloorZone& zone, Point stage) {
  const auto [left, right] = std::minmax_element(zone.outline.begin(), zone.outline.end(),
                                                 [](Point a, Point b) { return a.x < b.x; });
  const auto [top, bottom] = std::minmax_element(zone.outline.begin(), zone.outline.end(),
                                                 [](Point a, Point b) { return a.y < b.y; });
  const size_t columns = CountAlong(right->x - left->x, kSeat);
  const size_t rows = CountAlong(bottom->y - top->y, kSeat);
  std::vector<Point> seats;
  for (size_t i = 0; i < columns * rows; ++i) {
    const Point seat{left->x + (static_cast<float>(i % columns) + 0.5f) * kSeat,
                     top->y + (static_cast<float>(i / columns) + 0.5f) * kSeat};
    if (Contains(zone.outline, seat)) seats.push_back(seat);
  }
  std::stable_sort(seats.begin(), seats.end(), [stage](Point a, Point b) {
    return DistanceSquared(a, stage) < DistanceSquared(b, stage);
  });
  return seats;
}

GroupPlaces::GroupPlaces(const Floor& floor, size_t groups, size_t size)
    : middle_{floor.width / 2, floor.height / 2} {
  const float radius =
      SpacingInEarshot(floor, size) * std::sqrt(static_cast<float>(std::max<size_t>(size, 1) - 1));
  const float widest = std::max({floor.audible.leave, floor.visible.leave, floor.sight_radius});
  pitch_ = 2 * radius + widest + kGap;
  max_columns_ = CountAlong(floor.width, pitch_);
  max_rows_ = CountAlong(floor.height, pitch_);
  if (room() < groups || groups == 0) return;
  // As square as the floor lets it be.
  const auto square = static_cast<size_t>(std::ceil(std::sqrt(static_cast<double>(groups))));
  columns_ = std::clamp(square, (groups + max_rows_ - 1) / max_rows_, max_columns_);
  rows_ = (groups + columns_ - 1) / columns_;
}

Point GroupPlaces::Middle(size_t group) const {
  const auto along = [this](float middle, size_t index, size_t count) {
    return middle + (static_cast<float>(index) - static_cast<float>(count - 1) / 2) * pitch_;
  };
  return {along(middle_.x, group % columns_, columns_), along(middle_.y, group / columns_, rows_)};
}

}  // namespace earshot::load
