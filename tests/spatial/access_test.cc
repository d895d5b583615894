#include "spatial/access.h"

#include <gtest/gtest.h>

#include "spatial/router_driver.h"

namespace earshot {
namespace {

constexpr ZoneIndex kClerk = 0;
constexpr ZoneIndex kRoom = 1;
constexpr ZoneIndex kLobby = 2;
constexpr DoorIndex kClerksDoor = 0;
constexpr DoorIndex kRoomDoor = 1;

// A clerk's private room with a door to the right, a meeting room with one to the left, a lobby.
FloorPlan TownHall() {
  FloorPlan plan;
  plan.zones = {{"clerk", {{2, 2}, {8, 2}, {8, 8}, {2, 8}}, ZoneKind::kPrivate},
                {"room", {{14, 2}, {20, 2}, {20, 8}, {14, 8}}},
                {"lobby", {{2, 20}, {30, 20}, {30, 28}, {2, 28}}, ZoneKind::kLobby}};
  plan.zones[0].owner = "clerk";
  plan.doors = {{"clerk's", {8, 4}, {8, 6}, DoorState::kShut},
                {"room's", {14, 4}, {14, 6}, DoorState::kShut}};
  return plan;
}

// 1 owns the clerk's room and sits in it, 2 stands at its door, 3 is a moderator in the room, 4 a
// guest in the room.
class AccessTest : public ::testing::Test {
 protected:
  AccessTest() {
    office_.JoinAs(1, {5, 5}, {.owned_zones = {kClerk}});
    office_.Join(2, {9, 5});
    office_.JoinAs(3, {17, 5}, {.moderator = true});
    office_.Join(4, {18, 5});
  }
  Point At(uint32_t id) { return office_.router().PoseOf(Id(id))->position; }
  bool IsWithClerk(uint32_t id) { return At(id).x < 8; }

