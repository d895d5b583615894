#include "spatial/barriers.h"

#include <tuple>
#include <utility>

#include "spatial/outlines.h"

namespace earshot {
namespace {

uint32_t CellAt(float scaled) {
  return static_cast<uint32_t>(
      std::clamp(scaled, 0.0f, static_cast<float>(kBarrierCellsPerSide - 1)));
}

// A stretch of a line, as fractions of its length.
struct Stretch {
  double from;
  double to;
};

Stretch Project(const Segment& part, const Segment& whole) {
  const double a = FractionAlong(part.from, whole);
  const double b = FractionAlong(part.to, whole);
  return {std::min(a, b), std::max(a, b)};
}

// The points where one stretch ends and the next begins are computed once and shared, so that no
// line of sight slips between a wall and its door.
class Cutter {
 public:
  Cutter(const BarrierLine& line, std::vector<Barrier>& out) : line_(line), out_(out) {}

  void AddGap(Stretch stretch, DoorIndex door) {
    if (stretch.to > stretch.from) gaps_.push_back({stretch, door});
  }
  /// `is_taken` tells doors that are a barrier already.
  void Cut(std::vector<bool>& is_taken) {
    std::sort(gaps_.begin(), gaps_.end(),
              [](const Gap& a, const Gap& b) { return a.stretch.from < b.stretch.from; });
    Point at = line_.line.from;
    double done = 0;
    for (const Gap& gap : gaps_) {
      if (gap.stretch.to <= done) continue;
      const Point begin = PointAlong(line_.line, std::max(gap.stretch.from, done));
      const Point end = PointAlong(line_.line, gap.stretch.to);
      if (gap.stretch.from > done) Append({at, begin}, kNoDoor);
      if (gap.door != kNoDoor && !is_taken[static_cast<size_t>(gap.door)]) {
        is_taken[static_cast<size_t>(gap.door)] = true;
        Append({begin, end}, gap.door);
      }
      at = end;
      done = gap.stretch.to;
    }
    if (done < 1) Append({at, line_.line.to}, kNoDoor);
  }

 private:
  struct Gap {
    Stretch stretch;
    DoorIndex door;
  };
  void Append(const Segment& piece, DoorIndex door) {
    out_.push_back({piece, line_.space, door, line_.transmission, line_.stops_people});
  }

  const BarrierLine& line_;
  std::vector<Barrier>& out_;
  std::vector<Gap> gaps_;
};

}  // namespace

std::optional<double> CrossingOf(Point from, Point to, const Segment& line) {
  const double before = SideOf(line, from);
  const double after = SideOf(line, to);
  if ((before >= 0) == (after >= 0)) return std::nullopt;
  const Segment way{from, to};
  if ((SideOf(way, line.from) >= 0) == (SideOf(way, line.to) >= 0)) return std::nullopt;
  return before / (before - after);
}

Barriers::Barriers(float width, float height, std::span<const BarrierLine> lines,
                   std::span<const Door> doors)
    : columns_per_metre_(kBarrierCellsPerSide / width),
      rows_per_metre_(kBarrierCellsPerSide / height) {
  std::vector<bool> is_taken(doors.size());
  for (const BarrierLine& line : lines) {
    Cutter cutter(line, barriers_);
    for (const Segment& opening : line.openings) {
      cutter.AddGap(Project(opening, line.line), kNoDoor);
    }
    for (size_t i = 0; i < doors.size(); ++i) {
      const Segment door{doors[i].from, doors[i].to};
      if (!LiesOn(door, line.line)) continue;
      cutter.AddGap(Project(door, line.line), static_cast<DoorIndex>(i));
    }
    cutter.Cut(is_taken);
  }
  BuildIndex();
}

void Barriers::SetDoor(DoorIndex door, float transmission, bool stops_people) {
  for (Barrier& barrier : barriers_) {
    if (barrier.door != door) continue;
    barrier.transmission = transmission;
    barrier.stops_people = stops_people;
  }
}

float Barriers::TransmissionBetween(Point a, Point b, bool is_within_space) const {
  // In one order whichever way round the question is asked, so that both get the same product.
  if (std::tie(b.x, b.y) < std::tie(a.x, a.y)) std::swap(a, b);
  float product = 1;
  VisitNear(a, b, [&](const Barrier& barrier) {
    if (is_within_space && barrier.space != kOpenFloor) return;
    if (SegmentsMeet({a, b}, barrier.line)) product *= barrier.transmission;
  });
  return product;
}

Barriers::Cells Barriers::CellsOf(Point a, Point b) const {
  return {CellAt(std::min(a.x, b.x) * columns_per_metre_),
          CellAt(std::max(a.x, b.x) * columns_per_metre_),
          CellAt(std::min(a.y, b.y) * rows_per_metre_),
          CellAt(std::max(a.y, b.y) * rows_per_metre_)};
}

void Barriers::BuildIndex() {
  std::vector<std::vector<uint32_t>> cells(size_t{kBarrierCellsPerSide} * kBarrierCellsPerSide);
  for (const Barrier& barrier : barriers_) {
    const auto index = static_cast<uint32_t>(reach_.size());
    const Cells reach = CellsOf(barrier.line.from, barrier.line.to);
    reach_.push_back(reach);
    for (uint32_t row = reach.first_row; row <= reach.last_row; ++row) {
      for (uint32_t column = reach.first_column; column <= reach.last_column; ++column) {
        cells[row * kBarrierCellsPerSide + column].push_back(index);
      }
    }
  }
  for (const std::vector<uint32_t>& cell : cells) {
    first_.push_back(static_cast<uint32_t>(entries_.size()));
    entries_.insert(entries_.end(), cell.begin(), cell.end());
  }
  first_.push_back(static_cast<uint32_t>(entries_.size()));
  constexpr uint32_t kWidth = kBarrierCellsPerSide + 1;
  sums_.assign(size_t{kWidth} * kWidth, 0);
  for (uint32_t row = 1; row < kWidth; ++row) {
    for (uint32_t column = 1; column < kWidth; ++column) {
      const size_t count = cells[(row - 1) * kBarrierCellsPerSide + column - 1].size();
      sums_[row * kWidth + column] =
          static_cast<uint32_t>(count) + sums_[(row - 1) * kWidth + column] +
          sums_[row * kWidth + column - 1] - sums_[(row - 1) * kWidth + column - 1];
    }
  }
}

}  // namespace earshot
