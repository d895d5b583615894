#include "rule.h"

#include <gtest/gtest.h>

namespace earshot::sim {
namespace {

FloorPlan Plan() {
  FloorPlan plan;
  plan.audible = {8, 9};
  plan.visible = {10, 12};
  plan.zones = {{"room", {{1, 1}, {5, 1}, {5, 5}, {1, 5}}},
                {"quiet", {{7, 1}, {11, 1}, {11, 5}, {7, 5}}, ZoneKind::kQuiet},
                {"stage", {{1, 20}, {5, 20}, {5, 24}, {1, 24}}, ZoneKind::kStage},
                {"stalls", {{5, 20}, {30, 20}, {30, 24}, {5, 24}}, ZoneKind::kLobby}};
  plan.zones[2].audience = "stalls";
  return plan;
}

TEST(RuleTest, DistanceDecidesOnTheOpenFloor) {
  Rule rule(Plan());
  const Point a{20, 15};
  EXPECT_TRUE(rule.Judge(a, {27.9f, 15}, MediaKind::kAudio, false).demanded);
  const Ruling between = rule.Judge(a, {28.5f, 15}, MediaKind::kAudio, false);
  EXPECT_FALSE(between.allowed);
  const Ruling held = rule.Judge(a, {28.5f, 15}, MediaKind::kAudio, true);
  EXPECT_TRUE(held.allowed && held.may_hold && !held.demanded);
  EXPECT_FALSE(rule.Judge(a, {29.1f, 15}, MediaKind::kAudio, true).allowed);
  EXPECT_TRUE(rule.Judge(a, {29.1f, 15}, MediaKind::kVideo, false).demanded);
  EXPECT_FALSE(rule.Judge(a, {33, 15}, MediaKind::kVideo, true).may_hold);
}

TEST(RuleTest, WallsDecideBeforeDistance) {
  Rule rule(Plan());
  EXPECT_TRUE(rule.Judge({2, 2}, {4, 2}, MediaKind::kAudio, false).demanded);
  EXPECT_FALSE(rule.Judge({4, 2}, {6, 2}, MediaKind::kVideo, true).allowed);
}

TEST(RuleTest, OneDirectionIsNotTheOther) {
  Rule rule(Plan());
  EXPECT_FALSE(rule.Judge({8, 2}, {9, 2}, MediaKind::kAudio, true).allowed);
  EXPECT_TRUE(rule.Judge({8, 2}, {9, 2}, MediaKind::kAudio, true).may_hold);
  EXPECT_TRUE(rule.Judge({29, 22}, {2, 22}, MediaKind::kAudio, false).demanded);
  EXPECT_FALSE(rule.Judge({2, 22}, {29, 22}, MediaKind::kAudio, true).allowed);
}

TEST(RuleTest, NextToALineNothingIsDemanded) {
  Rule rule(Plan());
  const Ruling ruling = rule.Judge({2, 2}, {5, 2}, MediaKind::kAudio, false);
  EXPECT_TRUE(ruling.allowed && !ruling.demanded);
  EXPECT_EQ(rule.ZoneAt({2, 2}), 0);
  EXPECT_EQ(rule.ZoneAt({20, 15}), -1);
  EXPECT_EQ(rule.ZoneAt({5, 2}), std::nullopt);
}

}  // namespace
}  // namespace earshot::sim
