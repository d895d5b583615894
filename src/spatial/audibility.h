#pragma once

// The rules of who may hear, watch and see whom, as pure functions of how two people stand and of
// what the pair could do before. Everything confidential rests on AudibilityRules::Between. Any
// thread while no door moves.
//
// The rules, for a listener L, a speaker S, and d between them:
//  1. Zones. One in a private zone or a tight room, the other outside: nothing.
//  2. Distance. Each right is held if d <= enter, lost if d > leave, and stays as it was between.
//     Of two zones with radii of their own, the
//     smaller ones. Sight enters at FloorPlan::sight_radius and leaves one metre farther.
//  3. Walls, doors, borders and bubbles. Of what they let through together, cut_below must be left
//     to hear; to watch, walls and doors must let all through.
//  4. Nobody in a quiet zone is heard.
//  5. Who whispers is heard by nobody but the person whispered to, within sight.
//  6. Who speaks on a stage is heard, watched and seen all over its audience.
//  7. Who has the megaphone is heard and seen everywhere but in private zones.
// Rules 1 to 3 are mutual; 4 to 7 are about S. A later rule beats an earlier one, but whispering
// beats stage and megaphone, and nothing beats rule 1 but the voice of a stage, which has no walls
// to its audience, and the megaphone.

#include <cstdint>

