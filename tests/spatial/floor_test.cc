#include "spatial/floor.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string_view>
#include <vector>

namespace earshot {
namespace {

// To the left a room with one door, in the middle a private office, to the right a wall.
FloorPlan PlanToArriveIn() {
  FloorPlan plan;
  plan.zones = {{"room", {{2, 2}, {8, 2}, {8, 8}, {2, 8}}},
                {"office", {{12, 2}, {18, 2}, {18, 8}, {12, 8}}, ZoneKind::kPrivate}};
  plan.zones[1].owner = "clerk";
  plan.walls = {{{30, 0}, {30, 30}}};
  plan.doors = {{"room's", {8, 4}, {8, 6}, DoorState::kOpen},
                {"clerk's", {12, 4}, {12, 6}, DoorState::kOpen}};
  plan.spawn = {29.9f, 15};
  plan.portals = {{"to the annex", {7, 5}, 3, "annex"}, {"back", {11.5f, 25}, 0.5f, "annex"}};
  return plan;
}

class ArrivalTest : public ::testing::Test {
 protected:
  // From all directions.
  std::vector<Point> ArrivalsFrom(std::string_view space, const Privileges& privileges = {}) {
    std::vector<Point> places;
    for (int i = 0; i < 200; ++i) {
      const float angle = static_cast<float>(i) * 0.37f;
      const float far = static_cast<float>(i % 10 + 1) / 10;
      places.push_back(
          floor_.ArrivalOf(space, {far * std::cos(angle), far * std::sin(angle)}, privileges)
              .position);
    }
    return places;
  }

  Floor floor_{PlanToArriveIn(), {}};
  RoutingOutput out_;
  Turn turn_{Timestamp::Seconds(1), out_};
};

TEST_F(ArrivalTest, R17_NewcomersStandThisSideOfWallsAroundTheSpawn) {
  bool are_spread = false;
  for (const Point place : ArrivalsFrom("")) {
    EXPECT_LT(place.x, 30);
    EXPECT_LE(Distance(place, floor_.premises().plan().spawn), 1.51f);
    are_spread = are_spread || place.x < 29;
  }
  EXPECT_TRUE(are_spread);
}

TEST_F(ArrivalTest, R17_APortalKeepsNewcomersInItsRoom) {
  for (const Point place : ArrivalsFrom("annex")) {
    EXPECT_LT(place.x, 8) << "through the open door";
    EXPECT_LE(Distance(place, {7, 5}), 1.51f);
  }
}

TEST_F(ArrivalTest, R17_ThroughAPortalNobodyGetsIntoALockedRoomWithoutAKey) {
  floor_.SetDoor(turn_, 0, DoorState::kLocked);
  for (const Point place : ArrivalsFrom("annex")) EXPECT_LE(Distance(place, {11.5f, 25}), 0.51f);
  for (const Point place : ArrivalsFrom("annex", {.moderator = true})) EXPECT_LT(place.x, 8);
}

TEST_F(ArrivalTest, R17_WhoIsAddedInALockedOrPrivateRoomStandsAtTheSpawn) {
  const auto add = [&](uint32_t id, Point at, const Privileges& privileges = {}) {
    const PersonIndex person = floor_.Add(turn_, ParticipantId{id}, {at, 0}, {}, privileges);
    return floor_.roster()[person].pose.position;
  };
  const Point spawn = floor_.premises().plan().spawn;
  EXPECT_EQ(add(1, {5, 5}), (Point{5, 5}));
  floor_.SetDoor(turn_, 0, DoorState::kLocked);
  EXPECT_EQ(add(2, {5, 5}), spawn);
  EXPECT_EQ(add(3, {5, 5}, {.moderator = true}), (Point{5, 5}));
  EXPECT_EQ(add(4, {15, 5}), spawn);
  EXPECT_EQ(add(5, {15, 5}, {.moderator = true}), spawn);
  EXPECT_EQ(add(6, {15, 5}, {.owned_zones = {1}}), (Point{15, 5}));
}

TEST_F(ArrivalTest, R17_AFullRoomIsNoPlaceToArriveIn) {
  FloorPlan plan = PlanToArriveIn();
  plan.zones[0].capacity = 1;
  Floor floor(plan, {});
  EXPECT_EQ(floor.ArrivalOf("annex", {}, {}).position, (Point{7, 5}));
  floor.Add(turn_, ParticipantId{1}, {{5, 5}, 0}, {}, {});
  EXPECT_EQ(floor.ArrivalOf("annex", {}, {}).position, (Point{11.5f, 25}));
}

TEST(FloorTest, PeopleWhoseStandingsChangeTogetherAreJudgedTogether) {
  FloorPlan plan;
  plan.bubble_transmission = 0;
  Floor floor(plan, {});
  RoutingOutput out;
  Turn turn{Timestamp::Seconds(1), out};
  const PersonIndex a = floor.Add(turn, ParticipantId{1}, {{5, 5}}, {}, {});
  const PersonIndex b = floor.Add(turn, ParticipantId{2}, {{12, 5}}, {}, {});
  turn.now = Timestamp::Seconds(2);
  floor.Walk(turn, b, {{13.5f, 5}, 0});
  ASSERT_TRUE(floor.MayReceive(a, b, Right::kHear)) << "between the radii";
  floor.roster()[a].standing.bubble = floor.roster()[b].standing.bubble = 1;
  const PersonIndex both[] = {a, b};
  floor.ReviewAll(turn, both);
  EXPECT_TRUE(floor.MayReceive(a, b, Right::kHear));
  floor.roster()[a].standing.bubble = kNoBubble;
  floor.Review(turn, a);
  EXPECT_FALSE(floor.MayReceive(a, b, Right::kHear));
}

}  // namespace
}  // namespace earshot
