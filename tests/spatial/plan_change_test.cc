#include "spatial/plan_change.h"

#include <gtest/gtest.h>

namespace earshot {
namespace {

Zone ZoneNamed(const char* name, ZoneKind kind = ZoneKind::kRoom, const char* owner = "") {
  Zone zone{name, {{1, 1}, {5, 1}, {5, 5}}, kind};
  zone.owner = owner;
  return zone;
}

TEST(PlanChangeTest, ZonesAreFoundByNameAndKind) {
  FloorPlan before;
  before.zones = {ZoneNamed("a"), ZoneNamed("b"), ZoneNamed("c")};
  FloorPlan after;
  after.zones = {ZoneNamed("b"), ZoneNamed("c", ZoneKind::kQuiet), ZoneNamed("a")};
  const PlanChange change(before, after);
  EXPECT_EQ(change.ZoneNow(0), 2);
  EXPECT_EQ(change.ZoneNow(1), 0);
  EXPECT_EQ(change.ZoneNow(2), kOpenFloor);
  EXPECT_EQ(change.ZoneNow(kOpenFloor), kOpenFloor);
}

TEST(PlanChangeTest, R17_APrivateZoneOfAnotherOwnerIsAnotherZone) {
  FloorPlan before;
  before.zones = {ZoneNamed("office", ZoneKind::kPrivate, "ann")};
  FloorPlan after;
  after.zones = {ZoneNamed("office", ZoneKind::kPrivate, "bob")};
  EXPECT_EQ(PlanChange(before, after).ZoneNow(0), kOpenFloor);
  EXPECT_EQ(PlanChange(before, before).ZoneNow(0), 0);
}

TEST(PlanChangeTest, R17_TwoZonesOfOneNameDoNotBecomeOne) {
  FloorPlan before;
  before.zones = {ZoneNamed("box"), ZoneNamed("box")};
  EXPECT_EQ(PlanChange(before, before).ZoneNow(1), 1);
  FloorPlan after;
  after.zones = {ZoneNamed("box")};
  EXPECT_EQ(PlanChange(before, after).ZoneNow(0), 0);
  EXPECT_EQ(PlanChange(before, after).ZoneNow(1), kOpenFloor);
}

TEST(PlanChangeTest, R17_ARoomThatIsRenamedIsTheSameRoom) {
  FloorPlan before;
  before.zones = {ZoneNamed("office", ZoneKind::kPrivate, "ann")};
  FloorPlan after;
  after.zones = {ZoneNamed("her office", ZoneKind::kPrivate, "ann")};
  EXPECT_EQ(PlanChange(before, after).ZoneNow(0), 0);
  after.zones[0].outline[0] = {2, 1};
  EXPECT_EQ(PlanChange(before, after).ZoneNow(0), kOpenFloor) << "elsewhere, too";
  after.zones = {ZoneNamed("a quiet place", ZoneKind::kPrivate, "ann"),
                 ZoneNamed("office", ZoneKind::kPrivate, "ann")};
  EXPECT_EQ(PlanChange(before, after).ZoneNow(0), 1) << "the name comes first";
}

TEST(PlanChangeTest, R17_DoorsAreFoundByLine) {
  FloorPlan before;
  before.doors = {{"door", {1, 1}, {2, 1}}, {"door", {3, 1}, {4, 1}}, {"gate", {5, 1}, {6, 1}}};
  FloorPlan after;
  after.doors = {{"renamed", {4, 1}, {3, 1}, DoorState::kOpen}, {"gate", {5, 1}, {6, 2}}};
  const PlanChange change(before, after);
  EXPECT_EQ(change.DoorNow(0), kNoDoor);
  EXPECT_EQ(change.DoorNow(1), 0);
  EXPECT_EQ(change.DoorNow(2), kNoDoor);
}

}  // namespace
}  // namespace earshot
