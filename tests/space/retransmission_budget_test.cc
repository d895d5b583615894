#include "space/retransmission_budget.h"

#include <gtest/gtest.h>

namespace earshot {
namespace {

// All that can be had at this time, in steps of 100 bytes.
size_t Drain(RetransmissionBudget& budget, Timestamp now) {
  size_t bytes = 0;
  while (budget.TrySpend(100, now)) bytes += 100;
  return bytes;
}

TEST(RetransmissionBudgetTest, C2_BeginsWithThirtyTwoKilobytesWhateverTheClockSays) {
  RetransmissionBudget early, late;
  EXPECT_EQ(Drain(early, Timestamp::Seconds(1)), 32700u);
  EXPECT_EQ(Drain(late, Timestamp::Seconds(1000000)), 32700u);
}

TEST(RetransmissionBudgetTest, C2_GrowsByAHundredKilobitsASecond) {
  RetransmissionBudget budget;
  Drain(budget, Timestamp::Seconds(1));
  EXPECT_NEAR(static_cast<double>(Drain(budget, Timestamp::Seconds(3))), 25000, 100);
}

TEST(RetransmissionBudgetTest, C2_GrowsByAQuarterOfWhatIsSent) {
  RetransmissionBudget budget;
  Drain(budget, Timestamp::Seconds(1));
  budget.CountSent(40000);
  EXPECT_NEAR(static_cast<double>(Drain(budget, Timestamp::Seconds(1))), 10000, 100);
}

TEST(RetransmissionBudgetTest, C2_PatienceSavesUpNoMoreThanTheCap) {
  RetransmissionBudget budget;
  Drain(budget, Timestamp::Seconds(1));
  budget.CountSent(100000000);
  EXPECT_LE(Drain(budget, Timestamp::Seconds(100000)), 128u * 1024);
}

TEST(RetransmissionBudgetTest, TimeThatRunsBackwardsGivesNothing) {
  RetransmissionBudget budget;
  Drain(budget, Timestamp::Seconds(10));
  EXPECT_EQ(Drain(budget, Timestamp::Seconds(5)), 0u);
}

}  // namespace
}  // namespace earshot
