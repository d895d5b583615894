#include "crowd.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "spatial/geometry.h"

namespace earshot::load {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

Floor OpenFloor() {
  Floor floor;
  floor.width = 60;
  floor.height = 40;
  floor.audible = {8, 9};
  floor.visible = {10, 11};
  floor.spawn = {30, 20};
  floor.max_speed = 12;
  return floor;
}

Floor FloorWithStage() {
  Floor floor = OpenFloor();
  floor.zones.push_back({"Stage", "stage", {{1, 1}, {5, 1}, {5, 5}, {1, 5}}, "Stalls"});
  floor.zones.push_back({"Stalls", "lobby", {{5, 1}, {20, 1}, {5, 20}}, ""});
  return floor;
}

/// A crowd whose people step together in virtual time; where they are is what was last sent.
class Walk {
 public:
  Walk(const Scenario& scenario, const Floor& floor)
      : scenario_(scenario), crowd(scenario_, floor, random_), places(scenario.people) {
    for (size_t i = 0; i < places.size(); ++i) {
      places[i] = floor.spawn;
      crowd.Enter(i, {floor.spawn, 0}, now);
    }
  }
  void Run(Duration time) {
    for (const Timestamp end = now + time; now < end;) {
      now = now + Crowd::kStepInterval;
      for (size_t i = 0; i < places.size(); ++i) {
        const auto pose = crowd.Step(i, now);
        if (!pose) continue;
        fastest = std::max(fastest, Distance(pose->position, places[i]) /
                                        static_cast<float>(Crowd::kStepInterval.seconds()));
        places[i] = pose->position;
        ++steps;
      }
    }
  }
  /// Until all have been at their place.
  void Arrive() {
    const auto all_there = [this] {
      for (size_t i = 0; i < places.size(); ++i) {
        if (!crowd.HasArrived(i)) return false;
      }
      return true;
    };
    for (int i = 0; i < 600 && !all_there(); ++i) Run(Crowd::kStepInterval);
    EXPECT_TRUE(all_there());
  }

 private:
  Scenario scenario_;
  SeededRandom random_{3};

