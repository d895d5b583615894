#include "spatial/company.h"

#include <gtest/gtest.h>

#include <cmath>

#include "spatial/router_driver.h"

namespace earshot {
namespace {

// A private zone and a room, each with a door to the left.
FloorPlan Plan() {
  FloorPlan plan;
  plan.width = 100;
  plan.zones = {{"clerk", {{30, 2}, {40, 2}, {40, 12}, {30, 12}}, ZoneKind::kPrivate},
                {"room", {{60, 2}, {70, 2}, {70, 12}, {60, 12}}}};
  plan.zones[0].owner = "clerk";
  plan.zones[1].capacity = 2;
  plan.doors = {{"clerk's", {30, 5}, {30, 8}, DoorState::kOpen},
                {"room's", {60, 5}, {60, 8}, DoorState::kOpen}};
  return plan;
}

// 1 owns the clerk's zone and may beam, 2 moderates, 3 is anybody.
class CompanyTest : public ::testing::Test {
 protected:
  CompanyTest() {
    office_.JoinAs(1, {5, 6}, {.beam = true, .owned_zones = {0}});
    office_.JoinAs(2, {6, 6}, {.moderator = true});
    office_.Join(3, {7, 6});
  }
  Point At(uint32_t id) { return office_.router().PoseOf(Id(id))->position; }
  float Apart(uint32_t a, uint32_t b) { return std::hypot(At(a).x - At(b).x, At(a).y - At(b).y); }

