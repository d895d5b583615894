#include "rule.h"

#include <gtest/gtest.h>

namespace earshot::sim {
namespace {

constexpr ParticipantId kListener{1};
constexpr ParticipantId kSpeaker{2};
constexpr Oracle::Answer kNothing;
constexpr Oracle::Answer kAll{true, true, true};

FloorPlan Plan() {
  FloorPlan plan;
  plan.audible = {8, 9};
  plan.visible = {10, 12};
  plan.zones = {{"room", {{1, 1}, {5, 1}, {5, 5}, {1, 5}}},
                {"quiet", {{7, 1}, {11, 1}, {11, 5}, {7, 5}}, ZoneKind::kQuiet},
                {"stage", {{1, 20}, {5, 20}, {5, 24}, {1, 24}}, ZoneKind::kStage},
                {"stalls", {{5, 20}, {30, 20}, {30, 24}, {5, 24}}, ZoneKind::kLobby}};
  plan.zones[2].audience = "stalls";
  plan.doors = {{"door", {5, 2}, {5, 3}, DoorState::kOpen}};
  plan.bubble_transmission = 0;
  return plan;
}

class RuleTest : public ::testing::Test {
 protected:
  static Stance At(Point point) { return {.pose = {point, 0}}; }
  Ruling JudgeStances(const Stance& listener, const Stance& speaker,
                      const Oracle::Answer& may_hold) {
    rule_.Set(kListener, listener);
    rule_.Set(kSpeaker, speaker);
    return rule_.Judge(kListener, kSpeaker, may_hold);
  }
  Ruling Judge(Point listener, Point speaker, const Oracle::Answer& may_hold = kNothing) {
    return JudgeStances(At(listener), At(speaker), may_hold);
  }

  Rule rule_{Plan()};
};

TEST_F(RuleTest, DistanceDecidesOnTheOpenFloor) {
  const Point a{20, 15};
  EXPECT_TRUE(Judge(a, {27.9f, 15}).demanded.hears);
  EXPECT_FALSE(Judge(a, {28.5f, 15}).allowed.hears);
  const Ruling held = Judge(a, {28.5f, 15}, kAll);
  EXPECT_TRUE(held.allowed.hears && held.may_hold.hears && !held.demanded.hears);
  EXPECT_FALSE(Judge(a, {29.1f, 15}, kAll).allowed.hears);
  EXPECT_TRUE(Judge(a, {29.1f, 15}).demanded.watches);
  EXPECT_FALSE(Judge(a, {33, 15}, kAll).may_hold.watches);
}

TEST_F(RuleTest, WallsDecideBeforeDistance) {
  EXPECT_TRUE(Judge({2, 2}, {4, 2}).demanded.hears);
  EXPECT_FALSE(Judge({4, 1.5f}, {6, 1.5f}, kAll).allowed.watches);
}

TEST_F(RuleTest, ADoorThatShutsCuts) {
  EXPECT_TRUE(Judge({4, 2.5f}, {6, 2.5f}).demanded.hears);
  rule_.SetDoors({DoorState::kShut});
  EXPECT_FALSE(rule_.Judge(kListener, kSpeaker, kAll).allowed.hears);
}

TEST_F(RuleTest, OneDirectionIsNotTheOther) {
  EXPECT_FALSE(Judge({8, 2}, {9, 2}, kAll).allowed.hears);
  EXPECT_TRUE(Judge({8, 2}, {9, 2}, kAll).may_hold.hears);
  EXPECT_TRUE(Judge({29, 22}, {2, 22}).demanded.hears);
  EXPECT_FALSE(Judge({2, 22}, {29, 22}, kAll).allowed.hears);
}

TEST_F(RuleTest, WhatPeopleAgreedOnCounts) {
  const Stance here = At({20, 12});
  Stance there = At({22, 12});
  there.bubble = 1;
  EXPECT_EQ(JudgeStances(here, there, kAll).allowed, (Oracle::Answer{false, true, true}));
  there = At({22, 12});
  there.whispers_to = ParticipantId{3};
  EXPECT_FALSE(JudgeStances(here, there, kAll).allowed.hears);
  there.whispers_to = kListener;
  EXPECT_TRUE(JudgeStances(here, there, kNothing).demanded.hears);
  there = At({38, 28});
  there.megaphone = true;
  EXPECT_TRUE(JudgeStances(here, there, kNothing).demanded.hears);
  there.megaphone = false;
  EXPECT_FALSE(JudgeStances(here, there, kNothing).allowed.hears);
}

TEST_F(RuleTest, NextToALineNothingIsDemanded) {
  const Ruling ruling = Judge({2, 4}, {5, 4});
  EXPECT_TRUE(ruling.allowed.hears && !ruling.demanded.hears);
  EXPECT_EQ(rule_.ZoneAt({2, 2}), 0);
  EXPECT_EQ(rule_.ZoneAt({20, 15}), -1);
  EXPECT_EQ(rule_.ZoneAt({5, 2}), std::nullopt);
}

}  // namespace
}  // namespace earshot::sim
