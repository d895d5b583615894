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
  plan.zones = {{"Büro 1", Square(1, 1, 4)}, {"Büro 2", Square(5, 1, 4)}};
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
      {"rolloff", [](FloorPlan& p) -> float& { return p.rolloff; }, {-0.1f, 1.1f, kNan}},
      {"cut_below", [](FloorPlan& p) -> float& { return p.cut_below; }, {0, 1.1f, kNan}},
      {"bubble_transmission",
       [](FloorPlan& p) -> float& { return p.bubble_transmission; },
       {-0.1f, 1.1f, kNan}},
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

TEST(FloorPlanTest, CornersOffTheFloorAreNamedWithZoneIndexAndName) {
  FloorPlan plan = PlanWithRooms();
  plan.zones[1].outline[2] = {41, 5};
  EXPECT_THAT(ValidateFloorPlan(plan),
              AllOf(HasSubstr("zones[1] (\"Büro 2\").outline[2]"), HasSubstr("(41, 5)")));
  plan.zones[1].outline[2] = {kNan, 5};
  EXPECT_THAT(ValidateFloorPlan(plan), HasSubstr("outline[2]"));
}

TEST(FloorPlanTest, TheNumberOfCornersIsBounded) {
  FloorPlan plan = PlanWithRooms();
  plan.zones[0].outline.resize(2);
  EXPECT_THAT(ValidateFloorPlan(plan),
              AllOf(HasSubstr("2 corners"), HasSubstr("between 3 and 128")));
  plan.zones[0].outline.clear();
  for (int i = 0; i < 129; ++i) {
    const float angle = static_cast<float>(i) * 6.2831853f / 129;
    plan.zones[0].outline.push_back({20 + 5 * std::cos(angle), 15 + 5 * std::sin(angle)});
  }
  EXPECT_THAT(ValidateFloorPlan(plan), HasSubstr("129 corners"));
  plan.zones[0].outline.pop_back();
  EXPECT_EQ(ValidateFloorPlan(plan), "");
}

TEST(FloorPlanTest, TheNumberOfZonesIsBounded) {
  FloorPlan plan;
  plan.width = plan.height = 1000;
  for (int i = 0; i < 256; ++i) {
    plan.zones.push_back(
        {"room", Square(static_cast<float>(i % 20) * 10, static_cast<float>(i / 20) * 10, 10)});
  }
  EXPECT_EQ(ValidateFloorPlan(plan), "");
  plan.zones.push_back({"one more", Square(900, 900, 10)});
  EXPECT_THAT(ValidateFloorPlan(plan), AllOf(HasSubstr("257"), HasSubstr("at most 256")));
}

TEST(FloorPlanTest, SelfIntersectionIsRefused) {
  FloorPlan plan = PlanWithRooms();
  std::swap(plan.zones[1].outline[0], plan.zones[1].outline[1]);
  EXPECT_THAT(ValidateFloorPlan(plan), AllOf(HasSubstr("zones[1]"), HasSubstr("itself")));
}

TEST(FloorPlanTest, OverlapNamesBothZones) {
  FloorPlan plan = PlanWithRooms();
  plan.zones[1].outline = Square(4.9f, 1, 4);
  EXPECT_EQ(ValidateFloorPlan(plan),
            "zones[1] (\"Büro 2\") overlaps zones[0] (\"Büro 1\"); zones may share edges but no "
            "floor.");
}

TEST(FloorPlanTest, NamesAreBoundedText) {
  FloorPlan plan = PlanWithRooms();
  plan.zones[0].name = std::string(64, 'x');
  EXPECT_EQ(ValidateFloorPlan(plan), "");
  plan.zones[0].name = std::string(65, 'x');
  EXPECT_THAT(ValidateFloorPlan(plan), AllOf(HasSubstr("zones[0].name"), HasSubstr("64")));
  plan.zones[0].name = "\xe4\xbc\x9a\xe8\xae\xae \xf0\x9f\x8e\xa4";
  EXPECT_EQ(ValidateFloorPlan(plan), "");
}

TEST(FloorPlanTest, NamesThatAreNotUtf8AreRefusedAndNotRepeated) {
  for (const char* name :
       {"\xff", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf0\x80\x80\x80",
        "\xe4\xbc", "\x80", "line\nbreak", "\x7f", "\xc2\x85", "\xf5\x80\x80\x80"}) {
    FloorPlan plan = PlanWithRooms();
    plan.zones[0].name = name;
    const std::string error = ValidateFloorPlan(plan);
    EXPECT_THAT(error, AllOf(HasSubstr("zones[0].name"), HasSubstr("UTF-8")));
    EXPECT_EQ(error.find(name), std::string::npos);
  }
}

