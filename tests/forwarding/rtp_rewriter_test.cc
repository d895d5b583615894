#include "forwarding/rtp_rewriter.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <utility>

namespace earshot {
namespace {

constexpr Timestamp kStart = Timestamp::Seconds(100);

Timestamp At(int64_t ms) { return kStart + Duration::Millis(ms); }

InboundPosition Audio(int64_t sequence, uint32_t timestamp) {
  return {sequence, timestamp, Codec::kOpus, {true, true, std::nullopt}};
}

InboundPosition H264(int64_t sequence, uint32_t timestamp, bool keyframe) {
  return {sequence, timestamp, Codec::kH264, {keyframe, true, std::nullopt}};
}

InboundPosition Vp8(int64_t sequence, uint32_t timestamp, bool keyframe, uint16_t picture_id,
                    uint8_t tl0_pic_idx) {
  Vp8Descriptor descriptor;
  descriptor.picture_id = picture_id;
  descriptor.picture_id_bits = 15;
  descriptor.tl0_pic_idx = tl0_pic_idx;
  return {sequence, timestamp, Codec::kVp8, {keyframe, true, descriptor}};
}

class RtpRewriterTest : public testing::Test {
 protected:
  SeededRandom random_{1};
  RtpRewriter rewriter_{RtpOrigin::Draw(random_)};
};

TEST_F(RtpRewriterTest, R3_FirstSequenceNumberIsInTheLowerHalf) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    SeededRandom random(seed);
    RtpRewriter rewriter(RtpOrigin::Draw(random));
    const auto out = rewriter.Rewrite(Audio(70000, 1), Timestamp::Micros(1));
    ASSERT_TRUE(out);
    EXPECT_LE(out->packet_index, 0x7fffu);
    EXPECT_TRUE(out->starts_source);
  }
}

TEST_F(RtpRewriterTest, PaddingLeavesNoGap) {
  const auto first = rewriter_.Rewrite(Audio(70000, 960), kStart);
  EXPECT_TRUE(rewriter_.Skip(70001));
  EXPECT_TRUE(rewriter_.Skip(70002));
  const auto second = rewriter_.Rewrite(Audio(70003, 1920), At(20));
  ASSERT_TRUE(first && second);
  EXPECT_EQ(second->packet_index, first->packet_index + 1);
}

TEST_F(RtpRewriterTest, LossLeavesTheSameGapBehind) {
  const auto first = rewriter_.Rewrite(Audio(70000, 960), kStart);
  const auto second = rewriter_.Rewrite(Audio(70004, 960 * 5), At(80));
  ASSERT_TRUE(first && second);
  EXPECT_EQ(second->packet_index, first->packet_index + 4);
  EXPECT_EQ(second->timestamp, first->timestamp + 960 * 4);
}

TEST_F(RtpRewriterTest, LatePacketsGetTheNumberThatWasLeftForThem) {
  const auto first = rewriter_.Rewrite(Audio(70000, 960), kStart);
  const auto third = rewriter_.Rewrite(Audio(70002, 2880), At(40));
  const auto second = rewriter_.Rewrite(Audio(70001, 1920), At(41));
  ASSERT_TRUE(first && second && third);
  EXPECT_EQ(second->packet_index, first->packet_index + 1);
  EXPECT_EQ(second->timestamp, first->timestamp + 960);
  EXPECT_FALSE(second->starts_source);
}

TEST_F(RtpRewriterTest, TheSequenceGoesOnAcrossASwitch) {
  const auto before = rewriter_.Rewrite(Audio(70000, 960), kStart);
  rewriter_.BeginSource();
  EXPECT_TRUE(rewriter_.waiting());
  const auto after = rewriter_.Rewrite(Audio(130000, 4711), At(20));
  ASSERT_TRUE(before && after);
  EXPECT_TRUE(after->starts_source);
  EXPECT_EQ(after->packet_index, before->packet_index + 1);
  EXPECT_EQ(after->timestamp, before->timestamp + 960);
}

TEST_F(RtpRewriterTest, PacketsFromBeforeTheStartOfASourceAreNotSent) {
  rewriter_.Rewrite(Audio(70000, 960), kStart);
  rewriter_.BeginSource();
  ASSERT_TRUE(rewriter_.Rewrite(Audio(130000, 960), At(20)));
  EXPECT_FALSE(rewriter_.Rewrite(Audio(129999, 0), At(21)));
  EXPECT_TRUE(rewriter_.Rewrite(Audio(130001, 1920), At(40)));
}

