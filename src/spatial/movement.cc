#include "spatial/movement.h"

#include <algorithm>

#include "spatial/geometry.h"

namespace earshot {
namespace {

constexpr Duration kMaxElapsed = Duration::Seconds(1);

}  // namespace

std::optional<Pose> PlaceOnFloor(const FloorPlan& plan, const Pose& wish) {
  if (!IsFinite(wish)) return std::nullopt;
  return Pose{{std::clamp(wish.position.x, 0.0f, plan.width),
               std::clamp(wish.position.y, 0.0f, plan.height)},
              WrapAngle(wish.heading)};
}

Pose StepTowards(const Pose& from, const Pose& wish, Duration elapsed, float max_speed) {
  const Duration counted = std::clamp(elapsed, Duration::Zero(), kMaxElapsed);
  const float reachable = max_speed * static_cast<float>(counted.seconds());
  const float distance = Distance(from.position, wish.position);
  if (distance <= reachable) return wish;
  const float share = reachable / distance;
  return {{from.position.x + (wish.position.x - from.position.x) * share,
           from.position.y + (wish.position.y - from.position.y) * share},
          wish.heading};
}

}  // namespace earshot
