#include "spatial/premises.h"

#include <gtest/gtest.h>

namespace earshot {
namespace {

FloorPlan PlanWithRoom() {
  FloorPlan plan;
  plan.zones = {{"room", {{2, 2}, {8, 2}, {8, 8}, {2, 8}}}};
  plan.doors = {{"door", {8, 4}, {8, 6}, DoorState::kLocked}};
  return plan;
}

TEST(PremisesTest, ALockedDoorLetsOutAndLetsInWhoHasTheKey) {
  const Premises premises(PlanWithRoom());
  EXPECT_FALSE(premises.FirstStop({6, 5}, {10, 5}, kOpenFloor));
  EXPECT_DOUBLE_EQ(premises.FirstStop({10, 5}, {6, 5}, kOpenFloor).value().along, 0.5);
  EXPECT_FALSE(premises.FirstStop({10, 5}, {6, 5}, 0));
  EXPECT_DOUBLE_EQ(premises.FirstStop({10, 7}, {6, 7}, 0).value().along, 0.5) << "beside the door";
}

TEST(PremisesTest, ARoomIsLockedWhenAllItsDoorsAre) {
  Premises premises(PlanWithRoom());
  EXPECT_TRUE(premises.IsLocked(0));
  premises.SetDoor(0, DoorState::kShut);
  EXPECT_FALSE(premises.IsLocked(0));
  EXPECT_FALSE(premises.IsLocked(kOpenFloor));
}

TEST(PremisesTest, TheFirstBorderIsOfAZoneThatIsBarred) {
  FloorPlan plan = PlanWithRoom();
  plan.zones.push_back({"desks", {{8, 2}, {12, 2}, {12, 8}, {8, 8}}, ZoneKind::kDesk});
  const Premises premises(plan);
  const auto is_room = [](ZoneIndex zone) { return zone == 0; };
  const auto first = premises.FirstBorder({14, 5}, {4, 5}, is_room);
  ASSERT_TRUE(first);
  EXPECT_DOUBLE_EQ(first->along, 0.6);
  EXPECT_FALSE(premises.FirstBorder({14, 5}, {9, 5}, is_room));
}

TEST(PremisesTest, R17_ASpotNearAPointIsInItsZoneAndThisSideOfWalls) {
  FloorPlan plan = PlanWithRoom();
  plan.walls = {{{20, 0}, {20, 30}}};
  const Premises premises(plan);
  EXPECT_EQ(premises.SpotNear({15, 15}, {1, 0}), (Point{16, 15}));
  EXPECT_EQ(premises.SpotNear({19.5f, 15}, {1, 0}), (Point{19.5f, 15})) << "a wall";
  EXPECT_EQ(premises.SpotNear({8.5f, 5}, {-1, 0}), (Point{8.5f, 5})) << "another zone";
  EXPECT_EQ(premises.SpotNear({19, 15}, {0.95f, 0}), (Point{19, 15})) << "too near to one";
  EXPECT_EQ(premises.SpotNear({39.5f, 29.8f}, {1, 1}), (Point{40, 30})) << "the floor's end";
}

TEST(PremisesTest, ADoorLocksTheSpawnWhenAllOthersOfItsRoomAreLocked) {
  FloorPlan plan = PlanWithRoom();
  plan.spawn = {5, 5};
  plan.doors[0].state = DoorState::kOpen;
  plan.doors.push_back({"other", {2, 4}, {2, 6}, DoorState::kOpen});
  Premises premises(plan);
  EXPECT_FALSE(premises.LocksSpawn(0, DoorState::kLocked));
  premises.SetDoor(1, DoorState::kLocked);
  EXPECT_TRUE(premises.LocksSpawn(0, DoorState::kLocked));
  EXPECT_FALSE(premises.LocksSpawn(0, DoorState::kShut));
  plan.spawn = {20, 20};
  EXPECT_FALSE(Premises(plan).LocksSpawn(0, DoorState::kLocked));
}

TEST(PremisesTest, R17_DoorstepsBehindAWallAreNone) {
  FloorPlan plan = PlanWithRoom();
  plan.walls = {{{8.3f, 0}, {8.3f, 10}}};
  const Premises premises(plan);
  std::vector<Point> steps;
  premises.FindDoorsteps(0, steps);
  EXPECT_TRUE(steps.empty());
}

TEST(PremisesTest, DoorstepsAreOutside) {
  const Premises premises(PlanWithRoom());
  std::vector<Point> steps;
  premises.FindDoorsteps(0, steps);
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_FLOAT_EQ(steps[0].x, 8.6f);
  EXPECT_FLOAT_EQ(steps[0].y, 5);
}

}  // namespace
}  // namespace earshot