#include "earshot/floor_plan.h"
#include "earshot/media.h"
#include "spatial/geometry.h"
#include "spatial/premises.h"
#include "spatial/routing.h"

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
  constexpr Rights operator&(Rights other) const {
    return Rights(static_cast<uint8_t>(bits_ & other.bits_));
  }
  constexpr Rights Without(Right right) const {
    return Rights(static_cast<uint8_t>(bits_ & ~static_cast<uint8_t>(right)));
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

/// A place in the roster: small, stable while the person stays, reused afterwards.
using PersonIndex = uint32_t;
inline constexpr PersonIndex kNobody = UINT32_MAX;

/// People who talk among themselves; 0 for nobody in particular.
using BubbleId = uint16_t;
inline constexpr BubbleId kNoBubble = 0;

/// What makes the rules treat somebody as a special speaker.
enum class Voice : uint8_t { kPlain = 0, kWhisper = 1, kStage = 2, kMegaphone = 4 };

/// How somebody stands, as far as rights are concerned.
struct Standing {
  Point position;
  PersonIndex person = kNobody;
  /// If whispering, to whom.
  PersonIndex whispers_to = kNobody;
  ZoneIndex zone = kOpenFloor;
  BubbleId bubble = kNoBubble;
  /// Bits of Voice.
  uint8_t voices = 0;

  bool Has(Voice voice) const { return (voices & static_cast<uint8_t>(voice)) != 0; }
  void Set(Voice voice, bool on) {
    voices = static_cast<uint8_t>(on ? voices | static_cast<uint8_t>(voice)
                                     : voices & ~static_cast<uint8_t>(voice));
  }
};

/// The rights of two people in each other.
struct PairRights {
  /// What the first may get of the second, and the second of the first.
  Rights here;
  Rights there;
  /// What rules 1 to 3 give both, whatever the later ones make of it: the memory between enter and
  /// leave.
  Rights plain;
  bool IsEmpty() const { return (here | there | plain).IsEmpty(); }
  PairRights Swapped() const { return {there, here, plain}; }
  bool operator==(const PairRights&) const = default;
};

/// What the first of the two is told of hearing the second, whom it sees, and being heard by it.
constexpr Hearing HearingInSight(const PairRights& rights) {
  if (!rights.here.Has(Right::kSee)) return {};
  return {rights.here.Has(Right::kHear), rights.there.Has(Right::kHear)};
}
/// What counts for the first of them of one whom it does not see.
constexpr Hearing HearingOutOfSight(const PairRights& rights) {
  if (rights.here.Has(Right::kSee)) return {};
  return {rights.here.Has(Right::kHear), rights.there.Has(Right::kHear)};
}

class AudibilityRules {
 public:
  /// Keeps a reference. To be made anew when the plan of the premises is another.
  explicit AudibilityRules(const Premises& premises);

  /// What the two may do, if they could do `before` until now. Swapping the two swaps the result.
  PairRights Between(const Standing& a, const Standing& b, PairRights before) const {
    // Most pairs that are looked at are plain people too far apart for media.
    const double distance_squared = DistanceSquared(a.position, b.position);
    Rights plain = see_.Apply(distance_squared, before.plain);
    if (a.zone != b.zone && premises_->AreClosedOff(a.zone, b.zone)) {
      plain = {};
    } else if (distance_squared <= media_radius_squared_) {
      plain = plain | Media(a, b, distance_squared, before.plain);
    }
    PairRights rights{plain, plain, plain};
    if (premises_->IsKind(b.zone, ZoneKind::kQuiet)) rights.here = plain.Without(Right::kHear);
    if (premises_->IsKind(a.zone, ZoneKind::kQuiet)) rights.there = plain.Without(Right::kHear);
    if ((a.voices | b.voices) != 0) {
      rights.here = HearSpecial(a, b, rights.here);
      rights.there = HearSpecial(b, a, rights.there);
    }
    return rights;
  }
  /// How far, in metres, the two can walk together before Between may change for them, as long as
  /// nothing but their places does. May be less than that.
  float WayWithoutChange(const Standing& a, const Standing& b, float distance) const;
  /// Within this distance, a pair may gain a right by distance; beyond the other, it has none but
  /// by a special voice.
  float widest_enter() const { return premises_->widest_enter(); }
  float widest_leave() const { return premises_->widest_leave(); }

  /// What holds for the slots of somebody who listens like this.
  const Policy& PolicyFor(const Standing& listener) const {
    return premises_->ListenerPolicy(listener.zone);
  }
  /// Beyond earshot, in metres: at a brisk walk the second that a client takes to start sending.
  static constexpr float kWarmMargin = 3;
  /// Whether the listener hears the speaker, or would if it stood up to that much nearer, both in
  /// one room and where the policy has a pre-roll.
  bool IsWarm(const Standing& listener, const Standing& speaker) const;
  /// Whether the listener gets the speaker as one of its own: by a stage, or in one bubble.
  bool IsChosen(const Standing& listener, const Standing& speaker) const {
    return (listener.bubble != kNoBubble && listener.bubble == speaker.bubble) ||
           IsCarried(listener, speaker, Voice::kStage);
  }
  /// Volume at a distance on the open floor: 1 within the full gain radius, then as the falloff
  /// says.
  float GainAt(float distance) const {
    return Falling(premises_->PolicyFor(kOpenFloor, kOpenFloor), distance);
  }
  /// The volume of a speaker whom the listener may hear.
  float Loudness(const Standing& listener, const Standing& speaker) const;
  /// How the listener gets the speaker. All zero without a media right, so that nothing about a
  /// person behind a wall leaks; gain 0 for a person who can be watched but not heard.
  /// A camera that has been seen in the detail of `before` keeps it at the edge.
  Audible Perceive(const Standing& listener, float heading, const Standing& speaker, Rights rights,
                   Detail before) const;
  /// The detail of what Perceive says, for another `before`.
  Detail DetailOf(const Standing& viewer, const Standing& person, const Audible& seen,
                  Rights rights, Detail before) const;

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

  Rights Media(const Standing& a, const Standing& b, double distance_squared, Rights held) const;
  Rights HearSpecial(const Standing& listener, const Standing& speaker, Rights plain) const;
  // Whether the speaker's voice goes everywhere, or over the stage's audience, for this listener.
  bool IsCarried(const Standing& listener, const Standing& speaker, Voice voice) const;
  // What borders of zones and of bubbles let through.
  float BorderTransmission(const Standing& a, const Standing& b) const;
  static float Falling(const PairPolicy& policy, float distance);

  const Premises* premises_;
  Threshold see_;
  double media_radius_squared_;
};

/// Whether a client would hear or show the difference: gain by more than 0.02, azimuth by more
/// than 0.05 radians, distance (which sizes video) by more than a quarter of a metre, or any other
/// detail.
bool IsNoticeable(const Audible& before, const Audible& after);

}  // namespace earshot
