#include "spatial/plan_change.h"

#include <cstdint>

namespace earshot {
namespace {

bool IsSame(const Zone& a, const Zone& b) {
  return a.name == b.name && a.kind == b.kind && a.owner == b.owner;
}
bool IsSame(const Door& a, const Door& b) {
  return a.name == b.name && a.from == b.from && a.to == b.to;
}

// For each of `before` the index of its like in `after`; -1 for none. Each is taken once, so that
// two of the same name do not become one.
template <typename Part>
std::vector<int16_t> Match(const std::vector<Part>& before, const std::vector<Part>& after) {
  std::vector<int16_t> found;
  std::vector<bool> is_taken(after.size());
  for (const Part& part : before) {
    size_t now = 0;
    while (now < after.size() && (is_taken[now] || !IsSame(part, after[now]))) ++now;
    const bool is_there = now < after.size();
    if (is_there) is_taken[now] = true;
    found.push_back(is_there ? static_cast<int16_t>(now) : int16_t{-1});
  }
  return found;
}

}  // namespace

PlanChange::PlanChange(const FloorPlan& before, const FloorPlan& after)
    : zones_(Match(before.zones, after.zones)), doors_(Match(before.doors, after.doors)) {}

}  // namespace earshot
