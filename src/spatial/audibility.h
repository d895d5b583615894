#pragma once

// The rules of who may hear, watch and see whom, as pure functions of two places and of what the
// pair could do before. Everything confidential rests on AudibilityRules::Between. Immutable, any
// thread.
//
// The rules, for a pair at distance d:
//  1. In different rooms (or one in a room, one on the open floor): nothing.
//  2. Otherwise each right is held if d <= enter, lost if d > leave, and stays as it was between.
//     Sight enters at FloorPlan::sight_radius and leaves one metre farther.
//  3. Every right is mutual.

#include <cstdint>

#include "earshot/floor_plan.h"
#include "earshot/media.h"
#include "spatial/geometry.h"
#include "spatial/routing.h"
#include "spatial/zone_map.h"

namespace earshot {

/// What two people may get of each other: hear (mic, screen audio), watch (camera, screen), and
/// see (position and name).
enum class Right : uint8_t { kHear = 1, kWatch = 2, kSee = 4 };

class Rights {
 public:
  constexpr Rights() = default;
  /// The one right if `holds`, otherwise none.
  static constexpr Rights Only(Right right, bool holds = true) {
    return Rights(static_cast<uint8_t>(static_cast<uint8_t>(right) * uint8_t{holds}));
  }
  static constexpr Rights All() {
    return Only(Right::kHear) | Only(Right::kWatch) | Only(Right::kSee);
  }
  constexpr bool Has(Right right) const { return (bits_ & static_cast<uint8_t>(right)) != 0; }
  constexpr bool IsEmpty() const { return bits_ == 0; }
  constexpr Rights operator|(Rights other) const {
    return Rights(static_cast<uint8_t>(bits_ | other.bits_));
  }
  constexpr bool operator==(const Rights&) const = default;

 private:
  explicit constexpr Rights(uint8_t bits) : bits_(bits) {}
  uint8_t bits_ = 0;
};

/// The sources of one media kind.
constexpr SourceSet SourcesOf(MediaKind kind) {
  SourceSet set;
  set.Set(kind == MediaKind::kAudio ? SourceKind::kMic : SourceKind::kCamera, true);
  set.Set(kind == MediaKind::kAudio ? SourceKind::kScreenAudio : SourceKind::kScreen, true);
  return set;
}

constexpr Right RightFor(MediaKind kind) {
  return kind == MediaKind::kAudio ? Right::kHear : Right::kWatch;
}

/// The sources that the rights let through.
constexpr SourceSet Receivable(Rights rights) {
  const uint8_t audio = rights.Has(Right::kHear) ? SourcesOf(MediaKind::kAudio).bits() : uint8_t{0};
  const uint8_t video =
      rights.Has(Right::kWatch) ? SourcesOf(MediaKind::kVideo).bits() : uint8_t{0};
  return SourceSet(static_cast<uint8_t>(audio | video));
}

/// Where somebody stands, as far as rights are concerned.
struct Standing {
  Point position;
  ZoneIndex zone = kOpenFloor;
};

class AudibilityRules {
 public:
  explicit AudibilityRules(const FloorPlan& plan);

  /// What the pair may do, if it could do `before` until now. Symmetric.
  Rights Between(const Standing& a, const Standing& b, Rights before) const {
    // Without branches but one: most pairs that are looked at are too far apart for media.
    const double distance_squared = DistanceSquared(a.position, b.position);
    Rights rights = see_.Apply(distance_squared, before);
    if (distance_squared <= media_radius_squared_) {
      rights = rights | hear_.Apply(distance_squared, before);
      rights = rights | watch_.Apply(distance_squared, before);
    }
    return a.zone == b.zone ? rights : Rights();
  }
  /// Within this distance, a pair in one room has a right; farther apart, it gains none.
  float widest_enter() const { return widest_enter_; }

  /// Volume at a distance: 1 within the full gain radius, then a straight line down to 0 at the
  /// audible leave radius.
  float GainAt(float distance) const;
  /// How the listener gets the other person. All zero without a media right, so that nothing about
  /// a person behind a wall leaks; gain 0 for a person who can be watched but not heard.
  Audible Perceive(const Pose& listener, Point speaker, Rights rights) const;

 private:
  class Threshold {
   public:
    Threshold(Right right, Reach reach)
        : right_(right),
          enter_squared_(static_cast<double>(reach.enter) * reach.enter),
          leave_squared_(static_cast<double>(reach.leave) * reach.leave) {}
    Rights Apply(double distance_squared, Rights before) const {
      const bool holds = (distance_squared <= enter_squared_) |
                         (before.Has(right_) & (distance_squared <= leave_squared_));
      return Rights::Only(right_, holds);
    }

   private:
    Right right_;
    double enter_squared_;
    double leave_squared_;
  };

  Threshold hear_;
  Threshold watch_;
  Threshold see_;
  double media_radius_squared_;
  float widest_enter_;
  float full_gain_radius_;
  float silent_radius_;
};

/// Whether a client would hear or show the difference: gain by more than 0.02, azimuth by more
/// than 0.05 radians, or distance (which sizes video) by more than a quarter of a metre.
bool IsNoticeable(const Audible& before, const Audible& after);

}  // namespace earshot
