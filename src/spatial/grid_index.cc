#include "spatial/grid_index.h"

namespace earshot {
namespace {

// Bounds memory on a huge floor with tiny radii: 65 536 cells of 24 bytes.
constexpr float kMaxCellsPerSide = 256;

// A quarter of the radius follows a ring closely; smaller cells cost more each than they spare.
float CellSide(float width, float height, float radius) {
  return std::max(radius / 4, std::max(width, height) / kMaxCellsPerSide);
}

uint32_t CellsAlong(float length, float cells_per_metre) {
  return static_cast<uint32_t>(std::floor(length * cells_per_metre)) + 1;
}

}  // namespace

GridIndex::GridIndex(float width, float height, float radius)
    : cell_side_(CellSide(width, height, radius)), cells_per_metre_(1 / cell_side_) {
  columns_ = CellsAlong(width, cells_per_metre_);
  rows_ = CellsAlong(height, cells_per_metre_);
  cells_.resize(size_t{columns_} * rows_);
}

void GridIndex::Insert(uint32_t key, Point at) {
  if (key >= places_.size()) places_.resize(key + 1);
  Append(key, at, CellOf(at));
}

void GridIndex::Move(uint32_t key, Point to) {
  const Place place = places_[key];
  const uint32_t cell = CellOf(to);
  if (cell == place.cell) {
    cells_[cell][place.position].at = to;
    return;
  }
  TakeOut(place);
  Append(key, to, cell);
}

void GridIndex::Remove(uint32_t key) { TakeOut(places_[key]); }

uint32_t GridIndex::Column(float x) const {
  return static_cast<uint32_t>(
      std::clamp(x * cells_per_metre_, 0.0f, static_cast<float>(columns_ - 1)));
}

uint32_t GridIndex::Row(float y) const {
  return static_cast<uint32_t>(
      std::clamp(y * cells_per_metre_, 0.0f, static_cast<float>(rows_ - 1)));
}

void GridIndex::Append(uint32_t key, Point at, uint32_t cell) {
  places_[key] = {cell, static_cast<uint32_t>(cells_[cell].size())};
  cells_[cell].push_back({at, key});
}

void GridIndex::TakeOut(Place place) {
  std::vector<Entry>& entries = cells_[place.cell];
  entries[place.position] = entries.back();
  places_[entries[place.position].key].position = place.position;
  entries.pop_back();
}

}  // namespace earshot
