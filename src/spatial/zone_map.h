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
  /// Calls visit(zone) with each zone whose bounds meet those of the straight line, some of them
  /// more than once.
  template <typename Visitor>
  void VisitNear(Point from, Point to, Visitor&& visit) const {
    const Point ends[] = {from, to};
    const Box box = BoundsOf(ends);
    for (uint32_t row = Row(box.low.y); row <= Row(box.high.y); ++row) {
      for (uint32_t column = Column(box.low.x); column <= Column(box.high.x); ++column) {
        const uint32_t cell = row * kCellsPerSide + column;
        for (uint32_t i = first_[cell]; i < first_[cell + 1]; ++i) {
          if (outlines_[static_cast<size_t>(zones_[i])].bounds.Meets(box)) visit(zones_[i]);
        }
      }
    }
  }

 private:
  // Fine enough that a cell of an office meets few zones, small enough to stay in the cache.
  static constexpr uint32_t kCellsPerSide = 64;

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
