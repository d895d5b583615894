#pragma once

// The lines of a plan that hold up sound and people: outlines of rooms, walls, and the doors in
// them. Answers what lies between two points in expected constant time. Changes only when a door
// does. One thread.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "earshot/floor_plan.h"
#include "spatial/geometry.h"
#include "spatial/zone_map.h"

namespace earshot {

/// A straight piece without doors, or one door.
struct Barrier {
  Segment line;
  /// The acoustic space whose border it is part of; kOpenFloor for a wall that stands free.
  ZoneIndex space = kOpenFloor;
  DoorIndex door = kNoDoor;
  /// The share of sound that passes now.
  float transmission = 0;
  bool stops_people = false;
};

/// What stops somebody on a straight way: how far along it, 0 to 1, and the line.
struct Stop {
  double along = 0;
  Segment line;
};

/// Half-open, unlike for sound: who stands on a line may step off it to one side.
std::optional<double> CrossingOf(Point from, Point to, const Segment& line);

/// A line of the plan before its doors are cut out, and the gaps that are no part of it.
struct BarrierLine {
  Segment line;
  ZoneIndex space = kOpenFloor;
  float transmission = 0;
  bool stops_people = false;
  /// Lines along which it does not exist, where two zones of one acoustic space meet.
  std::vector<Segment> openings;
};

inline constexpr uint32_t kBarrierCellsPerSide = 128;

class Barriers {
 public:
  /// Cuts the doors out of every line that they lie on. A door is one barrier, of the first such
  /// line.
  Barriers(float width, float height, std::span<const BarrierLine> lines,
           std::span<const Door> doors);

  void SetDoor(DoorIndex door, float transmission, bool stops_people);

  /// The product over all that the straight line meets or touches. Within one acoustic space only
  /// free walls count: sound finds its way around the corner of a room. Symmetric.
  float TransmissionBetween(Point a, Point b, bool is_within_space) const;

  /// Whether no line between two points that are not farther than `margin` from these meets
  /// anything. May say no though it is so.
  bool AreClear(Point a, Point b, float margin) const {
    return barriers_.empty() ||
           IsEmpty(CellsOf({std::min(a.x, b.x) - margin, std::min(a.y, b.y) - margin},
                           {std::max(a.x, b.x) + margin, std::max(a.y, b.y) + margin}));
  }

  /// Calls visit(barrier) with each that comes near the square of twice the radius, once.
  template <typename Visitor>
  void VisitAround(Point middle, float radius, Visitor&& visit) const {
    VisitNear({middle.x - radius, middle.y - radius}, {middle.x + radius, middle.y + radius},
              visit);
  }

  /// The first that stops people on the way from one point to the other; nothing if all of it is
  /// free. Doors for which `passes` is true do not count.
  template <typename Passes>
  std::optional<Stop> FirstStop(Point from, Point to, Passes&& passes) const;

 private:
  struct Cells {
    uint32_t first_column, last_column, first_row, last_row;
  };
  Cells CellsOf(Point a, Point b) const;
  // In constant time: most lines on a floor are far from any barrier.
  bool IsEmpty(const Cells& cells) const {
    const auto sum = [this](uint32_t row, uint32_t column) {
      return sums_[row * (kBarrierCellsPerSide + 1) + column];
    };
    return sum(cells.last_row + 1, cells.last_column + 1) +
               sum(cells.first_row, cells.first_column) ==
           sum(cells.last_row + 1, cells.first_column) +
               sum(cells.first_row, cells.last_column + 1);
  }
  void BuildIndex();
  // Calls visit with each barrier near the line, once.
  template <typename Visitor>
  void VisitNear(Point a, Point b, Visitor&& visit) const;

  std::vector<Barrier> barriers_;
  std::vector<Cells> reach_;  // by barrier
  float columns_per_metre_;
  float rows_per_metre_;
  // Barriers of cell c are entries_[first_[c]] to entries_[first_[c + 1]].
  std::vector<uint32_t> first_;
  // How many entries there are in all cells above and to the left.
  std::vector<uint32_t> sums_;
  std::vector<uint32_t> entries_;
};

template <typename Visitor>
void Barriers::VisitNear(Point a, Point b, Visitor&& visit) const {
  if (barriers_.empty()) return;
  const Cells cells = CellsOf(a, b);
  if (IsEmpty(cells)) return;
  for (uint32_t row = cells.first_row; row <= cells.last_row; ++row) {
    const uint32_t start = row * kBarrierCellsPerSide;
    if (first_[start + cells.first_column] == first_[start + cells.last_column + 1]) continue;
    for (uint32_t column = cells.first_column; column <= cells.last_column; ++column) {
      const uint32_t cell = start + column;
      for (uint32_t i = first_[cell]; i < first_[cell + 1]; ++i) {
        const Cells& reach = reach_[entries_[i]];
        // A barrier stands in several cells: it is visited in the first of them.
        if (row != std::max(cells.first_row, reach.first_row)) continue;
        if (column != std::max(cells.first_column, reach.first_column)) continue;
        visit(barriers_[entries_[i]]);
      }
    }
  }
}

template <typename Passes>
std::optional<Stop> Barriers::FirstStop(Point from, Point to, Passes&& passes) const {
  std::optional<Stop> first;
  VisitNear(from, to, [&](const Barrier& barrier) {
    if (!barrier.stops_people) return;
    if (barrier.door != kNoDoor && passes(barrier.door)) return;
    const std::optional<double> along = CrossingOf(from, to, barrier.line);
    if (along && (!first || *along < first->along)) first = Stop{*along, barrier.line};
  });
  return first;
}

}  // namespace earshot
