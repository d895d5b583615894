#include "rule.h"

#include <gtest/gtest.h>

namespace earshot::sim {
namespace {

FloorPlan Plan() {
  FloorPlan plan;
  plan.audible = {8, 9};
  plan.visible = {10, 12};
  // An L around its notch at (3, 3), and a room beside it.
  plan.zones.push_back({"L", {{1, 1}, {5, 1}, {5, 3}, {3, 3}, {3, 5}, {1, 5}}});
  plan.zones.push_back({"Beside", {{5, 1}, {7, 1}, {7, 3}, {5, 3}}});
  return plan;
}

TEST(RuleTest, FindsRoomsOfAnyShape) {
  const Rule rule(Plan());
  EXPECT_EQ(rule.RoomOf({2, 2}), 0);
  EXPECT_EQ(rule.RoomOf({4, 2}), 0);
  EXPECT_EQ(rule.RoomOf({2, 4}), 0);
  EXPECT_EQ(rule.RoomOf({4, 4}), -1);
  EXPECT_EQ(rule.RoomOf({6, 2}), 1);
  EXPECT_EQ(rule.RoomOf({0, 0}), -1);
}

TEST(RuleTest, DistanceDecidesOnOneFloor) {
  const Rule rule(Plan());
  const Point a{20, 20};
  EXPECT_EQ(rule.Judge(a, {27.9f, 20}, MediaKind::kAudio), Verdict::kMust);
  EXPECT_EQ(rule.Judge(a, {28.5f, 20}, MediaKind::kAudio), Verdict::kAsItWas);
  EXPECT_EQ(rule.Judge(a, {29.1f, 20}, MediaKind::kAudio), Verdict::kMustNot);
  EXPECT_EQ(rule.Judge(a, {29.1f, 20}, MediaKind::kVideo), Verdict::kMust);
  EXPECT_EQ(rule.Judge(a, {31, 20}, MediaKind::kVideo), Verdict::kAsItWas);
  EXPECT_EQ(rule.Judge(a, {33, 20}, MediaKind::kVideo), Verdict::kMustNot);
}

TEST(RuleTest, WallsDecideBeforeDistance) {
  const Rule rule(Plan());
  EXPECT_EQ(rule.Judge({2, 2}, {4, 2}, MediaKind::kAudio), Verdict::kMust);
  EXPECT_EQ(rule.Judge({2, 2}, {4, 4}, MediaKind::kAudio), Verdict::kMustNot);
  EXPECT_EQ(rule.Judge({4, 2}, {6, 2}, MediaKind::kVideo), Verdict::kMustNot);
}

}  // namespace
}  // namespace earshot::sim
