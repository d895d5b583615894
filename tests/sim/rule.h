#pragma once

// The oracle's own idea of who may hear and watch whom, on a floor where nobody is given anything:
// doors stay as they are, and no one whispers or has a podium. Puts the two to tests/spatial's
// Oracle, which shares nothing with src/spatial: a mistake there must not repeat itself here.
// Keeps scratch space: one thread.

#include <optional>

#include "earshot/floor_plan.h"
#include "earshot/media.h"
#include "spatial/oracle.h"

namespace earshot::sim {

/// What the rules say of one listener, one speaker and one kind of media.
struct Ruling {
  /// Whatever was before.
  bool demanded = false;
  bool allowed = false;
  /// Between the radii, the pair may have the right from now on because it had it before.
  bool may_hold = false;
};

class Rule {
 public:
  explicit Rule(const FloorPlan& plan) : oracle_(plan) {}
  /// Where it is a matter of rounding, all is allowed and nothing demanded.
  Ruling Judge(Point listener, Point speaker, MediaKind kind, bool may_hold);
  /// -1 on the open floor; nothing next to a line.
  std::optional<int> ZoneAt(Point point) const { return oracle_.ZoneAt(point); }

 private:
  Oracle oracle_;
};

}  // namespace earshot::sim
