#include "spatial/grid_index.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/random.h"

namespace earshot {
namespace {

// Whom a ring must contain, as far as the grid visits them.
std::multiset<uint32_t> InRing(const GridIndex& grid, Point center, float inner, float outer) {
  std::multiset<uint32_t> keys;
  grid.VisitRing(center, inner, outer, [&](uint32_t key, Point at) {
    const float distance = Distance(at, center);
    if (distance > inner && distance <= outer) keys.insert(key);
  });
  return keys;
}

std::multiset<uint32_t> Within(const GridIndex& grid, Point center, float radius) {
  return InRing(grid, center, -1, radius);
}

TEST(GridIndexTest, FindsEverybodyInTheRingOnceThroughAllChanges) {
  SeededRandom random(5);
  const auto point = [&] {
    return Point{static_cast<float>(random.Unit()) * 200, static_cast<float>(random.Unit()) * 90};
  };
  GridIndex grid(200, 90, 17);
  std::map<uint32_t, Point> model;
  for (int step = 0; step < 5000; ++step) {
    const uint32_t key = random.Below(200);
    const Point at = point();
    if (!model.contains(key)) {
      grid.Insert(key, at);
      model[key] = at;
    } else if (random.Below(4) == 0) {
      grid.Remove(key);
      model.erase(key);
    } else {
      grid.Move(key, at);
      model[key] = at;
    }
    const Point center = point();
    const float outer = static_cast<float>(random.Unit()) * 40;
    const float inner = outer * static_cast<float>(random.Unit() * 1.1 - 0.1);
    std::multiset<uint32_t> expected;
    for (const auto& [other, position] : model) {
      const float distance = Distance(position, center);
      if (distance > inner && distance <= outer) expected.insert(other);
    }
    ASSERT_EQ(InRing(grid, center, inner, outer), expected);
  }
}

TEST(GridIndexTest, SomebodyExactlyAtTheRadiusIsVisitedAcrossCellBorders) {
  GridIndex grid(1000, 1000, 10);
  grid.Insert(0, {10, 50});
  grid.Insert(1, {1000, 1000});
  EXPECT_EQ(Within(grid, {20, 50}, 10).count(0), 1u);
  EXPECT_EQ(Within(grid, {0, 50}, 10).count(0), 1u);
  EXPECT_EQ(Within(grid, {990, 1000}, 10).count(1), 1u);
}

TEST(GridIndexTest, AHugeFloorWithATinyRadiusStaysSmall) {
  GridIndex grid(10000, 10000, 0.01f);
  grid.Insert(0, {9999, 9999});
  EXPECT_EQ(Within(grid, {9999, 9999}, 0.01f).size(), 1u);
}

TEST(GridIndexTest, VisitsCarryTheLatestPosition) {
  GridIndex grid(40, 30, 10);
  grid.Insert(3, {5, 5});
  grid.Move(3, {5.5f, 5});
  int visits = 0;
  grid.VisitRing({5, 5}, 0, 1, [&](uint32_t key, Point at) {
    ++visits;
    EXPECT_EQ(key, 3u);
    EXPECT_EQ(at, (Point{5.5f, 5}));
  });
  EXPECT_EQ(visits, 1);
}

TEST(GridIndexTest, CellsWithinTheInnerCircleAreSkipped) {
  GridIndex grid(400, 400, 100);
  for (uint32_t key = 0; key < 100; ++key) {
    grid.Insert(key, {200 + static_cast<float>(key % 10), 200 + static_cast<float>(key / 10)});
  }
  int visits = 0;
  grid.VisitRing({205, 205}, 99, 100, [&](uint32_t, Point) { ++visits; });
  EXPECT_EQ(visits, 0);
}

}  // namespace
}  // namespace earshot