  RouterDriver office_{Plan()};
};

TEST_F(CompanyTest, AFollowerWalksAfterItsLeader) {
  EXPECT_EQ(office_.Follow(3, 1), Outcome::kDone);
  EXPECT_EQ(office_.Told(EventKind::kFollowed, 1)->other, Id(3));
  for (const float y : {10.0f, 15.0f, 20.0f}) {
    office_.WalkTo(1, {5, y});
    EXPECT_NEAR(Apart(1, 3), Company::kFollowDistance, 0.01f);
    EXPECT_EQ(office_.Told(EventKind::kMoved, 3)->pose.position, At(3));
  }
  EXPECT_EQ(office_.Follow(3, 0), Outcome::kDone);
  EXPECT_NE(office_.Told(EventKind::kFollowEnded, 1), nullptr);
  const Point at = At(3);
  office_.WalkTo(1, {5, 10});
  EXPECT_EQ(At(3), at);
}

TEST_F(CompanyTest, R18_AFollowerIsNoFasterThanItsLegs) {
  office_.Follow(3, 1);
  office_.WalkTo(1, {16, 6});
  const Point before = At(3);
  office_.AdvanceBy(Duration::Millis(100));
  office_.Move(1, {{17, 6}, 0});
  EXPECT_LE(std::hypot(At(3).x - before.x, At(3).y - before.y), 1.21f);
}

TEST_F(CompanyTest, R18_WhoFollowsOnlyTurns) {
  office_.Follow(3, 1);
  office_.AdvanceBy(Duration::Seconds(1));
  const Pose pose = office_.Move(3, {{20, 20}, 1});
  EXPECT_EQ(pose.position, (Point{7, 6}));
  EXPECT_EQ(pose.heading, 1);
}

TEST_F(CompanyTest, R17_AFollowerStaysOutsideAPrivateZone) {
  office_.Follow(3, 1);
  for (const float x : {15.0f, 25.0f, 35.0f}) office_.WalkTo(1, {x, 6.5f});
  EXPECT_EQ(At(1), (Point{35, 6.5f}));
  EXPECT_LT(At(3).x, 30);
  EXPECT_NE(office_.Told(EventKind::kFollowEnded, 3), nullptr) << "it is out of sight";
  EXPECT_FALSE(office_.router().MayReceive(Id(3), MicOf(1)));
}

TEST_F(CompanyTest, ATrainFollowsOneAfterTheOtherAndNeverInACircle) {
  EXPECT_EQ(office_.Follow(2, 1), Outcome::kDone);
  EXPECT_EQ(office_.Follow(3, 2), Outcome::kDone);
  EXPECT_EQ(office_.Follow(1, 3), Outcome::kNothingToDo);
  EXPECT_EQ(office_.Follow(2, 3), Outcome::kNothingToDo);
  office_.WalkTo(1, {5, 15});
  EXPECT_NEAR(Apart(1, 2), 1, 0.01f);
  EXPECT_NEAR(Apart(2, 3), 1, 0.01f);
}

TEST_F(CompanyTest, E7_TheTrainIsBounded) {
  for (uint32_t id = 100; id < 100 + Company::kMaxFollowers; ++id) {
    office_.Join(id, {5, 8});
    ASSERT_EQ(office_.Follow(id, id % 2 == 0 ? 1 : id - 1), Outcome::kDone);
  }
  EXPECT_EQ(office_.Follow(2, 1), Outcome::kFull);
  EXPECT_EQ(office_.Follow(2, 101), Outcome::kFull);
  EXPECT_EQ(office_.Follow(1, 2), Outcome::kFull);
}

TEST_F(CompanyTest, ACallBringsTheCalledNextToTheCaller) {
  office_.WalkTo(2, {6, 17});
  EXPECT_EQ(office_.Call(2, 3), Outcome::kDone);
  EXPECT_EQ(office_.Told(EventKind::kCalled, 3)->other, Id(2));
  EXPECT_EQ(office_.AcceptCall(3, 2), Outcome::kDone);
  EXPECT_NEAR(Apart(2, 3), 1, 0.01f);
  EXPECT_EQ(office_.Told(EventKind::kMoved, 3)->pose.position, At(3));
  EXPECT_EQ(office_.AcceptCall(3, 2), Outcome::kNothingToDo) << "once";
}

TEST_F(CompanyTest, WhatWasSentBeforeTheJumpDoesNotCarryBack) {
  office_.AdvanceBy(Duration::Seconds(1));
  const Point before = At(2);
  ASSERT_EQ(office_.Call(1, 2), Outcome::kDone);
  ASSERT_EQ(office_.AcceptCall(2, 1), Outcome::kDone);
  const Point beside = At(2);
  office_.Move(2, {before, 0});
  EXPECT_EQ(At(2), beside);
}

TEST_F(CompanyTest, NextToSomebodyIsThisSideOfTheWall) {
  office_.WalkTo(2, {16, 6.5f});
  office_.WalkTo(2, {27, 6.5f});
  office_.WalkTo(2, {29.5f, 10});
  office_.Call(2, 3);
  EXPECT_EQ(office_.AcceptCall(3, 2), Outcome::kDone);
  EXPECT_EQ(At(3), (Point{29.5f, 10}));
}

TEST_F(CompanyTest, R17_R18_NobodyIsCalledOrBeamedIntoAPrivateZoneWithoutAGrant) {
  office_.JoinAs(4, {35, 6}, {.owned_zones = {0}});
  office_.JoinAs(5, {6, 8}, {.moderator = true, .beam = true});
  office_.Call(4, 3);
  EXPECT_EQ(office_.AcceptCall(3, 4), Outcome::kNotAllowed);
  EXPECT_EQ(office_.Beam(5, 4), Outcome::kNotAllowed);
  office_.Knock(3, 0);
  office_.Admit(4, 3, 0);
  EXPECT_EQ(office_.AcceptCall(3, 4), Outcome::kDone);
  EXPECT_EQ(office_.Beam(1, 4), Outcome::kDone) << "an owner";
}

TEST_F(CompanyTest, R18_ALockedRoomIsEnteredByItsPeoplesCallButNotByBeaming) {
  for (const float x : {17.0f, 28.0f}) office_.WalkTo(2, {x, 20});
  for (const float x : {39.0f, 50.0f}) office_.WalkTo(2, {x, 20});
  office_.WalkTo(2, {58, 12});
  office_.WalkTo(2, {59, 6});
  office_.WalkTo(2, {65, 6});
  ASSERT_EQ(office_.SetDoor(2, 1, DoorState::kLocked), Outcome::kDone);
  EXPECT_EQ(office_.Beam(1, 2), Outcome::kNotAllowed);
  office_.Call(2, 3);
  EXPECT_EQ(office_.AcceptCall(3, 2), Outcome::kDone);
  office_.Call(2, 1);
  EXPECT_EQ(office_.AcceptCall(1, 2), Outcome::kFull) << "two people fill it";
}

TEST_F(CompanyTest, H15_BeamingTakesThePrivilege) {
  EXPECT_EQ(office_.Beam(3, 1), Outcome::kNotAllowed);
  EXPECT_EQ(office_.Beam(1, 3), Outcome::kDone);
  EXPECT_NEAR(Apart(1, 3), 1, 0.01f);
}

TEST_F(CompanyTest, WhoIsNotToBeDisturbedIsNeitherCalledNorFollowed) {
  office_.Follow(3, 1);
  office_.Call(2, 1);
  office_.SetDoNotDisturb(1, true);
  EXPECT_NE(office_.Told(EventKind::kFollowEnded, 3), nullptr);
  EXPECT_EQ(office_.AcceptCall(1, 2), Outcome::kNothingToDo);
  EXPECT_EQ(office_.Follow(3, 1), Outcome::kDisturbs);
  EXPECT_EQ(office_.Call(2, 1), Outcome::kDisturbs);
}

TEST_F(CompanyTest, FollowingTakesSight) {
  office_.Join(4, {95, 25});
  EXPECT_EQ(office_.Follow(3, 4), Outcome::kTooFar);
}

TEST_F(CompanyTest, H16_WhatIsNotThereOrOutOfOrderChangesNothing) {
  for (const uint32_t other : {1u, 9u}) {
    EXPECT_EQ(office_.Follow(1, other), Outcome::kNothingToDo);
    EXPECT_EQ(office_.Call(1, other), Outcome::kNothingToDo);
    EXPECT_EQ(office_.AcceptCall(1, other), Outcome::kNothingToDo);
    EXPECT_EQ(office_.Beam(1, other), Outcome::kNothingToDo);
  }
  EXPECT_EQ(office_.Follow(1, 0), Outcome::kNothingToDo);
  EXPECT_EQ(office_.AcceptCall(3, 1), Outcome::kNothingToDo);
  office_.Call(1, 3);
  EXPECT_EQ(office_.Call(1, 3), Outcome::kNothingToDo);
  office_.Follow(3, 1);
  EXPECT_EQ(office_.Follow(3, 1), Outcome::kNothingToDo);
  EXPECT_EQ(office_.Follow(9, 1), Outcome::kNothingToDo);
}

TEST_F(CompanyTest, E10_FollowingAndCallsEndWithWhoLeaves) {
  office_.Follow(2, 1);
  office_.Follow(3, 2);
  office_.Call(2, 1);
  office_.Leave(2);
  EXPECT_NE(office_.Told(EventKind::kFollowEnded, 1), nullptr);
  EXPECT_NE(office_.Told(EventKind::kFollowEnded, 3), nullptr);
  EXPECT_EQ(office_.AcceptCall(1, 2), Outcome::kNothingToDo);
  EXPECT_EQ(office_.WalkTo(3, {9, 6}).position, (Point{9, 6})) << "walks by itself again";
}

}  // namespace
}  // namespace earshot
