#include "plan_reader.h"

#include "text_rules.h"

namespace earshotd {
namespace {

/// The largest floor; every length on it is bounded by that.
constexpr Range<double> kLengths{0.1, 10'000};
constexpr Range<double> kCoordinates{0, 10'000};
constexpr size_t kMaxRooms = 256;
constexpr size_t kMaxCorners = 128;

std::string SpaceIdRule(const std::string& text) {
  return IsSpaceId(text) ? "" : "must be 1 to 64 of the characters a-z, 0-9 and -";
}
std::string RoomNameRule(const std::string& text) {
  return IsDisplayText(text, 64) && text.size() <= 64 ? "" : "must be 1 to 64 bytes of text";
}

void ReadReach(YamlMap& plan, std::string_view name, earshot::Reach& reach) {
  plan.ReadMap(name, [&reach](YamlMap& map) {
    map.ReadNumber("enter", kLengths, reach.enter);
    map.ReadNumber("leave", kLengths, reach.leave);
  });
  // Without a gap, somebody on the edge would be connected and cut at every step.
  if (reach.leave <= reach.enter) plan.Note(name, "must have enter smaller than leave");
}

void ReadRoom(YamlMap& map, earshot::Room& room) {
  map.ReadText("name", RoomNameRule, room.name);
  std::vector<std::pair<float, float>> corners;
  map.ReadPairs("outline", {3, kMaxCorners}, kCoordinates, corners);
  for (const auto& [x, y] : corners) room.outline.push_back({x, y});
  map.Require("name");
  map.Require("outline");
}

void ReadSpawn(YamlMap& plan, earshot::FloorPlan& floor) {
  plan.ReadMap("spawn", [&floor](YamlMap& map) {
    map.ReadNumber("x", kCoordinates, floor.spawn.x);
    map.ReadNumber("y", kCoordinates, floor.spawn.y);
  });
  if (floor.spawn.x > floor.width || floor.spawn.y > floor.height) {
    plan.Note("spawn", "must lie on the floor");
  }
}

void ReadPlan(YamlMap& map, earshot::FloorPlan& plan) {
  map.ReadNumber("width", {1, 10'000}, plan.width);
  map.ReadNumber("height", {1, 10'000}, plan.height);
  ReadReach(map, "audible", plan.audible);
  ReadReach(map, "visible", plan.visible);
  map.ReadNumber("full_gain_radius", kLengths, plan.full_gain_radius);
  if (plan.full_gain_radius >= plan.audible.leave) {
    map.Note("full_gain_radius", "must be smaller than audible.leave");
  }
  map.ReadNumber("sight_radius", kLengths, plan.sight_radius);
  ReadSpawn(map, plan);
  map.ReadMaps("rooms", kMaxRooms,
               [&plan](YamlMap& room) { ReadRoom(room, plan.rooms.emplace_back()); });
}

}  // namespace

void ReadSpace(YamlMap& map, earshot::SpaceOptions& space) {
  const size_t problems_before = map.problem_count();
  map.ReadText("id", SpaceIdRule, space.id);
  map.ReadMap("plan", [&space](YamlMap& plan) { ReadPlan(plan, space.plan); });
  map.Require("id");
  map.Require("plan");
  // The library's own rules come last, for what single fields cannot show: crossing edges, rooms
  // beyond the floor.
  if (map.problem_count() != problems_before) return;
  const std::string problem = earshot::ValidateFloorPlan(space.plan);
  if (!problem.empty()) map.Note("plan", problem);
}

}  // namespace earshotd
