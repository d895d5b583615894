// The client's agent against the server's over a lossy link in virtual time.

#include "client/ice_client.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

namespace earshot {
namespace {

SocketAddress Address(uint8_t last_byte, uint16_t port) {
  const std::array<uint8_t, 4> host = {192, 0, 2, last_byte};
  return SocketAddress(host, port);
}

// Carries datagrams with a fixed delay and seeded loss; the client may change its address.
class Link {
 public:
  Link(uint64_t seed, double loss) : random_(seed), loss_(loss), server_(Lite()), client_(Full()) {}

  void RunUntil(Timestamp end) {
    while (Next() <= end) {
      now_ = Next();
      Step();
    }
    now_ = end;
  }

  IceCredentials server_credentials{"server01", "0123456789abcdefghijklmn"};
  IceCredentials client_credentials{"clnt", "abcdefghijklmnopqrstuv"};
  SocketAddress server_address = Address(1, 40000);
  SocketAddress unreachable = Address(9, 40000);
  SocketAddress client_address = Address(2, 50000);
  bool is_cut = false;

  Timestamp now() const { return now_; }
  IceLite& server() { return server_; }
  IceClient& client() { return client_; }
  const std::vector<IceEvent>& events() const { return events_; }
  size_t requests() const { return requests_; }

 private:
  struct InFlight {
    Timestamp arrival;
    bool to_server;
    SocketAddress peer;  // as the receiver sees the sender
    std::vector<uint8_t> bytes;
  };

  IceLite Lite() { return IceLite(server_credentials, client_credentials, {}, now_); }
  IceClient Full() {
    const std::array<SocketAddress, 2> candidates = {unreachable, server_address};
    return IceClient(client_credentials, server_credentials, candidates, {}, random_, now_);
  }
  Timestamp Next() const {
    Timestamp next = std::min(server_.NextDeadline(), client_.NextDeadline());
    for (const InFlight& packet : in_flight_) next = std::min(next, packet.arrival);
    return next;
  }
  void Step() {
    DatagramList out;
    if (server_.NextDeadline() <= now_) {
      server_.HandleDeadline(now_, events_);
      EXPECT_GT(server_.NextDeadline(), now_);
    }
    if (client_.NextDeadline() <= now_) {
      client_.HandleDeadline(now_, out);
      EXPECT_GT(client_.NextDeadline(), now_);
    }
    Carry(out, true);
    Deliver();
  }
  void Carry(const DatagramList& out, bool to_server) {
    for (size_t i = 0; i < out.size(); ++i) {
      if (to_server) ++requests_;
      if (is_cut || random_.Unit() < loss_) continue;
      if (out[i].peer != (to_server ? server_address : client_address)) continue;
      in_flight_.push_back({now_ + Duration::Millis(30),
                            to_server,
                            to_server ? client_address : server_address,
                            {out[i].bytes.begin(), out[i].bytes.end()}});
    }
  }
  void Deliver() {
    std::vector<InFlight> due;
    std::erase_if(in_flight_, [&](const InFlight& packet) {
      if (packet.arrival > now_) return false;
      due.push_back(packet);
      return true;
    });
    DatagramList out;
    for (const InFlight& packet : due) {
      if (packet.to_server) {
        server_.HandleStun({packet.peer, packet.bytes}, now_, out, events_);
      } else {
        client_.HandleStun({packet.peer, packet.bytes}, now_);
      }
    }
    Carry(out, false);
  }

  SeededRandom random_;
  const double loss_;
  Timestamp now_ = Timestamp::Seconds(1);
  IceLite server_;
  IceClient client_;
  std::vector<InFlight> in_flight_;
  std::vector<IceEvent> events_;
  size_t requests_ = 0;
};

TEST(IceClientTest, ConnectsToTheCandidateThatAnswers) {
  Link link(1, 0.0);
  link.RunUntil(Timestamp::Seconds(2));
  EXPECT_EQ(link.client().state(), IceClientState::kConnected);
  EXPECT_EQ(link.client().selected(), link.server_address);
  EXPECT_EQ(link.client().mapped(), link.client_address);
  EXPECT_EQ(link.server().selected(), link.client_address);
  EXPECT_EQ(link.events(), std::vector<IceEvent>{IceEvent::kConnected});
}

TEST(IceClientTest, ConnectsAndKeepsConsentUnderLoss) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    Link link(seed, 0.3);
    link.RunUntil(Timestamp::Seconds(121));
    EXPECT_EQ(link.client().state(), IceClientState::kConnected) << seed;
    EXPECT_EQ(link.server().selected(), link.client_address) << seed;
    EXPECT_EQ(std::count(link.events().begin(), link.events().end(), IceEvent::kExpired), 0)
        << seed;
  }
}

