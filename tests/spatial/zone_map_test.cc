#include "spatial/zone_map.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace earshot {
namespace {

TEST(ZoneMapTest, AgreesWithLookingThroughAllZones) {
  FloorPlan plan;
  plan.width = 173;
  plan.height = 41;
  for (int i = 0; i < 40; ++i) {
    const float x = 4.25f * static_cast<float>(i);
    plan.zones.push_back({"", {{x, 3}, {x + 4.25f, 3}, {x + 3, 17}, {x + 2, 40}, {x, 20}}});
  }
  ASSERT_EQ(ValidateFloorPlan(plan).find("off"), std::string::npos);
  const ZoneMap map(plan);
  SeededRandom random(3);
  int inside = 0;
  for (int i = 0; i < 20000; ++i) {
    const Point point{static_cast<float>(random.Unit()) * plan.width,
                      static_cast<float>(random.Unit()) * plan.height};
    ZoneIndex expected = kOpenFloor;
    for (size_t zone = plan.zones.size(); zone-- > 0;) {
      if (Contains(plan.zones[zone].outline, point)) expected = static_cast<ZoneIndex>(zone);
    }
    ASSERT_EQ(map.ZoneAt(point), expected);
    inside += expected != kOpenFloor;
  }
  EXPECT_GT(inside, 5000);
  EXPECT_LT(inside, 15000);
}

TEST(ZoneMapTest, TheBorderOfTheFloorIsCovered) {
  FloorPlan plan;
  plan.zones = {{"all", {{0, 0}, {40, 0}, {40, 30}, {0, 30}}}};
  const ZoneMap map(plan);
  EXPECT_EQ(map.ZoneAt({0, 0}), 0);
  EXPECT_EQ(map.ZoneAt({39.99f, 29.99f}), 0);
  EXPECT_EQ(ZoneMap(FloorPlan{}).ZoneAt({40, 30}), kOpenFloor);
}

}  // namespace
}  // namespace earshot