// A plan with something of every kind; each case spoils one thing.
FloorPlan PlanOfEveryKind() {
  FloorPlan plan;
  plan.zones = {{"Meeting", Square(1, 1, 4)}, {"Clerk", Square(5, 1, 4)},
                {"Stage", Square(1, 10, 4)},  {"Stalls", Square(5, 10, 4)},
                {"Quiet", Square(10, 10, 4)}, {"Desks", Square(15, 10, 4)}};
  plan.zones[0].capacity = 4;
  plan.zones[1].kind = ZoneKind::kPrivate;
  plan.zones[1].owner = "clerk";
  plan.zones[2].kind = ZoneKind::kStage;
  plan.zones[2].audience = "Stalls";
  plan.zones[2].podium = Podium::kModerated;
  plan.zones[3].kind = ZoneKind::kLobby;
  plan.zones[4].kind = ZoneKind::kQuiet;
  plan.zones[5].kind = ZoneKind::kDesk;
  plan.zones[5].policy = Policy{.audible = {3, 4}};
  plan.walls = {{{20, 1}, {20, 8}}};
  plan.doors = {{"door", {2, 5}, {3, 5}}, {"gate", {20, 2}, {20, 3}}};
  plan.portals = {{"annex", {30, 20}, 1, "annex"}};
  return plan;
}

TEST(FloorPlanTest, APlanOfEveryKindIsValid) {
  EXPECT_EQ(ValidateFloorPlan(PlanOfEveryKind()), "");
}

TEST(FloorPlanTest, EveryMistakeIsNamedWithWhatIsAllowed) {
  struct Case {
    const char* field;
    std::function<void(FloorPlan&)> spoil;
  };
  const std::vector<Case> cases = {
      {"falloff", [](FloorPlan& p) { p.falloff = Falloff::kInverse, p.full_gain_radius = 0; }},
      {"churn.minimum_hold", [](FloorPlan& p) { p.churn.minimum_hold = Duration::Seconds(11); }},
      {"churn.swaps_per_second", [](FloorPlan& p) { p.churn.swaps_per_second = 0; }},
      {"reserved_slots.audio", [](FloorPlan& p) { p.reserved_slots.audio = 65; }},
      {"reserved_slots.video", [](FloorPlan& p) { p.reserved_slots.video = -1; }},
      {".transmission", [](FloorPlan& p) { p.zones[0].transmission = 1.5f; }},
      {".capacity", [](FloorPlan& p) { p.zones[0].capacity = -1; }},
      {".capacity", [](FloorPlan& p) { p.zones[3].capacity = 5; }},
      {".owner", [](FloorPlan& p) { p.zones[1].owner.clear(); }},
      {".owner", [](FloorPlan& p) { p.zones[0].owner = "somebody"; }},
      {".owner", [](FloorPlan& p) { p.zones[1].owner = std::string(129, 'x'); }},
      {".audience", [](FloorPlan& p) { p.zones[2].audience = "Nowhere"; }},
      {".audience", [](FloorPlan& p) { p.zones[2].audience = "Stage"; }},
      {".audience", [](FloorPlan& p) { p.zones[0].audience = "Stalls"; }},
      {".podium", [](FloorPlan& p) { p.zones[0].podium = Podium::kModerated; }},
      {".duck", [](FloorPlan& p) { p.zones[2].duck = kNan; }},
      {"(\"Desks\").audible.enter", [](FloorPlan& p) { p.zones[5].policy->audible.enter = 5; }},
      {"spawn",
       [](FloorPlan& p) {
         p.spawn = {6, 2};
       }},
      {"walls[0].line[1]",
       [](FloorPlan& p) {
         p.walls[0].to = {20, 31};
       }},
      {"walls[0].line", [](FloorPlan& p) { p.walls[0].to = p.walls[0].from; }},
      {"walls[0].transmission", [](FloorPlan& p) { p.walls[0].transmission = -1; }},
      {"doors[0].line",
       [](FloorPlan& p) {
         p.doors[0].to = {3, 5.1f};
       }},
      {"doors[0].line",
       [](FloorPlan& p) {
         p.doors[0].to = {7, 5};
       }},
      {"doors[1].line", [](FloorPlan& p) { p.walls.clear(); }},
      {"doors[0].line",
       [](FloorPlan& p) {
         // Another room begins 5 mm behind the first, with a wall of its own behind the door.
         p.zones.push_back(
             {.name = "behind", .outline = {{2, 5.005f}, {5, 5.005f}, {5, 8}, {2, 8}}});
       }},
      {"doors[2].line",
       [](FloorPlan& p) {
         p.doors.push_back({"over it", {2.5f, 5}, {4, 5}});
       }},
      {"doors[0].line",
       [](FloorPlan& p) { p.zones[0].kind = ZoneKind::kDesk, p.zones[0].capacity = 0; }},
      {"doors[1].transmission.shut", [](FloorPlan& p) { p.doors[1].transmission[1] = 2; }},
      {"doors[0].name", [](FloorPlan& p) { p.doors[0].name = "\x7f"; }},
      {"portals[0].name", [](FloorPlan& p) { p.portals[0].name = "\x7f"; }},
      {"portals[0].at",
       [](FloorPlan& p) {
         p.portals[0].at = {41, 2};
       }},
      {"portals[0].radius", [](FloorPlan& p) { p.portals[0].radius = kNan; }},
      {"portals[0].space", [](FloorPlan& p) { p.portals[0].space = "The annex"; }},
      {"portals has", [](FloorPlan& p) { p.portals.resize(65, p.portals[0]); }},
  };
  for (const Case& c : cases) {
    FloorPlan plan = PlanOfEveryKind();
    c.spoil(plan);
    EXPECT_THAT(ValidateFloorPlan(plan), AllOf(HasSubstr(c.field), HasSubstr("must"))) << c.field;
  }
}