  RouterDriver office_{TownHall()};
};

TEST_F(AccessTest, WhoCanTouchADoorOpensAndShutsIt) {
  EXPECT_EQ(office_.SetDoor(2, kClerksDoor, DoorState::kOpen), Outcome::kDone);
  ASSERT_NE(office_.Told(EventKind::kDoorChanged, 0), nullptr);
  EXPECT_EQ(office_.Told(EventKind::kDoorChanged, 0)->door, kClerksDoor);
  EXPECT_EQ(office_.Told(EventKind::kDoorChanged, 0)->state, DoorState::kOpen);
  EXPECT_EQ(office_.router().StateOf(kClerksDoor), DoorState::kOpen);
  EXPECT_EQ(office_.SetDoor(2, kClerksDoor, DoorState::kOpen), Outcome::kNothingToDo);
  EXPECT_EQ(office_.SetDoor(1, kClerksDoor, DoorState::kShut), Outcome::kTooFar);
  EXPECT_EQ(office_.SetDoor(3, kClerksDoor, DoorState::kShut), Outcome::kDone) << "a moderator";
}

TEST_F(AccessTest, H15_LockingTakesTheOwnerOrAModeratorInside) {
  EXPECT_EQ(office_.SetDoor(2, kClerksDoor, DoorState::kLocked), Outcome::kNotAllowed);
  EXPECT_EQ(office_.SetDoor(3, kClerksDoor, DoorState::kLocked), Outcome::kTooFar);
  EXPECT_EQ(office_.SetDoor(4, kRoomDoor, DoorState::kLocked), Outcome::kNotAllowed);
  EXPECT_EQ(office_.SetDoor(1, kRoomDoor, DoorState::kLocked), Outcome::kNotAllowed);
  EXPECT_EQ(office_.SetDoor(1, kClerksDoor, DoorState::kLocked), Outcome::kDone);
  EXPECT_EQ(office_.SetDoor(3, kRoomDoor, DoorState::kLocked), Outcome::kDone);
  EXPECT_EQ(office_.SetDoor(2, kClerksDoor, DoorState::kOpen), Outcome::kNotAllowed);
  office_.WalkTo(1, {9, 5.2f});
  ASSERT_FALSE(IsWithClerk(1)) << "who is inside gets out";
  EXPECT_EQ(office_.SetDoor(1, kClerksDoor, DoorState::kShut), Outcome::kTooFar);
}

TEST_F(AccessTest, OwnersAndModeratorsHaveTheKeyToTheirRooms) {
  office_.SetDoor(1, kClerksDoor, DoorState::kLocked);
  office_.SetDoor(3, kRoomDoor, DoorState::kLocked);
  office_.WalkTo(1, {9, 5});
  office_.WalkTo(1, {5, 5});
  EXPECT_TRUE(IsWithClerk(1));
  office_.WalkTo(3, {12, 5});
  office_.WalkTo(4, {12.5f, 5});
  office_.WalkTo(3, {17, 5});
  office_.WalkTo(4, {17, 5});
  EXPECT_EQ(At(3), (Point{17, 5}));
  EXPECT_LT(At(4).x, 14);
}

TEST_F(AccessTest, R18_AModeratorHasNoKeyToAPrivateZone) {
  office_.WalkTo(3, {12, 5});
  office_.WalkTo(3, {5, 5});
  EXPECT_FALSE(IsWithClerk(3));
}

TEST_F(AccessTest, R17_KnockAdmitTalkAndEnd) {
  EXPECT_EQ(office_.WalkTo(2, {6, 5}).position, (Point{8.02f, 5})) << "without a grant";
  EXPECT_EQ(office_.Knock(2, kClerk), Outcome::kDone);
  ASSERT_NE(office_.Told(EventKind::kKnock, 1), nullptr);
  EXPECT_EQ(office_.Told(EventKind::kKnock, 1)->other, Id(2));
  EXPECT_EQ(office_.last().events.size(), 1u) << "nobody else is told";
  EXPECT_EQ(office_.Admit(1, 2, kClerk, Duration::Seconds(30)), Outcome::kDone);
  ASSERT_NE(office_.Told(EventKind::kAdmitted, 2), nullptr);
  EXPECT_EQ(office_.Told(EventKind::kAdmitted, 2)->until, office_.now() + Duration::Seconds(30));
  office_.WalkTo(2, {6, 5});
  EXPECT_TRUE(office_.router().MayReceive(Id(1), MicOf(2)));
  office_.WalkTo(4, {9, 5});
  EXPECT_FALSE(office_.router().MayReceive(Id(4), MicOf(2))) << "at the shut door";
  office_.Pass(Duration::Seconds(30));
  EXPECT_FALSE(IsWithClerk(2));
  EXPECT_FALSE(office_.router().MayReceive(Id(1), MicOf(2)));
  EXPECT_EQ(office_.WalkTo(2, {6, 5}).position, (Point{8.02f, 5})) << "outside for good";
}

TEST_F(AccessTest, R17_R19_RevokingActsInTheSameCall) {
  office_.SetSources(2, SourceSet::All());
  office_.SetSources(1, SourceSet::All());
  office_.Knock(2, kClerk);
  office_.Admit(1, 2, kClerk);
  office_.WalkTo(2, {6, 5});
  ASSERT_TRUE(office_.Hears(1, MicOf(2)));
  EXPECT_EQ(office_.Revoke(1, 2, kClerk), Outcome::kDone);
  EXPECT_FALSE(office_.Hears(1, MicOf(2)));
  EXPECT_FALSE(office_.Sees(2, 1));
  EXPECT_NE(office_.Told(EventKind::kGrantEnded, 2), nullptr);
  ASSERT_NE(office_.Told(EventKind::kMoved, 2), nullptr);
  EXPECT_EQ(office_.Told(EventKind::kMoved, 2)->pose.position, At(2));
  EXPECT_EQ(office_.Revoke(1, 2, kClerk), Outcome::kNothingToDo);
}

TEST_F(AccessTest, H15_OnlyHostsAnswerKnocksOfTheirOwnZone) {
  office_.Knock(2, kClerk);
  for (const uint32_t stranger : {2u, 3u, 4u}) {
    EXPECT_EQ(office_.Admit(stranger, 2, kClerk), Outcome::kNotAllowed);
    EXPECT_EQ(office_.Deny(stranger, 2, kClerk), Outcome::kNotAllowed);
    EXPECT_EQ(office_.Revoke(stranger, 2, kClerk), Outcome::kNotAllowed);
  }
  EXPECT_EQ(office_.Admit(1, 2, kRoom), Outcome::kNotAllowed);
  EXPECT_EQ(office_.Admit(1, 4, kClerk), Outcome::kNothingToDo) << "has not knocked";
  EXPECT_EQ(office_.Deny(1, 2, kClerk), Outcome::kDone);
  EXPECT_NE(office_.Told(EventKind::kDenied, 2), nullptr);
  EXPECT_EQ(office_.Admit(1, 2, kClerk), Outcome::kNothingToDo) << "has been denied";
}

TEST_F(AccessTest, H16_WhatIsNotThereOrOutOfOrderChangesNothing) {
  for (const ZoneIndex zone : {ZoneIndex{-2}, kOpenFloor, kLobby, ZoneIndex{3}, ZoneIndex{32767}}) {
    EXPECT_EQ(office_.Knock(2, zone), Outcome::kNothingToDo);
    EXPECT_EQ(office_.Admit(1, 2, zone), Outcome::kNothingToDo);
    EXPECT_EQ(office_.Deny(1, 2, zone), Outcome::kNothingToDo);
    EXPECT_EQ(office_.Revoke(1, 2, zone), Outcome::kNothingToDo);
  }
  for (const DoorIndex door : {DoorIndex{-1}, DoorIndex{2}, DoorIndex{32767}}) {
    EXPECT_EQ(office_.SetDoor(3, door, DoorState::kOpen), Outcome::kNothingToDo);
  }
  EXPECT_EQ(office_.SetDoor(3, kRoomDoor, static_cast<DoorState>(3)), Outcome::kNothingToDo);
  EXPECT_EQ(office_.SetDoor(9, kRoomDoor, DoorState::kOpen), Outcome::kNothingToDo);
  EXPECT_EQ(office_.Knock(9, kClerk), Outcome::kNothingToDo);
  EXPECT_EQ(office_.Knock(1, kClerk), Outcome::kNothingToDo) << "is inside";
  EXPECT_EQ(office_.Knock(2, kRoom), Outcome::kNothingToDo) << "is not locked";
  EXPECT_EQ(office_.Knock(2, kClerk), Outcome::kDone);
  EXPECT_EQ(office_.Knock(2, kClerk), Outcome::kNothingToDo) << "has knocked";
  EXPECT_EQ(office_.Admit(1, 2, kClerk, Duration::Zero()), Outcome::kNothingToDo);
  EXPECT_EQ(office_.Admit(1, 9, kClerk), Outcome::kNothingToDo);
}

TEST_F(AccessTest, AKnockIsForgottenWhenNobodyAnswers) {
  office_.Knock(2, kClerk);
  office_.Pass(Access::kKnockLifetime);
  EXPECT_EQ(office_.Admit(1, 2, kClerk), Outcome::kNothingToDo);
  EXPECT_EQ(office_.Knock(2, kClerk), Outcome::kDone);
}

TEST_F(AccessTest, AKnockThatIsTakenBackCannotBeAnswered) {
  office_.Knock(2, kClerk);
  EXPECT_EQ(office_.StopKnocking(2, kClerk), Outcome::kDone);
  ASSERT_NE(office_.Told(EventKind::kKnockEnded, 1), nullptr);
  EXPECT_EQ(office_.Told(EventKind::kKnockEnded, 1)->other, Id(2));
  EXPECT_EQ(office_.Told(EventKind::kKnockEnded, 1)->zone, kClerk);
  EXPECT_EQ(office_.last().events.size(), 1u) << "nobody else is told";
  EXPECT_EQ(office_.Admit(1, 2, kClerk), Outcome::kNothingToDo);
  EXPECT_EQ(office_.StopKnocking(2, kClerk), Outcome::kNothingToDo);
  EXPECT_EQ(office_.Knock(2, kClerk), Outcome::kDone);
}

TEST_F(AccessTest, AHostLearnsThatSomebodyElseHasAnsweredOrNobodyKnocksAnyMore) {
  office_.SetDoor(3, kRoomDoor, DoorState::kLocked);
  office_.Knock(2, kRoom);
  EXPECT_EQ(office_.Deny(4, 2, kRoom), Outcome::kDone);
  EXPECT_NE(office_.Told(EventKind::kKnockEnded, 3), nullptr);
  EXPECT_EQ(office_.Told(EventKind::kKnockEnded, 4), nullptr) << "it has answered itself";
  office_.Knock(2, kRoom);
  EXPECT_EQ(office_.Admit(3, 2, kRoom), Outcome::kDone);
  EXPECT_NE(office_.Told(EventKind::kKnockEnded, 4), nullptr);
  office_.Revoke(3, 2, kRoom);
  office_.Knock(2, kRoom);
  office_.Leave(2);
  EXPECT_NE(office_.Told(EventKind::kKnockEnded, 3), nullptr);
  EXPECT_NE(office_.Told(EventKind::kKnockEnded, 4), nullptr);
}

TEST_F(AccessTest, AKnockAtALockedRoomGoesToThoseInside) {
  office_.SetDoor(3, kRoomDoor, DoorState::kLocked);
  office_.WalkTo(2, {13, 5});
  EXPECT_EQ(office_.WalkTo(2, {15, 5}).position.x < 14, true);
  EXPECT_EQ(office_.Knock(2, kRoom), Outcome::kDone);
  EXPECT_NE(office_.Told(EventKind::kKnock, 3), nullptr);
  EXPECT_NE(office_.Told(EventKind::kKnock, 4), nullptr);
  EXPECT_EQ(office_.Admit(4, 2, kRoom), Outcome::kDone);
  office_.WalkTo(2, {16, 5});
  EXPECT_EQ(At(2), (Point{16, 5}));
  office_.Revoke(4, 2, kRoom);
  EXPECT_LT(At(2).x, 14);
}

TEST_F(AccessTest, WhoIsInAnUnlockedRoomMayStayWhenTheGrantEnds) {
  office_.SetDoor(3, kRoomDoor, DoorState::kLocked);
  office_.Knock(2, kRoom);
  office_.Admit(4, 2, kRoom);
  office_.WalkTo(2, {16, 5});
  office_.SetDoor(3, kRoomDoor, DoorState::kShut);
  office_.Pass(Duration::Seconds(60));
  EXPECT_EQ(At(2), (Point{16, 5}));
}

TEST_F(AccessTest, NobodyHearsAKnockWhereNobodyIsOrAllAreBusy) {
  office_.SetDoNotDisturb(1, true);
  EXPECT_EQ(office_.Knock(2, kClerk), Outcome::kDisturbs);
  office_.Leave(1);
  EXPECT_EQ(office_.Knock(2, kClerk), Outcome::kTooFar);
}

TEST_F(AccessTest, AnAdmissionAgainChangesHowLongItLasts) {
  office_.Knock(2, kClerk);
  office_.Admit(1, 2, kClerk, Duration::Seconds(10));
  EXPECT_EQ(office_.Admit(1, 2, kClerk, Duration::Seconds(40)), Outcome::kDone);
  office_.WalkTo(2, {6, 5});
  office_.Pass(Duration::Seconds(20));
  EXPECT_TRUE(IsWithClerk(2));
  office_.Admit(1, 2, kClerk, Duration::Seconds(1000000));
  EXPECT_EQ(office_.last().events.back().until, office_.now() + Access::kMaxGrantTime);
}

TEST_F(AccessTest, R19_TheNextDeadlineIsTheEndOfTheFirstGrant) {
  office_.Knock(2, kClerk);
  office_.Admit(1, 2, kClerk, Duration::Seconds(25));
  EXPECT_EQ(office_.router().NextDeadline(), office_.now() + Duration::Seconds(25));
}

TEST_F(AccessTest, E10_KnocksAndGrantsEndWithWhoHoldsThem) {
  office_.Knock(2, kClerk);
  office_.Leave(2);
  office_.Join(2, {9, 5});
  EXPECT_EQ(office_.Admit(1, 2, kClerk), Outcome::kNothingToDo);
  office_.Knock(2, kClerk);
  office_.Admit(1, 2, kClerk);
  office_.Leave(2);
  office_.Join(2, {6, 5});
  EXPECT_FALSE(IsWithClerk(2));
  EXPECT_TRUE(office_.router().NextDeadline().IsNever()) << "the grant is gone";
}

TEST_F(AccessTest, E7_TheListOfKnocksIsBounded) {
  for (uint32_t id = 100; id < 100 + Access::kMaxKnocksPerZone; ++id) {
    office_.Join(id, {10, 15});
    ASSERT_EQ(office_.Knock(id, kClerk), Outcome::kDone);
  }
  EXPECT_EQ(office_.Knock(2, kClerk), Outcome::kFull);
  office_.Deny(1, 100, kClerk);
  EXPECT_EQ(office_.Knock(2, kClerk), Outcome::kDone);
}

TEST_F(AccessTest, E7_GrantsOfAZoneAreBounded) {
  for (uint32_t id = 100; id < 100 + Access::kMaxGrantsPerZone; ++id) {
    office_.Join(id, {10, 15});
    office_.Knock(id, kClerk);
    ASSERT_EQ(office_.Admit(1, id, kClerk), Outcome::kDone);
  }
  office_.Knock(2, kClerk);
  EXPECT_EQ(office_.Admit(1, 2, kClerk), Outcome::kFull);
  office_.Revoke(1, 100, kClerk);
  EXPECT_EQ(office_.Admit(1, 2, kClerk), Outcome::kDone);
}

TEST_F(AccessTest, R17_WhoNoLongerOwnsAPrivateZoneIsPutOutside) {
  office_.SetPrivileges(1, {});
  EXPECT_FALSE(IsWithClerk(1));
  EXPECT_EQ(office_.Knock(2, kClerk), Outcome::kTooFar) << "nobody is host any longer";
}

TEST_F(AccessTest, R17_TheStageOfAPrivateZoneIsAsPrivate) {
  FloorPlan plan = TownHall();
  plan.zones[0].outline = {{2, 4}, {8, 4}, {8, 8}, {2, 8}};
  plan.zones.push_back({"stage", {{2, 2}, {8, 2}, {8, 4}, {2, 4}}, ZoneKind::kStage});
  plan.zones.back().audience = "clerk";
  plan.doors.push_back({"back", {4, 2}, {6, 2}, DoorState::kOpen});
  RouterDriver office(plan);
  office.Join(2, {5, 1});
  office.WalkTo(2, {5, 3});
  EXPECT_LT(office.router().PoseOf(Id(2))->position.y, 2);
  office.Join(3, {5, 3});
  EXPECT_EQ(office.router().PoseOf(Id(3))->position, plan.spawn);
}

}  // namespace
}  // namespace earshot
