#include "cut_in.h"

#include <gtest/gtest.h>

namespace earshot::load {
namespace {

constexpr ParticipantId kAda{11};
constexpr ParticipantId kBob{12};

Floor MakeFloor() {
  Floor floor;
  floor.width = 40;
  floor.height = 30;
  floor.audible = {8, 9};
  return floor;
}

class CutInTest : public testing::Test {
 protected:
  CutInTest() {
    cut_in_.Enter(0, kAda, {0, 0});
    cut_in_.Enter(1, kBob, {20, 0});
  }
  static Timestamp At(int64_t millis) { return Timestamp::Millis(1000 + millis); }

  CutIn cut_in_{MakeFloor(), 2};
};

TEST_F(CutInTest, IsFromThePositionToTheFirstPacket) {
  cut_in_.SetTalking(0, true);
  cut_in_.Move(1, {8.5f, 0}, At(0));
  EXPECT_EQ(cut_in_.Hear(1, kAda, At(5)), std::nullopt) << "not near yet";
  cut_in_.Move(1, {8, 0}, At(10));
  EXPECT_EQ(cut_in_.Hear(0, kBob, At(12)), std::nullopt) << "nobody waits for who is silent";
  EXPECT_EQ(cut_in_.Hear(1, kAda, At(35)), Duration::Millis(25));
  EXPECT_EQ(cut_in_.Hear(1, kAda, At(55)), std::nullopt) << "once";
}

TEST_F(CutInTest, WhoIsWithinTheGapStaysNear) {
  cut_in_.SetTalking(0, true);
  cut_in_.Move(1, {7, 0}, At(0));
  cut_in_.Hear(1, kAda, At(1));
  cut_in_.Move(1, {8.9f, 0}, At(100));
  cut_in_.Move(1, {7, 0}, At(200));
  EXPECT_EQ(cut_in_.Hear(1, kAda, At(300)), std::nullopt);
  cut_in_.Move(1, {9.1f, 0}, At(400));
  cut_in_.Move(0, {2, 0}, At(500));
  EXPECT_EQ(cut_in_.Hear(1, kAda, At(501)), Duration::Millis(1)) << "whoever of the two came";
}

TEST_F(CutInTest, WhoFallsSilentOrGoesIsNotWaitedFor) {
  cut_in_.SetTalking(0, true);
  cut_in_.Move(1, {5, 0}, At(0));
  cut_in_.SetTalking(0, false);
  EXPECT_EQ(cut_in_.Hear(1, kAda, At(1)), std::nullopt);
  cut_in_.SetTalking(0, true);
  EXPECT_EQ(cut_in_.Hear(1, kAda, At(2)), std::nullopt) << "near before it spoke";
  cut_in_.Move(1, {20, 0}, At(100));
  cut_in_.Move(1, {5, 0}, At(200));
  cut_in_.Move(1, {20, 0}, At(300));
  EXPECT_EQ(cut_in_.TakeMissed(At(60000)), 0u);
  cut_in_.Move(1, {5, 0}, At(60100));
  cut_in_.Leave(0);
  EXPECT_EQ(cut_in_.TakeMissed(At(120000)), 0u);
}

TEST_F(CutInTest, WhoWaitsTooLongHasMissedIt) {
  cut_in_.SetTalking(0, true);
  cut_in_.Move(1, {5, 0}, At(0));
  EXPECT_EQ(cut_in_.TakeMissed(At(0) + CutIn::kPatience), 0u);
  EXPECT_EQ(cut_in_.TakeMissed(At(1) + CutIn::kPatience), 1u);
  EXPECT_EQ(cut_in_.Hear(1, kAda, At(2) + CutIn::kPatience), std::nullopt);
}

}  // namespace
}  // namespace earshot::load
