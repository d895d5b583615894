// What the engine refuses before any participant or library sees it, and what it answers joins
// with.

#include <gtest/gtest.h>
#include <malloc.h>

#include <array>
#include <string_view>
#include <vector>

#include "base/counters.h"
#include "base/random.h"
#include "earshot/engine.h"
#include "sdp/fixtures.h"
#include "sdp/session.h"
#include "transport/dtls.h"
#include "wire/stun.h"

namespace earshot {
namespace {

SocketAddress Address(std::string_view host, uint16_t port = 5000) {
  return SocketAddress::FromLiteral(host, port).value();
}

class EngineIngressTest : public testing::Test {
 protected:
  EngineIngressTest() {
    const JoinRequest request = Request();
    const Result<Joined> joined = engine_.Join(request, now_);
    EXPECT_TRUE(joined);
    ada_ = joined->participant;
    server_ = *sdp::ParseAnswer(joined->answer);
    client_ufrag_ = sdp::ParseOffer(request.offer)->ice_ufrag;
  }

  static JoinRequest Request() {
    JoinRequest request;
    request.space = "hall";
    request.name = "Ada";
    request.offer = sdp::ReadFixture("chromium_156_pool.sdp");
    return request;
  }
  static EngineOptions Options() {
    EngineOptions options;
    options.spaces.push_back({.id = "hall", .plan = {}});
    options.candidates = {Address("2001:db8::1", 40000), Address("192.0.2.1", 40000)};
    return options;
  }

  // A genuine nominating check of the participant.
  std::vector<uint8_t> Check() {
    StunTransactionId id;
    random_.Fill(id);
    std::vector<uint8_t> bytes(256);
    StunWriter writer(bytes, StunClass::kRequest, kStunBindingMethod, id);
    writer.Username(server_.ice_ufrag + ":" + client_ufrag_);
    writer.Priority(1000);
    writer.IceControlling(7);
    writer.UseCandidate();
    bytes.resize(writer.Finish(server_.ice_password));
    return bytes;
  }
  // How many datagrams came back.
  size_t Receive(const SocketAddress& peer, std::vector<uint8_t> bytes) {
    out_.Clear();
    engine_.HandleDatagram(peer, bytes, now_, out_);
    return out_.datagrams.size();
  }
  uint64_t Drops(DropReason reason) const {
    return counters_.drops[static_cast<size_t>(reason)].value();
  }
  uint64_t AllDrops() const {
    uint64_t sum = 0;
    for (const Counter& drops : counters_.drops) sum += drops.value();
    return sum;
  }

