#include "spatial/barriers.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace earshot {
namespace {

constexpr auto kNoneOpen = [](DoorIndex) { return false; };

TEST(BarriersTest, WhatALineMeetsMultiplies) {
  const std::vector<BarrierLine> lines = {{{{10, 0}, {10, 20}}, kOpenFloor, 0.5f, true, {}},
                                          {{{12, 0}, {12, 20}}, kOpenFloor, 0.25f, true, {}}};
  const Barriers barriers(40, 30, lines, {});
  EXPECT_EQ(barriers.TransmissionBetween({5, 5}, {9, 5}, false), 1);
  EXPECT_EQ(barriers.TransmissionBetween({5, 5}, {11, 5}, false), 0.5f);
  EXPECT_EQ(barriers.TransmissionBetween({15, 5}, {5, 6}, false), 0.125f);
  EXPECT_EQ(barriers.TransmissionBetween({5, 25}, {15, 25}, false), 1) << "past the end";
  EXPECT_EQ(barriers.TransmissionBetween({5, 20}, {15, 20}, false), 0.125f) << "touching counts";
}

TEST(BarriersTest, WithinASpaceOnlyFreeWallsCount) {
  const std::vector<BarrierLine> lines = {{{{10, 0}, {10, 20}}, 3, 0, true, {}},
                                          {{{12, 0}, {12, 20}}, kOpenFloor, 0.25f, true, {}}};
  const Barriers barriers(40, 30, lines, {});
  EXPECT_EQ(barriers.TransmissionBetween({5, 5}, {15, 5}, true), 0.25f);
  EXPECT_EQ(barriers.TransmissionBetween({5, 5}, {15, 5}, false), 0);
}

TEST(BarriersTest, R17_NoLineOfSightSlipsBetweenAWallAndItsDoor) {
  SeededRandom random(5);
  const auto unit = [&] { return static_cast<float>(random.Unit()); };
  for (int i = 0; i < 200; ++i) {
    const Segment wall{{unit() * 40, unit() * 30}, {unit() * 40, unit() * 30}};
    if (Distance(wall.from, wall.to) < 2) continue;
    const double begin = random.Unit() * 0.5;
    const double end = begin + 0.1 + random.Unit() * 0.3;
    const Door door{"", PointAlong(wall, begin), PointAlong(wall, end)};
    const std::vector<BarrierLine> lines = {{wall, kOpenFloor, 0, true, {}}};
    Barriers barriers(40, 30, lines, {&door, 1});
    for (int k = 0; k < 500; ++k) {
      // Through points of the wall, many of them where the door ends, to both sides.
      const double along =
          k % 2 == 0 ? random.Unit() : (k % 4 == 1 ? begin : end) + (random.Unit() - 0.5) * 1e-6;
      const Point on = PointAlong(wall, along);
      const float dx = unit() - 0.5f;
      const float dy = unit() - 0.5f;
      const Point a{on.x + dx, on.y + dy};
      const Point b{on.x - dx, on.y - dy};
      if ((SideOf(wall, a) > 0) == (SideOf(wall, b) > 0)) continue;
      barriers.SetDoor(0, 0, true);
      ASSERT_EQ(barriers.TransmissionBetween(a, b, false), 0);
      ASSERT_TRUE(barriers.FirstStop(a, b, kNoneOpen));
    }
  }
}

TEST(BarriersTest, ADoorIsAGapOfItsOwnShare) {
  const Door door{"", {10, 4}, {10, 6}};
  const std::vector<BarrierLine> lines = {{{{10, 0}, {10, 20}}, 1, 0, true, {}},
                                          {{{10, 2}, {10, 12}}, 2, 0, true, {}}};
  Barriers barriers(40, 30, lines, {&door, 1});
  barriers.SetDoor(0, 0.5f, true);
  EXPECT_EQ(barriers.TransmissionBetween({8, 5}, {12, 5}, false), 0.5f) << "counted once";
  EXPECT_EQ(barriers.TransmissionBetween({8, 7}, {12, 7}, false), 0);
  EXPECT_DOUBLE_EQ(barriers.FirstStop({8, 5}, {12, 5}, kNoneOpen).value().along, 0.5);
  EXPECT_FALSE(barriers.FirstStop({8, 5}, {12, 5}, [](DoorIndex) { return true; }));
  barriers.SetDoor(0, 1, false);
  EXPECT_EQ(barriers.TransmissionBetween({8, 5}, {12, 5}, false), 1);
  EXPECT_FALSE(barriers.FirstStop({8, 5}, {12, 5}, kNoneOpen));
  EXPECT_TRUE(barriers.FirstStop({8, 7}, {12, 7}, kNoneOpen));
}

TEST(BarriersTest, OpeningsAreNoPartOfTheLine) {
  const std::vector<BarrierLine> lines = {{{{0, 10}, {20, 10}}, 1, 0, true, {{{5, 10}, {15, 10}}}}};
  const Barriers barriers(40, 30, lines, {});
  EXPECT_EQ(barriers.TransmissionBetween({10, 8}, {10, 12}, false), 1);
  EXPECT_EQ(barriers.TransmissionBetween({4, 8}, {4, 12}, false), 0);
  EXPECT_EQ(barriers.TransmissionBetween({16, 8}, {16, 12}, false), 0);
}

TEST(BarriersTest, TheIndexAgreesWithLookingAtEveryLine) {
  SeededRandom random(6);
  const auto point = [&] {
    return Point{static_cast<float>(random.Unit()) * 200, static_cast<float>(random.Unit()) * 90};
  };
  std::vector<BarrierLine> lines;
  for (int i = 0; i < 60; ++i)
    lines.push_back({{point(), point()}, kOpenFloor, 0.5f, i % 2 == 0, {}});
  const Barriers barriers(200, 90, lines, {});
  for (int i = 0; i < 5000; ++i) {
    const Point a = point();
    const Point b = random.Below(2) == 0 ? point() : Point{a.x + 0.5f, a.y - 0.5f};
    float expected = 1;
    for (const BarrierLine& line : lines) {
      if (SegmentsMeet({a, b}, line.line)) expected *= 0.5f;
    }
    ASSERT_EQ(barriers.TransmissionBetween(a, b, false), expected);
    ASSERT_EQ(barriers.TransmissionBetween(b, a, false), expected);
  }
}

}  // namespace
}  // namespace earshot
