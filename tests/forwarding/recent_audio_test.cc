#include "forwarding/recent_audio.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace earshot {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Timestamp At(int64_t ms) { return Timestamp::Seconds(100) + Duration::Millis(ms); }

class RecentAudioTest : public testing::Test {
 protected:
  void Say(uint8_t word, int64_t ms, bool is_late = false) {
    std::vector<uint8_t> payload(20, word);
    SourcePacket packet;
    packet.extended_sequence = word;
    packet.is_late = is_late;
    packet.payload = payload;
    recent_.Store(packet, At(ms));
  }
  std::vector<int> Since(int64_t ms) {
    std::vector<int> words;
    recent_.VisitSince(At(ms), [&](const SourcePacket& packet, Timestamp arrival) {
      EXPECT_GE(arrival, At(ms));
      EXPECT_EQ(packet.extended_sequence, packet.payload.front());
      EXPECT_EQ(packet.payload.size(), 20u);
      words.push_back(packet.payload.front());
    });
    return words;
  }
  RecentAudio recent_;
};

TEST_F(RecentAudioTest, WhatCameSinceInOrder) {
  for (int i = 1; i <= 6; ++i) Say(static_cast<uint8_t>(i), i * 20);
  EXPECT_THAT(Since(60), ElementsAre(3, 4, 5, 6));
  EXPECT_THAT(Since(121), IsEmpty());
}

TEST_F(RecentAudioTest, R12_OnlySoMany) {
  for (int i = 1; i <= 100; ++i) Say(static_cast<uint8_t>(i), i * 20);
  EXPECT_THAT(Since(0), ElementsAre(93, 94, 95, 96, 97, 98, 99, 100));
}

TEST_F(RecentAudioTest, NothingOvertaken) {
  Say(1, 20);
  Say(3, 40);
  Say(2, 45, true);
  EXPECT_THAT(Since(0), ElementsAre(1, 3));
}

TEST_F(RecentAudioTest, NothingAfterItWasSwitchedOff) {
  Say(1, 20);
  recent_.Clear();
  EXPECT_THAT(Since(0), IsEmpty());
  Say(2, 40);
  EXPECT_THAT(Since(0), ElementsAre(2));
}

}  // namespace
}  // namespace earshot
