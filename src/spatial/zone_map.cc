#include "spatial/zone_map.h"

#include <algorithm>

namespace earshot {
namespace {

uint32_t CellOf(float scaled, uint32_t cells) {
  return static_cast<uint32_t>(std::clamp(scaled, 0.0f, static_cast<float>(cells - 1)));
}

}  // namespace

ZoneMap::ZoneMap(const FloorPlan& plan)
    : columns_per_metre_(kCellsPerSide / plan.width), rows_per_metre_(kCellsPerSide / plan.height) {
  std::vector<std::vector<ZoneIndex>> cells(kCellsPerSide * kCellsPerSide);
  for (const Zone& zone : plan.zones) {
    const auto index = static_cast<ZoneIndex>(outlines_.size());
    const Box bounds = BoundsOf(zone.outline);
    outlines_.push_back({bounds, zone.outline});
    for (uint32_t row = Row(bounds.low.y); row <= Row(bounds.high.y); ++row) {
      for (uint32_t column = Column(bounds.low.x); column <= Column(bounds.high.x); ++column) {
        cells[row * kCellsPerSide + column].push_back(index);
      }
    }
  }
  for (const std::vector<ZoneIndex>& cell : cells) {
    first_.push_back(static_cast<uint32_t>(zones_.size()));
    zones_.insert(zones_.end(), cell.begin(), cell.end());
  }
  first_.push_back(static_cast<uint32_t>(zones_.size()));
}

ZoneIndex ZoneMap::ZoneAt(Point point) const {
  const uint32_t cell = Row(point.y) * kCellsPerSide + Column(point.x);
  for (uint32_t i = first_[cell]; i < first_[cell + 1]; ++i) {
    const Outline& outline = outlines_[static_cast<size_t>(zones_[i])];
    if (outline.bounds.Meets({point, point}) && Contains(outline.corners, point)) return zones_[i];
  }
  return kOpenFloor;
}

uint32_t ZoneMap::Column(float x) const { return CellOf(x * columns_per_metre_, kCellsPerSide); }
uint32_t ZoneMap::Row(float y) const { return CellOf(y * rows_per_metre_, kCellsPerSide); }

}  // namespace earshot
