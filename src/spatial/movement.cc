#include "spatial/movement.h"

#include <algorithm>
#include <cmath>

#include "spatial/geometry.h"

namespace earshot {
namespace {

constexpr Duration kMaxTime = Duration::Seconds(1);

}  // namespace

std::optional<Pose> PlaceOnFloor(const FloorPlan& plan, const Pose& wish) {
  if (!IsFinite(wish)) return std::nullopt;
  return Pose{{std::clamp(wish.position.x, 0.0f, plan.width),
               std::clamp(wish.position.y, 0.0f, plan.height)},
              WrapAngle(wish.heading)};
}

Step StepTowards(const Pose& from, const Pose& wish, Duration time, float max_speed) {
  const Duration counted = std::clamp(time, Duration::Zero(), kMaxTime);
  const float distance = Distance(from.position, wish.position);
  // Rounded up: what is left is never more than there is.
  const auto needed =
      Duration::Micros(static_cast<int64_t>(std::ceil(double{distance} / max_speed * 1e6)));
  if (needed <= counted) return {wish, counted - needed};
  const auto share = static_cast<float>(counted.seconds() * max_speed / distance);
  return {{{from.position.x + (wish.position.x - from.position.x) * share,
            from.position.y + (wish.position.y - from.position.y) * share},
           wish.heading},
          Duration::Zero()};
}

}  // namespace earshot
