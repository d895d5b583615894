#pragma once

// Where one can stand on a floor: close together, in groups that know nothing of each other, in the
// seats before a stage. Pure, any thread.

#include <cstddef>
#include <vector>

#include "floor.h"

namespace earshot::load {

/// From the middle outwards: evenly spaced for any number of people.
Point SeedOfSunflower(size_t index, float spacing);
/// Of a sunflower of so many, all of whom hear and see each other.
float SpacingInEarshot(const Floor& floor, size_t people);

Point MiddleOf(const FloorZone& zone);
/// Nearest to `stage` first, so that few people sit as densely as many.
std::vector<Point> SeatsIn(const FloorZone& zone, Point stage);

/// Groups that neither hear nor see each other, in a block around the middle of the floor.
class GroupPlaces {
 public:
  /// `size` people in each group.
  GroupPlaces(const Floor& floor, size_t groups, size_t size);
  /// How many groups the floor has room for.
  size_t room() const { return max_columns_ * max_rows_; }
  Point Middle(size_t group) const;

 private:
  Point middle_;
  /// From the middle of one group to the next.
  float pitch_ = 0;
  size_t max_columns_ = 0;
  size_t max_rows_ = 0;
  size_t columns_ = 1;
  size_t rows_ = 1;
};

}  // namespace earshot::load
