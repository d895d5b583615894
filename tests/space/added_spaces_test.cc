// Spaces that come to an engine and go again while it runs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "space_link.h"

namespace earshot {
namespace {

using testing::ElementsAre;

FloorPlan PlanWithDoor() {
  FloorPlan plan = TestPlan();
  plan.doors = {{"Booth", {49, 44}, {51, 44}}};
  return plan;
}

TEST(AddedSpacesTest, ASpaceThatIsTakenOutIsUnknownAndLeavesNothingBehind) {
  SpaceLink link;
  const auto& a = link.JoinSpeaker();
  link.Leave(*link.people[0]);
  const auto removed = link.engine->RemoveSpace("test");
  ASSERT_TRUE(removed);
  EXPECT_EQ(removed->id, "test");
  EXPECT_FALSE(link.engine->Has(a.id));
  EXPECT_TRUE(link.engine->NextDeadline().IsNever());
  JoinRequest request;
  request.space = "test";
  EXPECT_EQ(link.engine->Join(request, sdp::Offer(), link.now).error().code, "space-unknown");
  EXPECT_TRUE(link.engine->DoorsOf("test").empty());
  EXPECT_FALSE(link.engine->RemoveSpace("test")) << "it is gone";
}

TEST(AddedSpacesTest, ASpaceWithSomebodyInItStays) {
  SpaceLink link;
  auto& a = link.Begin();
  EXPECT_FALSE(link.engine->RemoveSpace("test")) << "not connected yet, but there";
  link.Run(Duration::Millis(500));
  EXPECT_FALSE(link.engine->RemoveSpace("test"));
  link.Leave(a);
  EXPECT_TRUE(link.engine->RemoveSpace("test"));
}

TEST(AddedSpacesTest, AnIdIsTakenOnce) {
  SpaceLink link;
  link.JoinSpeaker();
  FloorPlan other;
  other.width = 77;
  EXPECT_FALSE(link.engine->AddSpace({"test", other}));
  EXPECT_EQ(link.JoinSpeaker().joined.plan->width, 100) << "the one that was there";
  EXPECT_TRUE(link.engine->AddSpace({"other", other}));
}

TEST(AddedSpacesTest, WhoEndsSaysInWhichSpace) {
  SpaceLink link;
  ASSERT_TRUE(link.engine->AddSpace({"other", {}}));
  auto& a = link.JoinSpeaker();
  auto& b = link.JoinSpeaker();
  link.Leave(a);
  link.Close(b);
  link.Run(Duration::Seconds(1));
  ASSERT_EQ(link.closed.size(), 2u);
  EXPECT_EQ(link.closed[0].space, "test");
  EXPECT_EQ(link.closed[1].space, "test");
}

TEST(AddedSpacesTest, ASpaceGoesOnInAnotherEngineWithItsDoorsAsTheyWere) {
  SpaceLink from(PlanWithDoor());
  const auto& keeper = from.JoinSpeaker();
  from.Walk(*from.people[0], {50, 45});
  ASSERT_EQ(from.Ask(*from.people[0], {0, Act::kSetDoor, kNoParticipant, 0, 0}), Outcome::kDone);
  ASSERT_THAT(from.engine->DoorsOf("test"), ElementsAre(DoorState::kOpen));
  ASSERT_NE(PlanWithDoor().doors[0].state, DoorState::kOpen);
  from.Leave(*from.people[0]);
  EXPECT_FALSE(from.engine->Has(keeper.id));

  SpaceLink to;
  ASSERT_TRUE(to.engine->RemoveSpace("test"));
  ASSERT_TRUE(to.engine->AddSpace(*from.engine->RemoveSpace("test")));
  EXPECT_THAT(to.engine->DoorsOf("test"), ElementsAre(DoorState::kOpen));
  auto& a = to.JoinSpeaker();
  auto& b = to.JoinSpeaker();
  EXPECT_EQ(b.joined.plan->doors[0].state, DoorState::kOpen);
  to.Run(Duration::Seconds(2));
  EXPECT_GT(a.CountFrom(b), 80u);
  EXPECT_GT(b.CountFrom(a), 80u);
}

TEST(AddedSpacesTest, OtherSpacesDoNotNotice) {
  SpaceLink link;
  ASSERT_TRUE(link.engine->AddSpace({"first", {}}));
  ASSERT_TRUE(link.engine->AddSpace({"second", {}}));
  auto& a = link.JoinSpeaker();
  auto& b = link.JoinSpeaker();
  ASSERT_TRUE(link.engine->RemoveSpace("first"));
  link.Forget();
  link.Run(Duration::Seconds(1));
  ASSERT_TRUE(link.engine->AddSpace({"third", {}}));
  ASSERT_TRUE(link.engine->RemoveSpace("second"));
  link.Run(Duration::Seconds(1));
  EXPECT_GT(a.CountFrom(b), 80u);
  EXPECT_GT(b.CountFrom(a), 80u);
  EXPECT_EQ(link.counters.invariant_violations.value(), 0u);
}

}  // namespace
}  // namespace earshot
