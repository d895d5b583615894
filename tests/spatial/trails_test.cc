// How far back somebody who comes into earshot gets what was said: the pre-roll.

#include "spatial/trails.h"

#include <gtest/gtest.h>

#include <optional>

#include "spatial/router_driver.h"

namespace earshot {
namespace {

constexpr SourceSet kMic(0b0001);
constexpr SourceSet kMicAndCamera(0b0011);

// Person 1 listens, person 2 speaks. By default people hear each other from 8 m on.
class TrailsTest : public ::testing::Test {
 protected:
  void Begin(const FloorPlan& plan, Point listener, Point speaker) {
    office_.emplace(plan);
    office_->Join(1, listener);
    office_->JoinWith(2, speaker, kMic);
  }
  void Wait(int64_t ms) { office_->AdvanceBy(Duration::Millis(ms)); }
  // The age of the oldest sound that the listener gets by the last call; nothing for none.
  std::optional<int64_t> PreRoll() const {
    for (const SlotChange& change : office_->last().slots) {
      if (change.listener != Id(1) || change.source != MicOf(2)) continue;
      if (change.pre_roll_from.IsNever()) return std::nullopt;
      return (office_->now() - change.pre_roll_from).millis();
    }
    ADD_FAILURE() << "the listener got no slot";
    return std::nullopt;
  }

