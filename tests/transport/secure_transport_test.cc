#include "transport/secure_transport.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "transport/secure_link.h"

namespace earshot {
namespace {

// An empty receiver report (RFC 3550 section 6.4.2).
const std::vector<uint8_t> kReceiverReport = {0x80, 201, 0, 1, 0, 0, 0, 7};

std::string Text(const ChannelMessage& message) {
  return {message.bytes.begin(), message.bytes.end()};
}

TEST(SecureTransportTest, BothEndsBecomeReadyForMedia) {
  SecureLink link;
  EXPECT_FALSE(link.BothReady());
  link.Connect();
  EXPECT_TRUE(link.BothReady());
  EXPECT_EQ(link.server.transport.state(), DtlsState::kConnected);
}

TEST(SecureTransportTest, CarriesRtpBothWays) {
  SecureLink link;
  link.Connect();
  for (uint16_t i = 0; i < 100; ++i) {
    link.SendRtp(link.client, i, BytesOf("from the client"));
    link.SendRtp(link.server, i, BytesOf("from the server"));
  }
  link.Run(Duration::Millis(20));
  ASSERT_EQ(link.server.rtp.size(), 100u);
  ASSERT_EQ(link.client.rtp.size(), 100u);
  const ByteView payload = ByteView(link.server.rtp[99]).subspan(12);
  EXPECT_EQ(std::string(payload.begin(), payload.end()), "from the client");
}

TEST(SecureTransportTest, CarriesRtcpBothWays) {
  SecureLink link;
  link.Connect();
  link.SendRtcp(link.client, kReceiverReport);
  link.SendRtcp(link.server, kReceiverReport);
  link.Run(Duration::Millis(20));
  EXPECT_THAT(link.server.rtcp, testing::ElementsAre(kReceiverReport));
  EXPECT_THAT(link.client.rtcp, testing::ElementsAre(kReceiverReport));
}

TEST(SecureTransportTest, CarriesChannelMessagesBothWays) {
  SecureLink link;
  link.Connect();
  const auto channel = link.client.transport.OpenChannel("events", {}, link.now, link.client.out);
  ASSERT_TRUE(channel);
  link.Carry();
  link.Run(Duration::Seconds(2), [&] { return !link.server.out.opened.empty(); });
  ASSERT_EQ(link.server.out.opened.size(), 1u);
  EXPECT_EQ(link.server.out.opened[0].label, "events");
  EXPECT_TRUE(link.client.transport.SendOnChannel(*channel, true, BytesOf("hello"), link.now,
                                                  link.client.out));
  EXPECT_TRUE(link.server.transport.SendOnChannel(*channel, false, BytesOf("welcome"), link.now,
                                                  link.server.out));
  link.Carry();
  link.Run(Duration::Seconds(1));
  ASSERT_EQ(link.server.out.messages.size(), 1u);
  ASSERT_EQ(link.client.out.messages.size(), 1u);
  EXPECT_EQ(Text(link.server.out.messages[0]), "hello");
  EXPECT_EQ(Text(link.client.out.messages[0]), "welcome");
}

TEST(SecureTransportTest, EverythingSurvivesLoss) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SeededRandom random(seed);
    SecureLink link([&random](int) { return random.Unit() < 0.1; });
    link.Connect();
    ASSERT_TRUE(link.BothReady()) << "seed " << seed;
    const auto channel = link.client.transport.OpenChannel("chat", {}, link.now, link.client.out);
    ASSERT_TRUE(channel);
    link.Carry();
    link.Run(Duration::Seconds(20), [&] { return !link.server.out.opened.empty(); });
    for (uint16_t i = 0; i < 50; ++i) {
      link.client.transport.SendOnChannel(*channel, true, BytesOf(std::to_string(i)), link.now,
                                          link.client.out);
      link.SendRtp(link.client, i, BytesOf("media"));
      link.Carry();
      link.Run(Duration::Millis(20));
    }
    link.Run(Duration::Seconds(20), [&] { return link.server.out.messages.size() == 50; });
    ASSERT_EQ(link.server.out.messages.size(), 50u) << "seed " << seed;
    for (size_t i = 0; i < 50; ++i) {
      EXPECT_EQ(Text(link.server.out.messages[i]), std::to_string(i));
    }
    EXPECT_GT(link.server.rtp.size(), 30u) << "seed " << seed;
    EXPECT_TRUE(link.deadlines_advance);
  }
}

