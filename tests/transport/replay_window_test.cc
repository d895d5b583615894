#include "transport/replay_window.h"

#include <gtest/gtest.h>

#include <set>

#include "base/random.h"

namespace earshot {
namespace {

using Window = ReplayWindow<1024>;
using Windows = SsrcReplayWindows<128>;
constexpr size_t kMaxSsrcs = 3;

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
    if (!window.IsFresh(index)) continue;
    window.Accept(index);
    seen.insert(index);
  }
}

TEST(SsrcReplayWindowsTest, KeepsTheWindowsOfTwoSsrcsApart) {
  Windows windows(kMaxSsrcs);
  windows.Accept(7, 100);
  windows.Accept(8, 200);
  EXPECT_EQ(windows.Check(7, 100), DropReason::kSrtpReplayed);
  EXPECT_EQ(windows.Check(8, 100), std::nullopt);
  EXPECT_EQ(windows.Find(7)->highest(), 100u);
  EXPECT_EQ(windows.Find(9), nullptr);
}

TEST(SsrcReplayWindowsTest, R4_MakesNoWindowBeyondTheLimit) {
  Windows windows(kMaxSsrcs);
  for (uint32_t ssrc = 0; ssrc < 10; ++ssrc) windows.Accept(ssrc, 1);
  EXPECT_EQ(windows.size(), 3u);
  EXPECT_EQ(windows.Check(3, 1), DropReason::kSrtpTooManySsrcs);
  EXPECT_EQ(windows.Check(2, 2), std::nullopt);
}

TEST(SsrcReplayWindowsTest, RemovalMakesRoomAndLeavesTheOthers) {
  Windows windows(kMaxSsrcs);
  for (uint32_t ssrc = 0; ssrc < 3; ++ssrc) windows.Accept(ssrc, 10 + ssrc);
  windows.Remove(1);
  windows.Remove(1);
  EXPECT_EQ(windows.Check(5, 1), std::nullopt);
  EXPECT_EQ(windows.Check(0, 10), DropReason::kSrtpReplayed);
  EXPECT_EQ(windows.Check(2, 12), DropReason::kSrtpReplayed);
}

}  // namespace
}  // namespace earshot
