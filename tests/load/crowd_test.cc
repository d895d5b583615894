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
  EXPECT_TRUE(walk.crowd.IsSpeaker(0));
  EXPECT_FALSE(walk.crowd.IsSpeaker(1));
  EXPECT_EQ(walk.places[0], (Point{3, 3}));
  for (size_t i = 1; i <= 5; ++i) {
    EXPECT_TRUE(Contains(floor.zones[1].outline, walk.places[i]));
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
}

}  // namespace
}  // namespace earshot::load
