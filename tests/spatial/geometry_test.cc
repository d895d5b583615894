#include "spatial/geometry.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "base/random.h"

namespace earshot {
namespace {

constexpr float kPi = std::numbers::pi_v<float>;

// A U that is open at the top.
const std::vector<Point> kU = {{0, 0}, {3, 0}, {3, 6}, {6, 6}, {6, 0}, {9, 0}, {9, 9}, {0, 9}};

TEST(GeometryTest, DistanceIsTheSameBothWays) {
  SeededRandom random(1);
  for (int i = 0; i < 10000; ++i) {
    const Point a{static_cast<float>(random.Unit() * 10000), static_cast<float>(random.Unit())};
    const Point b{static_cast<float>(random.Unit()), static_cast<float>(random.Unit() * 10000)};
    ASSERT_EQ(DistanceSquared(a, b), DistanceSquared(b, a));
  }
  EXPECT_FLOAT_EQ(Distance({1, 2}, {4, 6}), 5);
}

TEST(GeometryTest, WrapAngleKeepsTheDirection) {
  for (float angle = -50; angle < 50; angle += 0.37f) {
    const float wrapped = WrapAngle(angle);
    EXPECT_GE(wrapped, -kPi);
    EXPECT_LE(wrapped, kPi);
    EXPECT_NEAR(std::cos(wrapped), std::cos(angle), 1e-4);
    EXPECT_NEAR(std::sin(wrapped), std::sin(angle), 1e-4);
  }
  EXPECT_TRUE(std::abs(WrapAngle(1e38f)) <= kPi);
}

TEST(GeometryTest, AzimuthRunsClockwiseFromTheHeading) {
  const Point here{10, 10};
  EXPECT_FLOAT_EQ(Azimuth({here, 0}, {12, 10}), 0);
  EXPECT_FLOAT_EQ(Azimuth({here, 0}, {10, 12}), kPi / 2);  // y grows downwards: to the right
  EXPECT_FLOAT_EQ(Azimuth({here, 0}, {10, 8}), -kPi / 2);
  EXPECT_FLOAT_EQ(Azimuth({here, kPi / 2}, {10, 12}), 0);
  EXPECT_NEAR(Azimuth({here, -3}, {8, 10.1f}), WrapAngle(kPi - 0.05f + 3), 1e-2);
  EXPECT_FLOAT_EQ(Azimuth({here, 1}, here), 0);
}

TEST(GeometryTest, NonConvexOutlinesContainTheirArmsOnly) {
  EXPECT_TRUE(Contains(kU, {1.5f, 1}));
  EXPECT_TRUE(Contains(kU, {7.5f, 1}));
  EXPECT_TRUE(Contains(kU, {4.5f, 7}));
  EXPECT_FALSE(Contains(kU, {4.5f, 1}));
  EXPECT_FALSE(Contains(kU, {-1, 5}));
  EXPECT_FALSE(Contains(kU, {10, 5}));
  EXPECT_FALSE(Contains(kU, {4.5f, 10}));
}

TEST(GeometryTest, PointsOnASharedEdgeAreInExactlyOneRoom) {
  // The common edge is slanted and runs in opposite directions.
  const std::vector<Point> left = {{0, 0}, {5.3f, 0}, {7.1f, 10}, {0, 10}};
  const std::vector<Point> right = {{7.1f, 10}, {5.3f, 0}, {12, 0}, {12, 10}};
  for (int i = 1; i < 1000; ++i) {
    const float along = static_cast<float>(i) / 1000;
    const Point point{5.3f + along * (7.1f - 5.3f), along * 10};
    ASSERT_NE(Contains(left, point), Contains(right, point)) << point.x << "," << point.y;
  }
}

TEST(GeometryTest, SegmentsMeetWhenTheyCrossOrTouch) {
  EXPECT_TRUE(SegmentsMeet({{0, 0}, {2, 2}}, {{0, 2}, {2, 0}}));
  EXPECT_TRUE(SegmentsMeet({{0, 0}, {2, 0}}, {{1, 0}, {1, 5}}));
  EXPECT_TRUE(SegmentsMeet({{0, 0}, {2, 0}}, {{2, 0}, {3, 1}}));
  EXPECT_TRUE(SegmentsMeet({{0, 0}, {2, 2}}, {{1, 1}, {3, 3}}));
}

TEST(GeometryTest, SegmentsApartDoNotMeet) {
  EXPECT_FALSE(SegmentsMeet({{0, 0}, {2, 0}}, {{0, 1}, {2, 1}}));
  EXPECT_FALSE(SegmentsMeet({{0, 0}, {2, 2}}, {{3, 3}, {4, 4}}));
  EXPECT_FALSE(SegmentsMeet({{0, 0}, {4, 4}}, {{3, 0}, {4, 1}}));
  EXPECT_FALSE(SegmentsMeet({{0, 0}, {2, 0}}, {{1, 0.1f}, {1, 5}}));
}

TEST(GeometryTest, DistanceToSegmentEndsAtItsEnds) {
  EXPECT_FLOAT_EQ(DistanceToSegment({5, 3}, {{0, 0}, {10, 0}}), 3);
  EXPECT_FLOAT_EQ(DistanceToSegment({13, 4}, {{0, 0}, {10, 0}}), 5);
  EXPECT_FLOAT_EQ(DistanceToSegment({3, 4}, {{0, 0}, {0, 0}}), 5);
}

TEST(GeometryTest, OnlyNumbersAreFinite) {
  EXPECT_TRUE(IsFinite(Pose{{1, 2}, 3}));
  EXPECT_FALSE(IsFinite(Pose{{std::numeric_limits<float>::quiet_NaN(), 2}, 3}));
  EXPECT_FALSE(IsFinite(Pose{{1, std::numeric_limits<float>::infinity()}, 3}));
  EXPECT_FALSE(IsFinite(Pose{{1, 2}, -std::numeric_limits<float>::infinity()}));
}

}  // namespace
}  // namespace earshot