  std::optional<RouterDriver> office_;
};

TEST_F(TrailsTest, WhoWalksUpGetsWhatWasSaidSinceTheLastStep) {
  Begin({}, {20, 15}, {29, 15});
  Wait(1000);
  office_->Move(1, {{20.5f, 15}, 0});
  Wait(60);
  office_->Move(1, {{21, 15}, 0});
  EXPECT_EQ(PreRoll(), 100);
}

TEST_F(TrailsTest, NeverMoreThanTheReach) {
  Begin({}, {20, 15}, {28.5f, 15});
  Wait(5000);
  office_->Move(1, {{21, 15}, 0});
  EXPECT_EQ(PreRoll(), 100);
}

TEST_F(TrailsTest, NothingFromBeforeItCameWithinTheMargin) {
  Begin({}, {17, 15}, {29, 15});
  Wait(1000);
  office_->Move(1, {{18.5f, 15}, 0});  // 10.5 m away: warm
  Wait(40);
  office_->Move(1, {{18.9f, 15}, 0});
  Wait(30);
  office_->Move(2, {{26.5f, 15}, 0});
  EXPECT_EQ(PreRoll(), 70);
}

TEST_F(TrailsTest, ASpeakerWhoComesNearBringsIts) {
  Begin({}, {20, 15}, {29, 15});
  Wait(1000);
  office_->Move(2, {{27.5f, 15}, 0});
  EXPECT_EQ(PreRoll(), 100);
}

TEST_F(TrailsTest, ANewcomerGetsNothingFromBefore) {
  office_.emplace();
  office_->JoinWith(2, {20, 15}, kMic);
  Wait(1000);
  office_->Join(1, {22, 15});
  EXPECT_EQ(PreRoll(), std::nullopt);
}

TEST_F(TrailsTest, WhereThePolicyCutsStrictlyNothing) {
  FloorPlan plan;
  plan.pre_roll = false;
  Begin(plan, {20, 15}, {29, 15});
  Wait(1000);
  office_->Move(1, {{21.5f, 15}, 0});
  EXPECT_EQ(PreRoll(), std::nullopt);
}

TEST_F(TrailsTest, OfTwoZonesTheStricterCuts) {
  FloorPlan plan;
  plan.zones.push_back({.name = "Desks",
                        .outline = {{0, 0}, {10, 0}, {10, 10}, {0, 10}},
                        .kind = ZoneKind::kDesk,
                        .policy = plan});
  plan.zones[0].policy->pre_roll = false;
  Begin(plan, {18, 5}, {9, 5});
  Wait(1000);
  office_->Move(1, {{16, 5}, 0});
  EXPECT_EQ(PreRoll(), std::nullopt);
}

TEST_F(TrailsTest, R17_NothingFromBehindAWall) {
  FloorPlan plan;
  plan.walls.push_back({{25, 0}, {25, 14.9f}, 0});
  Begin(plan, {23, 14.5f}, {27, 14.5f});
  Wait(1000);
  office_->Move(1, {{23, 16}, 0});
  EXPECT_EQ(PreRoll(), std::nullopt);
}

TEST_F(TrailsTest, R17_NothingFromBeforeADoorOpened) {
  FloorPlan plan;
  plan.walls.push_back({{25, 0}, {25, 30}, 0});
  plan.doors.push_back({"Door", {25, 14}, {25, 16}, DoorState::kShut, {1, 0, 0}});
  Begin(plan, {24.5f, 15}, {27, 15});
  Wait(1000);
  ASSERT_EQ(office_->SetDoor(1, 0, DoorState::kOpen), Outcome::kDone);
  EXPECT_EQ(PreRoll(), std::nullopt);
  // Nor a moment later, from a step away.
  office_->SetDoor(1, 0, DoorState::kShut);
  Wait(1000);
  office_->Move(1, {{24.5f, 15.5f}, 0});
  office_->Move(2, {{33.5f, 15}, 0});
  Wait(1000);
  office_->SetDoor(1, 0, DoorState::kOpen);
  Wait(30);
  office_->Move(2, {{32, 15}, 0});
  EXPECT_EQ(PreRoll(), 30);
}

TEST_F(TrailsTest, R17_NothingOfARoomFromBeforeOneEntered) {
  FloorPlan plan;
  plan.zones.push_back({"Room", {{30, 10}, {38, 10}, {38, 20}, {30, 20}}});
  plan.doors.push_back({"Door", {30, 14}, {30, 16}, DoorState::kOpen, {0, 0, 0}});
  Begin(plan, {29.5f, 15}, {33, 15});
  Wait(1000);
  office_->Move(1, {{30.5f, 15}, 0});
  EXPECT_EQ(PreRoll(), std::nullopt);
}

TEST_F(TrailsTest, R17_NothingOfARoomThroughItsOpenDoor) {
  FloorPlan plan;
  plan.zones.push_back({"Room", {{30, 10}, {38, 10}, {38, 20}, {30, 20}}});
  plan.doors.push_back({"Door", {30, 14}, {30, 16}, DoorState::kOpen});
  Begin(plan, {24, 15}, {33, 15});
  Wait(1000);
  office_->Move(1, {{25.5f, 15}, 0});
  EXPECT_EQ(PreRoll(), std::nullopt) << "only what is said from now on";
}

TEST_F(TrailsTest, R17_NothingOfWhatWasSaidInAQuietZone) {
  FloorPlan plan;
  plan.zones.push_back({"Quiet", {{1, 1}, {9, 1}, {9, 9}, {1, 9}}, ZoneKind::kQuiet, 1.0f});
  Begin(plan, {11, 5}, {8.8f, 5});
  Wait(1000);
  office_->Move(2, {{9.5f, 5}, 0});
  EXPECT_EQ(PreRoll(), std::nullopt);
}

TEST_F(TrailsTest, R17_NothingFromBeforeABubbleEnded) {
  FloorPlan plan;
  plan.bubble_transmission = 0;
  Begin(plan, {20, 15}, {22, 15});
  office_->Join(3, {23, 15});
  ASSERT_EQ(office_->Invite(2, 3), Outcome::kDone);
  ASSERT_EQ(office_->AcceptInvite(3, 2), Outcome::kDone);
  ASSERT_FALSE(office_->Hears(1, MicOf(2)));
  Wait(1000);
  ASSERT_EQ(office_->LeaveBubble(3), Outcome::kDone);
  EXPECT_EQ(PreRoll(), std::nullopt);
}

TEST_F(TrailsTest, R17_NothingFromBeforeAWhisperEnded) {
  Begin({}, {20, 15}, {22, 15});
  office_->Join(3, {23, 15});
  ASSERT_EQ(office_->Whisper(2, 3), Outcome::kDone);
  Wait(1000);
  ASSERT_EQ(office_->Whisper(2, 0), Outcome::kDone);
  EXPECT_EQ(PreRoll(), std::nullopt);
}

TEST_F(TrailsTest, WhoHadToWaitForASlotGetsWhatWasSaidMeanwhile) {
  office_.emplace();
  office_->Join(1, {20, 15}, {1, 0});
  office_->JoinWith(3, {21, 15}, kMic);
  office_->JoinWith(2, {22, 15}, kMic);
  ASSERT_FALSE(office_->Hears(1, MicOf(2)));
  Wait(1000);
  office_->SetSources(3, SourceSet());
  EXPECT_EQ(PreRoll(), 100);
}

TEST_F(TrailsTest, VideoHasNone) {
  office_.emplace();
  office_->Join(1, {20, 15});
  office_->JoinWith(2, {29, 15}, kMicAndCamera);
  Wait(1000);
  office_->Move(1, {{22, 15}, 0});
  ASSERT_FALSE(office_->last().slots.empty());
  for (const SlotChange& change : office_->last().slots) {
    EXPECT_EQ(change.pre_roll_from.IsNever(), change.slot.kind == MediaKind::kVideo);
  }
}

}  // namespace
}  // namespace earshot
