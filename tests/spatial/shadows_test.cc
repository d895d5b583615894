#include "spatial/shadows.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/random.h"

namespace earshot {
namespace {

constexpr Point kHere{50, 50};
constexpr float kRadius = 8;
constexpr float kLeast = 0.05f;
constexpr size_t kManyCorners = 200;

std::vector<Point> Trace(const std::vector<Screen>& screens, float least = kLeast,
                         size_t max_corners = kManyCorners) {
  std::vector<Point> outline{{1, 1}};
  TraceReached(kHere, kRadius, least, screens, max_corners, outline);
  return outline;
}

bool Reaches(const std::vector<Point>& outline, Point offset) {
  return outline.empty() || Contains(outline, offset);
}

TEST(ShadowsTest, NothingNearLeavesNoOutline) {
  EXPECT_TRUE(Trace({}).empty());
  EXPECT_TRUE(Trace({{{{60, 40}, {60, 60}}, 0}}).empty()) << "beyond the square";
  EXPECT_TRUE(Trace({{{{52, 40}, {52, 60}}, 0.5f}}).empty()) << "lets enough pass";
}

TEST(ShadowsTest, AWallCastsAShadowToTheBorderOfTheSquare) {
  const auto outline = Trace({{{{52, 48}, {52, 52}}, 0}});
  EXPECT_TRUE(Reaches(outline, {1.9f, 0}));
  EXPECT_FALSE(Reaches(outline, {2.1f, 0}));
  EXPECT_FALSE(Reaches(outline, {7.9f, 7.7f}));
  EXPECT_TRUE(Reaches(outline, {7.7f, 7.9f})) << "beside the shadow";
  EXPECT_TRUE(Reaches(outline, {-7.9f, -7.9f}));
  EXPECT_LE(outline.size(), 8u);
}

TEST(ShadowsTest, WhatTwoScreensLeaveCountsBehindBoth) {
  const Screen near{{{52, 40}, {52, 60}}, 0.2f};
  const Screen far{{{54, 50}, {54, 60}}, 0.2f};
  const auto outline = Trace({far, near});
  EXPECT_TRUE(Reaches(outline, {3, 1}));
  EXPECT_FALSE(Reaches(outline, {5, 1})) << "behind both";
  EXPECT_TRUE(Reaches(outline, {5, -1})) << "behind one";
}

TEST(ShadowsTest, WallsThatCrossStandInFrontOfEachOther) {
  // As an X to the right: its left half is what is seen of it.
  const auto outline = Trace({{{{51, 47}, {57, 53}}, 0}, {{{51, 53}, {57, 47}}, 0}});
  EXPECT_TRUE(Reaches(outline, {3.8f, 0}));
  EXPECT_FALSE(Reaches(outline, {4.2f, 0}));
}

TEST(ShadowsTest, FewCornersCutOffLittle) {
  std::vector<Screen> posts;
  for (int i = 0; i < 12; ++i) {
    const float x = 44 + static_cast<float>(i);
    posts.push_back({{{x, 53}, {x + 0.3f, 53}}, 0});
  }
  EXPECT_GT(Trace(posts).size(), 20u);
  const auto outline = Trace(posts, kLeast, 20);
  EXPECT_EQ(outline.size(), 20u);
  EXPECT_TRUE(Reaches(outline, {0, -7.9f}));
  EXPECT_TRUE(Reaches(outline, {7, 1}));
}

// By definition, at any point but next to a border.
TEST(ShadowsTest, AgreesWithTheLineToEveryPoint) {
  SeededRandom random(7);
  const auto draw = [&] { return static_cast<float>(random.Unit()); };
  for (int round = 0; round < 300; ++round) {
    std::vector<Screen> screens;
    for (uint32_t i = random.Below(10); i > 0; --i) {
      screens.push_back(
          {{{40 + 20 * draw(), 40 + 20 * draw()}, {40 + 20 * draw(), 40 + 20 * draw()}},
           random.Below(2) == 0 ? 0 : draw()});
    }
    const float least = 0.01f + draw() * 0.5f;
    const auto outline = Trace(screens, least);
    const auto passes = [&](Point offset) {
      const Segment line{kHere, {kHere.x + offset.x, kHere.y + offset.y}};
      float passing = 1;
      for (const Screen& screen : screens) {
        if (SegmentsMeet(line, screen.line)) passing *= screen.transmission;
      }
      return passing >= least;
    };
    for (int i = 0; i < 200; ++i) {
      const Point at{kRadius * (2 * draw() - 1), kRadius * (2 * draw() - 1)};
      constexpr float kNear = 0.06f;
      int agreeing = 0;
      for (const float dx : {-kNear, 0.0f, kNear}) {
        for (const float dy : {-kNear, 0.0f, kNear}) {
          agreeing += passes({at.x + dx, at.y + dy}) == passes(at);
        }
      }
      if (agreeing < 9) continue;
      ASSERT_EQ(Reaches(outline, at), passes(at))
          << "round " << round << " at " << at.x << ", " << at.y;
    }
  }
}

TEST(ShadowsTest, NoNumberOfScreensTakesLongOrManyCorners) {
  SeededRandom random(8);
  std::vector<Screen> screens;
  for (int i = 0; i < 5000; ++i) {
    const Point at{42 + 16 * static_cast<float>(random.Unit()),
                   42 + 16 * static_cast<float>(random.Unit())};
    screens.push_back({{at, {at.x + 9, at.y - 7}}, 0.9f});
  }
  EXPECT_LE(Trace(screens, 0.5f, 32).size(), 32u);
}

}  // namespace
}  // namespace earshot