TEST(FloorPlanTest, TransmissionFollowsTheKindUnlessGiven) {
  FloorPlan plan = PlanOfEveryKind();
  const float expected[] = {0, 0, 1, 1, 0, 0.3f};
  for (size_t i = 0; i < plan.zones.size(); ++i) {
    EXPECT_EQ(TransmissionOf(plan.zones[i]), expected[i]) << i;
    plan.zones[i].transmission = 0.7f;
    EXPECT_EQ(TransmissionOf(plan.zones[i]), 0.7f);
  }
}

TEST(FloorPlanTest, R17_PeopleCannotArriveWhereTheyMayNotBe) {
  struct Case {
    const char* reason;
    std::function<void(FloorPlan&)> spoil;
  };
  const auto lock = [](FloorPlan& p) { p.doors[0].state = DoorState::kLocked; };
  const std::vector<Case> cases = {
      {"spawn is in zones[1] (\"office\"); it must not be in a private zone.",
       [](FloorPlan& p) {
         p.spawn = {8, 5};
       }},
      {"spawn is in zones[1] (\"office\"); it must not be in a private zone.",
       [](FloorPlan& p) {
         p.spawn = {8, 2};
       }},  // its stage
      {"spawn is in zones[0] (\"hall\"); it must not be in a room whose doors are all locked.",
       [&](FloorPlan& p) {
         p.spawn = {3, 3}, lock(p);
       }},
      {"spawn is in zones[0] (\"hall\"); it must not be in a zone that has a capacity.",
       [](FloorPlan& p) {
         p.spawn = {3, 3}, p.zones[0].capacity = 9;
       }},
      {"spawn is at (20.02, 9), in the line of walls[0]; it must be at least 0.05 metres from it.",
       [](FloorPlan& p) {
         p.spawn = {20.02f, 9};
       }},
      {"spawn is at (3, 1), in the line of zones[0]; it must be at least 0.05 metres from it.",
       [](FloorPlan& p) {
         p.spawn = {3, 1};
       }},
      {"portals[0].at is in zones[1] (\"office\"); it must not be in a private zone.",
       [](FloorPlan& p) {
         p.portals[0].at = {8, 5};
       }},
      {"portals[0].at is in zones[0] (\"hall\"); it must not be in a room whose doors are all "
       "locked.",
       [&](FloorPlan& p) {
         p.portals[0].at = {3, 3}, lock(p);
       }},
      {"portals[0].at is at (20, 9), in the line of walls[0]; it must be at least 0.05 metres from "
       "it.",
       [](FloorPlan& p) {
         p.portals[0].at = {20, 9};
       }},
  };
  FloorPlan plan;
  plan.zones = {{"hall", Square(1, 1, 4)},
                {"office", {{6, 3}, {10, 3}, {10, 7}, {6, 7}}, ZoneKind::kPrivate},
                {"stage", {{6, 1}, {10, 1}, {10, 3}, {6, 3}}, ZoneKind::kStage}};
  plan.zones[1].owner = "clerk";
  plan.zones[2].audience = "office";
  plan.walls = {{{20, 5}, {20, 12}}};
  plan.doors = {{"door", {2, 5}, {3, 5}}};
  plan.portals = {{"portal", {30, 20}, 1, "annex"}};
  ASSERT_EQ(ValidateFloorPlan(plan), "");
  for (const Case& c : cases) {
    FloorPlan spoilt = plan;
    c.spoil(spoilt);
    EXPECT_EQ(ValidateFloorPlan(spoilt), c.reason);
  }
  plan.spawn = plan.portals[0].at = {3, 3};
  EXPECT_EQ(ValidateFloorPlan(plan), "") << "a room that is not locked";
}

TEST(FloorPlanTest, SpaceIdsAreLowerCaseWords) {
  EXPECT_TRUE(IsSpaceId("town-hall-2"));
  EXPECT_TRUE(IsSpaceId(std::string(64, 'a')));
  for (const std::string& text : {std::string(), std::string(65, 'a'), std::string("Town"),
                                  std::string("a b"), std::string("a/b"), std::string("\u00e4")}) {
    EXPECT_FALSE(IsSpaceId(text)) << text;
  }
}

}  // namespace
}  // namespace earshot
