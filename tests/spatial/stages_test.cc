#include "spatial/stages.h"

#include <gtest/gtest.h>

#include "spatial/router_driver.h"

namespace earshot {
namespace {

constexpr ZoneIndex kStage = 0;
constexpr ZoneIndex kStalls = 1;
constexpr ZoneIndex kOpenStage = 2;

FloorPlan Chamber() {
  FloorPlan plan;
  plan.width = 60;
  plan.zones = {{"stage", {{2, 2}, {22, 2}, {22, 6}, {2, 6}}, ZoneKind::kStage},
                {"stalls", {{2, 6}, {22, 6}, {22, 28}, {2, 28}}},
                {"soapbox", {{50, 2}, {55, 2}, {55, 6}, {50, 6}}, ZoneKind::kStage}};
  plan.zones[0].audience = plan.zones[2].audience = "stalls";
  plan.zones[0].podium = Podium::kModerated;
  plan.zones[2].audience = "square";
  plan.zones.push_back({"square", {{50, 6}, {55, 6}, {55, 28}, {50, 28}}, ZoneKind::kLobby});
  plan.sight_radius = 12;
  return plan;
}

// 1 moderates from the stage, 2 stands on it, 3 sits at the back, 4 is outside.
class StagesTest : public ::testing::Test {
 protected:
  StagesTest() {
    office_.JoinAs(1, {20, 4}, {.moderator = true});
    office_.Join(2, {5, 4});
    office_.Join(3, {20, 27});
    office_.Join(4, {40, 15});
    office_.SetSources(2, SourceSet::All());
  }
  RouterDriver office_{Chamber()};
};

TEST_F(StagesTest, ThePodiumIsAskedForGivenAndTaken) {
  EXPECT_EQ(office_.AskForPodium(2, kStage), Outcome::kDone);
  ASSERT_NE(office_.Told(EventKind::kAsksForPodium, 1), nullptr);
  EXPECT_EQ(office_.last().events.size(), 1u) << "only moderators are told";
  EXPECT_FALSE(office_.Hears(3, MicOf(2)));
  EXPECT_EQ(office_.GivePodium(1, 2, kStage), Outcome::kDone);
  EXPECT_NE(office_.Told(EventKind::kAsksNoLonger, 1), nullptr);
  EXPECT_NE(office_.Told(EventKind::kPodiumGiven, 3), nullptr);
  EXPECT_EQ(office_.Told(EventKind::kPodiumGiven, 4), nullptr);
  EXPECT_TRUE(office_.Hears(3, MicOf(2)));
  EXPECT_EQ(office_.TakePodium(1, 2, kStage), Outcome::kDone);
  EXPECT_FALSE(office_.Hears(3, MicOf(2))) << "in the same call";
  EXPECT_NE(office_.Told(EventKind::kPodiumTaken, 2), nullptr);
}

TEST_F(StagesTest, ASpeakerIsAVoiceOnTheStageAlone) {
  office_.GivePodium(1, 2, kStage);
  office_.WalkTo(2, {5, 8});
  EXPECT_FALSE(office_.Hears(3, MicOf(2)));
  office_.WalkTo(2, {5, 4});
  EXPECT_TRUE(office_.Hears(3, MicOf(2)));
}

TEST_F(StagesTest, ThePodiumIsHandedOver) {
  office_.GivePodium(1, 2, kStage);
  EXPECT_EQ(office_.TakePodium(2, 2, kStage), Outcome::kDone) << "oneself";
  EXPECT_EQ(office_.GivePodium(1, 3, kStage), Outcome::kDone) << "from the stalls";
  office_.SetSources(3, SourceSet::All());
  office_.WalkTo(3, {20, 16});
  office_.WalkTo(3, {20, 5});
  EXPECT_TRUE(office_.Hears(2, MicOf(3)));
  EXPECT_FALSE(office_.Hears(3, MicOf(2)));
}

TEST_F(StagesTest, H15_OnlyModeratorsGiveAndTake) {
  office_.AskForPodium(2, kStage);
  EXPECT_EQ(office_.GivePodium(2, 2, kStage), Outcome::kNotAllowed);
  EXPECT_EQ(office_.GivePodium(3, 2, kStage), Outcome::kNotAllowed);
  EXPECT_EQ(office_.GivePodium(1, 2, kStage), Outcome::kDone);
  EXPECT_EQ(office_.TakePodium(3, 2, kStage), Outcome::kNotAllowed);
  office_.SetPrivileges(1, {});
  EXPECT_EQ(office_.TakePodium(1, 2, kStage), Outcome::kNotAllowed);
}

TEST_F(StagesTest, OnlyFromTheStageOrItsAudience) {
  EXPECT_EQ(office_.AskForPodium(4, kStage), Outcome::kTooFar);
  EXPECT_EQ(office_.GivePodium(1, 4, kStage), Outcome::kTooFar);
  EXPECT_EQ(office_.AskForPodium(3, kStage), Outcome::kDone);
}

TEST_F(StagesTest, H16_WhatIsNotThereOrOutOfOrderChangesNothing) {
  for (const ZoneIndex zone : {ZoneIndex{-1}, kStalls, kOpenStage, ZoneIndex{9}}) {
    EXPECT_EQ(office_.AskForPodium(2, zone), Outcome::kNothingToDo);
    EXPECT_EQ(office_.GivePodium(1, 2, zone), Outcome::kNothingToDo);
    EXPECT_EQ(office_.TakePodium(1, 2, zone), Outcome::kNothingToDo);
  }
  EXPECT_EQ(office_.AskForPodium(2, kStage, false), Outcome::kNothingToDo);
  EXPECT_EQ(office_.TakePodium(1, 2, kStage), Outcome::kNothingToDo);
  EXPECT_EQ(office_.AskForPodium(2, kStage), Outcome::kDone);
  EXPECT_EQ(office_.AskForPodium(2, kStage), Outcome::kNothingToDo);
  EXPECT_EQ(office_.AskForPodium(2, kStage, false), Outcome::kDone);
  EXPECT_EQ(office_.GivePodium(1, 9, kStage), Outcome::kNothingToDo);
  EXPECT_EQ(office_.GivePodium(9, 2, kStage), Outcome::kNothingToDo);
  EXPECT_EQ(office_.GivePodium(1, 2, kStage), Outcome::kDone);
  EXPECT_EQ(office_.GivePodium(1, 2, kStage), Outcome::kNothingToDo);
  EXPECT_EQ(office_.AskForPodium(2, kStage), Outcome::kNothingToDo);
}

TEST_F(StagesTest, E10_RequestAndPodiumEndWithWhoHoldsThem) {
  office_.AskForPodium(3, kStage);
  office_.Leave(3);
  EXPECT_NE(office_.Told(EventKind::kAsksNoLonger, 1), nullptr);
  office_.GivePodium(1, 2, kStage);
  office_.Leave(2);
  EXPECT_NE(office_.Told(EventKind::kPodiumTaken, 1), nullptr);
  RoutingOutput out;
  office_.router().Recapitulate(Id(1), out);
  EXPECT_TRUE(out.events.empty());
}

TEST_F(StagesTest, E7_QueueAndPanelAreBounded) {
  for (uint32_t id = 100; id < 100 + Stages::kMaxRequestsPerStage; ++id) {
    office_.Join(id, {10, 15});
    ASSERT_EQ(office_.AskForPodium(id, kStage), Outcome::kDone);
  }
  EXPECT_EQ(office_.AskForPodium(2, kStage), Outcome::kFull);
  for (uint32_t id = 100; id < 100 + Stages::kMaxPodiumsPerStage; ++id) {
    ASSERT_EQ(office_.GivePodium(1, id, kStage), Outcome::kDone);
  }
  EXPECT_EQ(office_.GivePodium(1, 2, kStage), Outcome::kFull);
}

}  // namespace
}  // namespace earshot
