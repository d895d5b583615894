#include "spatial/room_map.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace earshot {
namespace {

TEST(RoomMapTest, AgreesWithLookingThroughAllRooms) {
  FloorPlan plan;
  plan.width = 173;
  plan.height = 41;
  for (int i = 0; i < 40; ++i) {
    const float x = 4.25f * static_cast<float>(i);
    plan.rooms.push_back({"", {{x, 3}, {x + 4.25f, 3}, {x + 3, 17}, {x + 2, 40}, {x, 20}}});
  }
  ASSERT_EQ(ValidateFloorPlan(plan).find("off"), std::string::npos);
  const RoomMap map(plan);
  SeededRandom random(3);
  int inside = 0;
  for (int i = 0; i < 20000; ++i) {
    const Point point{static_cast<float>(random.Unit()) * plan.width,
                      static_cast<float>(random.Unit()) * plan.height};
    RoomIndex expected = kOpenFloor;
    for (size_t room = plan.rooms.size(); room-- > 0;) {
      if (Contains(plan.rooms[room].outline, point)) expected = static_cast<RoomIndex>(room);
    }
    ASSERT_EQ(map.RoomAt(point), expected);
    inside += expected != kOpenFloor;
  }
  EXPECT_GT(inside, 5000);
  EXPECT_LT(inside, 15000);
}

TEST(RoomMapTest, TheBorderOfTheFloorIsCovered) {
  FloorPlan plan;
  plan.rooms = {{"all", {{0, 0}, {40, 0}, {40, 30}, {0, 30}}}};
  const RoomMap map(plan);
  EXPECT_EQ(map.RoomAt({0, 0}), 0);
  EXPECT_EQ(map.RoomAt({39.99f, 29.99f}), 0);
  EXPECT_EQ(RoomMap(FloorPlan{}).RoomAt({40, 30}), kOpenFloor);
}

}  // namespace
}  // namespace earshot
