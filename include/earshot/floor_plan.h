#pragma once

// The plan of a space as plain values: what an operator writes and the page draws. Any thread.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/units.h"

namespace earshot {

/// A point on the floor in metres. The origin is the upper left corner, x grows to the right and
/// y downwards, as on a drawing.
struct Point {
  float x = 0;
  float y = 0;
  bool operator==(const Point&) const = default;
};

/// Where an avatar stands and where it looks.
struct Pose {
  Point position;
  /// Radians, clockwise from the positive x axis, in [-pi, pi].
  float heading = 0;
  bool operator==(const Pose&) const = default;
};

/// Radii in metres. A source becomes audible (visible) to a listener within `enter` and stops
/// beyond `leave`; the gap is the hysteresis that keeps a person on the edge from flapping.
struct Reach {
  float enter = 0;
  float leave = 0;
};

/// How volume falls with distance beyond the full gain radius, with the names and formulas of the
/// Web Audio API's distance models.
enum class Falloff : uint8_t { kLinear, kInverse, kExponential };

/// How often the slots of one listener may change hands while they are short.
struct ChurnLimits {
  /// A slot that has just changed keeps its source at least this long, unless it may no longer be
  /// received: losing a right always acts at once. 0 to 10 s.
  Duration minimum_hold = Duration::Millis(500);
  /// 1 to 100, over all slots of a listener.
  int swaps_per_second = 20;
};

/// Slots that only stage voices and people of one's own bubble may take (audio), or screens
/// (video). 0 to 64.
struct SlotReservation {
  int audio = 0;
  int video = 0;
};

/// How much of a camera a viewer gets, by distance in metres.
struct CameraPolicy {
  float full_within = 4;
  /// Not below full_within.
  float medium_within = 7;
  /// Nothing beyond, in place of a thumbnail.
  bool pauses_beyond = false;
  /// One step less of people behind one's back, but never nothing.
  bool follows_gaze = true;
};

/// What holds on a floor, and differently in a zone that says so. For two people in zones with
/// different policies, the smaller radii and the higher cut_below count.
struct Policy {
  Reach audible{8.0f, 9.0f};
  Reach visible{10.0f, 11.0f};
  /// Full volume within this distance. Above 0 unless the falloff is linear.
  float full_gain_radius = 1.5f;
  Falloff falloff = Falloff::kLinear;
  /// 0 to 10, for a linear falloff at most 1, which is silent at audible.leave.
  float rolloff = 1;
  /// A voice is cut off where zones, walls and doors leave less than this share of it. Above 0, at
  /// most 1.
  float cut_below = 0.05f;
  ChurnLimits churn = {};
  SlotReservation reserved_slots = {};
  /// Who comes into earshot also gets the last 100 ms of what was said, as far as only distance
  /// kept it away: nothing from before a door, a wall or a border of a room stood between. For two
  /// people in zones with different policies, both must say so.
  bool pre_roll = true;
  CameraPolicy camera = {};
};

enum class ZoneKind : uint8_t {
  /// Has walls along its outline.
  kRoom,
  /// A room of its owner: others need a grant to step in, and nobody outside sees who is inside.
  kPrivate,
  /// Who speaks here is heard and seen all over the audience zone.
  kStage,
  /// Nobody here is heard by anybody.
  kQuiet,
  /// A group of desks, whose talk stays among them in part.
  kDesk,
  /// Open floor with a name.
  kLobby,
};

/// Whether zones of the kind have walls along their outline.
constexpr bool IsWalled(ZoneKind kind) {
  return kind == ZoneKind::kRoom || kind == ZoneKind::kPrivate;
}

/// Who speaks on a stage: everybody who stands on it, or only who has been given the podium.
enum class Podium : uint8_t { kOpen, kModerated };

struct Zone {
  /// Shown to people; at most 64 bytes of UTF-8.
  std::string name;
  /// At least three corners in order, without repeating the first. May be non-convex; edges must
  /// not cross each other.
  std::vector<Point> outline;
  ZoneKind kind = ZoneKind::kRoom;
  /// The share of sound that passes its outline, 0 to 1. Along the outline of a room or private
  /// zone it is a wall's; that of the other kinds counts once for each voice that passes in or out.
  /// By default 0 for a room, a private or a quiet zone, 0.3 for desks, 1 for a stage or a lobby.
  std::optional<float> transmission = {};
  /// How many people it holds, 1 to 100000; 0 is no limit. Of a room or private zone.
  int capacity = 0;
  /// Of a private zone: the subject or role whose room it is; at most 128 bytes.
  std::string owner = {};
  /// Of a stage: the name of the zone that hears it. Stage and audience share one acoustic space.
  std::string audience = {};
  Podium podium = Podium::kOpen;
  /// Of a stage: the volume of neighbours in the audience while somebody speaks on it, 0 to 1.
  float duck = 0.5f;
  /// In place of the plan's.
  std::optional<Policy> policy = {};
};

struct Wall {
  Point from;
  Point to;
  /// The share of sound that passes, 0 to 1.
  float transmission = 0;
};

enum class DoorState : uint8_t { kOpen, kShut, kLocked };
inline constexpr size_t kDoorStateCount = 3;

/// A piece of the outline of a room or private zone, or of a wall: sound and people pass it by its
/// state. Who is inside gets out of a locked door.
struct Door {
  /// At most 64 bytes of UTF-8.
  std::string name;
  Point from;
  Point to;
  /// At the start.
  DoorState state = DoorState::kShut;
  /// The share of sound that passes, by state.
  std::array<float, kDoorStateCount> transmission{1, 0, 0};
};

/// A way to another space. Who walks into it is told, and may join there: it arrives at the portal
/// that leads back or, where that is in a room that is locked or full by then, at the spawn point.
struct Portal {
  /// At most 64 bytes of UTF-8.
  std::string name;
  Point at;
  /// In metres, 0.3 to 10.
  float radius = 1;
  /// The id of the other space.
  std::string space;
};

/// Video and an unmuffled view need a line that nothing on it muffles.
struct FloorPlan : Policy {
  /// Metres, each in [1, 10000].
  float width = 40;
  float height = 30;
  /// People within this radius learn of each other's position and name.
  float sight_radius = 30;
  /// The share of the sound that passes between a bubble and everybody else, 0 to 1.
  float bubble_transmission = 0.2f;
  /// Where newcomers stand, around it. Apart from walls; in no private, limited or locked room.
  Point spawn{20, 15};
  std::vector<Zone> zones;
  std::vector<Wall> walls;
  std::vector<Door> doors;
  std::vector<Portal> portals;
};

/// Of sound that passes the zone's outline, by its kind where it does not say.
float TransmissionOf(const Zone& zone);

/// The indices of the private zones whose owner is among the identities.
std::vector<int16_t> ZonesOwnedBy(std::span<const std::string> identities, const FloorPlan& plan);

/// 1 to 64 of the characters a-z, 0-9 and -.
bool IsSpaceId(std::string_view id);

/// What is wrong with a plan, in a sentence that names the field and its allowed range; empty if
/// nothing is.
std::string ValidateFloorPlan(const FloorPlan& plan);

}  // namespace earshot
