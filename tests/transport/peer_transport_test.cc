#include "transport/peer_transport.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "transport/peer_link.h"
#include "wire/demux.h"

namespace earshot {
namespace {

using testing::ElementsAre;

const std::vector<uint8_t> kReceiverReport = {0x80, 201, 0, 1, 0, 0, 0, 7};

TEST(PeerTransportTest, ConnectsOnceThroughIceAndDtls) {
  PeerLink link;
  EXPECT_FALSE(link.server.CanSendMedia());
  link.Connect();
  EXPECT_TRUE(link.server.CanSendMedia());
  EXPECT_TRUE(link.client.media_ready());
  EXPECT_EQ(link.connected, 1);
  link.Run(Duration::Seconds(60));
  EXPECT_EQ(link.connected, 1);
  EXPECT_TRUE(link.closed.empty());
  EXPECT_TRUE(link.deadlines_advance);
}

TEST(PeerTransportTest, CarriesMediaBothWays) {
  PeerLink link;
  EXPECT_FALSE(link.SendRtpToClient(0)) << "before the keys";
  link.Connect();
  for (uint16_t i = 0; i < 10; ++i) {
    EXPECT_TRUE(link.SendRtpToClient(i));
    link.SendRtpToServer(i);
  }
  EXPECT_TRUE(link.SendRtcpToClient(kReceiverReport));
  link.Run(Duration::Millis(20));
  EXPECT_EQ(link.rtp_at_client, 10u);
  EXPECT_EQ(link.rtp_at_server, 10u);
  EXPECT_EQ(link.rtcp_at_client, 1u);
}

// RFC 3711 section 9.2: other keys or the end, but no connection without reports.
TEST(PeerTransportTest, L3_EndsWhenTheKeysAreSpent) {
  PeerLink link;
  link.Connect();
  link.server.secure().sealer()->SkipRtcpIndices(0x7ffffff0);
  int sent = 0;
  while (link.SendRtcpToClient(kReceiverReport)) ASSERT_LT(++sent, 100);
  EXPECT_GT(sent, 5);
  link.Run(Duration::Millis(20));
  EXPECT_EQ(link.rtcp_at_client, static_cast<size_t>(sent)) << "to the last index";
  DatagramList out;
  PeerTransportEvents events;
  link.server.HandleDeadline(link.now, out, events);
  EXPECT_EQ(events.closed, CloseReason::kInvariantViolation);
  EXPECT_EQ(out.size(), 1u) << "close_notify";
  EXPECT_FALSE(link.server.CanSendMedia());
}

TEST(PeerTransportTest, CarriesChannelMessages) {
  PeerLink link;
  link.Connect();
  const auto channel = link.client.OpenChannel("events", {}, link.now, link.client_out_);
  ASSERT_TRUE(channel);
  link.client.SendOnChannel(*channel, true, BytesOf("hello"), link.now, link.client_out_);
  link.CarryFromClient();
  link.Run(Duration::Seconds(2));
  ASSERT_EQ(link.opened.size(), 1u);
  EXPECT_EQ(link.opened[0].label, "events");
  ASSERT_EQ(link.messages.size(), 1u);
  EXPECT_EQ(link.messages[0].bytes, BytesOf("hello"));
}

TEST(PeerTransportTest, ConnectsWhenTheClientNeverNominates) {
  PeerLink link;
  link.checks_go_on = false;
  link.Check(false);
  link.client.Start(link.now, link.client_out_);
  link.CarryFromClient();
  link.Run(Duration::Seconds(1));
  EXPECT_EQ(link.connected, 1);
}

TEST(PeerTransportTest, P7_WhoHasNotShownACheckIsNotHeard) {
  PeerLink link;
  const SocketAddress stranger = *SocketAddress::FromLiteral("198.51.100.7", 9);
  link.client.Start(link.now, link.client_out_);
  const ByteView hello = link.client_out_.packets[0];
  const Inbound inbound = link.DeliverToServer(stranger, {hello.begin(), hello.end()});
  EXPECT_EQ(inbound.drop, DropReason::kUnknownSource);
  EXPECT_EQ(link.bytes_to_client, 0u);
  link.client_out_.packets.Clear();
  link.Check();
  link.Run(Duration::Seconds(2));
  EXPECT_EQ(link.connected, 1) << "the client's own hello still counts";
}

TEST(PeerTransportTest, S11_AnUnauthenticatedAddressGetsAtMostThreeTimesWhatItSent) {
  PeerLink link;
  link.client_answers_dtls = false;
  link.checks_go_on = false;
  link.Check();
  link.client.Start(link.now, link.client_out_);
  link.CarryFromClient();
  for (int i = 0; i < 300; ++i) {
    link.Run(Duration::Millis(100));
    EXPECT_LE(link.bytes_to_client, 3 * link.bytes_to_server);
  }
  EXPECT_GT(link.bytes_to_client, 0u);
}

TEST(PeerTransportTest, S13_SilenceInterruptsThenEndsTheTransport) {
  PeerLink link;
  link.Connect();
  link.checks_go_on = false;
  link.client_answers_dtls = false;
  link.Run(Duration::Seconds(9));
  EXPECT_EQ(link.interrupted, 1);
  EXPECT_TRUE(link.closed.empty());
  link.Run(Duration::Seconds(22));
  EXPECT_THAT(link.closed, ElementsAre(CloseReason::kConsentExpired));
  EXPECT_FALSE(link.server.CanSendMedia());
  EXPECT_FALSE(link.SendRtpToClient(1));
  const size_t sent = link.bytes_to_client;
  link.checks_go_on = true;
  link.Run(Duration::Seconds(10));
  EXPECT_EQ(link.bytes_to_client, sent) << "a dead transport stays silent";
  EXPECT_TRUE(link.server.NextDeadline().IsNever());
}

TEST(PeerTransportTest, S13_AReturningClientResumes) {
  PeerLink link;
  link.Connect();
  link.checks_go_on = false;
  link.client_answers_dtls = false;
  link.Run(Duration::Seconds(9));
  link.checks_go_on = true;
  link.Run(Duration::Seconds(3));
  EXPECT_EQ(link.interrupted, 1);
  EXPECT_EQ(link.resumed, 1);
  EXPECT_TRUE(link.closed.empty());
}

TEST(PeerTransportTest, S13_AClientThatSendsMediaNeedsNoChecks) {
  PeerLink link;
  link.Connect();
  link.checks_go_on = false;
  for (uint16_t i = 0; i < 6000; ++i) {
    link.SendRtpToServer(i);
    link.Run(Duration::Millis(20));
  }
  EXPECT_EQ(link.rtp_at_server, 6000u);
  EXPECT_EQ(link.interrupted, 0);
  EXPECT_TRUE(link.closed.empty());
  EXPECT_TRUE(link.SendRtpToClient(1));
}

// As of one that listens, has nothing to say, and sends no check while it hears something: what it
// is asked for is what every client answers.
TEST(PeerTransportTest, S13_AClientThatSendsNothingByItselfIsAskedForASignOfLife) {
  PeerLink link;
  link.Connect();
  link.checks_go_on = false;
  link.Run(Duration::Seconds(10));
  const size_t before = link.bytes_to_client;
  link.Run(Duration::Seconds(600));
  EXPECT_EQ(link.interrupted, 0);
  EXPECT_TRUE(link.closed.empty());
  EXPECT_LT(link.bytes_to_client - before, 600u / 6 * 80);
  EXPECT_TRUE(link.deadlines_advance);
}

TEST(PeerTransportTest, S13_AClientThatChecksIsNotAsked) {
  PeerLink link;
  link.Connect();
  link.Run(Duration::Seconds(10));
  size_t asked = 0;
  link.sees_to_client = [&](const SocketAddress&, ByteView bytes) {
    asked += ClassifyPacket(bytes) == PacketKind::kDtls;
  };
  link.Run(Duration::Seconds(600));
  EXPECT_EQ(asked, 0u);
}

TEST(PeerTransportTest, S15_MediaFollowsTheClientToItsNewAddress) {
  PeerLink link;
  link.Connect();
  link.client_address = *SocketAddress::FromLiteral("203.0.113.9", 6000);
  link.Check(false);
  link.Run(Duration::Millis(100));
  EXPECT_TRUE(link.SendRtpToClient(1));
  EXPECT_NE(link.last_destination, link.client_address) << "a check alone moves nothing";
  link.SendRtpToServer(1);
  link.Run(Duration::Millis(100));
  EXPECT_TRUE(link.SendRtpToClient(2));
  EXPECT_EQ(link.last_destination, link.client_address);
}

TEST(PeerTransportTest, S15_AClientThatOnlyChecksIsFollowedWithinARoundTrip) {
  for (const bool nominates : {true, false}) {
    PeerLink link;
    link.Connect();
    link.Run(Duration::Seconds(3));
    link.client_address = *SocketAddress::FromLiteral("203.0.113.9", 6000);
    link.checks_go_on = false;
    link.Run(Duration::Millis(2100));
    link.Check(nominates);
    link.Run(PeerLink::kDelay * 3);
    EXPECT_TRUE(link.SendRtpToClient(1));
    EXPECT_EQ(link.last_destination, link.client_address) << nominates;
    link.checks_go_on = true;
    link.Run(Duration::Seconds(60));
    EXPECT_TRUE(link.closed.empty());
  }
}

// A copy at an address where nobody has the keys: it gets the answer and the question, which are
// less than three times what came from there, and nothing else.
TEST(PeerTransportTest, S11_WhoCannotAnswerTheProbeGetsNoMedia) {
  PeerLink link;
  link.Connect();
  const SocketAddress home = link.client_address;
  const SocketAddress copier = *SocketAddress::FromLiteral("198.51.100.7", 9);
  link.copies_checks_to_server_from = copier;
  size_t to_copier = 0;
  link.sees_to_client = [&](const SocketAddress& to, ByteView bytes) {
    if (to == copier) to_copier += bytes.size();
  };
  for (uint16_t i = 0; i < 4000; ++i) {
    link.SendRtpToServer(i);
    ASSERT_TRUE(link.SendRtpToClient(i)) << i;
    ASSERT_EQ(link.last_destination, home);
    link.Run(Duration::Millis(20));
  }
  EXPECT_GT(to_copier, 0u);
  EXPECT_LE(to_copier, 3 * link.copied_bytes);
  EXPECT_EQ(link.rtp_at_client, 4000u);
  EXPECT_TRUE(link.closed.empty());
}

TEST(PeerTransportTest, S11_AHandshakeIsAnsweredWhereItCameFromAndNotToACopy) {
  PeerLink link;
  link.copies_checks_to_server_from = *SocketAddress::FromLiteral("198.51.100.7", 9);
  link.Connect();
  EXPECT_EQ(link.connected, 1);
  EXPECT_TRUE(link.SendRtpToClient(1));
  EXPECT_EQ(link.last_destination, link.client_address);
}

TEST(PeerTransportTest, D9_AClientThatNeverComesIsGivenUp) {
  PeerLink link;
  link.checks_go_on = false;
  link.Run(Duration::Seconds(40));
  EXPECT_THAT(link.closed, ElementsAre(CloseReason::kConnectTimeout));
  EXPECT_TRUE(link.server.NextDeadline().IsNever());
}

TEST(PeerTransportTest, D9_AStalledHandshakeIsGivenUp) {
  PeerLink link;
  link.client_answers_dtls = false;
  link.Connect();
  link.Run(Duration::Seconds(40));
  EXPECT_THAT(link.closed, ElementsAre(CloseReason::kConnectTimeout));
}

TEST(PeerTransportTest, D3_HellosInMidCallLoseNoMedia) {
  PeerLink link;
  link.client.Start(link.now, link.client_out_);
  const std::vector<uint8_t> hello(link.client_out_.packets[0].begin(),
                                   link.client_out_.packets[0].end());
  link.CarryFromClient();
  link.Connect();
  const size_t bytes_before = link.bytes_to_client;
  for (int i = 0; i < 100000; ++i) link.DeliverToServer(link.client_address, hello);
  EXPECT_EQ(link.bytes_to_client, bytes_before) << "no answer to any of them";
  for (uint16_t i = 0; i < 100; ++i) {
    link.DeliverToServer(link.client_address, hello);
    EXPECT_TRUE(link.SendRtpToClient(i));
    link.SendRtpToServer(i);
  }
  link.Run(Duration::Millis(20));
  EXPECT_EQ(link.rtp_at_client, 100u);
  EXPECT_EQ(link.rtp_at_server, 100u);
  EXPECT_TRUE(link.closed.empty());
}

TEST(PeerTransportTest, D12_AWrongFingerprintIsNamed) {
  PeerLink link(ServerCertificate().fingerprint());
  link.Connect();
  EXPECT_THAT(link.closed, ElementsAre(CloseReason::kFingerprintMismatch));
  EXPECT_EQ(link.connected, 0);
  EXPECT_FALSE(link.server.CanSendMedia());
}

TEST(PeerTransportTest, D18_AClosingClientHasLeft) {
  PeerLink link;
  link.Connect();
  link.CloseClient();
  link.Run(Duration::Millis(100));
  EXPECT_THAT(link.closed, ElementsAre(CloseReason::kLeft));
}

TEST(PeerTransportTest, D18_ClosingTellsTheClientAndIsSilentAfterwards) {
  PeerLink link;
  link.Connect();
  link.CloseServer();
  link.Run(Duration::Millis(100));
  EXPECT_EQ(link.client.state(), DtlsState::kClosed);
  EXPECT_TRUE(link.closed.empty()) << "the owner knows";
  EXPECT_TRUE(link.server.NextDeadline().IsNever());
  EXPECT_EQ(link.DeliverToServer(link.client_address, {20, 0}).drop, DropReason::kTransportClosed);
}

}  // namespace
}  // namespace earshot
