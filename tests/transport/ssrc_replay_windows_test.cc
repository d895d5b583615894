#include "transport/ssrc_replay_windows.h"

#include <gtest/gtest.h>

namespace earshot {
namespace {

using Windows = SsrcReplayWindows<128>;
constexpr size_t kMaxSsrcs = 3;

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

// Should the stream come back, what was heard of it before is not heard again.
TEST(SsrcReplayWindowsTest, R2_ARetiredSsrcGoesOnWhereItEnded) {
  Windows windows(kMaxSsrcs);
  windows.Accept(7, 100);
  windows.Retire(7);
  windows.Retire(7);
  EXPECT_EQ(windows.size(), 0u);
  EXPECT_EQ(windows.LastOfRetired(7), 100u);
  windows.Accept(7, 103);
  EXPECT_EQ(windows.Check(7, 99), DropReason::kSrtpReplayed);
  EXPECT_EQ(windows.Check(7, 101), std::nullopt);
  // What has been retired once is never forgotten as a whole.
  windows.Remove(7);
  EXPECT_EQ(windows.LastOfRetired(7), 103u);
  EXPECT_EQ(windows.LastOfRetired(8), std::nullopt);
}

TEST(SsrcReplayWindowsTest, R4_WhoChangesItsSsrcForEverGetsNoMoreWindows) {
  Windows windows(kMaxSsrcs);
  uint32_t ssrc = 0;
  while (!windows.Check(ssrc, 1)) {
    windows.Accept(ssrc, 1);
    windows.Retire(ssrc++);
    ASSERT_LT(ssrc, 1000u);
  }
  EXPECT_EQ(windows.Check(ssrc, 1), DropReason::kSrtpTooManySsrcs);
  EXPECT_EQ(windows.Check(ssrc - 1, 2), std::nullopt) << "one that was there may come back";
}

}  // namespace
}  // namespace earshot
