#include "rate_table.h"

#include <gtest/gtest.h>

namespace earshotd {
namespace {

using earshot::Duration;
using earshot::Timestamp;

constexpr Timestamp kStart = Timestamp::Seconds(100);

int Admitted(RateTable<int>& table, int key, Timestamp now) {
  int admitted = 0;
  while (table.Admit(key, now)) ++admitted;
  return admitted;
}

TEST(RateTableTest, EachKeyHasItsOwnRate) {
  RateTable<int> table(2, 10, 100);
  EXPECT_EQ(Admitted(table, 1, kStart), 10);
  EXPECT_FALSE(table.HasRoom(1, kStart));
  EXPECT_TRUE(table.HasRoom(2, kStart));
  EXPECT_EQ(Admitted(table, 2, kStart), 10);
  EXPECT_EQ(Admitted(table, 1, kStart + Duration::Seconds(1)), 2);
}

TEST(RateTableTest, ToAskCountsNothing) {
  RateTable<int> table(2, 10, 100);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(table.HasRoom(1, kStart));
  EXPECT_EQ(table.size(), 0u);
}

// An office behind one address must not be kept out for long after somebody's mischief.
TEST(RateTableTest, H22_HasRoomAgainRightAfterTheFlood) {
  RateTable<int> table(20, 200, 100);
  for (int i = 0; i < 100'000; ++i) table.Admit(1, kStart);
  EXPECT_FALSE(table.HasRoom(1, kStart));
  EXPECT_TRUE(table.HasRoom(1, kStart + Duration::Millis(50)));
}

TEST(RateTableTest, H22_MillionsOfKeysTakeBoundedMemoryAndDoNotWashOutTheWorst) {
  RateTable<int> table(1, 10, 1000);
  Admitted(table, -1, kStart);
  for (int key = 0; key < 200'000; ++key) {
    table.Admit(key, kStart + Duration::Micros(key));
    ASSERT_LE(table.size(), 1000u);
    ASSERT_FALSE(table.HasRoom(-1, kStart + Duration::Micros(key))) << key;
  }
}

}  // namespace
}  // namespace earshotd
