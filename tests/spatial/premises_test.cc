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
  EXPECT_EQ(premises.FreeWay({6, 5}, {10, 5}, kOpenFloor), 1);
  EXPECT_DOUBLE_EQ(premises.FreeWay({10, 5}, {6, 5}, kOpenFloor), 0.5);
  EXPECT_EQ(premises.FreeWay({10, 5}, {6, 5}, 0), 1);
  EXPECT_DOUBLE_EQ(premises.FreeWay({10, 7}, {6, 7}, 0), 0.5) << "the wall beside the door";
}

TEST(PremisesTest, ARoomIsLockedWhenAllItsDoorsAre) {
  Premises premises(PlanWithRoom());
  EXPECT_TRUE(premises.IsLocked(0));
  premises.SetDoor(0, DoorState::kShut);
  EXPECT_FALSE(premises.IsLocked(0));
  EXPECT_FALSE(premises.IsLocked(kOpenFloor));
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
