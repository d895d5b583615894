#pragma once

// How many listeners a worker has others serve: as many as make all equally busy, once it is busy
// itself. Decides only. Any thread.

#include <array>
#include <cstdint>
#include <span>

#include "transport/egress_lanes.h"

namespace earshot {

/// A share of a core, in thousandths.
using Busyness = uint64_t;

/// Moves shards by how busy the worker itself and those at the ends of its lanes have been lately.
/// To be called again once the effect shows.
void BalanceLanes(Busyness own, std::span<const Busyness> others,
                  std::array<uint8_t, EgressLanes::kShards>& lane_of);

}  // namespace earshot
