#pragma once

// The oracle's own idea of who may hear and see whom. Written anew from the words of the rules, and
// on purpose without anything of src/spatial: a mistake there must not repeat itself here. All that
// knows the rules is in this file and rule.cc. Immutable.

#include <array>

#include "earshot/floor_plan.h"
#include "earshot/media.h"

namespace earshot::sim {

/// What a rule says of one listener and one source kind.
enum class Verdict : uint8_t {
  kMust,     // within the enter radius, in the same room
  kAsItWas,  // between the radii: who had the right keeps it
  kMustNot,  // beyond the leave radius, or a wall between
};

class Rule {
 public:
  explicit Rule(const FloorPlan& plan) : plan_(plan) {}
  Verdict Judge(Point listener, Point speaker, MediaKind kind) const;
  /// -1 on the open floor.
  int RoomOf(Point point) const;

 private:
  FloorPlan plan_;
};

}  // namespace earshot::sim
