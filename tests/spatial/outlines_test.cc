#include "spatial/outlines.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/random.h"
#include "spatial/geometry.h"

namespace earshot {
namespace {

std::vector<Point> Rectangle(float x, float y, float width, float height) {
  return {{x, y}, {x + width, y}, {x + width, y + height}, {x, y + height}};
}

TEST(OutlinesTest, SimpleOutlinesMayBeNonConvex) {
  EXPECT_TRUE(IsSimple(Rectangle(0, 0, 4, 3)));
  EXPECT_TRUE(
      IsSimple(std::vector<Point>{{0, 0}, {3, 0}, {3, 6}, {6, 6}, {6, 0}, {9, 0}, {9, 9}, {0, 9}}));
  // A corner in the middle of a straight wall.
  EXPECT_TRUE(IsSimple(std::vector<Point>{{0, 0}, {2, 0}, {4, 0}, {4, 4}, {0, 4}}));
}

TEST(OutlinesTest, OutlinesThatMeetThemselvesAreNotSimple) {
  const std::vector<std::vector<Point>> bad = {
      {{0, 0}, {4, 4}, {4, 0}, {0, 4}},          // bow tie
      {{0, 0}, {4, 0}, {4, 4}, {2, 0}, {0, 4}},  // touches its own edge
      {{0, 0}, {4, 0}, {4, 4}, {4, 2}},          // runs back over its edge
      {{0, 0}, {3, 3}, {1, 1}, {0, 4}},          // the same, slanted
      {{0, 0}, {4, 0}, {4, 4}, {0, 4}, {0, 0}},  // repeats the first corner
      {{0, 0}, {4, 0}, {4, 0}, {0, 4}},          // repeats another
      {{0, 0}, {4, 0}},                          // no area
      {{0, 0}, {4, 0}, {2, 0}},                  // nor here
  };
  for (size_t i = 0; i < bad.size(); ++i) EXPECT_FALSE(IsSimple(bad[i])) << i;
}

TEST(OutlinesTest, RoomsMayShareEdgesAndCorners) {
  const std::vector<Point> room = Rectangle(10, 10, 4, 4);
  EXPECT_FALSE(OutlinesOverlap(room, Rectangle(14, 10, 4, 4)));
  EXPECT_FALSE(OutlinesOverlap(room, Rectangle(14, 12, 4, 8)));
  EXPECT_FALSE(OutlinesOverlap(room, Rectangle(14, 14, 4, 4)));
  EXPECT_FALSE(OutlinesOverlap(room, Rectangle(20, 10, 4, 4)));
  // Slanted and cut in two on one side.
  EXPECT_FALSE(OutlinesOverlap(std::vector<Point>{{0, 0}, {3, 0}, {0, 7}},
                               std::vector<Point>{{3, 0}, {9, 9}, {0, 7}, {1.5f, 3.5f}}));
}

TEST(OutlinesTest, ARoomInTheNotchOfAnotherDoesNotOverlap) {
  const std::vector<Point> u = {{0, 0}, {3, 0}, {3, 6}, {6, 6}, {6, 0}, {9, 0}, {9, 9}, {0, 9}};
  EXPECT_FALSE(OutlinesOverlap(u, Rectangle(3, 0, 3, 6)));
  EXPECT_FALSE(OutlinesOverlap(u, Rectangle(4, 1, 1, 1)));
  EXPECT_TRUE(OutlinesOverlap(u, Rectangle(4, 1, 1, 6)));
}

TEST(OutlinesTest, OverlapIsFoundInEveryShape) {
  const std::vector<Point> room = Rectangle(10, 10, 4, 4);
  EXPECT_TRUE(OutlinesOverlap(room, Rectangle(13, 13, 4, 4)));
  EXPECT_TRUE(OutlinesOverlap(room, Rectangle(11, 11, 1, 1)));
  EXPECT_TRUE(OutlinesOverlap(Rectangle(11, 11, 1, 1), room));
  EXPECT_TRUE(OutlinesOverlap(room, room));
  EXPECT_TRUE(OutlinesOverlap(room, Rectangle(10, 10, 4, 2)));
  EXPECT_TRUE(OutlinesOverlap(room, Rectangle(11, 5, 1, 20)));
  // A diamond whose corners lie on the edges.
  EXPECT_TRUE(OutlinesOverlap(room, std::vector<Point>{{12, 10}, {14, 12}, {12, 14}, {10, 12}}));
  // A bar whose corners lie on the edges that it crosses: no edge properly crosses another.
  EXPECT_TRUE(OutlinesOverlap(
      room, std::vector<Point>{
                {8, 11}, {10, 11}, {14, 11}, {16, 11}, {16, 13}, {14, 13}, {10, 13}, {8, 13}}));
}

TEST(OutlinesTest, OverlapAgreesWithSamplingOfRandomStars) {
  SeededRandom random(7);
  const auto unit = [&] { return static_cast<float>(random.Unit()); };
  const auto star = [&] {
    std::vector<Point> outline;
    const Point center{10 + unit() * 10, 10 + unit() * 10};
    const size_t corners = 3 + random.Below(9);
    for (size_t i = 0; i < corners; ++i) {
      const float angle = 6.2831853f * static_cast<float>(i) / static_cast<float>(corners);
      const float radius = 1 + unit() * 5;
      outline.push_back({center.x + radius * std::cos(angle), center.y + radius * std::sin(angle)});
    }
    return outline;
  };
  for (int round = 0; round < 300; ++round) {
    const std::vector<Point> a = star();
    const std::vector<Point> b = star();
    ASSERT_TRUE(IsSimple(a) && IsSimple(b));
    bool sampled = false;
    for (float x = 4; x < 27 && !sampled; x += 0.1f) {
      for (float y = 4; y < 27 && !sampled; y += 0.1f) {
        sampled = Contains(a, {x, y}) && Contains(b, {x, y});
      }
    }
    // Sampling may miss a sliver, never invent one.
    if (sampled) {
      EXPECT_TRUE(OutlinesOverlap(a, b)) << round;
    }
    EXPECT_EQ(OutlinesOverlap(a, b), OutlinesOverlap(b, a)) << round;
  }
}

TEST(OutlinesTest, WhatNarrowlyMissesALineIsTold) {
  const Segment wall{{0, 0}, {10, 0}};
  EXPECT_FALSE(NarrowlyMisses({{2, 0}, {3, 0}}, wall));
  EXPECT_TRUE(NarrowlyMisses({{2, 0.002f}, {3, 0.005f}}, wall));
  EXPECT_TRUE(NarrowlyMisses({{9, 0}, {10.005f, 0}}, wall));
  EXPECT_FALSE(NarrowlyMisses({{2, 0.002f}, {3, 0.02f}}, wall));
  EXPECT_FALSE(NarrowlyMisses({{2, 0}, {2, 1}}, wall));
}

TEST(OutlinesTest, LinesRunTogetherAlongMoreThanAPoint) {
  const Segment line{{2, 0}, {5, 0}};
  EXPECT_TRUE(RunTogether(line, line));
  EXPECT_TRUE(RunTogether(line, {{4, 0}, {8, 0}}));
  EXPECT_TRUE(RunTogether(line, {{8, 0}, {4, 0}}));
  EXPECT_TRUE(RunTogether(line, {{3, 0}, {4, 0}}));
  EXPECT_FALSE(RunTogether(line, {{5, 0}, {8, 0}})) << "one after the other";
  EXPECT_FALSE(RunTogether(line, {{3, -1}, {3, 1}})) << "across";
  EXPECT_FALSE(RunTogether(line, {{2, 1}, {5, 1}})) << "beside";
}

}  // namespace
}  // namespace earshot