TEST(IceClientTest, ASilentClientIsNeverReportedAsInterrupted) {
  Link link(7, 0.0);
  link.RunUntil(Timestamp::Seconds(600));
  EXPECT_EQ(link.events(), std::vector<IceEvent>{IceEvent::kConnected});
}

TEST(IceClientTest, ConsentCostsOneCheckInFourToSixSeconds) {
  Link link(3, 0.0);
  link.RunUntil(Timestamp::Seconds(2));
  const size_t before = link.requests();
  link.RunUntil(Timestamp::Seconds(602));
  EXPECT_GE(link.requests() - before, 100u);
  EXPECT_LE(link.requests() - before, 150u);
}

TEST(IceClientTest, BothSidesGiveUpOnACutLink) {
  Link link(4, 0.0);
  link.RunUntil(Timestamp::Seconds(2));
  link.is_cut = true;
  link.RunUntil(Timestamp::Seconds(60));
  EXPECT_EQ(link.client().state(), IceClientState::kFailed);
  EXPECT_TRUE(link.client().NextDeadline().IsNever());
  EXPECT_FALSE(link.server().selected().IsSet());
  const std::vector<IceEvent> expected = {IceEvent::kConnected, IceEvent::kInterrupted,
                                          IceEvent::kExpired};
  EXPECT_EQ(link.events(), expected);
}

TEST(IceClientTest, NobodyThereIsAFailureAfterTheConnectTimeout) {
  Link link(5, 0.0);
  link.is_cut = true;
  link.RunUntil(Timestamp::Seconds(40));
  EXPECT_EQ(link.client().state(), IceClientState::kFailed);
  EXPECT_EQ(link.events(), std::vector<IceEvent>{IceEvent::kExpired});
}

TEST(IceClientTest, S15_MediaFollowsANewAddressAfterTheSilence) {
  Link link(6, 0.0);
  link.RunUntil(Timestamp::Seconds(2));
  link.client_address = Address(2, 50001);
  link.RunUntil(Timestamp::Seconds(9));
  EXPECT_EQ(link.server().selected(), link.client_address);
  EXPECT_EQ(std::count(link.events().begin(), link.events().end(), IceEvent::kExpired), 0);
}

TEST(IceClientTest, S14_ARestartChangesCredentialsWithoutAnInterruption) {
  Link link(8, 0.0);
  link.RunUntil(Timestamp::Seconds(3));
  const IceCredentials server{"server02", "zyxwvutsrqponmlkjihgfedc"};
  const IceCredentials client{"nuew", "vutsrqponmlkjihgfedcba"};
  link.server().Restart(server, client, link.now());
  link.client().Restart(client, server, link.now());
  link.RunUntil(Timestamp::Seconds(60));
  EXPECT_EQ(link.client().state(), IceClientState::kConnected);
  EXPECT_EQ(link.server().selected(), link.client_address);
  EXPECT_EQ(link.server().local().ufrag, "server02");
  EXPECT_EQ(link.events(), std::vector<IceEvent>{IceEvent::kConnected});
}

class IceClientResponseTest : public testing::Test {
 protected:
  IceClientResponseTest()
      : client_(client_credentials_, server_credentials_, {&server_, 1}, {}, random_, now_) {
    DatagramList out;
    client_.HandleDeadline(now_, out);
    request_ = *StunMessage::Parse(out[0].bytes);
  }
  // A response to the first check; `password` and the rest can be wrong.
  std::optional<DropReason> Respond(StunClass message_class, std::string_view password,
                                    const SocketAddress& from, StunTransactionId id) {
    std::array<uint8_t, 128> room;
    StunWriter writer(room, message_class, kStunBindingMethod, id);
    if (message_class == StunClass::kError) {
      writer.ErrorCode(487, "");
    } else {
      writer.XorMappedAddress(Address(2, 50000));
    }
    const size_t size = writer.Finish(password);
    return client_.HandleStun({from, ByteView(room).first(size)}, now_);
  }

