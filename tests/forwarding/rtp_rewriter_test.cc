#include "forwarding/rtp_rewriter.h"

#include <gtest/gtest.h>

#include <array>
#include <set>

namespace earshot {
namespace {

InboundPosition Audio(int64_t sequence, uint32_t timestamp) {
  return {sequence, timestamp, Codec::kOpus, {true, true, std::nullopt}};
}

TEST(RtpRewriterTest, R3_FirstSequenceNumberIsInTheLowerHalf) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    SeededRandom random(seed);
    RtpRewriter rewriter(random);
    const auto out = rewriter.Rewrite(Audio(70000, 1), Timestamp::Micros(1));
    ASSERT_TRUE(out);
    EXPECT_LE(out->packet_index, 0x7fffu);
    EXPECT_TRUE(out->starts_source);
  }
}

TEST(RtpRewriterTest, PaddingLeavesNoGap) {
  SeededRandom random(1);
  RtpRewriter rewriter(random);
  const Timestamp now = Timestamp::Micros(1);
  const auto first = rewriter.Rewrite(Audio(70000, 960), now);
  rewriter.Skip(70001);
  rewriter.Skip(70002);
  const auto second = rewriter.Rewrite(Audio(70003, 1920), now);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(second->packet_index, first->packet_index + 1);
}

// Also bounds the step between packets that are sent, so that the peer's SRTP can follow.
TEST(RtpRewriterTest, R11_NoInboundSequenceMakesAnIndexServeTwiceOrRunAway) {
  constexpr std::array<int64_t, 8> kJumps = {1, 1, 2, -1, -3, 32767, -32768, 65535};
  for (uint64_t seed = 0; seed < 300; ++seed) {
    SeededRandom random(seed);
    RtpRewriter rewriter(random);
    std::set<uint64_t> used;
    std::set<int64_t> seen;
    int64_t sequence = 1 << 20;
    for (int i = 0; i < 1000; ++i) {
      const Timestamp now = Timestamp::Micros(1 + i * 20000);
      sequence += kJumps[random.Below(kJumps.size())];
      if (random.Below(40) == 0) {
        rewriter.BeginSource();
        seen.clear();
      }
      if (!seen.insert(sequence).second) continue;  // SRTP's replay check lets none through twice
      if (random.Below(4) == 0) {
        rewriter.Skip(sequence);
        continue;
      }
      const auto out = rewriter.Rewrite(Audio(sequence, random.U32()), now);
      if (!out) continue;
      if (!used.empty() && out->packet_index > *used.rbegin()) {
        ASSERT_LT(out->packet_index - *used.rbegin(), 0x8000u) << "seed " << seed;
      }
      ASSERT_TRUE(used.insert(out->packet_index).second) << "seed " << seed << " step " << i;
    }
    ASSERT_GT(used.size(), 50u);
  }
}

}  // namespace
}  // namespace earshot
