#include "base/replay_window.h"

#include <gtest/gtest.h>

#include <set>

#include "base/random.h"

namespace earshot {
namespace {

using Window = ReplayWindow<1024>;

TEST(ReplayWindowTest, AcceptsEachIndexOnce) {
  Window window;
  EXPECT_TRUE(window.IsFresh(0));
  window.Accept(0);
  EXPECT_FALSE(window.IsFresh(0));
  EXPECT_TRUE(window.IsFresh(1));
}

TEST(ReplayWindowTest, ReachesBackExactlyItsSize) {
  Window window;
  window.Accept(5000);
  EXPECT_TRUE(window.IsFresh(5000 - 1023));
  EXPECT_FALSE(window.IsFresh(5000 - 1024));
  EXPECT_FALSE(window.IsFresh(0));
}

TEST(ReplayWindowTest, AJumpForgetsNothingThatIsStillInside) {
  Window window;
  window.Accept(100);
  window.Accept(1000);
  EXPECT_FALSE(window.IsFresh(100));
  EXPECT_TRUE(window.IsFresh(101));
  window.Accept(100 + 1024);
  EXPECT_TRUE(window.IsFresh(101));
  EXPECT_FALSE(window.IsFresh(1000));
}

TEST(ReplayWindowTest, AClosedOneTakesOnlyWhatIsBeyond) {
  Window window = Window::ClosedAt(5000);
  EXPECT_EQ(window.highest(), 5000u);
  for (uint64_t index = 0; index <= 5000; ++index) ASSERT_FALSE(window.Take(index));
  EXPECT_TRUE(window.Take(5010));
  EXPECT_TRUE(window.Take(5001)) << "late";
  EXPECT_FALSE(window.Take(5000));
}

TEST(ReplayWindowTest, BehavesLikeASetOfAllIndices) {
  SeededRandom random(1);
  Window window;
  std::set<uint64_t> seen;
  uint64_t base = 1 << 20;
  for (int i = 0; i < 50000; ++i) {
    base += random.Below(3);
    if (random.Below(500) == 0) base += random.Below(3000);
    const uint64_t index = base - random.Below(1200);
    const bool behind = !seen.empty() && *seen.rbegin() >= index + 1024;
    ASSERT_EQ(window.IsFresh(index), !behind && !seen.contains(index)) << index;
    ASSERT_EQ(window.Take(index), !behind && !seen.contains(index)) << index;
    if (!behind) seen.insert(index);
  }
}

}  // namespace
}  // namespace earshot
