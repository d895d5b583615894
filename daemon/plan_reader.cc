#include "plan_reader.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "plan_names.h"
#include "text_rules.h"

namespace earshotd {
namespace {

/// The largest floor; every length on it is bounded by that.
constexpr Range<double> kLengths{0.1, 10'000};
constexpr Range<double> kCoordinates{0, 10'000};
constexpr Range<double> kShares{0, 1};
constexpr size_t kMaxZones = 256;
constexpr size_t kMaxCorners = 128;
constexpr size_t kMaxWalls = 4096;
constexpr size_t kMaxDoors = 1024;
constexpr size_t kMaxPortals = 64;

constexpr std::pair<std::string_view, earshot::Falloff> kFalloffs[] = {
    {"linear", earshot::Falloff::kLinear},
    {"inverse", earshot::Falloff::kInverse},
    {"exponential", earshot::Falloff::kExponential}};

/// Whether cameras are paused far away.
constexpr std::pair<std::string_view, bool> kBeyond[] = {{"thumbnail", false}, {"pause", true}};

std::string SpaceIdRule(const std::string& text) {
  return earshot::IsSpaceId(text) ? "" : "must be 1 to 64 of the characters a-z, 0-9 and -";
}
std::string NameRule(const std::string& text) {
  return IsDisplayText(text, 64) && text.size() <= 64 ? "" : "must be 1 to 64 bytes of text";
}
std::string OwnerRule(const std::string& text) {
  return IsDisplayText(text, 128) && text.size() <= 128 ? "" : "must be 1 to 128 bytes of text";
}

void ReadReach(YamlMap& map, std::string_view name, earshot::Reach& reach) {
  map.ReadMap(name, [&reach](YamlMap& inner) {
    inner.ReadNumber("enter", kLengths, reach.enter);
    inner.ReadNumber("leave", kLengths, reach.leave);
  });
  // Without a gap, somebody on the edge would be connected and cut at every step.
  if (reach.leave <= reach.enter) map.Note(name, "must have enter smaller than leave");
}

void ReadCamera(YamlMap& map, earshot::CameraPolicy& camera) {
  map.ReadNumber("full_within", {0, 10'000}, camera.full_within);
  map.ReadNumber("medium_within", {0, 10'000}, camera.medium_within);
  if (camera.medium_within < camera.full_within) {
    map.Note("medium_within", "must not be smaller than full_within");
  }
  map.ReadChoice<bool>("beyond", kBeyond, camera.pauses_beyond);
  map.ReadBoolean("gaze", camera.follows_gaze);
}

/// The keys that a plan and each of its zones may have. Returns whether one was there.
bool ReadPolicy(YamlMap& map, earshot::Policy& policy) {
  using earshot::Duration;
  ReadReach(map, "audible", policy.audible);
  ReadReach(map, "visible", policy.visible);
  map.ReadNumber("full_gain_radius", {0, 10'000}, policy.full_gain_radius);
  if (policy.full_gain_radius >= policy.audible.enter) {
    map.Note("full_gain_radius", "must be smaller than audible.enter");
  }
  map.ReadChoice<earshot::Falloff>("falloff", kFalloffs, policy.falloff);
  map.ReadNumber("rolloff", {0, 10}, policy.rolloff);
  map.ReadNumber("cut_below", {0.001, 1}, policy.cut_below);
  map.ReadMap("churn", [&policy](YamlMap& churn) {
    churn.ReadDuration("minimum_hold", {Duration::Zero(), Duration::Seconds(10)},
                       policy.churn.minimum_hold);
    churn.ReadInteger("swaps_per_second", {1, 100}, policy.churn.swaps_per_second);
  });
  map.ReadMap("reserved_slots", [&policy](YamlMap& reserved) {
    reserved.ReadInteger("audio", {0, 64}, policy.reserved_slots.audio);
    reserved.ReadInteger("video", {0, 64}, policy.reserved_slots.video);
  });
  map.ReadBoolean("pre_roll", policy.pre_roll);
  map.ReadMap("camera", [&policy](YamlMap& camera) { ReadCamera(camera, policy.camera); });
  constexpr std::string_view kKeys[] = {
      "audible",   "visible", "full_gain_radius", "falloff",        "rolloff",
      "cut_below", "churn",   "camera",           "reserved_slots", "pre_roll"};
  return std::any_of(std::begin(kKeys), std::end(kKeys),
                     [&map](std::string_view key) { return map.Has(key); });
}

void ReadZone(YamlMap& map, const earshot::Policy& of_plan, earshot::Zone& zone) {
  map.ReadText("name", NameRule, zone.name);
  map.ReadChoice<earshot::ZoneKind>("kind", kZoneKinds, zone.kind);
  std::vector<std::pair<float, float>> corners;
  map.ReadPairs("outline", {3, kMaxCorners}, kCoordinates, corners);
  for (const auto& [x, y] : corners) zone.outline.push_back({x, y});
  float transmission = earshot::TransmissionOf(zone);
  map.ReadNumber("transmission", kShares, transmission);
  if (map.Has("transmission")) zone.transmission = transmission;
  map.ReadInteger("capacity", {1, 100'000}, zone.capacity);
  map.ReadText("owner", OwnerRule, zone.owner);
  map.ReadText("audience", NameRule, zone.audience);
  map.ReadChoice<earshot::Podium>("podium", kPodiums, zone.podium);
  map.ReadNumber("duck", kShares, zone.duck);
  earshot::Policy policy = of_plan;
  if (ReadPolicy(map, policy)) zone.policy = policy;
  map.Require("name");
  map.Require("kind");
  map.Require("outline");
}

void ReadLine(YamlMap& map, earshot::Point& from, earshot::Point& to) {
  std::vector<std::pair<float, float>> ends;
  map.ReadPairs("line", {2, 2}, kCoordinates, ends);
  map.Require("line");
  if (ends.size() != 2) return;
  from = {ends[0].first, ends[0].second};
  to = {ends[1].first, ends[1].second};
}

void ReadWall(YamlMap& map, earshot::Wall& wall) {
  ReadLine(map, wall.from, wall.to);
  map.ReadNumber("transmission", kShares, wall.transmission);
}

void ReadDoor(YamlMap& map, earshot::Door& door) {
  map.ReadText("name", NameRule, door.name);
  ReadLine(map, door.from, door.to);
  map.ReadChoice<earshot::DoorState>("state", kDoorStates, door.state);
  map.ReadMap("transmission", [&door](YamlMap& transmission) {
    for (const auto& [name, state] : kDoorStates) {
      transmission.ReadNumber(name, kShares, door.transmission[static_cast<size_t>(state)]);
    }
  });
  map.Require("name");
}

void ReadPoint(YamlMap& map, std::string_view name, earshot::Point& point) {
  map.ReadMap(name, [&point](YamlMap& inner) {
    inner.ReadNumber("x", kCoordinates, point.x);
    inner.ReadNumber("y", kCoordinates, point.y);
  });
}

void ReadPortal(YamlMap& map, earshot::Portal& portal) {
  map.ReadText("name", NameRule, portal.name);
  ReadPoint(map, "at", portal.at);
  map.ReadNumber("radius", {0.3, 10}, portal.radius);
  map.ReadText("space", SpaceIdRule, portal.space);
  for (const std::string_view key : {"name", "at", "space"}) map.Require(key);
}

void ReadSpawn(YamlMap& plan, earshot::FloorPlan& floor) {
  ReadPoint(plan, "spawn", floor.spawn);
  if (floor.spawn.x > floor.width || floor.spawn.y > floor.height) {
    plan.Note("spawn", "must lie on the floor");
  }
}

void ReadPlan(YamlMap& map, earshot::FloorPlan& plan) {
  map.ReadNumber("width", {1, 10'000}, plan.width);
  map.ReadNumber("height", {1, 10'000}, plan.height);
  ReadPolicy(map, plan);
  map.ReadNumber("sight_radius", kLengths, plan.sight_radius);
  map.ReadNumber("bubble_transmission", kShares, plan.bubble_transmission);
  ReadSpawn(map, plan);
  map.ReadMaps("zones", kMaxZones,
               [&plan](YamlMap& zone) { ReadZone(zone, plan, plan.zones.emplace_back()); });
  map.ReadMaps("walls", kMaxWalls,
               [&plan](YamlMap& wall) { ReadWall(wall, plan.walls.emplace_back()); });
  map.ReadMaps("doors", kMaxDoors,
               [&plan](YamlMap& door) { ReadDoor(door, plan.doors.emplace_back()); });
  map.ReadMaps("portals", kMaxPortals,
               [&plan](YamlMap& portal) { ReadPortal(portal, plan.portals.emplace_back()); });
}

/// The library's own rules come last, for what single fields cannot show: crossing edges, zones
/// beyond the floor. It names the entry of the list that is wrong; the note goes to that line.
void CheckWhole(YamlMap& map, const earshot::FloorPlan& plan) {
  const std::string problem = earshot::ValidateFloorPlan(plan);
  if (problem.empty()) return;
  for (const std::string_view list : {"zones", "walls", "doors", "portals"}) {
    size_t index = 0;
    const size_t digits = list.size() + 1;
    if (!problem.starts_with(std::string(list) + "[")) continue;
    const auto end =
        std::from_chars(problem.data() + digits, problem.data() + problem.size(), index);
    if (end.ec == std::errc()) return map.NoteItem(list, index, problem);
  }
  map.Note("", problem);
}

}  // namespace

void ReadSpace(YamlMap& map, earshot::SpaceOptions& space) {
  map.ReadText("id", SpaceIdRule, space.id);
  map.ReadMap("plan", [&](YamlMap& plan) {
    const size_t problems_before = plan.problem_count();
    ReadPlan(plan, space.plan);
    if (plan.problem_count() == problems_before) CheckWhole(plan, space.plan);
  });
  map.Require("id");
  map.Require("plan");
}

}  // namespace earshotd
