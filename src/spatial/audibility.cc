#include "spatial/audibility.h"

#include <algorithm>
#include <cmath>

namespace earshot {
namespace {

constexpr float kNoticeableGain = 0.02f;
constexpr float kNoticeableAzimuth = 0.05f;
constexpr float kNoticeableDistance = 0.25f;

// Who steps to and fro on a border of details keeps the finer one.
constexpr float kDetailHysteresis = 0.5f;
// Behind one's back, in radians from straight ahead; and when somebody is not any more.
constexpr float kBehind = 1.9f;
constexpr float kBeside = 1.7f;

constexpr Detail OneStepLess(Detail detail) {
  return detail == Detail::kFull ? Detail::kMedium : Detail::kThumbnail;
}

}  // namespace

AudibilityRules::AudibilityRules(const Premises& premises)
    : premises_(&premises),
      see_(Right::kSee, {premises.plan().sight_radius,
                         premises.plan().sight_radius + Premises::kSightHysteresis}),
      media_radius_squared_(static_cast<double>(premises.widest_media()) *
                            premises.widest_media()) {}

Rights AudibilityRules::Media(const Standing& a, const Standing& b, double distance_squared,
                              Rights held) const {
  const PairPolicy& policy = premises_->PolicyFor(a.zone, b.zone);
  const Rights near = Threshold(Right::kHear, policy.audible).Apply(distance_squared, held) |
                      Threshold(Right::kWatch, policy.visible).Apply(distance_squared, held);
  if (near.IsEmpty()) return {};
  const float walls = premises_->WallTransmission(a.position, a.zone, b.position, b.zone);
  const bool is_clear = walls >= 1;
  const bool is_loud = walls * BorderTransmission(a, b) >= policy.cut_below;
  return Rights::Only(Right::kHear, near.Has(Right::kHear) && is_loud) |
         Rights::Only(Right::kWatch, near.Has(Right::kWatch) && is_clear);
}

float AudibilityRules::WayWithoutChange(const Standing& a, const Standing& b,
                                        float distance) const {
  // Where a wall may come between, each step is looked at.
  constexpr float kClear = 1;
  if ((a.voices | b.voices) != 0) return 0;
  const float sight = premises_->plan().sight_radius;
  float way =
      std::min(std::abs(distance - sight), std::abs(distance - sight - Premises::kSightHysteresis));
  const float media = premises_->widest_media();
  if (distance > media) return std::min(way, distance - media);
  if (!premises_->AreClear(a.position, b.position, kClear)) return 0;
  const PairPolicy& policy = premises_->PolicyFor(a.zone, b.zone);
  for (const Reach& reach : {policy.audible, policy.visible}) {
    way = std::min({way, std::abs(distance - reach.enter), std::abs(distance - reach.leave)});
  }
  return std::min(way, kClear);
}

bool AudibilityRules::IsWarm(const Standing& listener, const Standing& speaker) const {
  const PairPolicy& policy = premises_->PolicyFor(listener.zone, speaker.zone);
  if (!policy.pre_roll || speaker.Has(Voice::kWhisper) ||
      premises_->IsKind(speaker.zone, ZoneKind::kQuiet) ||
      premises_->SpaceOf(listener.zone) != premises_->SpaceOf(speaker.zone)) {
    return false;
  }
  const double reach = static_cast<double>(policy.audible.enter) + kWarmMargin;
  if (DistanceSquared(listener.position, speaker.position) > reach * reach) return false;
  return premises_->WallTransmission(listener.position, listener.zone, speaker.position,
                                     speaker.zone) *
             BorderTransmission(listener, speaker) >=
         policy.cut_below;
}

Rights AudibilityRules::HearSpecial(const Standing& listener, const Standing& speaker,
                                    Rights plain) const {
  if (speaker.Has(Voice::kWhisper)) {
    const bool hears = speaker.whispers_to == listener.person && plain.Has(Right::kSee) &&
                       !premises_->IsKind(speaker.zone, ZoneKind::kQuiet);
    return plain.Without(Right::kHear) | Rights::Only(Right::kHear, hears);
  }
  if (IsCarried(listener, speaker, Voice::kStage)) return Rights::All();
  if (IsCarried(listener, speaker, Voice::kMegaphone)) {
    return plain | Rights::Only(Right::kHear) | Rights::Only(Right::kSee);
  }
  return plain;
}

bool AudibilityRules::IsCarried(const Standing& listener, const Standing& speaker,
                                Voice voice) const {
  if (!speaker.Has(voice)) return false;
  if (voice == Voice::kStage) return premises_->IsAudience(listener.zone, speaker.zone);
  return !premises_->IsKind(listener.zone, ZoneKind::kPrivate) &&
         !premises_->IsKind(speaker.zone, ZoneKind::kPrivate);
}

float AudibilityRules::BorderTransmission(const Standing& a, const Standing& b) const {
  const float zones = premises_->BorderTransmission(a.zone, b.zone);
  return a.bubble == b.bubble ? zones : zones * premises_->plan().bubble_transmission;
}

// The distance models of the Web Audio API, with the full gain radius as reference distance and
// the audible leave radius as maximum.
float AudibilityRules::Falling(const PairPolicy& policy, float distance) {
  const float reference = policy.full_gain_radius;
  const float maximum = policy.audible.leave;
  const float beyond = std::max(distance, reference);
  switch (policy.falloff) {
    case Falloff::kLinear:
      return 1 - policy.rolloff * (std::min(beyond, maximum) - reference) / (maximum - reference);
    case Falloff::kInverse:
      return reference / (reference + policy.rolloff * (beyond - reference));
    case Falloff::kExponential:
      return std::pow(beyond / reference, -policy.rolloff);
  }
  return 0;
}

float AudibilityRules::Loudness(const Standing& listener, const Standing& speaker) const {
  if (speaker.Has(Voice::kWhisper) || IsCarried(listener, speaker, Voice::kStage) ||
      IsCarried(listener, speaker, Voice::kMegaphone)) {
    return 1;
  }
  const float passing = premises_->WallTransmission(listener.position, listener.zone,
                                                    speaker.position, speaker.zone) *
                        BorderTransmission(listener, speaker);
  return Falling(premises_->PolicyFor(listener.zone, speaker.zone),
                 Distance(listener.position, speaker.position)) *
         passing * premises_->DuckingIn(listener.zone);
}

Audible AudibilityRules::Perceive(const Standing& listener, float heading, const Standing& speaker,
                                  Rights rights, Detail before) const {
  if (Receivable(rights) == SourceSet()) return {};
  Audible audible{.gain = rights.Has(Right::kHear) ? Loudness(listener, speaker) : 0.0f,
                  .azimuth = Azimuth({listener.position, heading}, speaker.position),
                  .distance = Distance(listener.position, speaker.position)};
  audible.detail = DetailOf(listener, speaker, audible, rights, before);
  return audible;
}

Detail AudibilityRules::DetailOf(const Standing& viewer, const Standing& person,
                                 const Audible& seen, Rights rights, Detail before) const {
  if (!rights.Has(Right::kWatch)) return Detail::kFull;
  if (IsCarried(viewer, person, Voice::kStage)) return Detail::kFull;
  const CameraPolicy& policy = premises_->PolicyFor(viewer.zone, person.zone).camera;
  const auto is_within = [&](float radius, Detail detail) {
    return seen.distance <= radius + (before >= detail ? kDetailHysteresis : 0);
  };
  Detail detail = policy.pauses_beyond ? Detail::kPaused : Detail::kThumbnail;
  if (is_within(policy.full_within, Detail::kFull)) {
    detail = Detail::kFull;
  } else if (is_within(policy.medium_within, Detail::kMedium)) {
    detail = Detail::kMedium;
  }
  if (!policy.follows_gaze || detail == Detail::kPaused) return detail;
  const float behind = before < detail ? kBeside : kBehind;
  return std::abs(seen.azimuth) > behind ? OneStepLess(detail) : detail;
}

bool IsNoticeable(const Audible& before, const Audible& after) {
  return std::abs(before.gain - after.gain) > kNoticeableGain ||
         std::abs(WrapAngle(before.azimuth - after.azimuth)) > kNoticeableAzimuth ||
         std::abs(before.distance - after.distance) > kNoticeableDistance ||
         before.detail != after.detail;
}

}  // namespace earshot
