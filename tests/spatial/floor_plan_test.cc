#include "earshot/floor_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace earshot {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::vector<Point> Square(float x, float y, float side) {
  return {{x, y}, {x + side, y}, {x + side, y + side}, {x, y + side}};
}

FloorPlan PlanWithRooms() {
  FloorPlan plan;
  plan.rooms = {{"Büro 1", Square(1, 1, 4)}, {"Büro 2", Square(5, 1, 4)}};
  return plan;
}

TEST(FloorPlanTest, TheDefaultsAreValid) {
  EXPECT_EQ(ValidateFloorPlan({}), "");
  EXPECT_EQ(ValidateFloorPlan(PlanWithRooms()), "");
}

TEST(FloorPlanTest, EveryNumberOutOfRangeIsNamedWithItsValueAndRange) {
  struct Case {
    const char* field;
    std::function<float&(FloorPlan&)> number;
    std::vector<float> bad;
  };
  const std::vector<Case> cases = {
      {"width", [](FloorPlan& p) -> float& { return p.width; }, {0.5f, -1, 10001, kNan, kInfinity}},
      {"height", [](FloorPlan& p) -> float& { return p.height; }, {0, 10001, kNan, -kInfinity}},
      {"audible.enter", [](FloorPlan& p) -> float& { return p.audible.enter; }, {0, 9, 20, kNan}},
      {"audible.leave", [](FloorPlan& p) -> float& { return p.audible.leave; }, {-1, 10001, kNan}},
      {"visible.enter", [](FloorPlan& p) -> float& { return p.visible.enter; }, {0, 11, kInfinity}},
      {"visible.leave", [](FloorPlan& p) -> float& { return p.visible.leave; }, {0, kNan}},
      {"sight_radius", [](FloorPlan& p) -> float& { return p.sight_radius; }, {0, 10001, kNan}},
      {"full_gain_radius",
       [](FloorPlan& p) -> float& { return p.full_gain_radius; },
       {-0.1f, 8, kNan}},
      {"spawn", [](FloorPlan& p) -> float& { return p.spawn.x; }, {-1, 41, kNan}},
      {"spawn", [](FloorPlan& p) -> float& { return p.spawn.y; }, {-1, 31, kNan}},
  };
  for (const Case& c : cases) {
    for (const float value : c.bad) {
      FloorPlan plan;
      c.number(plan) = value;
      EXPECT_THAT(ValidateFloorPlan(plan), AllOf(HasSubstr(c.field), HasSubstr("must be")))
          << value;
    }
  }
}

TEST(FloorPlanTest, TheMessageNamesTheValueAndTheRange) {
  FloorPlan plan;
  plan.width = 20000;
  EXPECT_EQ(ValidateFloorPlan(plan), "width is 20000; it must be between 1 and 10000 metres.");
}

TEST(FloorPlanTest, EnterMustBeBelowLeave) {
  FloorPlan plan;
  plan.visible = {11, 11};
  EXPECT_THAT(ValidateFloorPlan(plan),
              AllOf(HasSubstr("visible.enter is 11"), HasSubstr("below visible.leave")));
}

TEST(FloorPlanTest, CornersOffTheFloorAreNamedWithRoomIndexAndName) {
  FloorPlan plan = PlanWithRooms();
  plan.rooms[1].outline[2] = {41, 5};
  EXPECT_THAT(ValidateFloorPlan(plan),
              AllOf(HasSubstr("rooms[1] (\"Büro 2\").outline[2]"), HasSubstr("(41, 5)")));
  plan.rooms[1].outline[2] = {kNan, 5};
  EXPECT_THAT(ValidateFloorPlan(plan), HasSubstr("outline[2]"));
}

TEST(FloorPlanTest, TheNumberOfCornersIsBounded) {
  FloorPlan plan = PlanWithRooms();
  plan.rooms[0].outline.resize(2);
  EXPECT_THAT(ValidateFloorPlan(plan),
              AllOf(HasSubstr("2 corners"), HasSubstr("between 3 and 128")));
  plan.rooms[0].outline.clear();
  for (int i = 0; i < 129; ++i) {
    const float angle = static_cast<float>(i) * 6.2831853f / 129;
    plan.rooms[0].outline.push_back({20 + 5 * std::cos(angle), 15 + 5 * std::sin(angle)});
  }
  EXPECT_THAT(ValidateFloorPlan(plan), HasSubstr("129 corners"));
  plan.rooms[0].outline.pop_back();
  EXPECT_EQ(ValidateFloorPlan(plan), "");
}

TEST(FloorPlanTest, TheNumberOfRoomsIsBounded) {
  FloorPlan plan;
  plan.width = plan.height = 1000;
  for (int i = 0; i < 256; ++i) {
    plan.rooms.push_back(
        {"room", Square(static_cast<float>(i % 20) * 10, static_cast<float>(i / 20) * 10, 10)});
  }
  EXPECT_EQ(ValidateFloorPlan(plan), "");
  plan.rooms.push_back({"one more", Square(900, 900, 10)});
  EXPECT_THAT(ValidateFloorPlan(plan), AllOf(HasSubstr("257"), HasSubstr("at most 256")));
}

TEST(FloorPlanTest, SelfIntersectionIsRefused) {
  FloorPlan plan = PlanWithRooms();
  std::swap(plan.rooms[1].outline[0], plan.rooms[1].outline[1]);
  EXPECT_THAT(ValidateFloorPlan(plan), AllOf(HasSubstr("rooms[1]"), HasSubstr("itself")));
}

TEST(FloorPlanTest, OverlapNamesBothRooms) {
  FloorPlan plan = PlanWithRooms();
  plan.rooms[1].outline = Square(4.9f, 1, 4);
  EXPECT_EQ(ValidateFloorPlan(plan),
            "rooms[1] (\"Büro 2\") overlaps rooms[0] (\"Büro 1\"); rooms may share edges but no "
            "floor.");
}

TEST(FloorPlanTest, NamesAreBoundedText) {
  FloorPlan plan = PlanWithRooms();
  plan.rooms[0].name = std::string(64, 'x');
  EXPECT_EQ(ValidateFloorPlan(plan), "");
  plan.rooms[0].name = std::string(65, 'x');
  EXPECT_THAT(ValidateFloorPlan(plan), AllOf(HasSubstr("rooms[0].name"), HasSubstr("64")));
  plan.rooms[0].name = "\xe4\xbc\x9a\xe8\xae\xae \xf0\x9f\x8e\xa4";
  EXPECT_EQ(ValidateFloorPlan(plan), "");
}

TEST(FloorPlanTest, NamesThatAreNotUtf8AreRefusedAndNotRepeated) {
  for (const char* name :
       {"\xff", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf0\x80\x80\x80",
        "\xe4\xbc", "\x80", "line\nbreak", "\x7f", "\xc2\x85", "\xf5\x80\x80\x80"}) {
    FloorPlan plan = PlanWithRooms();
    plan.rooms[0].name = name;
    const std::string error = ValidateFloorPlan(plan);
    EXPECT_THAT(error, AllOf(HasSubstr("rooms[0].name"), HasSubstr("UTF-8")));
    EXPECT_EQ(error.find(name), std::string::npos);
  }
}

}  // namespace
}  // namespace earshot
