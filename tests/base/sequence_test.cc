#include "base/sequence.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace earshot {
namespace {

TEST(SequenceTest, DistanceTakesTheShorterWayAround) {
  EXPECT_EQ(SequenceDistance(10, 12), 2);
  EXPECT_EQ(SequenceDistance(12, 10), -2);
  EXPECT_EQ(SequenceDistance(0xffff, 0), 1);
  EXPECT_EQ(SequenceDistance(0, 0xffff), -1);
  EXPECT_EQ(SequenceDistance(0, 0x7fff), 0x7fff);
  EXPECT_EQ(SequenceDistance(0, 0x8000), -0x8000);
  EXPECT_EQ(TimestampDistance(0xffffff00, 0x100), 0x200);
  EXPECT_EQ(TimestampDistance(0x100, 0xffffff00), -0x200);
}

TEST(UnwrapperTest, StartsOnePeriodUp) {
  Unwrapper<uint16_t> unwrapper;
  EXPECT_FALSE(unwrapper.highest());
  EXPECT_EQ(unwrapper.Peek(5), 0x10005);
  EXPECT_FALSE(unwrapper.highest());
  EXPECT_EQ(unwrapper.Unwrap(5), 0x10005);
  EXPECT_EQ(unwrapper.highest(), 0x10005);
}

TEST(UnwrapperTest, ValuesFromBeforeTheFirstStayPositive) {
  Unwrapper<uint16_t> unwrapper;
  unwrapper.Unwrap(0);
  EXPECT_EQ(unwrapper.Unwrap(0xffff), 0xffff);
  EXPECT_EQ(unwrapper.highest(), 0x10000);
}

TEST(UnwrapperTest, WrapsAroundAndComesBackToOlderValues) {
  Unwrapper<uint16_t> unwrapper;
  EXPECT_EQ(unwrapper.Unwrap(0xfffe), 0x1fffe);
  EXPECT_EQ(unwrapper.Unwrap(1), 0x20001);
  EXPECT_EQ(unwrapper.Unwrap(0xffff), 0x1ffff);
  EXPECT_EQ(unwrapper.highest(), 0x20001);
  EXPECT_EQ(unwrapper.Peek(2), 0x20002);
  EXPECT_EQ(unwrapper.highest(), 0x20001);
}

TEST(UnwrapperTest, ForgetsOnReset) {
  Unwrapper<uint16_t> unwrapper;
  unwrapper.Unwrap(0xffff);
  unwrapper.Unwrap(0);
  unwrapper.Reset();
  EXPECT_FALSE(unwrapper.highest());
  EXPECT_EQ(unwrapper.Unwrap(0), 0x10000);
}

// A counter that jumps less than half a period in either direction is followed for ever.
template <typename T>
void ExpectFollows(uint32_t largest_step) {
  SeededRandom random(1);
  Unwrapper<T> unwrapper;
  int64_t truth = int64_t{1} << (sizeof(T) * 8);
  unwrapper.Unwrap(static_cast<T>(truth));
  for (int i = 0; i < 100000; ++i) {
    const int64_t next = truth + random.Below(largest_step);
    ASSERT_EQ(unwrapper.Unwrap(static_cast<T>(next)), next);
    const int64_t late = next - random.Below(largest_step);
    ASSERT_EQ(unwrapper.Unwrap(static_cast<T>(late)), late);
    truth = next;
  }
}

TEST(UnwrapperTest, FollowsSequenceNumbers) { ExpectFollows<uint16_t>(0x8000); }
TEST(UnwrapperTest, FollowsTimestamps) { ExpectFollows<uint32_t>(0x80000000); }

}  // namespace
}  // namespace earshot