  SeededRandom random_{1};
  Counters counters_;
  Timestamp now_ = Timestamp::Seconds(1);
  Engine engine_{Options(), DtlsCertificate::Make(), random_, counters_};
  EngineOutput out_;
  ParticipantId ada_ = kNoParticipant;
  sdp::ParsedAnswer server_;
  std::string client_ufrag_;
};

TEST_F(EngineIngressTest, AGenuineCheckIsAnswered) {
  EXPECT_EQ(Receive(Address("192.0.2.77"), Check()), 1u);
  EXPECT_EQ(out_.datagrams[0].peer, Address("192.0.2.77"));
  EXPECT_EQ(AllDrops(), 0u);
}

TEST_F(EngineIngressTest, P1_UnknownFirstBytesAreCountedAndNothingElse) {
  std::array<uint8_t, 64> bytes{};
  const SocketAddress peer = Address("192.0.2.77");
  const size_t memory_before = mallinfo2().uordblks;
  uint64_t sent = 0;
  for (unsigned first = 0; first < 256; ++first) {
    if (first <= 3 || (first >= 20 && first <= 63) || (first >= 128 && first <= 191)) continue;
    for (size_t size = 1; size <= bytes.size(); ++size, ++sent) {
      bytes[0] = static_cast<uint8_t>(first);
      engine_.HandleDatagram(peer, std::span(bytes).first(size), now_, out_);
    }
  }
  EXPECT_EQ(mallinfo2().uordblks, memory_before);
  EXPECT_EQ(out_.datagrams.size(), 0u);
  EXPECT_EQ(Drops(DropReason::kDemux), sent);
  EXPECT_EQ(AllDrops(), sent);
}

TEST_F(EngineIngressTest, P2_LargerDatagramsAreDroppedUnread) {
  const SocketAddress peer = Address("192.0.2.77");
  uint64_t sent = 0;
  for (size_t size = 1501; size <= 9000; ++size, ++sent) {
    std::vector<uint8_t> bytes = Check();  // genuine, were it not for the bytes behind it
    bytes.resize(size);
    EXPECT_EQ(Receive(peer, bytes), 0u);
    bytes[0] = 0x80;
    EXPECT_EQ(Receive(peer, bytes), 0u);
  }
  EXPECT_EQ(Drops(DropReason::kOversize), 2 * sent);
  EXPECT_EQ(AllDrops(), 2 * sent);
  std::vector<uint8_t> bytes(1500);
  bytes[0] = 0x80;
  Receive(peer, bytes);
  EXPECT_EQ(Drops(DropReason::kUnknownSource), 1u) << "1500 bytes are read";
  EXPECT_EQ(Receive(peer, Check()), 1u);
}

TEST_F(EngineIngressTest, P2_TheLimitIsTheConfiguredOne) {
  EngineOptions options = Options();
  options.media.max_datagram_size = 1200;
  Engine engine(options, DtlsCertificate::Make(), random_, counters_);
  for (const size_t size : {1200u, 1201u}) {
    std::vector<uint8_t> bytes(size, 0x80);
    engine.HandleDatagram(Address("192.0.2.77"), bytes, now_, out_);
  }
  EXPECT_EQ(Drops(DropReason::kOversize), 1u);
  EXPECT_EQ(Drops(DropReason::kUnknownSource), 1u);
}

TEST_F(EngineIngressTest, P8_GenuineChecksFromReservedAddressesAreDropped) {
  uint64_t sent = 0;
  for (const char* host : {"0.0.0.0", "0.1.2.3", "224.0.0.1", "239.1.2.3", "255.255.255.255",
                           "240.0.0.1", "::", "ff02::1", "::ffff:224.0.0.1", "::ffff:0.0.0.0"}) {
    EXPECT_EQ(Receive(Address(host), Check()), 0u) << host;
    EXPECT_EQ(Drops(DropReason::kInvalidSource), ++sent) << host;
  }
  EXPECT_EQ(Receive(Address("192.0.2.77", 0), Check()), 0u) << "port zero";
}

// Whoever forges our own address as the source must not make us talk to ourselves.
TEST_F(EngineIngressTest, P8_GenuineChecksFromOurOwnAddressAreDropped) {
  EXPECT_EQ(Receive(Address("192.0.2.1", 40000), Check()), 0u);
  EXPECT_EQ(Receive(Address("::ffff:192.0.2.1", 40000), Check()), 0u);
  EXPECT_EQ(Receive(Address("2001:db8::1", 40000), Check()), 0u);
  EXPECT_EQ(Receive(Address("192.0.2.1", 40000).By(3), Check()), 0u) << "to whichever of ours";
  EXPECT_EQ(Drops(DropReason::kInvalidSource), 4u);
  EXPECT_EQ(Receive(Address("192.0.2.1", 40001), Check()), 1u) << "a client on the same host";
}

TEST_F(EngineIngressTest, P8_BothSpellingsOfAnIpv4AddressAreOnePeer) {
  EXPECT_EQ(Receive(Address("::ffff:192.0.2.77"), Check()), 1u);
  std::vector<uint8_t> dtls(20, 0);
  dtls[0] = 22;
  Receive(Address("192.0.2.77"), dtls);
  EXPECT_EQ(Drops(DropReason::kUnknownSource), 0u);
  Receive(Address("192.0.2.78"), dtls);
  EXPECT_EQ(Drops(DropReason::kUnknownSource), 1u);
}

TEST_F(EngineIngressTest, S3_UnknownUserFragmentsAreMetWithSilence) {
  std::string ufrag = server_.ice_ufrag;
  for (int i = 0; i < 100000; ++i) {
    server_.ice_ufrag = random_.IceChars(ufrag.size());
    ASSERT_EQ(Receive(Address("192.0.2.77"), Check()), 0u);
  }
  EXPECT_EQ(Drops(DropReason::kStunUnknownUfrag), 100000u);
  EXPECT_EQ(AllDrops(), 100000u);
}

TEST_F(EngineIngressTest, S9_WhatIsNoBindingRequestIsMetWithSilence) {
  uint64_t sent = 0;
  for (const StunClass kind : {StunClass::kIndication, StunClass::kSuccess, StunClass::kError}) {
    std::vector<uint8_t> bytes(256);
    StunWriter writer(bytes, kind, kStunBindingMethod, {});
    writer.Username(server_.ice_ufrag + ":" + client_ufrag_);
    bytes.resize(writer.Finish(server_.ice_password));
    EXPECT_EQ(Receive(Address("192.0.2.77"), bytes), 0u);
    EXPECT_EQ(Drops(DropReason::kStunUnexpected), ++sent);
  }
  for (uint16_t method = 2; method < 16; ++method) {
    std::vector<uint8_t> bytes(256);
    StunWriter writer(bytes, StunClass::kRequest, method, {});
    writer.Username(server_.ice_ufrag + ":" + client_ufrag_);
    bytes.resize(writer.Finish(server_.ice_password));
    EXPECT_EQ(Receive(Address("192.0.2.77"), bytes), 0u);
    EXPECT_EQ(Drops(DropReason::kStunUnexpected), ++sent);
  }
}

TEST_F(EngineIngressTest, D16_NewTransportsGetANewCertificateAfterThirtyDays) {
  const auto fingerprint_of = [](const std::string& answer) {
    return sdp::ParseAnswer(answer)->fingerprints.at(0).value;
  };
  const std::string first = server_.fingerprints.at(0).value;
  constexpr Duration kMonth = Duration::Seconds(30 * 24 * 3600);
  const Timestamp before = now_ + kMonth - Duration::Seconds(1);
  EXPECT_EQ(fingerprint_of(engine_.Join(Request(), before)->answer), first);
  const std::string second = fingerprint_of(engine_.Join(Request(), now_ + kMonth)->answer);
  EXPECT_NE(second, first);
  EXPECT_EQ(fingerprint_of(engine_.Join(Request(), now_ + kMonth)->answer), second);
  // Who is there keeps what it began with.
  const auto restarted = engine_.RestartIce(ada_, Request().offer, now_ + kMonth);
  ASSERT_TRUE(restarted) << restarted.error().message;
  EXPECT_EQ(fingerprint_of(*restarted), first);
}

}  // namespace
}  // namespace earshot