  const Timestamp now_ = Timestamp::Seconds(1);
  const IceCredentials server_credentials_{"server01", "0123456789abcdefghijklmn"};
  const IceCredentials client_credentials_{"clnt", "abcdefghijklmnopqrstuv"};
  const SocketAddress server_ = Address(1, 40000);
  SeededRandom random_{1};
  IceClient client_;
  StunMessage request_;
};

TEST_F(IceClientResponseTest, OnlyAGenuineResponseConnects) {
  StunTransactionId other = request_.transaction_id;
  other[3] ^= 1;
  const auto& password = server_credentials_.password;
  EXPECT_EQ(Respond(StunClass::kSuccess, password, server_, other), DropReason::kStunUnexpected);
  EXPECT_EQ(Respond(StunClass::kSuccess, password, Address(3, 40000), request_.transaction_id),
            DropReason::kStunUnexpected);
  EXPECT_EQ(Respond(StunClass::kSuccess, "wrong", server_, request_.transaction_id),
            DropReason::kStunUnauthenticated);
  EXPECT_EQ(Respond(StunClass::kSuccess, "", server_, request_.transaction_id),
            DropReason::kStunUnauthenticated);
  EXPECT_EQ(Respond(StunClass::kRequest, password, server_, request_.transaction_id),
            DropReason::kStunUnexpected);
  EXPECT_EQ(client_.state(), IceClientState::kChecking);
  EXPECT_EQ(Respond(StunClass::kSuccess, password, server_, request_.transaction_id), std::nullopt);
  EXPECT_EQ(client_.state(), IceClientState::kConnected);
}

TEST(IceClientNominationTest, OnlyTheFirstThatAnswersIsNominated) {
  const IceCredentials server{"server01", "0123456789abcdefghijklmn"};
  const std::array<SocketAddress, 2> candidates = {Address(1, 40000), Address(3, 40000)};
  SeededRandom random(1);
  Timestamp now = Timestamp::Seconds(1);
  IceClient client({"clnt", "abcdefghijklmnopqrstuv"}, server, candidates, {}, random, now);
  const auto respond = [&](const Datagram& request) {
    std::array<uint8_t, 128> room;
    StunWriter writer(room, StunClass::kSuccess, kStunBindingMethod,
                      StunMessage::Parse(request.bytes)->transaction_id);
    writer.XorMappedAddress(Address(2, 50000));
    const size_t size = writer.Finish(server.password);
    return client.HandleStun({request.peer, ByteView(room).first(size)}, now);
  };
  DatagramList checks;
  client.HandleDeadline(now, checks);
  ASSERT_EQ(checks.size(), 2u);
  EXPECT_FALSE(StunMessage::Parse(checks[0].bytes)->use_candidate);
  EXPECT_FALSE(StunMessage::Parse(checks[1].bytes)->use_candidate);

  EXPECT_EQ(respond(checks[1]), std::nullopt);
  EXPECT_EQ(respond(checks[0]), DropReason::kStunUnexpected) << "too late";
  EXPECT_EQ(client.state(), IceClientState::kChecking);
  DatagramList nominations;
  client.HandleDeadline(now, nominations);
  ASSERT_EQ(nominations.size(), 1u);
  EXPECT_EQ(nominations[0].peer, candidates[1]);
  EXPECT_TRUE(StunMessage::Parse(nominations[0].bytes)->use_candidate);
  EXPECT_EQ(respond(nominations[0]), std::nullopt);
  EXPECT_EQ(client.state(), IceClientState::kConnected);
  EXPECT_EQ(client.selected(), candidates[1]);
}

TEST_F(IceClientResponseTest, AnAuthenticatedErrorIsFinal) {
  Respond(StunClass::kError, server_credentials_.password, server_, request_.transaction_id);
  EXPECT_EQ(client_.state(), IceClientState::kFailed);
}

}  // namespace
}  // namespace earshot
