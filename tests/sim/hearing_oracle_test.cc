// An oracle that reports nothing on a broken trace is a defect: each breach once.

#include "hearing_oracle.h"

#include <gtest/gtest.h>

namespace earshot::sim {
namespace {

constexpr ParticipantId kA{1};
constexpr ParticipantId kB{2};
constexpr SourceId kMicOfB(kB, SourceKind::kMic);
constexpr SourceId kCameraOfB(kB, SourceKind::kCamera);

Timestamp At(int64_t millis) { return Timestamp::Millis(millis); }

class HearingOracleTest : public ::testing::Test {
 protected:
  HearingOracleTest() : oracle_(Plan(), {}, violations_) {
    oracle_.Join(kA, {4, 4});
    oracle_.Join(kB, {4, 4});
    Place(kA, {20, 20}, 0);
  }
  static FloorPlan Plan() {
    FloorPlan plan;
    plan.audible = {8, 9};
    plan.visible = {10, 12};
    plan.zones.push_back({"Room", {{21, 15}, {25, 15}, {25, 25}, {21, 25}}});
    plan.doors.push_back({"Door", {21, 16}, {21, 19}, DoorState::kOpen});
    plan.bubble_transmission = 0;
    return plan;
  }
  void Place(ParticipantId id, Point point, int64_t millis) {
    oracle_.Follow({{{id, {.pose = {point, 0}}}}, {}}, At(millis));
  }
  void PlaceB(Point point, int64_t millis) { Place(kB, point, millis); }
  size_t EgressToA(SourceId source, int64_t millis) {
    const size_t before = violations_.count();
    oracle_.HandleEgress(kA, source, At(millis));
    return violations_.count() - before;
  }

  Violations violations_;
  HearingOracle oracle_;
};

TEST_F(HearingOracleTest, MediaInReachIsFine) {
  PlaceB({20, 13}, 0);
  EXPECT_EQ(EgressToA(kMicOfB, 1), 0u);
  EXPECT_EQ(EgressToA(kCameraOfB, 1), 0u);
}

TEST_F(HearingOracleTest, R17_MediaFromTooFarAwayIsReported) {
  PlaceB({20, 10.5f}, 0);
  EXPECT_EQ(EgressToA(kMicOfB, 1), 1u);
  EXPECT_EQ(EgressToA(kCameraOfB, 1), 0u);  // seen farther than heard
}

TEST_F(HearingOracleTest, R17_MediaThroughAWallIsReported) {
  PlaceB({22, 20}, 0);
  EXPECT_EQ(EgressToA(kMicOfB, 1), 1u);
}

TEST_F(HearingOracleTest, R17_MediaOfNobodyOrOfOneselfIsReported) {
  EXPECT_EQ(EgressToA(SourceId(ParticipantId{9}, SourceKind::kMic), 1), 1u);
  EXPECT_EQ(EgressToA(SourceId(kA, SourceKind::kMic), 1), 1u);
  EXPECT_EQ(EgressToA(SourceId(), 1), 1u);
}

TEST_F(HearingOracleTest, R17_TheRightOutlastsTheStepAwayByATenthOfASecond) {
  PlaceB({20, 13}, 0);
  PlaceB({20, 5}, 1000);
  EXPECT_EQ(EgressToA(kMicOfB, 1100), 0u);
  EXPECT_EQ(EgressToA(kMicOfB, 1101), 1u);
}

TEST_F(HearingOracleTest, BetweenTheRadiiWhoHadTheRightKeepsIt) {
  PlaceB({20, 11.5f}, 0);
  EXPECT_EQ(EgressToA(kMicOfB, 1), 1u);
  PlaceB({20, 12.5f}, 1000);
  PlaceB({20, 11.5f}, 2000);
  EXPECT_EQ(EgressToA(kMicOfB, 9000), 0u);
}

TEST_F(HearingOracleTest, WhoLeftIsOutOfReach) {
  PlaceB({20, 13}, 0);
  oracle_.Leave(kB);
  EXPECT_EQ(EgressToA(kMicOfB, 1), 1u);
}

TEST_F(HearingOracleTest, SilenceOfASpeakerInReachIsReportedOncePerLapse) {
  PlaceB({20, 13}, 0);
  oracle_.SetSending(kB, SourceSet(1), At(0));
  oracle_.CheckCompleteness(At(200));
  EXPECT_EQ(violations_.count(), 0u);
  oracle_.CheckCompleteness(At(201));
  EXPECT_EQ(violations_.count(), 1u);
  oracle_.CheckCompleteness(At(251));
  EXPECT_EQ(violations_.count(), 1u);
  oracle_.CheckCompleteness(At(450));
  EXPECT_EQ(violations_.count(), 2u);
}

TEST_F(HearingOracleTest, NothingIsDemandedOfWhoIsFarSilentOrGone) {
  PlaceB({20, 11.5f}, 0);
  oracle_.SetSending(kB, SourceSet(1), At(0));
  oracle_.CheckCompleteness(At(1000));
  PlaceB({20, 13}, 1000);
  oracle_.SetSending(kB, SourceSet(), At(1000));
  oracle_.CheckCompleteness(At(2000));
  oracle_.SetSending(kB, SourceSet(1), At(2000));
  oracle_.LoseInterest(kA);
  oracle_.CheckCompleteness(At(3000));
  EXPECT_EQ(violations_.count(), 0u);
}

TEST_F(HearingOracleTest, NothingIsDemandedWhenSlotsAreShort) {
  PlaceB({20, 13}, 0);
  oracle_.Join(kA, {0, 4});
  oracle_.SetSending(kB, SourceSet(1), At(0));
  oracle_.CheckCompleteness(At(1000));
  EXPECT_EQ(violations_.count(), 0u);
}

TEST_F(HearingOracleTest, R17_ADoorThatShutsIsFollowed) {
  PlaceB({22, 16.5f}, 0);
  EXPECT_EQ(EgressToA(kMicOfB, 1), 0u);
  oracle_.Follow({{}, std::vector{DoorState::kShut}}, At(10));
  EXPECT_EQ(EgressToA(kMicOfB, 110), 0u);
  EXPECT_EQ(EgressToA(kMicOfB, 111), 1u);
}

TEST_F(HearingOracleTest, R17_WhatPeopleAgreeOnIsFollowed) {
  PlaceB({20, 13}, 0);
  const auto stands = [&](const Stance& stance, int64_t millis) {
    oracle_.Follow({{{kB, stance}}, {}}, At(millis));
  };
  stands({.pose = {{20, 13}, 0}, .bubble = 1}, 10);
  EXPECT_EQ(EgressToA(kMicOfB, 200), 1u);
  stands({.pose = {{20, 13}, 0}}, 210);
  EXPECT_EQ(EgressToA(kMicOfB, 220), 0u);
  stands({.pose = {{20, 13}, 0}, .whispers_to = ParticipantId{9}}, 230);
  EXPECT_EQ(EgressToA(kMicOfB, 400), 1u);
}

TEST_F(HearingOracleTest, TheTimeCountsFromWhenSlotsSuffice) {
  PlaceB({20, 13}, 0);
  oracle_.Join(kA, {0, 4});
  Place(kA, {20, 20}, 0);
  oracle_.SetSending(kB, SourceSet(1), At(0));
  oracle_.CheckCompleteness(At(1000));
  oracle_.Join(kA, {1, 4});
  oracle_.CheckCompleteness(At(1200));
  EXPECT_EQ(violations_.count(), 0u);
  oracle_.CheckCompleteness(At(1201));
  EXPECT_EQ(violations_.count(), 1u);
}

}  // namespace
}  // namespace earshot::sim