// Jitter of the arrivals must not show in the timestamps: they stay on the grid of 20 ms.
TEST_F(RtpRewriterTest, AudioGoesOnByTheTimePassedOnItsGrid) {
  constexpr std::array<std::pair<int64_t, uint32_t>, 6> kPauses = {
      {{1, 960}, {13, 960}, {29, 960}, {31, 1920}, {100, 4800}, {60009, 48 * 60000 + 960}}};
  int64_t now = 0;
  auto last = rewriter_.Rewrite(Audio(70000, 960), At(now));
  for (size_t i = 0; i + 1 < kPauses.size(); ++i) {
    now += kPauses[i].first;
    rewriter_.BeginSource();
    const auto next = rewriter_.Rewrite(Audio(80000, random_.U32()), At(now));
    ASSERT_TRUE(last && next);
    EXPECT_EQ(next->timestamp - last->timestamp, kPauses[i].second) << kPauses[i].first << " ms";
    last = next;
  }
}

TEST_F(RtpRewriterTest, VideoGoesOnByTheTimePassedAt90Kilohertz) {
  const auto first = rewriter_.Rewrite(H264(70000, 1, true), kStart);
  rewriter_.BeginSource();
  const auto second = rewriter_.Rewrite(H264(80000, 777, true), At(100));
  rewriter_.BeginSource();
  const auto third = rewriter_.Rewrite(H264(90000, 3, true), At(101));
  ASSERT_TRUE(first && second && third);
  EXPECT_EQ(second->timestamp - first->timestamp, 9000u);
  EXPECT_EQ(third->timestamp - second->timestamp, 3000u) << "a frame at least";
}

TEST_F(RtpRewriterTest, WithinASourceItsOwnTimestampsHold) {
  const auto first = rewriter_.Rewrite(H264(70000, 5000, true), kStart);
  const auto second = rewriter_.Rewrite(H264(70001, 8003, false), At(90));
  ASSERT_TRUE(first && second);
  EXPECT_EQ(second->timestamp - first->timestamp, 3003u);
}

TEST_F(RtpRewriterTest, VideoBeginsWithAKeyframe) {
  EXPECT_FALSE(rewriter_.Rewrite(H264(70000, 0, false), kStart));
  EXPECT_FALSE(rewriter_.has_sent());
  EXPECT_TRUE(rewriter_.waiting());
  ASSERT_TRUE(rewriter_.Rewrite(H264(70001, 3000, true), At(33)));
  EXPECT_FALSE(rewriter_.waiting());
  ASSERT_TRUE(rewriter_.Rewrite(H264(70002, 6000, false), At(66)));

  rewriter_.BeginSource();
  EXPECT_FALSE(rewriter_.Rewrite(Vp8(80000, 0, false, 1, 1), At(100)));
  EXPECT_FALSE(rewriter_.Rewrite(Vp8(80001, 0, false, 1, 1), At(101)));
  ASSERT_TRUE(rewriter_.Rewrite(Vp8(80002, 3000, true, 2, 2), At(133)));
}

TEST_F(RtpRewriterTest, Vp8IdsGoOnAcrossASwitch) {
  const auto first = rewriter_.Rewrite(Vp8(70000, 0, true, 0x7ffe, 254), kStart);
  const auto second = rewriter_.Rewrite(Vp8(70001, 3000, false, 0x7fff, 255), At(33));
  const auto third = rewriter_.Rewrite(Vp8(70002, 6000, false, 0, 0), At(66));
  rewriter_.BeginSource();
  const auto fourth = rewriter_.Rewrite(Vp8(80000, 0, true, 1234, 77), At(100));
  const auto fifth = rewriter_.Rewrite(Vp8(80001, 3000, false, 1235, 78), At(133));
  ASSERT_TRUE(first && second && third && fourth && fifth);
  for (const auto& [earlier, later] :
       {std::pair(first, second), {second, third}, {third, fourth}, {fourth, fifth}}) {
    EXPECT_EQ(later->picture_id, (earlier->picture_id + 1) & 0x7fff);
    EXPECT_EQ(later->tl0_pic_idx, static_cast<uint8_t>(earlier->tl0_pic_idx + 1));
  }
}