TEST(SecureTransportTest, MediaBeforeKeysIsDropped) {
  SecureLink early;
  SecureLink other;
  other.Connect();
  const Inbound rtp = early.Deliver(early.server, other.SealRtp(other.client, 1, BytesOf("x")));
  EXPECT_EQ(rtp.kind, Inbound::Kind::kNone);
  EXPECT_EQ(rtp.drop, DropReason::kSrtpNotReady);
  EXPECT_EQ(early.Deliver(early.server, kReceiverReport).drop, DropReason::kSrtpNotReady);
  EXPECT_TRUE(early.SealRtp(early.server, 1, BytesOf("x")).empty());
}

TEST(SecureTransportTest, S11_OnlyWhatNeedsTheKeysCountsAsAuthenticated) {
  SecureLink link;
  link.Connect();
  const std::vector<uint8_t> genuine = link.SealRtp(link.client, 1, BytesOf("genuine"));
  std::vector<uint8_t> forged = genuine;
  forged.back() ^= 1;
  const Inbound refused = link.Deliver(link.server, forged);
  EXPECT_EQ(refused.drop, DropReason::kSrtpUnauthenticated);
  EXPECT_FALSE(refused.authenticated);
  EXPECT_TRUE(link.Deliver(link.server, genuine).authenticated);
  EXPECT_FALSE(link.Deliver(link.server, genuine).authenticated) << "a replay proves nothing";
  std::vector<uint8_t> dtls(13 + 40);
  dtls[0] = 23;
  dtls[1] = 0xfe;
  dtls[2] = 0xfd;
  dtls[4] = 1;
  dtls[12] = 40;
  EXPECT_FALSE(link.Deliver(link.server, dtls).authenticated);
}

TEST(SecureTransportTest, D12_WithAWrongFingerprintThereIsNeverMedia) {
  SecureLink link(ServerCertificate().fingerprint());
  link.Connect();
  EXPECT_EQ(link.server.transport.failure(), DtlsFailure::kFingerprint);
  EXPECT_FALSE(link.server.transport.media_ready());
  EXPECT_FALSE(link.client.transport.media_ready());
  EXPECT_TRUE(link.SealRtp(link.server, 1, BytesOf("x")).empty());
  EXPECT_TRUE(link.server.transport.NextDeadline().IsNever());
}

TEST(SecureTransportTest, D18_ClosingReachesThePeerAndEndsMedia) {
  SecureLink link;
  link.Connect();
  const std::vector<uint8_t> late = link.SealRtp(link.client, 1, BytesOf("late"));
  link.client.transport.Close(link.client.out);
  link.Carry();
  link.Run(Duration::Millis(100));
  EXPECT_EQ(link.server.transport.state(), DtlsState::kClosed);
  EXPECT_FALSE(link.server.transport.media_ready());
  EXPECT_EQ(link.Deliver(link.server, late).drop, DropReason::kSrtpNotReady);
  EXPECT_TRUE(link.server.transport.NextDeadline().IsNever());
  EXPECT_FALSE(
      link.client.transport.OpenChannel("late", {}, link.now, link.client.out).has_value());
}

TEST(SecureTransportTest, P1_WhatIsNeitherDtlsNorMediaIsDropped) {
  SecureLink link;
  link.Connect();
  EXPECT_EQ(link.Deliver(link.server, {}).drop, DropReason::kEmpty);
  for (int first = 0; first < 256; ++first) {
    for (size_t size = 1; size <= 64; ++size) {
      const bool is_dtls = first >= 20 && first <= 63;
      const bool is_media = first >= 128 && first <= 191 && size >= 2;
      const std::vector<uint8_t> bytes(size, static_cast<uint8_t>(first));
      const Inbound inbound = link.Deliver(link.server, bytes);
      EXPECT_TRUE(inbound.drop) << first;
      EXPECT_FALSE(inbound.authenticated) << first;
      EXPECT_EQ(inbound.drop == DropReason::kDemux, !is_dtls && !is_media) << first;
    }
  }
  link.SendRtp(link.client, 1, BytesOf("still alive"));
  link.Run(Duration::Millis(20));
  EXPECT_EQ(link.server.rtp.size(), 1u);
}

TEST(SecureTransportTest, ASilentConnectionAsksForNoTime) {
  SecureLink link;
  link.Connect();
  link.Run(Duration::Seconds(60));
  EXPECT_TRUE(link.server.transport.NextDeadline().IsNever());
  EXPECT_TRUE(link.client.transport.NextDeadline().IsNever());
}

}  // namespace
}  // namespace earshot
