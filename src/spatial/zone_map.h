#pragma once

// Finds the zone that a point lies in, in expected constant time. Immutable after construction.

#include <cstdint>
#include <vector>

#include "earshot/floor_plan.h"
#include "spatial/geometry.h"
#include "spatial/routing.h"

namespace earshot {

class ZoneMap {
 public:
  explicit ZoneMap(const FloorPlan& plan);
  /// A pure function of the point; the lowest index wins where rounding puts it in two zones.
  ZoneIndex ZoneAt(Point point) const;

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
  // Zones whose bounds meet a cell: those of cell c are zones_[first_[c]] to zones_[first_[c+1]].
  std::vector<uint32_t> first_;
  std::vector<ZoneIndex> zones_;
};

}  // namespace earshot
