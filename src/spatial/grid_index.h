#pragma once

// Who is near a point: a uniform grid over the floor, stored densely. Keys are small integers that
// the caller reuses. A move allocates nothing unless a cell holds more people than it ever did.
// One thread.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "spatial/geometry.h"

namespace earshot {

class GridIndex {
 public:
  /// Good for rings whose outer radius is about `radius`. Points must lie on the floor.
  GridIndex(float width, float height, float radius);

  void Insert(uint32_t key, Point at);
  void Move(uint32_t key, Point to);
  void Remove(uint32_t key);

  /// Calls visit(key, position) for everybody who is farther than `inner` and not farther than
  /// `outer` from the center, and for some others: the caller looks at the distance anyway.
  template <typename Visitor>
  void VisitRing(Point center, float inner, float outer, Visitor&& visit) const;

 private:
  // All that a visit needs, side by side: a visit reads whole cells.
  struct Entry {
    Point at;
    uint32_t key;
  };
  struct Place {
    uint32_t cell = 0;
    uint32_t position = 0;
  };

  uint32_t Column(float x) const;
  uint32_t Row(float y) const;
  // How far the far side of a column (row) of cells is from a coordinate.
  float FarSide(uint32_t index, float from) const {
    const float low = static_cast<float>(index) * cell_side_;
    return std::max(std::abs(from - low), std::abs(low + cell_side_ - from));
  }
  uint32_t CellOf(Point point) const { return Row(point.y) * columns_ + Column(point.x); }
  void Append(uint32_t key, Point at, uint32_t cell);
  void TakeOut(Place place);

  uint32_t columns_;
  uint32_t rows_;
  float cell_side_;
  float cells_per_metre_;
  std::vector<std::vector<Entry>> cells_;
  std::vector<Place> places_;  // by key
};

template <typename Visitor>
void GridIndex::VisitRing(Point center, float inner, float outer, Visitor&& visit) const {
  // Rounding must neither drop a cell nor count one as wholly within the inner circle.
  constexpr float kSlack = 0.01f;
  const float reach = outer + kSlack;
  const float hole = std::max(inner - kSlack, 0.0f);
  const uint32_t first_column = Column(center.x - reach);
  const uint32_t last_column = Column(center.x + reach);
  const uint32_t last_row = Row(center.y + reach);
  for (uint32_t row = Row(center.y - reach); row <= last_row; ++row) {
    const float far_y = FarSide(row, center.y);
    for (uint32_t column = first_column; column <= last_column; ++column) {
      const float far_x = FarSide(column, center.x);
      if (far_x * far_x + far_y * far_y < hole * hole) continue;
      for (const Entry& entry : cells_[row * columns_ + column]) visit(entry.key, entry.at);
    }
  }
}

}  // namespace earshot
