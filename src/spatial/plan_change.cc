#include "spatial/plan_change.h"

#include <cstddef>
#include <cstdint>

namespace earshot {
namespace {

constexpr int16_t kGone = -1;

// For each of `before` the index of its like in `after`. Takes each once, so that two of the same
// name do not become one.
template <typename Part>
class Matching {
 public:
  Matching(const std::vector<Part>& before, const std::vector<Part>& after)
      : before_(before), after_(after), is_taken_(after.size()), found_(before.size(), kGone) {}

  /// Of those that are left, the ones for which is_same holds.
  template <typename IsSame>
  Matching& By(IsSame&& is_same) {
    for (size_t old = 0; old < before_.size(); ++old) {
      for (size_t now = 0; now < after_.size() && found_[old] == kGone; ++now) {
        if (is_taken_[now] || !is_same(before_[old], after_[now])) continue;
        is_taken_[now] = true;
        found_[old] = static_cast<int16_t>(now);
      }
    }
    return *this;
  }
  std::vector<int16_t> found() const { return found_; }

 private:
  const std::vector<Part>& before_;
  const std::vector<Part>& after_;
  std::vector<bool> is_taken_;
  std::vector<int16_t> found_;
};

// By name before by place, so that two rooms may change places.
std::vector<int16_t> MatchZones(const FloorPlan& before, const FloorPlan& after) {
  const auto is_alike = [](const Zone& a, const Zone& b) {
    return a.kind == b.kind && a.owner == b.owner;
  };
  return Matching(before.zones, after.zones)
      .By([&](const Zone& a, const Zone& b) { return is_alike(a, b) && a.name == b.name; })
      .By([&](const Zone& a, const Zone& b) { return is_alike(a, b) && a.outline == b.outline; })
      .found();
}

// No two doors of a plan are on one line.
std::vector<int16_t> MatchDoors(const FloorPlan& before, const FloorPlan& after) {
  return Matching(before.doors, after.doors)
      .By([](const Door& a, const Door& b) {
        return (a.from == b.from && a.to == b.to) || (a.from == b.to && a.to == b.from);
      })
      .found();
}

}  // namespace

PlanChange::PlanChange(const FloorPlan& before, const FloorPlan& after)
    : zones_(MatchZones(before, after)), doors_(MatchDoors(before, after)) {}

}  // namespace earshot
