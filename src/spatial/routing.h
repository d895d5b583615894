#pragma once

// The values that go into and come out of spatial routing: options, slot counts, and the changes
// that a call reports. No behaviour. Any thread.

#include <cstdint>
#include <vector>

#include "earshot/floor_plan.h"
#include "earshot/interaction.h"
#include "earshot/media.h"
#include "earshot/units.h"

namespace earshot {

/// How many receive slots a listener has negotiated; more than kMaxSlotsPerKind counts as that.
struct SlotCounts {
  uint8_t audio = 0;
  uint8_t video = 0;
};

struct RoutingOptions {
  /// Speed limit of an avatar in metres per second; farther steps are cut short.
  float max_speed = 12.0f;
  /// Time constant of the smoothed speech level.
  Duration speech_smoothing = Duration::Millis(300);
};

/// How a listener gets a source, for hints to its client.
struct Audible {
  /// 0 to 1.
  float gain = 0;
  /// Radians, clockwise from the listener's heading, in [-pi, pi].
  float azimuth = 0;
  /// Metres.
  float distance = 0;
  /// Of its camera, if it may be watched.
  Detail detail = Detail::kFull;
  bool operator==(const Audible&) const = default;
};

/// `source` empty: the slot has become free. The source that the slot already held: only `audible`
/// has changed.
struct SlotChange {
  ParticipantId listener;
  SlotRef slot;
  SourceId source;
  Audible audible;
  /// What the source has sent since then is the listener's, too; Never for none of it.
  Timestamp pre_roll_from = Timestamp::Never();
};

/// A person came into or went out of sight.
struct SightChange {
  ParticipantId viewer;
  ParticipantId person;
  bool visible;
};

/// Whether somebody would hear another person's microphone, and would be heard by it.
struct Hearing {
  bool hears = false;
  bool is_heard = false;
  bool operator==(const Hearing&) const = default;
};
/// It is so now between the viewer and somebody in its sight. Who comes into sight is neither heard
/// nor hears, unless this says so.
struct HearingChange {
  ParticipantId viewer;
  ParticipantId person;
  Hearing hearing;
};

/// When somebody last took another pose, and the number of that step among all that were made on
/// the floor: others may be made at the same time. LongAgo for who has come and stood still since.
struct LastStep {
  Timestamp time = Timestamp::LongAgo();
  uint64_t number = 0;
};
/// Somebody in sight who has moved or turned.
struct Mover {
  ParticipantId person;
  Pose pose;
  LastStep step;
};

/// Which of a person's sources somebody gets or may get soon; the others need not be sent.
struct WantedChange {
  ParticipantId person;
  SourceSet wanted;
};

/// Indices into FloorPlan::zones and ::doors.
using ZoneIndex = int16_t;
inline constexpr ZoneIndex kOpenFloor = -1;
using DoorIndex = int16_t;
inline constexpr DoorIndex kNoDoor = -1;

struct SpatialEvent {
  EventKind kind;
  /// kNoParticipant: everybody on the floor.
  ParticipantId to = kNoParticipant;
  ParticipantId other = kNoParticipant;
  ZoneIndex zone = kOpenFloor;
  DoorIndex door = kNoDoor;
  DoorState state = DoorState::kOpen;
  Timestamp until = {};
  Pose pose = {};
};

/// In the order in which things happened: for one slot or one pair, the last entry holds.
struct RoutingOutput {
  std::vector<SlotChange> slots;
  std::vector<SightChange> sights;
  std::vector<SpatialEvent> events;
  std::vector<WantedChange> wanted;
  std::vector<HearingChange> hearing;
  /// Those whose reach may be another, some of them more than once.
  std::vector<ParticipantId> reaches;
  void Clear() {
    slots.clear();
    sights.clear();
    events.clear();
    wanted.clear();
    hearing.clear();
    reaches.clear();
  }
};

/// The private zones of the new plan whose owner somebody is.
struct Ownership {
  ParticipantId person;
  std::vector<ZoneIndex> zones;
};

/// What a participant may do beyond walking and talking; from its token or the operator.
struct Privileges {
  /// Opens and shuts every door, gives and takes podiums.
  bool moderator = false;
  bool megaphone = false;
  /// May beam to others without being called.
  bool beam = false;
  /// The private zones of which it is the owner.
  std::vector<ZoneIndex> owned_zones = {};
};

}  // namespace earshot
