#include "space/pose_intake.h"

#include <gtest/gtest.h>

namespace earshot {
namespace {

MyPose Message(uint16_t sequence, float x) { return {sequence, {{x, 0}, 0}}; }
Timestamp At(int64_t millis) { return Timestamp::Millis(1000 + millis); }

TEST(PoseIntakeTest, TheFirstPoseCountsAtOnce) {
  PoseIntake intake;
  const auto wish = intake.Offer(Message(9, 1), At(0));
  ASSERT_TRUE(wish);
  EXPECT_EQ(wish->pose.position.x, 1);
  EXPECT_EQ(wish->came, At(0));
  EXPECT_TRUE(intake.NextDeadline().IsNever());
}

TEST(PoseIntakeTest, T9_OfThoseThatWaitTheLatestWins) {
  PoseIntake intake;
  intake.Offer(Message(1, 1), At(0));
  EXPECT_FALSE(intake.Offer(Message(2, 2), At(10)));
  EXPECT_FALSE(intake.Offer(Message(3, 3), At(20)));
  EXPECT_EQ(intake.NextDeadline(), At(50));
  EXPECT_FALSE(intake.TakeDue(At(49)));
  const auto wish = intake.TakeDue(At(50));
  ASSERT_TRUE(wish);
  EXPECT_EQ(wish->pose.position.x, 3);
  EXPECT_EQ(wish->came, At(20)) << "when it came, not when it counts";
  EXPECT_TRUE(intake.NextDeadline().IsNever());
}

TEST(PoseIntakeTest, T10_WhileTheyAreHeldTheLatestWaits) {
  PoseIntake intake;
  intake.HoldUntil(At(1000));
  EXPECT_FALSE(intake.Offer(Message(1, 1), At(0)));
  EXPECT_FALSE(intake.Offer(Message(2, 2), At(999)));
  EXPECT_EQ(intake.NextDeadline(), At(1000));
  EXPECT_EQ(intake.TakeDue(At(1000))->pose.position.x, 2);
  // To hold them for less than they have to wait anyhow changes nothing.
  intake.HoldUntil(At(1001));
  EXPECT_FALSE(intake.Offer(Message(3, 3), At(1049)));
  EXPECT_TRUE(intake.TakeDue(At(1050)));
}

TEST(PoseIntakeTest, OlderOnesAreIgnoredAcrossTheWrap) {
  PoseIntake intake;
  intake.Offer(Message(65535, 1), At(0));
  EXPECT_FALSE(intake.Offer(Message(65534, 2), At(100)));
  EXPECT_FALSE(intake.Offer(Message(65535, 2), At(100)));
  EXPECT_TRUE(intake.Offer(Message(0, 3), At(100)));
}

}  // namespace
}  // namespace earshot
