// Two workers' halves of sharing egress over real sockets, in one thread: what one hands over, the
// other seals and sends from the first one's port.

#include "io/shared_egress.h"

#include <gtest/gtest.h>

#include <optional>

#include "io/socket_in_loop.h"
#include "transport/srtp_packet.h"
#include "wire/rtp_packet.h"

namespace earshot {
namespace {

constexpr ParticipantId kListener{7};

class SharedEgressTest : public ::testing::Test {
 protected:
  void SetUp() override {
    SrtpMasterKey key;
    key.key.fill(3);
    sealer_ = {SrtpSealer::Create(SrtpProfile::kAeadAes128Gcm, key)};
    opener_ = SrtpOpener::Create(SrtpProfile::kAeadAes128Gcm, key);
    if (!sealer_.sealer->MaySealElsewhere()) GTEST_SKIP() << "no cipher here that may be shared";
    auto lane = std::make_shared<Lane>();
    home_.AddOutbound(
        lane, [this] { ++wakes_; }, counters_of_other_.busyness);
    other_.AddInbound(lane, UdpSocket::Adopt((*home_socket_).Duplicate(), other_socket_.loop(),
                                             counters_of_other_, UdpSocket::MakeBuffers()));
  }
  void TearDown() override { other_.Close(); }

  // All that are not at home are on the lane.
  void LendEverybody() { home_.lanes()->lane_of().fill(0); }
  bool HandOver(uint16_t sequence_number) {
    SealingBatch* batch = home_.lanes()->BatchFor(kListener);
    if (batch == nullptr) return false;
    batch->BeginPayload();
    const std::vector<uint8_t> payload(50, 0x5a);
    const auto write_header = [&](ByteSpan room) {
      RtpHeader header;
      header.payload_type = 111;
      header.sequence_number = sequence_number;
      header.ssrc = 1;
      return WriteRtpHeader(header, ExtensionIds(), room);
    };
    return batch->Add(sealer_, listener_.address(), Precedence::kAudio, write_header, payload,
                      *sealer_.sealer->TakeIndex({1, sequence_number})) != 0;
  }
  // The sequence number of a packet that the listener opened.
  std::optional<uint16_t> Open(const std::string& datagram) {
    std::vector<uint8_t> bytes(datagram.begin(), datagram.end());
    if (!std::holds_alternative<SrtpOpener::Opened>(opener_->OpenRtp(bytes))) return std::nullopt;
    const auto prefix = ParseRtpPrefix(bytes);
    return prefix ? std::optional(prefix->sequence_number) : std::nullopt;
  }

  SocketInLoop home_socket_;
  SocketInLoop other_socket_;
  SocketInLoop listener_;
  Counters counters_;
  Counters counters_of_other_;
  SharedEgress home_{counters_};
  SharedEgress other_{counters_of_other_};
  SharedSealer sealer_;
  std::unique_ptr<SrtpOpener> opener_;
  int wakes_ = 0;
};

TEST_F(SharedEgressTest, WhatIsHandedOverComesFromTheSamePort) {
  LendEverybody();
  for (uint16_t i = 1; i <= 3; ++i) ASSERT_TRUE(HandOver(i));
  home_.Submit();
  EXPECT_EQ(wakes_, 1) << "once a turn";
  EXPECT_FALSE(other_.Serve()) << "there is no more";
  ASSERT_TRUE(listener_.TurnUntilReceived(3));
  for (uint16_t i = 1; i <= 3; ++i) {
    EXPECT_EQ(Open(listener_.received()[i - 1u]), i);
    EXPECT_EQ(listener_.peers()[i - 1u], home_socket_.address());
  }
  EXPECT_EQ(counters_of_other_.packets_out.value(), 3u);
  EXPECT_EQ(counters_of_other_.rtp_sealed_for_others.value(), 3u);
  EXPECT_EQ(counters_.rtp_sealed_for_others.value(), 0u);
}

TEST_F(SharedEgressTest, WhoIsServedAtHomeGetsNoBatch) {
  EXPECT_EQ(home_.lanes()->BatchFor(kListener), nullptr);
  home_.Submit();
  EXPECT_EQ(wakes_, 0) << "nothing was handed over";
}

TEST_F(SharedEgressTest, AFullLaneLeavesTheWorkAtHome) {
  LendEverybody();
  uint16_t handed_over = 0;
  while (HandOver(static_cast<uint16_t>(handed_over + 1))) {
    ++handed_over;
    home_.Submit();
    ASSERT_LT(handed_over, 1000);
  }
  EXPECT_GT(handed_over, 8);
  // The other worker takes them a few at a time, and then there is room again.
  while (other_.Serve()) {
  }
  ASSERT_TRUE(listener_.TurnUntilReceived(handed_over));
  home_.Submit();
  EXPECT_TRUE(HandOver(static_cast<uint16_t>(handed_over + 1)));
}

TEST_F(SharedEgressTest, WhoIsBusyLendsToWhoIsNot) {
  counters_.busyness.Set(400);
  home_.Balance();
  EXPECT_EQ(home_.lanes()->BatchFor(kListener), nullptr) << "one can do it alone";
  EXPECT_EQ(counters_.shards_lent.value(), 0u);
  counters_.busyness.Set(900);
  home_.Balance();
  EXPECT_EQ(counters_.shards_lent.value(), EgressLanes::kShards / 2)
      << "the other does nothing yet";
  for (int i = 0; i < 20; ++i) home_.Balance();
  EXPECT_NE(home_.lanes()->BatchFor(kListener), nullptr);
  counters_.busyness.Set(300);
  counters_of_other_.busyness.Set(1000);
  for (int i = 0; i < 40; ++i) home_.Balance();
  EXPECT_EQ(home_.lanes()->BatchFor(kListener), nullptr);
  EXPECT_EQ(counters_.shards_lent.value(), 0u);
}

}  // namespace
}  // namespace earshot
