#include "memory_guard.h"

#include <gtest/gtest.h>

namespace earshotd {
namespace {

using earshot::Duration;
using earshot::Timestamp;

constexpr uint64_t kGiB = 1024 * 1024 * 1024;

class MemoryGuardTest : public testing::Test {
 protected:
  void Use(double share) {
    used_ = share;
    now_ = now_ + Duration::Seconds(1);
  }

  double used_ = 0;
  Timestamp now_ = Timestamp::Seconds(100);
  size_t readings_ = 0;
  MemoryGuard guard_{{.soft = 0.8f, .hard = 0.9f}, [this] {
                       ++readings_;
                       return MemoryUse{static_cast<uint64_t>(used_ * kGiB), kGiB};
                     }};
};

TEST_F(MemoryGuardTest, E2_BelowTheSoftShareEverybodyMayCome) {
  Use(0.79);
  EXPECT_EQ(guard_.Measure(now_), MemoryPressure::kNone);
  EXPECT_TRUE(guard_.AdmitJoin(now_));
  EXPECT_TRUE(guard_.AdmitWebSocket(now_));
  EXPECT_TRUE(guard_.AdmitConnection(now_));
}

TEST_F(MemoryGuardTest, E2_FromTheSoftShareOnNobodyJoins) {
  Use(0.81);
  EXPECT_EQ(guard_.Measure(now_), MemoryPressure::kSoft);
  EXPECT_FALSE(guard_.AdmitJoin(now_));
  EXPECT_FALSE(guard_.AdmitWebSocket(now_));
  EXPECT_TRUE(guard_.AdmitConnection(now_)) << "to be told why";
  EXPECT_EQ(guard_.refused_joins(), 1u);
  EXPECT_EQ(guard_.refused_connections(), 1u);
  Use(0.5);
  EXPECT_TRUE(guard_.AdmitJoin(now_)) << "and it passes";
}

TEST_F(MemoryGuardTest, E2_FromTheHardShareOnNoConnectionIsTaken) {
  Use(0.91);
  EXPECT_EQ(guard_.Measure(now_), MemoryPressure::kHard);
  EXPECT_FALSE(guard_.AdmitConnection(now_));
}

TEST_F(MemoryGuardTest, E2_ACrowdThatComesAtOnceCountsBeforeItsMemoryShows) {
  Use(0.7);
  size_t admitted = 0;
  while (admitted < 100'000 && guard_.AdmitJoin(now_)) ++admitted;
  // A tenth of a GiB, a quarter of a MiB each.
  EXPECT_GE(admitted, 400u);
  EXPECT_LE(admitted, 420u);
  EXPECT_EQ(guard_.Measure(now_), MemoryPressure::kSoft) << "which sends nobody away";
  now_ = now_ + Duration::Seconds(5);
  EXPECT_TRUE(guard_.AdmitJoin(now_)) << "what they use shows by then";
}

TEST_F(MemoryGuardTest, E2_AnAllocationThatFailedIsHardPressureForAWhile) {
  Use(0.1);
  guard_.NoteFailure(now_);
  EXPECT_EQ(guard_.Measure(now_), MemoryPressure::kHard);
  now_ = now_ + Duration::Seconds(6);
  EXPECT_EQ(guard_.Measure(now_), MemoryPressure::kNone);
}

TEST_F(MemoryGuardTest, AFloodOfQuestionsReadsNowAndThenOnly) {
  for (int i = 0; i < 1000; ++i) guard_.AdmitConnection(now_);
  EXPECT_EQ(readings_, 1u);
  Use(0.2);
  guard_.AdmitConnection(now_);
  EXPECT_EQ(readings_, 2u);
}

}  // namespace
}  // namespace earshotd