// A late packet of a picture must not move the ids back for the next source.
TEST_F(RtpRewriterTest, LatePacketsKeepTheIdsOfTheirPicture) {
  const auto first = rewriter_.Rewrite(Vp8(70000, 0, true, 10, 10), kStart);
  const auto third = rewriter_.Rewrite(Vp8(70002, 6000, false, 12, 12), At(66));
  const auto second = rewriter_.Rewrite(Vp8(70001, 3000, false, 11, 11), At(67));
  rewriter_.BeginSource();
  const auto next = rewriter_.Rewrite(Vp8(80000, 0, true, 99, 99), At(100));
  ASSERT_TRUE(first && second && third && next);
  EXPECT_EQ(second->picture_id, (first->picture_id + 1) & 0x7fff);
  EXPECT_EQ(next->picture_id, (third->picture_id + 1) & 0x7fff);
  EXPECT_EQ(next->timestamp - third->timestamp, 34u * 90);
}

TEST_F(RtpRewriterTest, ASourceThatChangesItsCodecStartsAgainWithAKeyframe) {
  const auto vp8 = rewriter_.Rewrite(Vp8(70000, 0, true, 500, 5), kStart);
  const auto h264 = rewriter_.Rewrite(H264(70001, 3000, true), At(33));
  EXPECT_FALSE(rewriter_.Rewrite(Vp8(70002, 6000, false, 7001, 90), At(66)));
  EXPECT_TRUE(rewriter_.waiting());
  EXPECT_FALSE(rewriter_.Rewrite(H264(70001, 3000, false), At(67))) << "late, of the old codec";
  const auto again = rewriter_.Rewrite(Vp8(70003, 9000, true, 7002, 91), At(100));
  ASSERT_TRUE(vp8 && h264 && again);
  EXPECT_EQ(h264->packet_index, vp8->packet_index + 1);
  EXPECT_EQ(again->packet_index, h264->packet_index + 1);
  EXPECT_EQ(again->picture_id, (vp8->picture_id + 1) & 0x7fff);
  EXPECT_EQ(again->tl0_pic_idx, static_cast<uint8_t>(vp8->tl0_pic_idx + 1));
  EXPECT_EQ(again->timestamp - h264->timestamp, 67u * 90);
}

TEST_F(RtpRewriterTest, PacketsOvertakenByPaddingAreStillSent) {
  const auto first = rewriter_.Rewrite(Audio(70000, 960), kStart);
  EXPECT_TRUE(rewriter_.Skip(70003));
  EXPECT_TRUE(rewriter_.Skip(70004));
  EXPECT_TRUE(rewriter_.Skip(70006));
  const auto last = rewriter_.Rewrite(Audio(70007, 960 * 5), At(80));
  const auto fifth = rewriter_.Rewrite(Audio(70005, 960 * 4), At(81));
  const auto third = rewriter_.Rewrite(Audio(70002, 960 * 3), At(81));
  const auto second = rewriter_.Rewrite(Audio(70001, 960 * 2), At(82));
  ASSERT_TRUE(first && second && third && fifth && last);
  EXPECT_EQ(second->packet_index, first->packet_index + 1);
  EXPECT_EQ(third->packet_index, first->packet_index + 2);
  EXPECT_EQ(fifth->packet_index, first->packet_index + 3);
  EXPECT_EQ(last->packet_index, first->packet_index + 4);
  for (const int64_t padding : {70003, 70004, 70006}) {
    EXPECT_FALSE(rewriter_.Rewrite(Audio(padding, 960), At(83))) << "its number is taken";
  }
}

// The numbers after it are in use: only the packet itself can fill its place.
TEST_F(RtpRewriterTest, LatePaddingMustBeSent) {
  EXPECT_TRUE(rewriter_.Skip(69999)) << "nothing has begun";
  const auto first = rewriter_.Rewrite(Audio(70000, 960), kStart);
  const auto third = rewriter_.Rewrite(Audio(70002, 1920), At(20));
  EXPECT_FALSE(rewriter_.Skip(70001));
  const auto second = rewriter_.Rewrite(Audio(70001, 960), At(21));
  ASSERT_TRUE(first && second && third);
  EXPECT_EQ(second->packet_index, first->packet_index + 1);
}

