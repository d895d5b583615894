#include "forwarding/sent_history.h"

#include <gtest/gtest.h>

namespace earshot {
namespace {

constexpr Timestamp kStart = Timestamp::Seconds(100);

SentHistory::Sent From(int64_t source_sequence) {
  return {.source_sequence = source_sequence,
          .timestamp = 0xfedcba98,
          .picture_id = 0x7abc,
          .tl0_pic_idx = 0xfe,
          .codec = Codec::kH264,
          .layer = 2,
          .marker = true};
}

TEST(SentHistoryTest, YieldsWhatWasStored) {
  SentHistory history;
  EXPECT_FALSE(history.TakeForRepair(7, kStart)) << "before anything was stored";
  history.Store(7, From(70007));
  const auto sent = history.TakeForRepair(7, kStart);
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->source_sequence, 70007);
  EXPECT_EQ(sent->timestamp, 0xfedcba98);
  EXPECT_EQ(sent->picture_id, 0x7abc);
  EXPECT_EQ(sent->tl0_pic_idx, 0xfe);
  EXPECT_EQ(sent->codec, Codec::kH264);
  EXPECT_EQ(sent->layer, 2);
  EXPECT_TRUE(sent->marker);
  EXPECT_FALSE(history.TakeForRepair(8, kStart));
  EXPECT_FALSE(history.TakeForRepair(7 + 512, kStart)) << "the same place, another packet";
}

TEST(SentHistoryTest, C2_APacketIsThereOnceIn20Milliseconds) {
  SentHistory history;
  history.Store(7, From(1));
  // Longer than its clock takes to wrap, in steps that meet every one of its values.
  for (int64_t ms = 0; ms < 200'000; ms += 20) {
    const Timestamp now = kStart + Duration::Millis(ms);
    EXPECT_TRUE(history.TakeForRepair(7, now)) << ms;
    EXPECT_FALSE(history.TakeForRepair(7, now + Duration::Millis(18))) << ms;
  }
}

TEST(SentHistoryTest, SourcesMayHaveSentMoreThan32BitsCount) {
  constexpr int64_t kRound = int64_t{1} << 32;
  SentHistory history;
  history.Store(1, From(kRound - 2));
  history.Store(2, From(kRound + 5));
  EXPECT_EQ(history.TakeForRepair(1, kStart)->source_sequence, kRound - 2);
  EXPECT_EQ(history.TakeForRepair(2, kStart)->source_sequence, kRound + 5);
  // One that came late.
  history.Store(3, From(kRound - 1));
  EXPECT_EQ(history.TakeForRepair(2, kStart + Duration::Seconds(1))->source_sequence, kRound + 5);
}

TEST(SentHistoryTest, R17_NothingIsThereOnceItIsInvalid) {
  SentHistory history;
  history.Store(7, From(1));
  history.Invalidate();
  EXPECT_FALSE(history.TakeForRepair(7, kStart));
  history.Store(8, From(2));
  EXPECT_TRUE(history.TakeForRepair(8, kStart));
  history.Clear();
  EXPECT_FALSE(history.TakeForRepair(8, kStart));
  history.Store(9, From(3));
  EXPECT_TRUE(history.TakeForRepair(9, kStart));
}

}  // namespace
}  // namespace earshot
