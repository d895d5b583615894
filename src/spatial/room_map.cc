#include "spatial/room_map.h"

#include <algorithm>

namespace earshot {
namespace {

// Fine enough that a cell of an office meets few rooms, small enough to stay in the cache.
constexpr uint32_t kCellsPerSide = 64;

uint32_t CellOf(float scaled) {
  return static_cast<uint32_t>(std::clamp(scaled, 0.0f, static_cast<float>(kCellsPerSide - 1)));
}

}  // namespace

RoomMap::RoomMap(const FloorPlan& plan)
    : columns_per_metre_(kCellsPerSide / plan.width), rows_per_metre_(kCellsPerSide / plan.height) {
  std::vector<std::vector<RoomIndex>> cells(kCellsPerSide * kCellsPerSide);
  for (const Room& room : plan.rooms) {
    const auto index = static_cast<RoomIndex>(outlines_.size());
    const Box bounds = BoundsOf(room.outline);
    outlines_.push_back({bounds, room.outline});
    for (uint32_t row = Row(bounds.low.y); row <= Row(bounds.high.y); ++row) {
      for (uint32_t column = Column(bounds.low.x); column <= Column(bounds.high.x); ++column) {
        cells[row * kCellsPerSide + column].push_back(index);
      }
    }
  }
  for (const std::vector<RoomIndex>& cell : cells) {
    first_.push_back(static_cast<uint32_t>(rooms_.size()));
    rooms_.insert(rooms_.end(), cell.begin(), cell.end());
  }
  first_.push_back(static_cast<uint32_t>(rooms_.size()));
}

RoomIndex RoomMap::RoomAt(Point point) const {
  const uint32_t cell = Row(point.y) * kCellsPerSide + Column(point.x);
  for (uint32_t i = first_[cell]; i < first_[cell + 1]; ++i) {
    const Outline& outline = outlines_[static_cast<size_t>(rooms_[i])];
    if (outline.bounds.Meets({point, point}) && Contains(outline.corners, point)) return rooms_[i];
  }
  return kOpenFloor;
}

uint32_t RoomMap::Column(float x) const { return CellOf(x * columns_per_metre_); }
uint32_t RoomMap::Row(float y) const { return CellOf(y * rows_per_metre_); }

}  // namespace earshot
