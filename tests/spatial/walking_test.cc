#include "spatial/walking.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/random.h"
#include "test_data.h"

namespace earshot {
namespace {

using nlohmann::json;

struct HeldKeys {
  const Premises& premises;
  ZoneIndex here;
  std::vector<ZoneIndex> zones;
  bool HasKey(ZoneIndex zone) const {
    return std::find(zones.begin(), zones.end(), zone) != zones.end();
  }
  bool MayEnter(ZoneIndex zone) const {
    return zone == here || HasKey(zone) || !premises.IsKind(zone, ZoneKind::kPrivate);
  }
};

Point PointIn(const json& pair) { return {pair[0].get<float>(), pair[1].get<float>()}; }

ZoneKind KindNamed(const std::string& name) {
  constexpr const char* kNames[] = {"room", "private", "stage", "quiet", "desk", "lobby"};
  return static_cast<ZoneKind>(std::find(std::begin(kNames), std::end(kNames), name) - kNames);
}

DoorState StateNamed(const std::string& name) {
  return name == "open" ? DoorState::kOpen : name == "shut" ? DoorState::kShut : DoorState::kLocked;
}

FloorPlan PlanIn(const json& text) {
  FloorPlan plan;
  plan.width = text["width"];
  plan.height = text["height"];
  plan.spawn = {1, 29};
  for (const json& one : text["zones"]) {
    Zone zone{one["name"], {}, KindNamed(one["kind"])};
    for (const json& corner : one["outline"]) zone.outline.push_back(PointIn(corner));
    zone.audience = one.value("audience", "");
    if (zone.kind == ZoneKind::kPrivate) zone.owner = "owner";
    plan.zones.push_back(zone);
  }
  for (const json& wall : text["walls"]) {
    plan.walls.push_back({PointIn(wall["line"][0]), PointIn(wall["line"][1])});
  }
  for (const json& door : text["doors"]) {
    plan.doors.push_back({door["name"], PointIn(door["line"][0]), PointIn(door["line"][1]),
                          StateNamed(door["state"])});
  }
  return plan;
}

Walked WalkWith(const Premises& premises, Point from, Point to, std::vector<ZoneIndex> keys = {}) {
  return WalkTowards(premises, from, to,
                     HeldKeys{premises, premises.ZoneAt(from), std::move(keys)});
}

TEST(WalkingTest, R18_PeopleWalkAlongWhatStopsThemAsOnThePage) {
  const json data = json::parse(std::ifstream(ProjectFile("tests/data/walks.json")));
  ASSERT_GT(data["walks"].size(), 20u);
  for (const json& walk : data["walks"]) {
    const FloorPlan plan = PlanIn(data["plans"][walk["plan"].get<std::string>()]);
    ASSERT_EQ(ValidateFloorPlan(plan), "");
    const Premises premises(plan);
    const auto keys = walk.value("keys", std::vector<ZoneIndex>());
    const Point end = WalkWith(premises, PointIn(walk["from"]), PointIn(walk["to"]), keys).to;
    EXPECT_NEAR(end.x, walk["end"][0].get<float>(), 0.01) << walk["name"];
    EXPECT_NEAR(end.y, walk["end"][1].get<float>(), 0.01) << walk["name"];
  }
}

TEST(WalkingTest, R18_WhoSlidesGoesNoFartherAndNeverGetsOut) {
  SeededRandom random(1);
  for (const float corner : {5.0f, 9900.0f}) {
    FloorPlan plan;
    plan.width = plan.height = 10000;
    const auto wall = [&](float ax, float ay, float bx, float by) {
      plan.walls.push_back({{corner + ax, corner + ay}, {corner + bx, corner + by}});
    };
    // A lopsided pen with walls in it that make corners of all kinds.
    wall(0, 0, 20, 3);
    wall(20, 3, 17, 22);
    wall(17, 22, 2, 18);
    wall(2, 18, 0, 0);
    wall(0, 0, 12, 8);
    wall(20, 3, 9, 17);
    wall(12, 1.8f, 12, 5);
    const Premises premises(plan);
    Point at{corner + 6, corner + 10};
    const std::vector<Point> pen = {{corner, corner},
                                    {corner + 20, corner + 3},
                                    {corner + 17, corner + 22},
                                    {corner + 2, corner + 18}};
    for (int steps = 0; steps < 20000; ++steps) {
      const Point to{at.x + static_cast<float>(random.Unit() - 0.5) * 6,
                     at.y + static_cast<float>(random.Unit() - 0.5) * 6};
      const Point end = WalkWith(premises, at, to).to;
      ASSERT_LE(Distance(at, end), Distance(at, to) + 1e-3f);
      ASSERT_TRUE(Contains(pen, end)) << end.x << " " << end.y;
      at = end;
    }
  }
}

TEST(WalkingTest, TheZoneThatRefusesIsNamedUnlessItsWallIsMet) {
  FloorPlan plan;
  plan.zones = {{"clerk", {{10, 10}, {20, 10}, {20, 20}, {10, 20}}, ZoneKind::kPrivate}};
  plan.doors = {{"door", {10, 14}, {10, 16}, DoorState::kOpen}};
  const Premises premises(plan);
  EXPECT_EQ(WalkWith(premises, {5, 15}, {15, 15}).refused, 0);
  EXPECT_EQ(WalkWith(premises, {5, 12}, {15, 12.5f}).refused, kOpenFloor);
  EXPECT_EQ(WalkWith(premises, {5, 15}, {15, 15}, {0}).refused, kOpenFloor);
}

}  // namespace
}  // namespace earshot
