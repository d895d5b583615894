#pragma once

// Finds the room that a point lies in, in expected constant time. Immutable after construction.

#include <cstdint>
#include <vector>

#include "earshot/floor_plan.h"
#include "spatial/geometry.h"

namespace earshot {

/// Index into FloorPlan::rooms, or kOpenFloor. Two people share an acoustic space exactly when
/// these are equal.
using RoomIndex = int32_t;
inline constexpr RoomIndex kOpenFloor = -1;

class RoomMap {
 public:
  explicit RoomMap(const FloorPlan& plan);
  /// A pure function of the point; the lowest index wins where rounding puts it in two rooms.
  RoomIndex RoomAt(Point point) const;

 private:
  struct Outline {
    Box bounds;
    std::vector<Point> corners;
  };
  uint32_t Column(float x) const;
  uint32_t Row(float y) const;

  float columns_per_metre_;
  float rows_per_metre_;
  std::vector<Outline> outlines_;
  // Rooms whose bounds meet a cell: those of cell c are rooms_[first_[c]] to rooms_[first_[c+1]].
  std::vector<uint32_t> first_;
  std::vector<RoomIndex> rooms_;
};

}  // namespace earshot
