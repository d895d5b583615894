#include "transport/dtls.h"

#include <gtest/gtest.h>

#include "transport/dtls_link.h"
#include "transport/dtls_raw_client.h"

namespace earshot {
namespace {

constexpr uint8_t kAlert = 21;

TEST(DtlsTest, ConnectsAndCarriesDataBothWays) {
  DtlsLink link;
  link.Start();
  link.Run();
  ASSERT_TRUE(link.BothConnected());
  EXPECT_TRUE(link.DataFlows());
  EXPECT_TRUE(link.server.NextDeadline().IsNever());
  EXPECT_TRUE(link.client.NextDeadline().IsNever());
}

TEST(DtlsTest, RefusesToSendWhatDoesNotFitOneDatagram) {
  DtlsLink link;
  EXPECT_FALSE(link.Send(true, "too early"));
  link.Start();
  link.Run();
  EXPECT_FALSE(link.Send(true, ""));
  EXPECT_FALSE(link.Send(true, std::string(1164, 'x')));
  EXPECT_TRUE(link.Send(true, std::string(1163, 'x')));
  EXPECT_EQ(link.sent.back().second.size(), DtlsAssociation::kMaxDatagramSize);
  link.Run(Duration::Seconds(1));
  ASSERT_EQ(link.server_received.size(), 1u);
  EXPECT_EQ(link.server_received[0].size(), 1163u);
}

TEST(DtlsTest, D11_AFlightLargerThanADatagramIsSplit) {
  const auto large = DtlsCertificate::Make();
  SSL_CTX* context = large->handles().context.get();
  for (int i = 0; i < 8; ++i) {
    SSL_CTX_add_extra_chain_cert(context, X509_dup(SSL_CTX_get0_certificate(context)));
  }
  const Timestamp now = Timestamp::Seconds(1);
  DtlsAssociation server(DtlsRole::kServer, *large, {ClientCertificate().fingerprint()}, now);
  RawDtlsClient client({.srtp_profiles = kAllProfiles, .cipher_suites = {}});
  EXPECT_TRUE(client.HandshakeWith(server, now));
  EXPECT_EQ(server.state(), DtlsState::kConnected);
  size_t total = 0;
  for (const auto& datagram : client.received) {
    EXPECT_LE(datagram.size(), DtlsAssociation::kMaxDatagramSize);
    total += datagram.size();
  }
  EXPECT_GT(total, 2 * DtlsAssociation::kMaxDatagramSize);
}

struct WrongFingerprint {
  const char* what;
  std::vector<Fingerprint> fingerprints;
};

std::vector<WrongFingerprint> WrongFingerprints() {
  const Fingerprint right = ClientCertificate().fingerprint();
  Fingerprint digit = right;
  digit.value[0] = digit.value[0] == '0' ? '1' : '0';
  std::string lower = right.value;
  for (char& c : lower) c = static_cast<char>(std::tolower(c));
  std::string undelimited = right.value;
  for (char& c : undelimited) c = c == ':' ? '-' : c;
  return {{"empty list", {}},
          {"one digit", {digit}},
          {"of somebody else", {ServerCertificate().fingerprint()}},
          {"md5", {{"md5", right.value.substr(0, 47)}}},
          {"sha-1", {{"sha-1", right.value.substr(0, 59)}}},
          {"unknown hash", {{"sha-257", right.value}}},
          {"lower case", {{"sha-256", lower}}},
          {"no colons", {{"sha-256", undelimited}}},
          {"too short", {{"sha-256", right.value.substr(0, 92)}}},
          {"cut", {{"sha-256", right.value.substr(0, 94)}}},
          {"too long", {{"sha-256", right.value + ":00"}}},
          {"empty", {{"sha-256", ""}}},
          {"longer hash", {{"sha-512", right.value}}}};
}

TEST(DtlsTest, D12_WrongFingerprintFailsBeforeAnyKey) {
  for (const WrongFingerprint& wrong : WrongFingerprints()) {
    DtlsAssociation server = MakeServer(wrong.fingerprints);
    RawDtlsClient client({.srtp_profiles = kAllProfiles, .cipher_suites = {}});
    EXPECT_FALSE(client.HandshakeWith(server, Timestamp::Seconds(1))) << wrong.what;
    EXPECT_EQ(server.state(), DtlsState::kFailed) << wrong.what;
    EXPECT_EQ(server.failure(), DtlsFailure::kFingerprint) << wrong.what;
    EXPECT_FALSE(server.TakeKeys()) << wrong.what;
    ASSERT_FALSE(client.received.empty());
    EXPECT_EQ(client.received.back()[0], kAlert) << wrong.what;
  }
}

TEST(DtlsTest, D12_TheClientRefusesAWrongServerToo) {
  DtlsLink link(ClientCertificate().fingerprint(), ClientCertificate().fingerprint());
  link.Start();
  link.Run();
  EXPECT_EQ(link.client.failure(), DtlsFailure::kFingerprint);
  EXPECT_FALSE(link.client.TakeKeys());
  EXPECT_EQ(link.server.state(), DtlsState::kFailed);
  EXPECT_FALSE(link.server.TakeKeys());
}

TEST(DtlsTest, D12_OneRightFingerprintAmongUselessOnesIsEnough) {
  const Fingerprint right = ClientCertificate().fingerprint();
  DtlsAssociation server =
      MakeServer({{"md5", "00"}, ServerCertificate().fingerprint(), {"sha-384", "FF"}, right});
  RawDtlsClient client({.srtp_profiles = kAllProfiles, .cipher_suites = {}});
  EXPECT_TRUE(client.HandshakeWith(server, Timestamp::Seconds(1)));
  EXPECT_TRUE(server.TakeKeys());
}

TEST(DtlsTest, D13_PeerWithoutCertificateFails) {
  DtlsAssociation server = MakeServer();
  RawDtlsClient client({.certificate = false, .srtp_profiles = kAllProfiles, .cipher_suites = {}});
  EXPECT_FALSE(client.HandshakeWith(server, Timestamp::Seconds(1)));
  EXPECT_FALSE(server.TakeKeys());
  EXPECT_EQ(client.received.back()[0], kAlert);
  PacketList out;
  server.HandleDeadline(Timestamp::Seconds(31), out);
  EXPECT_EQ(server.state(), DtlsState::kFailed);
  EXPECT_EQ(server.failure(), DtlsFailure::kHandshake);
}

TEST(DtlsTest, D18_CloseNotifyClosesThePeer) {
  for (bool by_client : {false, true}) {
    DtlsLink link;
    link.Start();
    link.Run();
    link.Close(by_client);
    link.Run(Duration::Millis(100));
    EXPECT_EQ(link.client.state(), DtlsState::kClosed);
    EXPECT_EQ(link.server.state(), DtlsState::kClosed);
    EXPECT_FALSE(link.Send(by_client, "late"));
  }
}

}  // namespace
}  // namespace earshot
