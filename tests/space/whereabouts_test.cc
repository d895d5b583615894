// Where people are put, and what they are told of where they and others are.

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "space/space_link.h"
#include "spatial/geometry.h"

namespace earshot {
namespace {

using Person = SpaceLink::Person;

Point PlaceOf(SpaceLink& link, const Person& person) {
  return link.engine->StanceOf(person.id)->pose.position;
}

// A vault beside the spawn point, whose door the plan locks, and a wall on its other side.
FloorPlan PlanWithVault() {
  FloorPlan plan = TestPlan();
  plan.zones = {{"Vault", {{51, 45}, {56, 45}, {56, 55}, {51, 55}}}};
  plan.doors = {{"Vault", {56, 49}, {56, 51}, DoorState::kLocked}};
  plan.walls = {{{49.5f, 40}, {49.5f, 60}}};
  return plan;
}

TEST(WhereaboutsTest, R17_NewcomersArriveBesideNeitherWallsNorLocksThatHoldThem) {
  SpaceLink link(PlanWithVault());
  for (int i = 0; i < 20; ++i) {
    Person& person = link.JoinSpeaker();
    EXPECT_GT(PlaceOf(link, person).x, 49.5f) << "behind the wall";
    EXPECT_LT(PlaceOf(link, person).x, 51) << "in the vault";
    EXPECT_EQ(PlaceOf(link, person), person.joined.pose.position);
  }
}

TEST(WhereaboutsTest, R18_WhoCannotBeWhereItWasToArriveIsToldWhereItIs) {
  FloorPlan plan = TestPlan();
  plan.zones = {{"Vault", {{10, 10}, {20, 10}, {20, 20}, {10, 20}}}};
  plan.doors = {{"Vault", {20, 14}, {20, 16}, DoorState::kOpen}};
  plan.portals = {{"north", {15, 15}, 1, "north"}};
  SpaceLink link(plan);
  link.from = "north";
  Person& person = link.Begin();
  ASSERT_TRUE(Contains(plan.zones[0].outline, person.joined.pose.position));
  // Before it has connected, the portal comes to be in a room that is locked.
  plan.doors[0] = {"Vault", {20, 12}, {20, 13}, DoorState::kLocked};
  plan.portals.clear();
  link.ReplacePlan(plan);
  link.Run(Duration::Millis(500));
  EXPECT_LE(Distance(PlaceOf(link, person), plan.spawn), 1.51f);
  const auto told = person.client.TakeCorrectedPose();
  ASSERT_TRUE(told);
  EXPECT_EQ(told->position, PlaceOf(link, person));
}

TEST(WhereaboutsTest, R17_AnOwnerKeepsHerRoomWhenItIsRenamed) {
  FloorPlan plan = TestPlan();
  plan.zones[0].kind = ZoneKind::kPrivate;
  plan.zones[0].owner = "ann";
  plan.doors = {{"Booth", {49, 44}, {51, 44}}};
  SpaceLink link(plan);
  link.identities = {"ann"};
  Person& ann = link.JoinSpeaker();
  link.Walk(ann, {50, 45});
  link.Walk(ann, {50, 42});
  ASSERT_EQ(PlaceOf(link, ann), (Point{50, 42}));
  plan.zones[0].name = "Ann's";
  plan.zones[0].outline[0] = {47, 40};
  link.ReplacePlan(plan);
  EXPECT_EQ(PlaceOf(link, ann), (Point{50, 42}));
}

// A stage whose audience is larger than people see.
FloorPlan PlanWithStage() {
  FloorPlan plan = TestPlan();
  plan.sight_radius = 10;
  plan.spawn = {50, 60};
  plan.zones = {{"Stage", {{40, 10}, {60, 10}, {60, 20}, {40, 20}}, ZoneKind::kStage},
                {"Stalls", {{40, 20}, {60, 20}, {60, 90}, {40, 90}}, ZoneKind::kLobby}};
  plan.zones[0].audience = "Stalls";
  return plan;
}

TEST(WhereaboutsTest, ListenersFarFromAStageAreToldWhatTheSpeakerDoes) {
  SpaceLink link(PlanWithStage());
  Person& speaker = link.JoinSpeaker();
  link.Walk(speaker, {50, 15});
  Person& listener = link.JoinSpeaker();
  ASSERT_TRUE(listener.client.people().contains(speaker.id));
  ASSERT_FALSE(speaker.client.people().contains(listener.id));
  // Long after the last step, so that nobody is awake by chance.
  link.Run(Duration::Seconds(10));
  link.Publish(speaker, SourceSet());
  link.Walk(speaker, {52, 15});
  link.Run(Duration::Seconds(1));
  const PersonInSight& seen = listener.client.people().at(speaker.id);
  EXPECT_EQ(seen.published, SourceSet());
  EXPECT_NEAR(seen.pose.position.x, 52, 0.01);
}

TEST(WhereaboutsTest, WhoSpeaksToAllIsNotToldOfThoseOutOfItsSight) {
  FloorPlan plan = PlanWithStage();
  plan.zones.clear();
  SpaceLink link(plan);
  link.grants.megaphone = true;
  Person& speaker = link.JoinSpeaker();
  link.grants = {};
  ASSERT_EQ(link.Ask(speaker, {.act = Act::kMegaphone, .value = 1}), Outcome::kDone);
  link.Walk(speaker, {50, 15});
  Person& listener = link.JoinSpeaker();
  ASSERT_TRUE(listener.client.people().contains(speaker.id));
  link.Forget();
  link.Publish(listener, SourceSet());
  link.Run(Duration::Millis(500));
  const bool is_told =
      std::any_of(speaker.messages.begin(), speaker.messages.end(), [](const auto& message) {
        return message[0] == static_cast<uint8_t>(MessageType::kPersonPublishes);
      });
  EXPECT_FALSE(is_told);
}

TEST(WhereaboutsTest, OnTheLargestFloorPeopleAreSeenWhereTheyAre) {
  FloorPlan plan;
  plan.width = plan.height = 10000;
  plan.spawn = {9990, 9980};
  SpaceLink link(plan);
  Person& viewer = link.JoinSpeaker();
  Person& walker = link.JoinSpeaker();
  link.Walk(walker, {9995.5f, 9984.25f});
  link.Run(Duration::Seconds(1));
  const Point seen = viewer.client.people().at(walker.id).pose.position;
  EXPECT_NEAR(seen.x, 9995.5, 0.01);
  EXPECT_NEAR(seen.y, 9984.25, 0.01);
}

}  // namespace
}  // namespace earshot