 public:
  Crowd crowd;
  Timestamp now = Timestamp::Seconds(1);
  std::vector<Point> places;
  float fastest = 0;
  int steps = 0;
};

Scenario With(Layout layout, uint32_t people) {
  Scenario scenario;
  scenario.layout = layout;
  scenario.people = people;
  return scenario;
}

TEST(CrowdTest, TogetherIsInEarshotOfEverybody) {
  for (const uint32_t people : {2u, 20u, 200u}) {
    Walk walk(With(Layout::kTogether, people), OpenFloor());
    walk.Arrive();
    for (const Point& a : walk.places) {
      for (const Point& b : walk.places) EXPECT_LE(Distance(a, b), 8);
    }
  }
}

TEST(CrowdTest, GroupsAreInEarshotOfThemselvesAndOutOfSightOfAllOthers) {
  Floor floor = OpenFloor();
  floor.width = 300;
  floor.height = 160;
  floor.sight_radius = 15;
  for (const uint32_t people : {10u, 35u, 200u}) {
    Scenario scenario = With(Layout::kGroups, people);
    scenario.group = 10;
    ASSERT_THAT(Crowd::WhatIsMissing(scenario, floor), IsEmpty());
    Walk walk(scenario, floor);
    walk.Arrive();
    for (size_t a = 0; a < people; ++a) {
      for (size_t b = 0; b < people; ++b) {
        const float distance = Distance(walk.places[a], walk.places[b]);
        if (a / 10 == b / 10) {
          EXPECT_LE(distance, 8);
        } else {
          EXPECT_GT(distance, 15 + 2) << "of people " << a << " and " << b;
        }
      }
    }
  }
}

TEST(CrowdTest, GroupsStandOnTheFloorEvenWhenItIsFull) {
  Floor floor = OpenFloor();
  floor.width = 25;
  floor.height = 300;
  Scenario scenario = With(Layout::kGroups, 2);
  scenario.group = 2;
  while (Crowd::WhatIsMissing(scenario, floor).empty()) scenario.people += 2;
  EXPECT_GT(scenario.people, 20u);
  scenario.people -= 2;
  Walk walk(scenario, floor);
  walk.Arrive();
  for (const Point& place : walk.places) {
    EXPECT_TRUE(place.x >= 0 && place.x <= 25 && place.y >= 0 && place.y <= 300);
  }
  float nearest = 1000;
  for (size_t i = 2; i < walk.places.size(); ++i) {
    nearest = std::min(nearest, Distance(walk.places[0], walk.places[i]));
  }
  EXPECT_GT(nearest, 11);
}

TEST(CrowdTest, WhoStandsRepeatsItsPlaceAndThenIsQuiet) {
  Walk walk(With(Layout::kGrid, 4), OpenFloor());
  walk.Arrive();
  walk.Run(Duration::Seconds(1));
  const int steps = walk.steps;
  walk.Run(Duration::Seconds(60));
  EXPECT_EQ(walk.steps, steps);
}

TEST(CrowdTest, TheGridKeepsItsDensityWhateverTheNumber) {
  for (const uint32_t people : {16u, 100u}) {
    Scenario scenario = With(Layout::kGrid, people);
    scenario.square_metres = 9;
    Walk walk(scenario, OpenFloor());
    walk.Arrive();
    float nearest = 1000;
    for (size_t i = 1; i < people; ++i) {
      nearest = std::min(nearest, Distance(walk.places[0], walk.places[i]));
    }
    EXPECT_NEAR(nearest, 3, 0.3);
  }
}

TEST(CrowdTest, NobodyLeavesTheFloorNorHurriesBeyondTheLimit) {
  Scenario scenario = With(Layout::kWalk, 50);
  scenario.square_metres = 10000;  // more than there is
  scenario.meetings = 3;
  Walk walk(scenario, OpenFloor());
  walk.Run(Duration::Seconds(600));
  for (const Point& place : walk.places) {
    EXPECT_TRUE(place.x >= 0 && place.x <= 60 && place.y >= 0 && place.y <= 40);
  }
  EXPECT_LE(walk.fastest, 12);
}

TEST(CrowdTest, WalkersWalkOnAtTheirSpeed) {
  Walk walk(With(Layout::kWalk, 5), OpenFloor());
  walk.Arrive();
  walk.fastest = 0;
  const int steps = walk.steps;
  walk.Run(Duration::Seconds(10));
  EXPECT_NEAR(walk.fastest, 1.4, 0.01);
  EXPECT_EQ(walk.steps - steps, 500) << "each, in each interval";
}

TEST(CrowdTest, MeetingsFormAndBreak) {
  Scenario scenario = With(Layout::kWalk, 40);
  scenario.square_metres = 20;
  scenario.meetings = 1;
  scenario.meeting_people = 6;
  scenario.meeting_length = Duration::Seconds(60);
  Walk walk(scenario, OpenFloor());
  walk.Arrive();
  // Those who stand meet: all others walk.
  const auto standing = [&walk] {
    const std::vector<Point> before = walk.places;
    walk.Run(Duration::Millis(500));
    size_t count = 0;
    for (size_t i = 0; i < before.size(); ++i) count += before[i] == walk.places[i] ? 1 : 0;
    return count;
  };
  size_t most = 0;
  size_t fewest = 40;
  for (int i = 0; i < 600; ++i) {
    const size_t count = standing();
    most = std::max(most, count);
    fewest = std::min(fewest, count);
  }
  EXPECT_EQ(most, 6u);
  EXPECT_EQ(fewest, 0u);
}

TEST(CrowdTest, OneStandsOnTheStageAndTheAudienceBeforeIt) {
  Scenario scenario = With(Layout::kWalk, 10);
  scenario.audience = 5;
  const Floor floor = FloorWithStage();
  Walk walk(scenario, floor);
  walk.Arrive();
  walk.Run(Duration::Seconds(30));
  EXPECT_EQ(walk.places[0], (Point{3, 3}));
  for (size_t i = 1; i <= 5; ++i) {
    EXPECT_TRUE(Contains(floor.zones[1].outline, walk.places[i]));
  }
}

TEST(CrowdTest, ASmallAudienceSitsAsDenselyAsALargeOne) {
  const Floor floor = FloorWithStage();
  std::vector<Point> largest;
  for (const uint32_t audience : {15u, 5u}) {
    Scenario scenario = With(Layout::kWalk, 40);
    scenario.audience = audience;
    Walk walk(scenario, floor);
    walk.Arrive();
    walk.places.resize(audience + 1);
    if (largest.empty()) largest = walk.places;
    EXPECT_EQ(walk.places.back(), largest[audience]) << "the front seats are taken first";
    for (size_t i = 1; i < audience; ++i) {
      EXPECT_GT(Distance(walk.places[i], walk.places[i + 1]), 2);
      EXPECT_LE(Distance(walk.places[i], walk.places[0]),
                Distance(walk.places[i + 1], walk.places[0]));
    }
  }
}

TEST(CrowdTest, WhoIsHeldBackHurriesToItsPlaceAgain) {
  Walk walk(With(Layout::kGrid, 1), OpenFloor());
  walk.Arrive();
  const Point place = walk.places[0];
  walk.crowd.Correct(0, {{0, 0}, 0});
  EXPECT_FALSE(walk.crowd.HasArrived(0));
  walk.Arrive();
  EXPECT_EQ(walk.places[0], place);
}

TEST(CrowdTest, WhoLeftStepsNoMore) {
  Walk walk(With(Layout::kWalk, 2), OpenFloor());
  walk.crowd.Leave(0);
  EXPECT_FALSE(walk.crowd.Step(0, walk.now + Duration::Seconds(1)));
  EXPECT_TRUE(walk.crowd.Step(1, walk.now + Duration::Seconds(1)));
}

TEST(CrowdTest, SaysWhatThePlanLacks) {
  Scenario scenario = With(Layout::kWalk, 10);
  EXPECT_THAT(Crowd::WhatIsMissing(scenario, OpenFloor()), IsEmpty());
  scenario.audience = 5;
  EXPECT_THAT(Crowd::WhatIsMissing(scenario, OpenFloor()), HasSubstr("no zone of the kind stage"));
  EXPECT_THAT(Crowd::WhatIsMissing(scenario, FloorWithStage()), IsEmpty());
  scenario.audience = 10;
  EXPECT_THAT(Crowd::WhatIsMissing(scenario, FloorWithStage()), HasSubstr("places.audience"));
  scenario = With(Layout::kGrid, 240);
  EXPECT_THAT(Crowd::WhatIsMissing(scenario, OpenFloor()), IsEmpty());
  scenario.people = 241;
  EXPECT_THAT(Crowd::WhatIsMissing(scenario, OpenFloor()),
              HasSubstr("too small for 241 people with places.square_metres"));
  scenario.layout = Layout::kGroups;
  EXPECT_THAT(Crowd::WhatIsMissing(scenario, OpenFloor()),
              HasSubstr("too small for 241 people in groups of 10"));
}

}  // namespace
}  // namespace earshot::load
