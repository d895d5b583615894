#pragma once

// What becomes of the zones and doors of a plan when another takes its place: which of them are
// still there, and under which index. Immutable. Any thread.

#include <vector>

#include "earshot/floor_plan.h"
#include "spatial/routing.h"

namespace earshot {

class PlanChange {
 public:
  /// Both plans must be valid.
  PlanChange(const FloorPlan& before, const FloorPlan& after);

  /// The zone of the same name, kind and owner in the new plan, in the order of the plans if there
  /// are more of them; otherwise that of the same outline, kind and owner, which has been renamed.
  /// kOpenFloor if there is none, or for kOpenFloor.
  ZoneIndex ZoneNow(ZoneIndex zone_before) const {
    return zone_before == kOpenFloor ? kOpenFloor : zones_[static_cast<size_t>(zone_before)];
  }
  /// The door of the same line, whatever its name; kNoDoor if there is none.
  DoorIndex DoorNow(DoorIndex door_before) const {
    return doors_[static_cast<size_t>(door_before)];
  }

 private:
  std::vector<ZoneIndex> zones_;
  std::vector<DoorIndex> doors_;
};

}  // namespace earshot
