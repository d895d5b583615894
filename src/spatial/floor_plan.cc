#include "earshot/floor_plan.h"

#include <algorithm>
#include <cstdio>
#include <string_view>

#include "earshot/media.h"
#include "spatial/geometry.h"
#include "spatial/outlines.h"
#include "spatial/premises.h"

namespace earshot {
namespace {

constexpr float kMinSide = 1;
constexpr float kMaxSide = 10000;
constexpr size_t kMaxZones = 256;
constexpr size_t kMaxWalls = 4096;
constexpr size_t kMaxDoors = 1024;
constexpr size_t kMaxPortals = 64;
constexpr size_t kMinCorners = 3;
constexpr size_t kMaxCorners = 128;
constexpr size_t kMaxNameBytes = 64;
constexpr size_t kMaxOwnerBytes = 128;
constexpr float kMinPassage = 0.1f;
// Of who arrives, from walls: more than people who walk stay from them.
constexpr float kMinClearance = 0.05f;
constexpr float kMaxRolloff = 10;
constexpr int kMaxCapacity = 100000;

std::string Number(float value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%g", static_cast<double>(value));
  return text;
}

std::string Text(Point point) { return "(" + Number(point.x) + ", " + Number(point.y) + ")"; }

// How many bytes the UTF-8 character at the start takes; 0 if it is none, is overlong or a
// surrogate (RFC 3629 section 4), or is a control character, which would garble a log.
size_t CharacterLength(std::string_view text) {
  const auto at = [text](size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  const auto is_tail = [](unsigned byte) { return (byte & 0xc0u) == 0x80u; };
  const unsigned first = at(0);
  if (first < 0x80) return first >= 0x20 && first != 0x7f ? 1 : 0;
  if (first < 0xc2 || first > 0xf4 || !is_tail(at(1))) return 0;
  if (first < 0xe0) return first == 0xc2 && at(1) < 0xa0 ? 0 : 2;
  if (!is_tail(at(2))) return 0;
  if (first == 0xe0 && at(1) < 0xa0) return 0;
  if (first == 0xed && at(1) >= 0xa0) return 0;
  if (first < 0xf0) return 3;
  if (!is_tail(at(3))) return 0;
  if (first == 0xf0 && at(1) < 0x90) return 0;
  if (first == 0xf4 && at(1) >= 0x90) return 0;
  return 4;
}

bool IsShowable(std::string_view name) {
  while (!name.empty()) {
    const size_t length = CharacterLength(name);
    if (length == 0) return false;
    name.remove_prefix(length);
  }
  return true;
}

std::string CheckRange(const std::string& field, float value, float low, float high,
                       const char* unit) {
  if (value >= low && value <= high) return {};  // false for NaN too
  return std::string(field) + " is " + Number(value) + "; it must be between " + Number(low) +
         " and " + Number(high) + unit + ".";
}

std::string CheckShare(const std::string& field, float value) {
  return CheckRange(field, value, 0, 1, "");
}

std::string CheckRadius(const std::string& field, float value) {
  if (value > 0 && value <= kMaxSide) return {};
  return field + " is " + Number(value) + "; it must be above 0 and at most " + Number(kMaxSide) +
         " metres.";
}

std::string CheckReach(const std::string& field, const Reach& reach) {
  if (std::string error = CheckRadius(field + ".enter", reach.enter); !error.empty()) return error;
  if (std::string error = CheckRadius(field + ".leave", reach.leave); !error.empty()) return error;
  if (reach.enter < reach.leave) return {};
  return field + ".enter is " + Number(reach.enter) + "; it must be below " + field +
         ".leave, which is " + Number(reach.leave) + " metres.";
}

bool IsOnFloor(const FloorPlan& plan, Point point) {
  return point.x >= 0 && point.x <= plan.width && point.y >= 0 && point.y <= plan.height;
}

std::string OffFloor(const FloorPlan& plan, const std::string& what, Point point) {
  return what + " is at " + Text(point) + "; x must be between 0 and " + Number(plan.width) +
         " and y between 0 and " + Number(plan.height) + " metres.";
}

template <typename... Errors>
std::string FirstOf(Errors&&... errors) {
  std::string first;
  // Each error is a function: the later checks rest on the earlier ones.
  ((first.empty() ? void(first = errors()) : void()), ...);
  return first;
}

std::string CheckCount(const std::string& field, int value, int low, int high) {
  if (value >= low && value <= high) return {};
  return field + " is " + std::to_string(value) + "; it must be between " + std::to_string(low) +
         " and " + std::to_string(high) + ".";
}

std::string CheckFalloff(const std::string& prefix, const Policy& policy) {
  const bool is_linear = policy.falloff == Falloff::kLinear;
  if (!(policy.full_gain_radius >= 0 && policy.full_gain_radius < policy.audible.enter)) {
    return prefix + "full_gain_radius is " + Number(policy.full_gain_radius) +
           "; it must be at least 0 and below audible.enter, which is " +
           Number(policy.audible.enter) + " metres.";
  }
  if (!is_linear && policy.full_gain_radius == 0) {
    return prefix + "full_gain_radius is 0; it must be above 0 unless falloff is linear.";
  }
  return CheckRange(prefix + "rolloff", policy.rolloff, 0, is_linear ? 1 : kMaxRolloff, "");
}

std::string CheckCamera(const std::string& prefix, const CameraPolicy& camera) {
  return FirstOf(
      [&] {
        return CheckRange(prefix + "full_within", camera.full_within, 0, kMaxSide, " metres");
      },
      [&] {
        return CheckRange(prefix + "medium_within", camera.medium_within, camera.full_within,
                          kMaxSide, " metres");
      });
}

std::string CheckPolicy(const std::string& prefix, const Policy& policy) {
  constexpr auto kMaxHold = Duration::Seconds(10);
  return FirstOf([&] { return CheckReach(prefix + "audible", policy.audible); },
                 [&] { return CheckReach(prefix + "visible", policy.visible); },
                 [&] { return CheckFalloff(prefix, policy); },
                 [&] { return CheckCamera(prefix + "camera.", policy.camera); },
                 [&]() -> std::string {
                   if (policy.cut_below > 0 && policy.cut_below <= 1) return {};
                   return prefix + "cut_below is " + Number(policy.cut_below) +
                          "; it must be above 0 and at most 1.";
                 },
                 [&]() -> std::string {
                   const Duration hold = policy.churn.minimum_hold;
                   if (hold >= Duration::Zero() && hold <= kMaxHold) return {};
                   return prefix + "churn.minimum_hold is " + std::to_string(hold.millis()) +
                          " ms; it must be between 0 and 10000 ms.";
                 },
                 [&] {
                   return CheckCount(prefix + "churn.swaps_per_second",
                                     policy.churn.swaps_per_second, 1, 100);
                 },
                 [&] {
                   return CheckCount(prefix + "reserved_slots.audio", policy.reserved_slots.audio,
                                     0, int{kMaxSlotsPerKind});
                 },
                 [&] {
                   return CheckCount(prefix + "reserved_slots.video", policy.reserved_slots.video,
                                     0, int{kMaxSlotsPerKind});
                 });
}

std::string CheckSizes(const FloorPlan& plan) {
  return FirstOf([&] { return CheckRange("width", plan.width, kMinSide, kMaxSide, " metres"); },
                 [&] { return CheckRange("height", plan.height, kMinSide, kMaxSide, " metres"); },
                 [&] { return CheckPolicy("", plan); },
                 [&] { return CheckRadius("sight_radius", plan.sight_radius); },
                 [&] { return CheckShare("bubble_transmission", plan.bubble_transmission); },
                 [&]() -> std::string {
                   if (IsOnFloor(plan, plan.spawn)) return {};
                   return OffFloor(plan, "spawn", plan.spawn);
                 });
}

std::string CheckText(const std::string& field, const std::string& text, size_t max_bytes) {
  if (text.size() > max_bytes) {
    return field + " has " + std::to_string(text.size()) + " bytes; it must have at most " +
           std::to_string(max_bytes) + ".";
  }
  if (IsShowable(text)) return {};
  return field + " is not text; it must be UTF-8 without control characters.";
}

std::string Entry(const char* list, size_t index) {
  return std::string(list) + "[" + std::to_string(index) + "]";
}

std::string ZoneText(const FloorPlan& plan, size_t index) {
  return Entry("zones", index) + " (\"" + plan.zones[index].name + "\")";
}

std::string CheckOutline(const FloorPlan& plan, size_t index) {
  const std::vector<Point>& outline = plan.zones[index].outline;
  const std::string text = ZoneText(plan, index) + ".outline";
  if (outline.size() < kMinCorners || outline.size() > kMaxCorners) {
    return text + " has " + std::to_string(outline.size()) + " corners; it must have between " +
           std::to_string(kMinCorners) + " and " + std::to_string(kMaxCorners) + ".";
  }
  for (size_t i = 0; i < outline.size(); ++i) {
    if (IsOnFloor(plan, outline[i])) continue;
    return OffFloor(plan, text + "[" + std::to_string(i) + "]", outline[i]);
  }
  if (IsSimple(outline)) return {};
  return text + " crosses or touches itself; its edges must meet only in their corners.";
}

// Where a key says something about one kind of zone, on another it is a mistake of whoever wrote
// the plan, and better told than ignored.
std::string CheckKind(const FloorPlan& plan, size_t index) {
  const Zone& zone = plan.zones[index];
  const std::string text = ZoneText(plan, index);
  const bool is_stage = zone.kind == ZoneKind::kStage;
  if (zone.capacity != 0 && !IsWalled(zone.kind)) {
    return text + ".capacity is given; it must be left out but for a room or private zone.";
  }
  if (zone.owner.empty() == (zone.kind == ZoneKind::kPrivate)) {
    return text + (zone.owner.empty() ? ".owner is missing; it must name whose private zone it is."
                                      : ".owner is given; it must be left out but for a private "
                                        "zone.");
  }
  if (!is_stage) {
    if (zone.audience.empty() && zone.podium == Podium::kOpen) return {};
    return text + ".audience or .podium is given; they must be left out but for a stage.";
  }
  for (const Zone& other : plan.zones) {
    if (&other != &zone && other.name == zone.audience && other.kind != ZoneKind::kStage) return {};
  }
  return text + ".audience is \"" + zone.audience +
         "\"; it must be the name of a zone that is no stage.";
}

std::string CheckZone(const FloorPlan& plan, size_t index) {
  const Zone& zone = plan.zones[index];
  const std::string text = ZoneText(plan, index);
  return FirstOf(
      [&] { return CheckText(Entry("zones", index) + ".name", zone.name, kMaxNameBytes); },
      [&] { return CheckOutline(plan, index); },
      [&] { return CheckShare(text + ".transmission", TransmissionOf(zone)); },
      [&] { return CheckCount(text + ".capacity", zone.capacity, 0, kMaxCapacity); },
      [&] { return CheckText(text + ".owner", zone.owner, kMaxOwnerBytes); },
      [&] { return CheckShare(text + ".duck", zone.duck); },
      [&] { return zone.policy ? CheckPolicy(text + ".", *zone.policy) : std::string(); },
      [&] { return CheckKind(plan, index); });
}

std::string CheckZones(const FloorPlan& plan) {
  for (size_t i = 0; i < plan.zones.size(); ++i) {
    if (std::string error = CheckZone(plan, i); !error.empty()) return error;
  }
  for (size_t i = 0; i < plan.zones.size(); ++i) {
    for (size_t j = i + 1; j < plan.zones.size(); ++j) {
      if (!OutlinesOverlap(plan.zones[i].outline, plan.zones[j].outline)) continue;
      return ZoneText(plan, j) + " overlaps " + ZoneText(plan, i) +
             "; zones may share edges but no floor.";
    }
  }
  return {};
}

std::string CheckLine(const FloorPlan& plan, const std::string& field, Point from, Point to) {
  if (!IsOnFloor(plan, from)) return OffFloor(plan, field + ".line[0]", from);
  if (!IsOnFloor(plan, to)) return OffFloor(plan, field + ".line[1]", to);
  if (Distance(from, to) >= kMinPassage) return {};
  return field + ".line is " + Number(Distance(from, to)) + " metres long; it must be at least " +
         Number(kMinPassage) + ".";
}

std::string CheckWalls(const FloorPlan& plan) {
  for (size_t i = 0; i < plan.walls.size(); ++i) {
    const Wall& wall = plan.walls[i];
    const std::string field = Entry("walls", i);
    std::string error = CheckLine(plan, field, wall.from, wall.to);
    if (error.empty()) error = CheckShare(field + ".transmission", wall.transmission);
    if (!error.empty()) return error;
  }
  return {};
}

// Calls `visit` with every line that a door can be in, and the list and index of what it belongs
// to, until it returns true; whether it did.
template <typename Visit>
bool AnyWall(const FloorPlan& plan, Visit visit) {
  for (size_t i = 0; i < plan.walls.size(); ++i) {
    if (visit(Segment{plan.walls[i].from, plan.walls[i].to}, "walls", i)) return true;
  }
  for (size_t i = 0; i < plan.zones.size(); ++i) {
    const Zone& zone = plan.zones[i];
    if (!IsWalled(zone.kind)) continue;
    for (size_t edge = 0; edge < zone.outline.size(); ++edge) {
      if (visit(EdgeAt(zone.outline, edge), "zones", i)) return true;
    }
  }
  return false;
}

// A door belongs to all whose wall it is in, so it must be clear which these are.
std::string CheckDoorLine(const FloorPlan& plan, size_t index) {
  const auto line_of = [&](size_t door) {
    return Segment{plan.doors[door].from, plan.doors[door].to};
  };
  const Segment line = line_of(index);
  const std::string given =
      Entry("doors", index) + ".line is " + Text(line.from) + " to " + Text(line.to) + "; it must ";
  if (!AnyWall(plan, [&](const Segment& wall, auto...) { return LiesOn(line, wall); })) {
    return given + "lie on one edge of a room or private zone, or on a wall.";
  }
  std::string missed;
  if (AnyWall(plan, [&](const Segment& wall, const char* list, size_t i) {
        if (NarrowlyMisses(line, wall)) missed = Entry(list, i);
        return !missed.empty();
      })) {
    return given + "lie on the line of " + missed + ", too, or more than a centimetre beside it.";
  }
  for (size_t other = 0; other < index; ++other) {
    if (RunTogether(line, line_of(other))) {
      return given + "not overlap that of " + Entry("doors", other) + ".";
    }
  }
  return {};
}

std::string CheckDoors(const FloorPlan& plan) {
  static constexpr const char* kStateNames[kDoorStateCount] = {"open", "shut", "locked"};
  for (size_t i = 0; i < plan.doors.size(); ++i) {
    const Door& door = plan.doors[i];
    const std::string field = Entry("doors", i);
    std::string error = CheckText(field + ".name", door.name, kMaxNameBytes);
    if (error.empty()) error = CheckLine(plan, field, door.from, door.to);
    for (size_t state = 0; error.empty() && state < kDoorStateCount; ++state) {
      error = CheckShare(field + ".transmission." + kStateNames[state], door.transmission[state]);
    }
    if (error.empty()) error = CheckDoorLine(plan, i);
    if (!error.empty()) return error;
  }
  return {};
}

std::string CheckPortals(const FloorPlan& plan) {
  for (size_t i = 0; i < plan.portals.size(); ++i) {
    const Portal& portal = plan.portals[i];
    const std::string field = Entry("portals", i);
    std::string error = CheckText(field + ".name", portal.name, kMaxNameBytes);
    if (error.empty() && !IsOnFloor(plan, portal.at)) {
      error = OffFloor(plan, field + ".at", portal.at);
    }
    if (error.empty()) {
      error = CheckRange(field + ".radius", portal.radius, kMinPassage, 10, " metres");
    }
    if (error.empty() && !IsSpaceId(portal.space)) {
      error = field + ".space must be 1 to 64 of the characters a-z, 0-9 and -.";
    }
    if (!error.empty()) return error;
  }
  return {};
}

bool HasDoors(const FloorPlan& plan, const Premises& premises, size_t zone) {
  for (size_t door = 0; door < plan.doors.size(); ++door) {
    if (premises.IsDoorOf(static_cast<DoorIndex>(door), static_cast<ZoneIndex>(zone))) return true;
  }
  return false;
}

// Whether people can be put there when they arrive: not into a wall, whose sides they would not
// know apart, and not where they may not be. What newcomers find full or locked has no place for
// them.
std::string CheckArrival(const FloorPlan& plan, const Premises& premises, const std::string& what,
                         Point at) {
  std::string near;
  if (AnyWall(plan, [&](const Segment& wall, const char* list, size_t i) {
        if (DistanceToSegment(at, wall) >= kMinClearance) return false;
        // A room without a door is entered from anywhere.
        if (list == std::string_view("zones") && !HasDoors(plan, premises, i)) return false;
        near = Entry(list, i);
        return true;
      })) {
    return what + " is at " + Text(at) + ", in the line of " + near + "; it must be at least " +
           Number(kMinClearance) + " metres from it.";
  }
  const ZoneIndex room = premises.SpaceOf(premises.ZoneAt(at));
  if (room == kOpenFloor) return {};
  const std::string is_in = what + " is in " + ZoneText(plan, static_cast<size_t>(room)) + "; it ";
  if (premises.IsKind(room, ZoneKind::kPrivate)) return is_in + "must not be in a private zone.";
  if (premises.IsLocked(room)) return is_in + "must not be in a room whose doors are all locked.";
  return {};
}

std::string CheckArrivals(const FloorPlan& plan) {
  const Premises premises(plan);
  std::string error = CheckArrival(plan, premises, "spawn", plan.spawn);
  const ZoneIndex zone = premises.ZoneAt(plan.spawn);
  if (error.empty() && zone != kOpenFloor && premises.ZoneOf(zone)->capacity > 0) {
    error = "spawn is in " + ZoneText(plan, static_cast<size_t>(zone)) +
            "; it must not be in a zone that has a capacity.";
  }
  for (size_t i = 0; error.empty() && i < plan.portals.size(); ++i) {
    error = CheckArrival(plan, premises, Entry("portals", i) + ".at", plan.portals[i].at);
  }
  return error;
}

std::string CheckLength(const char* list, size_t size, size_t max) {
  if (size <= max) return {};
  return std::string(list) + " has " + std::to_string(size) + " entries; it must have at most " +
         std::to_string(max) + ".";
}

}  // namespace

float TransmissionOf(const Zone& zone) {
  if (zone.transmission) return *zone.transmission;
  switch (zone.kind) {
    case ZoneKind::kRoom:
    case ZoneKind::kPrivate:
    case ZoneKind::kQuiet:
      return 0;
    case ZoneKind::kDesk:
      return 0.3f;
    case ZoneKind::kStage:
    case ZoneKind::kLobby:
      break;
  }
  return 1;
}

std::vector<int16_t> ZonesOwnedBy(std::span<const std::string> identities, const FloorPlan& plan) {
  std::vector<int16_t> owned;
  for (size_t i = 0; i < plan.zones.size(); ++i) {
    const Zone& zone = plan.zones[i];
    if (zone.kind != ZoneKind::kPrivate) continue;
    if (std::find(identities.begin(), identities.end(), zone.owner) == identities.end()) continue;
    owned.push_back(static_cast<int16_t>(i));
  }
  return owned;
}

bool IsSpaceId(std::string_view id) {
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

std::string ValidateFloorPlan(const FloorPlan& plan) {
  return FirstOf([&] { return CheckSizes(plan); },
                 [&] { return CheckLength("zones", plan.zones.size(), kMaxZones); },
                 [&] { return CheckLength("walls", plan.walls.size(), kMaxWalls); },
                 [&] { return CheckLength("doors", plan.doors.size(), kMaxDoors); },
                 [&] { return CheckZones(plan); }, [&] { return CheckWalls(plan); },
                 [&] { return CheckDoors(plan); },
                 [&] { return CheckLength("portals", plan.portals.size(), kMaxPortals); },
                 [&] { return CheckPortals(plan); }, [&] { return CheckArrivals(plan); });
}

}  // namespace earshot
