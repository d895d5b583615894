#include "spatial/movement.h"

#include <gtest/gtest.h>

#include <limits>

#include "spatial/geometry.h"

namespace earshot {
namespace {

const FloorPlan kPlan;

TEST(MovementTest, WishesOffTheFloorEndAtItsBorder) {
  EXPECT_EQ(PlaceOnFloor(kPlan, {{-5, 100}, 0})->position, (Point{0, 30}));
  EXPECT_EQ(PlaceOnFloor(kPlan, {{1e30f, -1e30f}, 0})->position, (Point{40, 0}));
  EXPECT_EQ(PlaceOnFloor(kPlan, {{3, 4}, 0})->position, (Point{3, 4}));
}

TEST(MovementTest, HeadingsAreWrapped) {
  EXPECT_NEAR(PlaceOnFloor(kPlan, {{3, 4}, 7})->heading, 7 - 6.2831853, 1e-5);
}

TEST(MovementTest, R18_NumbersThatAreNoneAreRefused) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_FALSE(PlaceOnFloor(kPlan, {{nan, 4}, 0}));
  EXPECT_FALSE(PlaceOnFloor(kPlan, {{4, nan}, 0}));
  EXPECT_FALSE(PlaceOnFloor(kPlan, {{4, 4}, nan}));
  EXPECT_FALSE(PlaceOnFloor(kPlan, {{infinity, 4}, 0}));
  EXPECT_FALSE(PlaceOnFloor(kPlan, {{4, -infinity}, 0}));
}

TEST(MovementTest, R18_FartherStepsAreCutShortOnTheWay) {
  const Pose pose = StepTowards({{10, 10}, 0}, {{40, 10}, 1}, Duration::Millis(500), 12).pose;
  EXPECT_FLOAT_EQ(pose.position.x, 16);
  EXPECT_FLOAT_EQ(pose.position.y, 10);
  EXPECT_FLOAT_EQ(pose.heading, 1);
}

TEST(MovementTest, R18_WaitingDoesNotSaveUpForALeap) {
  const Pose pose = StepTowards({{10, 10}, 0}, {{40, 10}, 0}, Duration::Seconds(3600), 12).pose;
  EXPECT_FLOAT_EQ(pose.position.x, 22);
}

TEST(MovementTest, R18_NoTimeMeansNoStep) {
  for (const Duration elapsed : {Duration::Zero(), Duration::Seconds(-5)}) {
    const Pose pose = StepTowards({{10, 10}, 0}, {{11, 10}, 2}, elapsed, 12).pose;
    EXPECT_EQ(pose.position, (Point{10, 10}));
    EXPECT_EQ(pose.heading, 2);
  }
}

TEST(MovementTest, StepsWithinTheLimitArriveExactly) {
  const Pose wish{{10.7f, 10.3f}, 0.5f};
  EXPECT_EQ(StepTowards({{10, 10}, 0}, wish, Duration::Millis(100), 12).pose, wish);
}

TEST(MovementTest, AStepLeavesTheTimeThatItDidNotTake) {
  const Step step = StepTowards({{10, 10}, 0}, {{16, 10}, 0}, Duration::Seconds(5), 12);
  EXPECT_EQ(step.time_left, Duration::Millis(500));
  const Step too_far = StepTowards({{10, 10}, 0}, {{40, 10}, 0}, Duration::Millis(500), 12);
  EXPECT_EQ(too_far.time_left, Duration::Zero());
}

}  // namespace
}  // namespace earshot
