#include "spatial/audibility.h"

#include <algorithm>
#include <cmath>

namespace earshot {
namespace {

// Keeps a person at the edge of sight from coming and going.
constexpr float kSightHysteresis = 1.0f;

constexpr float kNoticeableGain = 0.02f;
constexpr float kNoticeableAzimuth = 0.05f;
constexpr float kNoticeableDistance = 0.25f;

}  // namespace

AudibilityRules::AudibilityRules(const FloorPlan& plan)
    : hear_(Right::kHear, plan.audible),
      watch_(Right::kWatch, plan.visible),
      see_(Right::kSee, {plan.sight_radius, plan.sight_radius + kSightHysteresis}),
      full_gain_radius_(plan.full_gain_radius),
      silent_radius_(plan.audible.leave) {
  const double media_radius = std::max(plan.audible.leave, plan.visible.leave);
  media_radius_squared_ = media_radius * media_radius;
  widest_enter_ = std::max({plan.audible.enter, plan.visible.enter, plan.sight_radius});
}

float AudibilityRules::GainAt(float distance) const {
  const float gain = (silent_radius_ - distance) / (silent_radius_ - full_gain_radius_);
  return std::clamp(gain, 0.0f, 1.0f);
}

Audible AudibilityRules::Perceive(const Pose& listener, Point speaker, Rights rights) const {
  if (Receivable(rights) == SourceSet()) return {};
  const float distance = Distance(listener.position, speaker);
  return {.gain = rights.Has(Right::kHear) ? GainAt(distance) : 0.0f,
          .azimuth = Azimuth(listener, speaker),
          .distance = distance};
}

bool IsNoticeable(const Audible& before, const Audible& after) {
  return std::abs(before.gain - after.gain) > kNoticeableGain ||
         std::abs(WrapAngle(before.azimuth - after.azimuth)) > kNoticeableAzimuth ||
         std::abs(before.distance - after.distance) > kNoticeableDistance;
}

}  // namespace earshot
