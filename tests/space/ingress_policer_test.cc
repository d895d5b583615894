#include "space/ingress_policer.h"

#include <gtest/gtest.h>

namespace earshot {
namespace {

constexpr Timestamp kStart = Timestamp::Seconds(100);

NegotiatedSource SourceOf(SourceKind kind, std::vector<std::string> rids = {}) {
  NegotiatedSource source;
  source.format.id = SourceId(ParticipantId{1}, kind);
  source.rids = std::move(rids);
  return source;
}

// How many of many packets at once come past both stages.
int Through(IngressPolicer& policer, SourceKind kind, size_t layer, size_t size = 100) {
  int through = 0;
  for (int i = 0; i < 20'000; ++i) {
    if (policer.Check(PacketKind::kRtp, false, kStart)) continue;
    policer.Count(PacketKind::kRtp, false, size, kStart);
    through += policer.Admit(kind, layer, size, kStart);
  }
  return through;
}

TEST(IngressPolicerTest, R14_EachSourceHasItsOwnRateByKind) {
  const IngressLimits limits;
  IngressPolicer policer(limits, {SourceOf(SourceKind::kMic), SourceOf(SourceKind::kScreen),
                                  SourceOf(SourceKind::kScreenAudio)});
  EXPECT_EQ(Through(policer, SourceKind::kMic, 0), 200);
  // The flood of one has used up what all of them may send together.
  EXPECT_EQ(Through(policer, SourceKind::kScreen, 0), 0);
  IngressPolicer another(limits, {SourceOf(SourceKind::kScreen)});
  EXPECT_EQ(Through(another, SourceKind::kScreen, 0), 2500);
}

TEST(IngressPolicerTest, R14_LayersHaveARateEachAndOneInAll) {
  const IngressLimits limits;
  IngressPolicer policer(limits, {SourceOf(SourceKind::kCamera, {"q", "h", "f"})});
  int through = 0;
  for (size_t i = 0; i < 4500; ++i) {
    const size_t layer = i < 2000 ? 0 : 1;
    through += policer.Admit(SourceKind::kCamera, layer, 100, kStart);
    if (i == 1999) {
      EXPECT_EQ(through, 1500);
    }
  }
  EXPECT_EQ(through, 2500);
}

// 1080p as simulcast of three at 30 frames a second, 8 Mbit/s with repairs of a tenth, and a
// keyframe of 300 KB in each layer every second.
TEST(IngressPolicerTest, R14_CamerasAndScreensOfBrowsersKeepToTheRates) {
  IngressPolicer policer({}, {SourceOf(SourceKind::kCamera, {"q", "h", "f"})});
  for (int frame = 0; frame < 30 * 60; ++frame) {
    const Timestamp now = kStart + Duration::Micros(33'333) * frame;
    for (size_t layer = 0; layer < 3; ++layer) {
      const size_t ordinary = std::array<size_t, 3>{2, 7, 18}[layer];
      const size_t packets = frame % 30 == 0 ? ordinary * 10 : ordinary;
      for (size_t i = 0; i < packets; ++i) {
        ASSERT_FALSE(policer.Check(PacketKind::kRtp, false, now)) << frame;
        policer.Count(PacketKind::kRtp, false, 1150, now);
        ASSERT_TRUE(policer.Admit(SourceKind::kCamera, layer, 1150, now)) << frame;
      }
    }
  }
}

// A network that held everything up for most of a second lets it go at once.
TEST(IngressPolicerTest, R14_WhatWasHeldUpComesThrough) {
  IngressPolicer policer({}, {SourceOf(SourceKind::kMic)});
  for (int second = 0; second < 60; ++second) {
    for (int i = 0; i < 50; ++i) {
      const Timestamp now = kStart + Duration::Seconds(second);
      ASSERT_FALSE(policer.Check(PacketKind::kRtp, false, now));
      policer.Count(PacketKind::kRtp, false, 100, now);
      ASSERT_TRUE(policer.Admit(SourceKind::kMic, 0, 100, now));
    }
  }
}

TEST(IngressPolicerTest, EachKindOfDatagramHasItsReason) {
  IngressPolicer policer({}, {});
  const auto reason_of = [&](PacketKind kind, bool from_stranger) {
    for (int i = 0; i < 2000; ++i) policer.Count(kind, from_stranger, 100, kStart);
    return policer.Check(kind, from_stranger, kStart);
  };
  EXPECT_FALSE(policer.Check(PacketKind::kStun, true, kStart));
  EXPECT_EQ(reason_of(PacketKind::kStun, true), DropReason::kStunRateLimited);
  EXPECT_FALSE(policer.Check(PacketKind::kStun, false, kStart));
  EXPECT_EQ(reason_of(PacketKind::kStun, false), DropReason::kStunRateLimited);
  EXPECT_EQ(reason_of(PacketKind::kRtp, false), DropReason::kMediaRateLimited);
  EXPECT_EQ(reason_of(PacketKind::kRtcp, false), DropReason::kRtcpRateLimited);
  EXPECT_EQ(reason_of(PacketKind::kDtls, false), DropReason::kDataRateLimited);
  EXPECT_FALSE(policer.Check(PacketKind::kDtls, false, kStart + Duration::Seconds(10)));
}

}  // namespace
}  // namespace earshot
