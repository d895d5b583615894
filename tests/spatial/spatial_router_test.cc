#include "spatial/spatial_router.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "spatial/router_driver.h"

namespace earshot {
namespace {

// Hear 8 / 9, watch 10 / 11, see 30 / 31; a room to the right.
FloorPlan PlanWithRoom() {
  FloorPlan plan;
  plan.width = 100;
  plan.zones = {{"room", {{20, 0}, {40, 0}, {40, 30}, {20, 30}}}};
  return plan;
}

class SpatialRouterTest : public ::testing::Test {
 protected:
  RouterDriver office_{PlanWithRoom()};
};

TEST_F(SpatialRouterTest, PeopleWithinEarshotGetEachOther) {
  office_.JoinWith(1, {5, 5}, SourceSet(0b0011));
  office_.JoinWith(2, {10, 5}, SourceSet(0b0001));
  EXPECT_EQ(office_.Sources(1), (std::set{MicOf(2)}));
  EXPECT_EQ(office_.Sources(2), (std::set{MicOf(1), CameraOf(1)}));
}

TEST_F(SpatialRouterTest, CamerasReachFartherThanVoices) {
  office_.JoinWith(1, {5, 5}, SourceSet::All());
  office_.Join(2, {14.5f, 5});
  EXPECT_EQ(office_.Sources(2), (std::set{CameraOf(1), ScreenOf(1)}));
  EXPECT_TRUE(office_.router().MayReceive(Id(2), ScreenOf(1)));
  EXPECT_FALSE(office_.router().MayReceive(Id(2), ScreenAudioOf(1)));
}

TEST_F(SpatialRouterTest, R17_NothingPassesTheOutlineOfARoom) {
  office_.JoinWith(1, {19, 5}, SourceSet::All());
  office_.JoinWith(2, {21, 5}, SourceSet::All());
  EXPECT_TRUE(office_.slots().empty());
  EXPECT_TRUE(office_.sights().empty());
  EXPECT_FALSE(office_.router().MayReceive(Id(1), MicOf(2)));
  EXPECT_EQ(office_.router().AudibleNow(Id(1), Id(2)), Audible{});
}

TEST_F(SpatialRouterTest, R17_TheStepThatEndsTheRightFreesTheSlotsInTheSameCall) {
  office_.JoinWith(1, {18, 5}, SourceSet::All());
  office_.JoinWith(2, {19, 5}, SourceSet::All());
  ASSERT_EQ(office_.slots().size(), 8u);
  office_.WalkTo(2, {21, 5});
  EXPECT_EQ(office_.last().slots.size(), 8u);
  for (const SlotChange& change : office_.last().slots) EXPECT_FALSE(change.source);
  EXPECT_TRUE(office_.slots().empty());
  EXPECT_FALSE(office_.router().MayReceive(Id(1), CameraOf(2)));
}

TEST_F(SpatialRouterTest, R17_NobodyReceivesItself) {
  office_.JoinWith(1, {5, 5}, SourceSet::All());
  EXPECT_TRUE(office_.slots().empty());
  EXPECT_FALSE(office_.router().MayReceive(Id(1), MicOf(1)));
  EXPECT_EQ(office_.router().AudibleNow(Id(1), Id(1)), Audible{});
}

TEST_F(SpatialRouterTest, R17_UnknownPeopleReceiveAndSendNothing) {
  office_.Join(1, {5, 5});
  EXPECT_FALSE(office_.router().MayReceive(Id(1), MicOf(7)));
  EXPECT_FALSE(office_.router().MayReceive(Id(7), MicOf(1)));
  EXPECT_FALSE(office_.router().MayReceive(Id(7), MicOf(8)));
}

TEST_F(SpatialRouterTest, NothingFlapsBetweenEnterAndLeave) {
  office_.JoinWith(1, {0, 10}, SourceSet::All());
  office_.JoinWith(2, {8.1f, 10}, SourceSet::All());
  ASSERT_FALSE(office_.router().MayReceive(Id(1), MicOf(2)));
  for (int i = 0; i < 50; ++i) {
    office_.WalkTo(2, {i % 2 == 0 ? 8.9f : 8.1f, 10});
    EXPECT_TRUE(office_.last().slots.empty());
    EXPECT_FALSE(office_.router().MayReceive(Id(1), MicOf(2)));
  }
  office_.WalkTo(2, {8, 10});
  ASSERT_TRUE(office_.router().MayReceive(Id(1), MicOf(2)));
  for (int i = 0; i < 50; ++i) {
    office_.WalkTo(2, {i % 2 == 0 ? 9.0f : 8.1f, 10});
    EXPECT_TRUE(office_.last().slots.empty());
    EXPECT_TRUE(office_.router().MayReceive(Id(1), MicOf(2)));
  }
  office_.WalkTo(2, {9.1f, 10});
  EXPECT_FALSE(office_.router().MayReceive(Id(1), MicOf(2)));
}

TEST_F(SpatialRouterTest, SourcesThatAreSwitchedOffFreeTheirSlots) {
  office_.JoinWith(1, {5, 5}, SourceSet::All());
  office_.Join(2, {6, 5});
  office_.SetSources(1, SourceSet(0b0010));
  EXPECT_EQ(office_.Sources(2), (std::set{CameraOf(1)}));
  office_.SetSources(1, SourceSet());
  EXPECT_TRUE(office_.slots().empty());
  office_.SetSources(1, SourceSet(0b0001));
  EXPECT_EQ(office_.Sources(2), (std::set{MicOf(1)}));
}

TEST_F(SpatialRouterTest, R19_APlanIsReplacedWithEverybodyOnIt) {
  office_.JoinWith(1, {30, 5}, SourceSet(0b0001));
  office_.JoinWith(2, {31, 5}, SourceSet(0b0001));
  office_.JoinWith(3, {35, 5}, SourceSet(0b0001));
  FloorPlan plan = PlanWithRoom();
  plan.zones = {{"clerk", {{33, 0}, {40, 0}, {40, 30}, {33, 30}}, ZoneKind::kPrivate},
                {"room", {{20, 0}, {33, 0}, {33, 30}, {20, 30}}}};
  plan.zones[0].owner = "clerk";
  plan.spawn = {50, 5};
  office_.ReplacePlan(plan);
  EXPECT_EQ(office_.Sources(1), (std::set{MicOf(2)}));
  EXPECT_EQ(office_.last().slots.size(), 4u) << "whoever may stay keeps its slot";
  EXPECT_EQ(office_.router().PoseOf(Id(3))->position, plan.spawn);
  ASSERT_NE(office_.Told(EventKind::kMoved, 3), nullptr);
  EXPECT_EQ(office_.Told(EventKind::kMoved, 1), nullptr);
  plan.width = 40;
  plan.spawn = {21, 5};
  office_.ReplacePlan(plan);
  EXPECT_EQ(office_.router().PoseOf(Id(3))->position, plan.spawn) << "off the floor";
}

// A room with an open door; 1 inside, 2 and the moderator 3 outside.
class NewPlanTest : public ::testing::Test {
 protected:
  NewPlanTest() {
    office_.Join(1, {15, 5});
    office_.Join(2, {25, 5});
    office_.JoinAs(3, {26, 5}, {.moderator = true});
  }
  static FloorPlan PlanWithDoor() {
    FloorPlan plan;
    plan.zones = {{"room", {{10, 0.5f}, {20, 0.5f}, {20, 10}, {10, 10}}}};
    plan.doors = {{"door", {10, 4}, {10, 6}, DoorState::kOpen}};
    plan.spawn = {5, 20};
    return plan;
  }
  Point At(uint32_t id) { return office_.router().PoseOf(Id(id))->position; }

