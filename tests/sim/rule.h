#pragma once

// The oracle's own idea of who may hear and watch whom, given how everybody stands and how the
// doors are. Puts that to tests/spatial's Oracle, which shares nothing with src/spatial: a mistake
// there must not repeat itself here. Whether somebody may stand so is judged in tests/spatial, not
// here. One thread.

#include <optional>
#include <vector>

#include "earshot/floor_plan.h"
#include "earshot/interaction.h"
#include "spatial/oracle.h"

namespace earshot::sim {

/// What the rules say of one listener and one speaker.
struct Ruling {
  /// Whatever was before.
  Oracle::Answer demanded;
  Oracle::Answer allowed;
  /// Between the radii, the pair may have the right from now on because it had it before.
  Oracle::Answer may_hold;
};

class Rule {
 public:
  explicit Rule(const FloorPlan& plan) : oracle_(plan) {}

  void Set(ParticipantId id, const Stance& stance);
  void Remove(ParticipantId id) { oracle_.Forget(static_cast<uint32_t>(id)); }
  void SetDoors(const std::vector<DoorState>& doors) { oracle_.doors = doors; }

  /// Of two who are there. Where it is a matter of rounding, all is allowed and nothing demanded.
  Ruling Judge(ParticipantId listener, ParticipantId speaker, const Oracle::Answer& may_hold);
  /// -1 on the open floor; nothing next to a line.
  std::optional<int> ZoneAt(Point point) const { return oracle_.ZoneAt(point); }

 private:
  Oracle oracle_;
};

}  // namespace earshot::sim
