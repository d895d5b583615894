#include "io/lane_balance.h"

#include <algorithm>

namespace earshot {
namespace {

// From here on a space has outgrown its worker; below the lower one it is back to what one can do.
constexpr Busyness kOutgrown = 500;
constexpr Busyness kBack = 250;
// Less of a difference is not worth that packets may overtake each other once.
constexpr Busyness kTolerance = 100;

// How many of `shards`, which make a worker as busy as it is at most, have to go to one that is
// less busy until both are equally so.
size_t ShareOf(size_t shards, Busyness busier, Busyness idler) {
  return std::max<size_t>(1, shards * (busier - idler) / 2 / busier);
}

void MoveShards(size_t count, uint8_t from, uint8_t to,
                std::array<uint8_t, EgressLanes::kShards>& lane_of) {
  for (uint8_t& lane : lane_of) {
    if (count == 0) return;
    if (lane != from) continue;
    lane = to;
    --count;
  }
}

}  // namespace

void BalanceLanes(Busyness own, std::span<const Busyness> others,
                  std::array<uint8_t, EgressLanes::kShards>& lane_of) {
  if (others.empty()) return;
  const auto shards_of = [&](uint8_t lane) {
    return static_cast<size_t>(std::count(lane_of.begin(), lane_of.end(), lane));
  };
  const auto idlest = std::min_element(others.begin(), others.end());
  if (own > kOutgrown && own > *idlest + kTolerance) {
    MoveShards(ShareOf(shards_of(EgressLanes::kHome), own, *idlest), EgressLanes::kHome,
               static_cast<uint8_t>(idlest - others.begin()), lane_of);
    return;
  }
  for (size_t i = 0; i < others.size(); ++i) {
    const auto lane = static_cast<uint8_t>(i);
    const size_t shards = shards_of(lane);
    if (shards == 0) continue;
    if (others[i] > own + kTolerance) {
      MoveShards(ShareOf(shards, others[i], own), lane, EgressLanes::kHome, lane_of);
    } else if (own < kBack) {
      MoveShards(EgressLanes::kShards / 16, lane, EgressLanes::kHome, lane_of);
    }
  }
}

}  // namespace earshot