TEST_F(RtpRewriterTest, OnlySoManyBurstsOfPaddingAreRemembered) {
  rewriter_.Rewrite(Audio(70000, 960), kStart);
  for (int64_t burst = 1; burst <= 20; ++burst) {
    EXPECT_TRUE(rewriter_.Skip(70000 + 3 * burst));
    EXPECT_TRUE(rewriter_.Rewrite(Audio(70001 + 3 * burst, 960), At(burst)));
  }
  EXPECT_FALSE(rewriter_.Rewrite(Audio(70002, 960), At(30)));
  EXPECT_TRUE(rewriter_.Rewrite(Audio(70059, 960), At(30)));
}

// A source that restarts behind its SSRC continues as a new one would.
TEST_F(RtpRewriterTest, R11_JumpsOfSequenceOrTimestampLeaveNoMarkOutside) {
  auto last = rewriter_.Rewrite(Audio(1 << 20, 960), kStart);
  int64_t sequence = 1 << 20;
  uint32_t timestamp = 960;
  int64_t now = 0;
  for (const auto& [sequences, units] :
       {std::pair<int64_t, uint32_t>{3001, 960}, {32767, 960}, {1, 1u << 31}, {1, 0xfff00000}}) {
    sequence += sequences;
    timestamp += units;
    now += 20;
    const auto next = rewriter_.Rewrite(Audio(sequence, timestamp), At(now));
    ASSERT_TRUE(last && next);
    EXPECT_EQ(next->packet_index, last->packet_index + 1) << sequences << " " << units;
    EXPECT_EQ(next->timestamp, last->timestamp + 960) << sequences << " " << units;
    last = next;
  }
}

TEST_F(RtpRewriterTest, APauseIsNoJump) {
  const auto before = rewriter_.Rewrite(Audio(70000, 960), kStart);
  const auto after = rewriter_.Rewrite(Audio(70001, 960 + 48 * 60000), At(60000));
  ASSERT_TRUE(before && after);
  EXPECT_EQ(after->timestamp - before->timestamp, 48u * 60000);
}

TEST_F(RtpRewriterTest, SenderReportsSayWhereTheTimestampStands) {
  const auto out = rewriter_.Rewrite(H264(70000, 5000, true), kStart);
  ASSERT_TRUE(out);
  EXPECT_EQ(rewriter_.TimestampAt(At(500), 90000), out->timestamp + 45000);
}

// Also bounds the step between packets that are sent, so that the peer's SRTP can follow.
TEST_F(RtpRewriterTest, R11_NoIndexServesTwoPacketsOrRunsAway) {
  constexpr std::array<int64_t, 9> kJumps = {1, 1, 2, 0, -1, -3, 32767, -32768, 65535};
  for (uint64_t seed = 0; seed < 300; ++seed) {
    SeededRandom random(seed);
    RtpRewriter rewriter(RtpOrigin::Draw(random));
    // By index, of which packet: of which source, and where in it. What comes again may get its
    // own index again, which is refused before sealing, but never another's.
    std::map<uint64_t, std::pair<int, int64_t>> used;
    int source = 0;
    int64_t sequence = 1 << 20;
    for (int i = 0; i < 1000; ++i) {
      const Timestamp now = Timestamp::Micros(1 + i * 20000);
      sequence += kJumps[random.Below(kJumps.size())];
      if (random.Below(40) == 0) {
        rewriter.BeginSource();
        ++source;
      }
      if (random.Below(4) == 0 && rewriter.Skip(sequence)) continue;
      const auto out = rewriter.Rewrite(Audio(sequence, random.U32()), now);
      if (!out) continue;
      if (!used.empty() && out->packet_index > used.rbegin()->first) {
        ASSERT_LT(out->packet_index - used.rbegin()->first, 0x8000u) << "seed " << seed;
      }
      const std::pair packet(source, sequence);
      ASSERT_EQ(used.try_emplace(out->packet_index, packet).first->second, packet)
          << "seed " << seed << " step " << i;
    }
    ASSERT_GT(used.size(), 50u);
  }
}

}  // namespace
}  // namespace earshot