  FloorPlan plan_ = PlanWithDoor();
  RouterDriver office_{PlanWithDoor()};
};

TEST_F(NewPlanTest, R17_ARoomThatGrowsAndIsLockedKeepsOnlyThoseWhoWereInsideOrHaveAKey) {
  plan_.zones[0].outline = {{10, 0.5f}, {30, 0.5f}, {30, 10}, {10, 10}};
  plan_.doors[0] = {"other", {10, 6}, {10, 8}, DoorState::kLocked};
  office_.ReplacePlan(plan_);
  EXPECT_EQ(At(1), (Point{15, 5}));
  EXPECT_EQ(At(2), plan_.spawn);
  ASSERT_NE(office_.Told(EventKind::kMoved, 2), nullptr);
  EXPECT_EQ(office_.Told(EventKind::kMoved, 2)->pose.position, plan_.spawn);
  EXPECT_EQ(At(3), (Point{26, 5}));
}

TEST_F(NewPlanTest, R17_AnOwnerStaysInARoomThatIsRenamedOrBecomesItsOwn) {
  plan_.zones[0].kind = ZoneKind::kPrivate;
  plan_.zones[0].owner = "ann";
  office_.ReplacePlan(plan_, std::vector<Ownership>{{Id(1), {0}}});
  EXPECT_EQ(At(1), (Point{15, 5})) << "becomes hers";
  office_.Knock(2, 0);
  ASSERT_EQ(office_.Admit(1, 2, 0), Outcome::kDone);
  office_.WalkTo(2, {21, 15});
  office_.WalkTo(2, {9, 15});
  office_.WalkTo(2, {9, 5});
  office_.WalkTo(2, {14, 5});
  plan_.zones[0].name = "hers";
  plan_.zones[0].outline[1] = {22, 0.5f};
  office_.ReplacePlan(plan_, std::vector<Ownership>{{Id(1), {0}}});
  EXPECT_EQ(At(1), (Point{15, 5})) << "another zone, but hers";
  EXPECT_EQ(At(2), plan_.spawn) << "another zone, and no grant for it";
  office_.Knock(2, 0);
  ASSERT_EQ(office_.Admit(1, 2, 0), Outcome::kDone);
  office_.WalkTo(2, {9, 5});
  office_.WalkTo(2, {9, 5});
  office_.WalkTo(2, {14, 5});
  plan_.zones[0].name = "hers again";
  office_.ReplacePlan(plan_);
  EXPECT_EQ(At(1), (Point{15, 5}));
  EXPECT_EQ(At(2), (Point{14, 5})) << "the guest of a room that is only renamed";
}

TEST_F(NewPlanTest, R17_ARenamedDoorStaysLocked) {
  office_.WalkTo(3, {22, 15});
  office_.WalkTo(3, {9, 15});
  office_.WalkTo(3, {9, 15});
  office_.WalkTo(3, {9, 5});
  office_.WalkTo(3, {12, 5});
  ASSERT_EQ(office_.SetDoor(3, 0, DoorState::kLocked), Outcome::kDone);
  plan_.zones[0].name = plan_.doors[0].name = "council";
  office_.ReplacePlan(plan_);
  EXPECT_EQ(office_.router().StateOf(0), DoorState::kLocked);
  EXPECT_EQ(At(1), (Point{15, 5}));
}

TEST_F(NewPlanTest, R17_TheLastDoorOfTheRoomThatNewcomersArriveInIsNotLocked) {
  plan_.spawn = {18, 5};
  plan_.doors.push_back({"back", {20, 4}, {20, 6}, DoorState::kOpen});
  office_.ReplacePlan(plan_);
  office_.WalkTo(3, {19, 5});
  EXPECT_EQ(office_.SetDoor(3, 0, DoorState::kLocked), Outcome::kDone);
  EXPECT_EQ(office_.SetDoor(3, 1, DoorState::kLocked), Outcome::kNotAllowed);
  plan_.doors.pop_back();
  office_.ReplacePlan(plan_);
  EXPECT_EQ(office_.router().StateOf(0), DoorState::kOpen) << "as the plan says";
}

TEST_F(SpatialRouterTest, WhoSeesIsNotWhoIsSeen) {
  FloorPlan plan;
  plan.width = 100;
  plan.sight_radius = 10;
  RouterDriver office(plan);
  office.JoinAs(1, {5, 5}, {.megaphone = true});
  office.Join(2, {90, 5});
  office.Join(3, {7, 5});
  ASSERT_EQ(office.SetMegaphone(1, true), Outcome::kDone);
  std::vector<ParticipantId> people;
  office.router().ViewersOf(Id(1), people);
  std::sort(people.begin(), people.end());
  EXPECT_EQ(people, (std::vector{Id(2), Id(3)}));
  office.router().ViewersOf(Id(2), people);
  EXPECT_TRUE(people.empty());
  office.router().ViewersOf(Id(9), people);
  EXPECT_TRUE(people.empty());
}

TEST_F(SpatialRouterTest, WhatStaysInANewPlanIsToldByItsIndices) {
  FloorPlan plan = PlanWithRoom();
  plan.zones[0].kind = ZoneKind::kPrivate;
  plan.zones[0].owner = "clerk";
  plan.spawn = {5, 20};
  plan.doors = {{"gate", {20, 4}, {20, 6}, DoorState::kShut}};
  RouterDriver office(plan);
  office.JoinAs(1, {30, 5}, {.owned_zones = {0}});
  office.Join(2, {19, 5});
  office.Knock(2, 0);
  office.Admit(1, 2, 0);
  office.SetDoor(1, 0, DoorState::kLocked);
  office.SetDoor(2, 0, DoorState::kOpen);
  plan.zones.insert(plan.zones.begin(), {"lobby", {{0, 0}, {9, 0}, {9, 9}}, ZoneKind::kLobby});
  plan.doors.insert(plan.doors.begin(), {"new", {20, 8}, {20, 9}});
  office.ReplacePlan(plan);
  ASSERT_NE(office.Told(EventKind::kDoorChanged, 0), nullptr);
  EXPECT_EQ(office.Told(EventKind::kDoorChanged, 0)->door, 1);
  EXPECT_EQ(office.router().StateOf(1), DoorState::kLocked);
  ASSERT_NE(office.Told(EventKind::kAdmitted, 2), nullptr);
  EXPECT_EQ(office.Told(EventKind::kAdmitted, 2)->zone, 1);
  office.WalkTo(2, {22, 5});
  EXPECT_EQ(office.router().PoseOf(Id(2))->position, (Point{22, 5})) << "the grant is the key";
  RoutingOutput out;
  office.router().Recapitulate(Id(2), out);
  ASSERT_EQ(out.events.size(), 2u);
  EXPECT_EQ(out.events[0].kind, EventKind::kDoorChanged);
  EXPECT_EQ(out.events[1].kind, EventKind::kAdmitted);
}

TEST_F(SpatialRouterTest, LeavingFreesAllSlotsAndIsSeenByAll) {
  for (uint32_t id = 1; id <= 5; ++id) {
    office_.JoinWith(id, {5, static_cast<float>(id)}, SourceSet::All());
  }
  office_.Leave(3);
  EXPECT_EQ(office_.last().slots.size(), 4u * 4u);
  for (const SlotChange& change : office_.last().slots) EXPECT_NE(change.listener, Id(3));
  EXPECT_EQ(office_.last().sights.size(), 4u);
  for (uint32_t id : {1, 2, 4, 5}) {
    EXPECT_EQ(office_.Sources(id).size(), 3u * 4u);
    EXPECT_FALSE(office_.Sees(id, 3));
  }
  EXPECT_EQ(office_.router().size(), 4u);
  EXPECT_EQ(office_.router().PoseOf(Id(3)), nullptr);
}

TEST_F(SpatialRouterTest, SightIsMutualAndHasAMetreOfHysteresis) {
  office_.Join(1, {50, 10});
  office_.Join(2, {80.5f, 10});
  EXPECT_FALSE(office_.Sees(1, 2));
  office_.WalkTo(2, {80, 10});
  EXPECT_TRUE(office_.Sees(1, 2) && office_.Sees(2, 1));
  office_.WalkTo(2, {81, 10});
  EXPECT_TRUE(office_.Sees(1, 2) && office_.Sees(2, 1));
  office_.WalkTo(2, {81.1f, 10});
  EXPECT_FALSE(office_.Sees(1, 2) || office_.Sees(2, 1));
}

TEST_F(SpatialRouterTest, SightEndsAtTheOutlineOfARoom) {
  office_.Join(1, {22, 10});
  office_.Join(2, {24, 10});
  office_.Join(3, {18, 10});
  EXPECT_TRUE(office_.Sees(1, 2));
  EXPECT_FALSE(office_.Sees(1, 3) || office_.Sees(3, 1));
  std::vector<ParticipantId> people;
  office_.router().VisiblePeople(Id(1), people);
  EXPECT_EQ(people, std::vector{Id(2)});
  office_.WalkTo(1, {19, 10});
  EXPECT_TRUE(office_.Sees(1, 3) && !office_.Sees(1, 2));
}

TEST_F(SpatialRouterTest, MoversAreThoseInSightWhoTookAnotherPose) {
  for (const uint32_t id : {1, 2, 3}) office_.Join(id, {22 + static_cast<float>(id), 10});
  office_.Join(4, {18, 10});
  std::vector<Mover> movers;
  const auto count_since = [&](Timestamp since) {
    office_.router().MoversInSight(Id(1), since, movers);
    return movers.size();
  };
  EXPECT_EQ(count_since(Timestamp::Seconds(0)), 0u) << "they have only come";
  const Timestamp start = office_.now();
  const uint64_t steps = office_.router().steps();
  const Pose there = office_.WalkTo(2, {26, 11});
  office_.WalkTo(4, {18, 12});
  ASSERT_EQ(count_since(start), 1u);
  EXPECT_EQ(movers[0].person, Id(2));
  EXPECT_EQ(movers[0].pose, there);
  EXPECT_EQ(movers[0].step.number, steps + 1);
  EXPECT_EQ(office_.router().steps(), steps + 2);
  EXPECT_EQ(count_since(movers[0].step.time), 0u);
  office_.Move(3, {{25, 10}, 1});
  EXPECT_EQ(count_since(start), 2u) << "who turned, too";
  office_.Move(3, {{25, 10}, 1});
  EXPECT_EQ(office_.router().steps(), steps + 3) << "the same pose is no step";
}

TEST_F(SpatialRouterTest, R18_ATeleportIsCutToWhatLegsCanDo) {
  office_.JoinWith(1, {95, 5}, SourceSet::All());
  office_.Join(2, {5, 5});
  office_.AdvanceBy(Duration::Millis(100));
  const Pose pose = office_.Move(2, {{95, 5}, 1});
  EXPECT_NEAR(pose.position.x, 6.2, 1e-4);
  EXPECT_EQ(*office_.router().PoseOf(Id(2)), pose);
  EXPECT_TRUE(office_.slots().empty());
}

TEST_F(SpatialRouterTest, R18_ManySmallMovesAreNoFasterThanOne) {
  office_.Join(1, {5, 5});
  for (int i = 0; i < 1000; ++i) {
    office_.AdvanceBy(Duration::Millis(1));
    office_.Move(1, {{95, 5}, 0});
  }
  EXPECT_LE(office_.router().PoseOf(Id(1))->position.x, 5 + 12 + 0.01);
  for (int i = 0; i < 1000; ++i) office_.Move(1, {{95, 5}, 0});
  EXPECT_LE(office_.router().PoseOf(Id(1))->position.x, 5 + 12 + 0.01);
}

TEST_F(SpatialRouterTest, PositionsDeliveredInABurstCountAsTheWalkThatTheyWere) {
  office_.Join(1, {5, 5});
  office_.AdvanceBy(Duration::Seconds(1));
  for (int step = 1; step <= 10; ++step) {
    const float x = 5 + 1.2f * static_cast<float>(step);
    EXPECT_NEAR(office_.Move(1, {{x, 5}, 0}).position.x, x, 1e-3);
  }
  EXPECT_NEAR(office_.Move(1, {{20, 5}, 0}).position.x, 17, 1e-3);
}

TEST_F(SpatialRouterTest, R18_WishesThatAreNotFiniteChangeNothing) {
  office_.Join(1, {5, 5}, {24, 16}, 1);
  office_.AdvanceBy(Duration::Seconds(1));
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  const Pose before{{5, 5}, 1};
  EXPECT_EQ(office_.Move(1, {{nan, 5}, 0}), before);
  EXPECT_EQ(office_.Move(1, {{6, infinity}, 0}), before);
  EXPECT_EQ(office_.Move(1, {{6, 5}, nan}), before);
  EXPECT_EQ(*office_.router().PoseOf(Id(1)), before);
}

TEST_F(SpatialRouterTest, R18_TimeThatRunsBackGrantsNoStep) {
  office_.Join(1, {5, 5});
  office_.AdvanceBy(Duration::Seconds(-60));
  EXPECT_EQ(office_.Move(1, {{9, 5}, 0}).position, (Point{5, 5}));
}

TEST_F(SpatialRouterTest, NewcomersStandOnTheFloor) {
  office_.Join(1, {-5, 500});
  EXPECT_EQ(office_.router().PoseOf(Id(1))->position, (Point{0, 30}));
  office_.Join(2, {std::numeric_limits<float>::quiet_NaN(), 5});
  EXPECT_EQ(office_.router().PoseOf(Id(2))->position, (Point{20, 15}));
}

TEST_F(SpatialRouterTest, TheSameIdJoinsOnce) {
  office_.JoinWith(1, {5, 5}, SourceSet::All());
  office_.Join(1, {50, 5});
  EXPECT_EQ(office_.router().size(), 1u);
  EXPECT_EQ(office_.router().PoseOf(Id(1))->position, (Point{5, 5}));
  office_.Join(0, {50, 5});
  EXPECT_EQ(office_.router().size(), 1u);
}

TEST_F(SpatialRouterTest, UnknownPeopleAreIgnored) {
  office_.Leave(9);
  office_.SetSources(9, SourceSet::All());
  office_.router().SetSpeech(Id(9), 1, office_.now());
  EXPECT_EQ(office_.Move(9, {{1, 2}, 0}).position, (Point{1, 2}));
  std::vector<ParticipantId> people{Id(1)};
  office_.router().VisiblePeople(Id(9), people);
  EXPECT_TRUE(people.empty());
  EXPECT_TRUE(office_.router().NextDeadline().IsNever());
  EXPECT_EQ(office_.router().size(), 0u);
}

TEST_F(SpatialRouterTest, AudibleNowIsSeenFromTheListener) {
  office_.Join(1, {5, 5});
  office_.Join(2, {5, 10.25f});
  const Audible audible = office_.router().AudibleNow(Id(1), Id(2));
  EXPECT_FLOAT_EQ(audible.distance, 5.25);
  EXPECT_FLOAT_EQ(audible.gain, 0.5);
  EXPECT_NEAR(audible.azimuth, 1.5708, 1e-3);
  EXPECT_NEAR(office_.router().AudibleNow(Id(2), Id(1)).azimuth, -1.5708, 1e-3);
}

TEST_F(SpatialRouterTest, E10_AThousandJoinsAndLeavesLeaveNothingBehind) {
  for (uint32_t id = 1; id <= 1000; ++id) {
    office_.JoinWith(id, {5, static_cast<float>(id % 8)}, SourceSet::All());
    office_.Move(id, {{6, 5}, 1});
    if (id > 10) office_.Leave(id - 10);
    office_.Pass(Duration::Millis(20));
  }
  for (uint32_t id = 991; id <= 1000; ++id) office_.Leave(id);
  EXPECT_EQ(office_.router().size(), 0u);
  EXPECT_TRUE(office_.slots().empty());
  EXPECT_TRUE(office_.sights().empty());
  EXPECT_TRUE(office_.router().NextDeadline().IsNever());
}

TEST_F(SpatialRouterTest, WhoWalksIntoAPortalIsToldOnce) {
  FloorPlan plan;
  plan.portals = {{"north", {20, 2}, 1, "annex"}, {"south", {20, 28}, 1, "annex"}};
  RouterDriver office(plan);
  office.Join(1, {20, 26});
  office.WalkTo(1, {20, 26.9f});
  EXPECT_EQ(office.Told(EventKind::kPortalReached, 1), nullptr);
  office.WalkTo(1, {20, 27.1f});
  ASSERT_NE(office.Told(EventKind::kPortalReached, 1), nullptr);
  EXPECT_EQ(office.Told(EventKind::kPortalReached, 1)->zone, 1);
  office.WalkTo(1, {20, 27.5f});
  EXPECT_EQ(office.Told(EventKind::kPortalReached, 1), nullptr) << "it stands there already";
  office.WalkTo(1, {20, 26});
  office.WalkTo(1, {20, 28});
  EXPECT_NE(office.Told(EventKind::kPortalReached, 1), nullptr);
  // Who arrives there has come out of it.
  office.Join(2, {20, 2});
  EXPECT_EQ(office.Told(EventKind::kPortalReached, 2), nullptr);
}

}  // namespace
}  // namespace earshot
