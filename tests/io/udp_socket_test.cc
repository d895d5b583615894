#include "io/udp_socket.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>

#include <cstdlib>

#include "io/socket_in_loop.h"

namespace earshot {
namespace {

using testing::HasSubstr;

TEST(UdpSocketTest, DatagramsGoBothWaysOverIpv4) {
  SocketInLoop socket;
  const UdpPeer peer;
  EXPECT_NE((*socket).port(), 0) << "port 0 takes a free one";
  ASSERT_TRUE(peer.Send(socket.address(), "hello"));
  ASSERT_TRUE(socket.TurnUntilReceived(1));
  EXPECT_EQ(socket.received()[0], "hello");
  EXPECT_EQ(socket.peers()[0], peer.address());
  socket.Send(peer.address(), "back");
  EXPECT_EQ(peer.Receive(), "back");
  EXPECT_EQ(socket.counters().packets_out.value(), 1u);
  EXPECT_EQ(socket.counters().bytes_out.value(), 4u);
}

TEST(UdpSocketTest, DatagramsGoBothWaysOverIpv6) {
  if (!HasIpv6()) GTEST_SKIP() << "no IPv6 here";
  SocketInLoop socket("::1");
  const UdpPeer peer("::1");
  ASSERT_TRUE(peer.Send(Loopback((*socket).port(), "::1"), "hello"));
  ASSERT_TRUE(socket.TurnUntilReceived(1));
  EXPECT_EQ(socket.peers()[0], peer.address());
  socket.Send(peer.address(), "back");
  EXPECT_EQ(peer.Receive(), "back");
}

TEST(UdpSocketTest, OnePortServesBothFamilies) {
  if (!HasIpv6()) GTEST_SKIP() << "no IPv6 here";
  SocketInLoop socket("::");
  const UdpPeer four, six("::1");
  ASSERT_TRUE(four.Send(socket.address(), "four"));
  ASSERT_TRUE(socket.TurnUntilReceived(1));
  ASSERT_TRUE(six.Send(Loopback((*socket).port(), "::1"), "six"));
  ASSERT_TRUE(socket.TurnUntilReceived(2));
  EXPECT_EQ(socket.peers()[0], four.address()) << "not as an IPv4-mapped address";
  EXPECT_EQ(socket.peers()[1], six.address());
  socket.Send(four.address(), "to four");
  socket.Send(six.address(), "to six");
  EXPECT_EQ(four.Receive(), "to four");
  EXPECT_EQ(six.Receive(), "to six");
}

TEST(UdpSocketTest, F6_ABusyPortIsNamedWithAHintAtItsOwner) {
  const UdpPeer owner;
  SocketInLoop socket("127.0.0.1", owner.address().port());
  ASSERT_TRUE(socket.error());
  EXPECT_EQ(socket.error()->code, "bind-failed");
  EXPECT_THAT(socket.error()->message,
              HasSubstr("UDP port " + std::to_string(owner.address().port()) + " on 127.0.0.1"));
  EXPECT_THAT(socket.error()->message, HasSubstr("ss -ulpn"));
}

TEST(UdpSocketTest, F6_AnAddressThatThisHostHasNotIsNamed) {
  SocketInLoop absent("192.0.2.1");
  ASSERT_TRUE(absent.error());
  EXPECT_THAT(absent.error()->message, HasSubstr("192.0.2.1"));
  EXPECT_THAT(absent.error()->message, Not(HasSubstr("ss -ulpn"))) << "nobody owns it";
  SocketInLoop name("localhost");
  ASSERT_TRUE(name.error());
  EXPECT_THAT(name.error()->message, HasSubstr("\"localhost\" is not an IP address"));
}

TEST(UdpSocketTest, P3_AnEmptyDatagramIsADatagramAndNoEnd) {
  SocketInLoop socket;
  const UdpPeer peer;
  ASSERT_TRUE(peer.Send(socket.address(), ""));
  ASSERT_TRUE(peer.Send(socket.address(), "after"));
  ASSERT_TRUE(socket.TurnUntilReceived(2));
  EXPECT_EQ(socket.received(), (std::vector<std::string>{"", "after"}));
}

TEST(UdpSocketTest, P4_ATruncatedDatagramIsDroppedAndCounted) {
  SocketInLoop socket;
  const UdpPeer peer;
  ASSERT_TRUE(peer.Send(socket.address(), std::string(9000, 'x')));
  ASSERT_TRUE(peer.Send(socket.address(), std::string(UdpSocket::kMaxDatagram + 1, 'x')));
  ASSERT_TRUE(peer.Send(socket.address(), std::string(UdpSocket::kMaxDatagram, 'y')));
  ASSERT_TRUE(socket.TurnUntilReceived(1));
  EXPECT_EQ(socket.received()[0], std::string(UdpSocket::kMaxDatagram, 'y'));
  EXPECT_EQ(socket.dropped(DropReason::kTruncated), 2u);
}

TEST(UdpSocketTest, P5_APeerThatClosedItsSocketDoesNotDisturbTheOthers) {
  SocketInLoop socket;
  const UdpPeer other;
  SocketAddress gone;
  { gone = UdpPeer().address(); }
  for (int i = 0; i < 100; ++i) {
    socket.Send(gone, "is anybody there");
    socket.Send(other.address(), "still served");
    socket.Turn();
    EXPECT_EQ(other.Receive(), "still served");
    ASSERT_TRUE(other.Send(socket.address(), "still heard"));
  }
  EXPECT_TRUE(socket.TurnUntilReceived(100));
}

// What ICMP does to a socket depends on its options and the kernel, so the error is put on it: by
// connecting the descriptor to a dead port, sending, and dissolving the connection.
TEST(UdpSocketTest, P5_AnErrorPendingOnTheSocketDoesNotEndIt) {
  SocketAddress gone, own;
  { gone = UdpPeer().address(); }
  { own = UdpPeer().address(); }
  SocketInLoop socket("127.0.0.1", own.port());
  const UdpPeer other;
  const int descriptor = socket.FindDescriptor();
  ASSERT_GE(descriptor, 0);
  for (size_t round = 1; round <= 3; ++round) {
    sockaddr_storage dead{};
    const socklen_t length = gone.ToSockaddr(dead, false);
    ASSERT_EQ(connect(descriptor, reinterpret_cast<const sockaddr*>(&dead), length), 0);
    // Again and again, as the kernel limits how many ICMP messages there are a second.
    pollfd error{descriptor, 0, 0};
    ASSERT_TRUE(
        WaitUntil([&] { return send(descriptor, "x", 1, 0) == 1 && poll(&error, 1, 100) == 1; }));
    ASSERT_NE(error.revents & POLLERR, 0);
    socket.Turn();
    sockaddr_storage none{};
    none.ss_family = AF_UNSPEC;
    ASSERT_EQ(connect(descriptor, reinterpret_cast<const sockaddr*>(&none), sizeof(none)), 0);
    ASSERT_TRUE(other.Send(socket.address(), "still heard"));
    ASSERT_TRUE(socket.TurnUntilReceived(round));
  }
}

TEST(UdpSocketTest, P5_ADatagramThatCannotGoOutHoldsUpNoOther) {
  SocketInLoop socket;
  const UdpPeer peer;
  const std::string too_large(70'000, 'x');
  DatagramList list;
  size_t good = 0, bad = 0;
  for (size_t i = 0; i < 3 * UdpSocket::kBatch; ++i) {
    if (i % 3 == 0) {
      list.Push(Loopback(9, "2001:db8::1"), Bytes("no IPv6 on this socket"));
      ++bad;
    } else if (i % 50 == 1) {
      list.Push(peer.address(), Bytes(too_large));
      ++bad;
    } else {
      list.Push(peer.address(), Bytes(std::to_string(i)));
      ++good;
    }
  }
  (*socket).Send(list);
  std::vector<int> order;
  for (size_t i = 0; i < good; ++i) order.push_back(std::stoi(peer.Receive().value_or("-1")));
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  EXPECT_GT(order.front(), 0);
  EXPECT_EQ(socket.dropped(DropReason::kEgressSendFailed), bad);
  EXPECT_EQ(socket.counters().packets_out.value(), good);
}

TEST(UdpSocketTest, RunsArriveAsTheDatagramsThatTheyWere) {
  SocketInLoop socket;
  const UdpPeer one, two;
  DatagramList list;
  std::vector<std::string> sent;
  for (int i = 0; i < 100; ++i) {
    sent.push_back(std::string(i % 10 == 9 ? 300 : 1100, static_cast<char>('a' + i % 26)));
    list.Push(one.address(), Bytes(sent.back()));
    list.Push(two.address(), Bytes(sent.back()));
  }
  (*socket).Send(list);
  for (const UdpPeer* peer : {&one, &two}) {
    for (const std::string& expected : sent) EXPECT_EQ(peer->Receive(), expected);
  }
  EXPECT_EQ(socket.counters().packets_out.value(), list.size());
  EXPECT_EQ(socket.counters().bytes_out.value(), 2 * (90u * 1100 + 10u * 300));
}

TEST(UdpSocketTest, RunsOfAPeerAreTakenApart) {
  SocketInLoop from, to;
  DatagramList list;
  std::vector<std::string> sent;
  for (int i = 0; i < 50; ++i) {
    sent.push_back(std::string(i == 49 ? 10 : 1000, static_cast<char>('a' + i % 26)));
    list.Push(to.address(), Bytes(sent.back()));
  }
  (*from).Send(list);
  ASSERT_TRUE(to.TurnUntilReceived(sent.size()));
  EXPECT_EQ(to.received(), sent);
  for (const SocketAddress& peer : to.peers()) EXPECT_EQ(peer, from.address());
}

TEST(UdpSocketTest, E6_WhatTheKernelDropsIsCounted) {
  SocketInLoop socket;
  const int small = 4096;
  ASSERT_EQ(setsockopt(socket.FindDescriptor(), SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
  const UdpPeer peer;
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(peer.Send(socket.address(), std::string(1000, 'x')));
  // The kernel says so along with the next datagram that there is room for.
  ASSERT_TRUE(socket.TurnUntilReceived(1));
  ASSERT_TRUE(WaitUntil([&] {
    EXPECT_TRUE(peer.Send(socket.address(), "after"));
    socket.Turn();
    return socket.counters().receive_queue_drops.value() > 0;
  }));
  EXPECT_LT(socket.counters().receive_queue_drops.value(), 1000u);
}

/// A loopback interface of the calling thread's own whose packets are smaller than ours.
bool EnterNarrowNetwork() {
  return unshare(CLONE_NEWNET) == 0 && std::system("ip link set lo mtu 800 up") == 0;
}

TEST(UdpSocketTest, APathThatTakesNoRunsGetsDatagramsAndIsNotAskedForEver) {
  bool narrow = false;
  std::thread([&narrow] {
    narrow = EnterNarrowNetwork();
    if (!narrow) return;
    SocketInLoop socket;
    const UdpPeer peer;
    if (!(*socket).segments()) return;
    const std::string media(1200, 'm');
    DatagramList list;
    for (int i = 0; i < 3; ++i) list.Push(peer.address(), Bytes(media));
    int tries = 0;
    for (; (*socket).segments() && tries < 100; ++tries) {
      (*socket).Send(list);
      for (int i = 0; i < 3; ++i) EXPECT_EQ(peer.Receive(), media);
    }
    EXPECT_GT(tries, 1);
    EXPECT_LT(tries, 100);
    EXPECT_EQ(socket.dropped(DropReason::kEgressSendFailed), 0u);
  }).join();
  if (!narrow) GTEST_SKIP() << "needs the right to make a network namespace";
}

TEST(UdpSocketTest, P9_OneTurnTakesNoMoreThanABatch) {
  SocketInLoop socket;
  const UdpPeer peer;
  for (size_t i = 0; i < 3 * UdpSocket::kBatch; ++i) {
    ASSERT_TRUE(peer.Send(socket.address(), "x"));
  }
  size_t before = 0;
  while (socket.received().size() < 3 * UdpSocket::kBatch) {
    socket.Turn();
    EXPECT_LE(socket.received().size() - before, UdpSocket::kBatch);
    before = socket.received().size();
  }
  EXPECT_EQ(socket.batches(), 3u);
}

/// The sockets at the port of a first one, for checks and for all else that is no media.
class PatientSockets {
 public:
  PatientSockets(SocketInLoop& media, Duration patience)
      : media_(media), sockets_((*media).SplitOff(media.loop())) {
    for (auto& socket : sockets_) {
      socket->Start(
          [this](const SocketAddress&, std::span<uint8_t> bytes) {
            ++received_;
            checks_ += bytes[0] == kCheck[0];
          },
          [this] { batches_.push_back(received_ - std::exchange(before_batch_, received_)); },
          patience);
    }
  }
  static constexpr std::string_view kCheck = "\x01 a check";
  static constexpr std::string_view kRecord = "\x17 a record";

  bool open() const { return sockets_.size() == 2; }
  size_t received() const { return received_; }
  size_t checks() const { return checks_; }
  const std::vector<size_t>& batches() const { return batches_; }
  bool TurnUntilReceived(size_t count) {
    return WaitUntil([&] {
      media_.Turn();
      return received_ >= count;
    });
  }

 private:
  SocketInLoop& media_;
  std::vector<std::unique_ptr<UdpSocket>> sockets_;
  size_t received_ = 0;
  size_t checks_ = 0;
  size_t before_batch_ = 0;
  std::vector<size_t> batches_;
};

TEST(UdpSocketTest, OnlyMediaIsReadAtOnceWhereTheRestGathers) {
  SocketInLoop socket;
  PatientSockets patient(socket, Duration::Seconds(1000));
  ASSERT_TRUE(patient.open());
  const UdpPeer peer;
  for (size_t i = 1; i <= 2; ++i) {
    ASSERT_TRUE(peer.Send(socket.address(), PatientSockets::kCheck));
    ASSERT_TRUE(patient.TurnUntilReceived(i));
  }
  for (size_t i = 1; i <= 100; ++i) {
    ASSERT_TRUE(peer.Send(socket.address(), PatientSockets::kCheck));
    ASSERT_TRUE(peer.Send(socket.address(), "\x80 media"));
    ASSERT_TRUE(socket.TurnUntilReceived(i));
  }
  EXPECT_EQ(patient.received(), 2u);
}

TEST(UdpSocketTest, WhatGathersIsRead) {
  SocketInLoop socket;
  PatientSockets patient(socket, Duration::Millis(2));
  ASSERT_TRUE(patient.open());
  const UdpPeer peer;
  for (size_t i = 1; i <= 1000; ++i) {
    ASSERT_TRUE(peer.Send(socket.address(), PatientSockets::kCheck));
    if (i % 100 == 0) {
      ASSERT_TRUE(patient.TurnUntilReceived(i));
    }
    socket.Turn();
  }
}

TEST(UdpSocketTest, P9_WhatHadToWaitIsTakenInLargerBatches) {
  SocketInLoop socket;
  PatientSockets patient(socket, Duration::Millis(5));
  ASSERT_TRUE(patient.open());
  const UdpPeer peer;
  constexpr size_t kSent = UdpSocket::kPatientBatch + 10;
  for (size_t i = 0; i < kSent; ++i) ASSERT_TRUE(peer.Send(socket.address(), "x"));
  ASSERT_TRUE(patient.TurnUntilReceived(kSent));
  EXPECT_THAT(patient.batches(), testing::ElementsAre(UdpSocket::kPatientBatch, 10));
}

TEST(UdpSocketTest, P9_E6_AFloodOfRecordsTakesNoRoomFromMediaAndChecks) {
  constexpr size_t kFlood = 20'000;
  SocketInLoop socket;
  PatientSockets patient(socket, Duration::Millis(5));
  ASSERT_TRUE(patient.open());
  const UdpPeer peer;
  const std::string garbage(1000, '\x17');
  for (size_t i = 0; i < kFlood; ++i) peer.Send(socket.address(), garbage);
  for (size_t i = 0; i < 50; ++i) {
    ASSERT_TRUE(peer.Send(socket.address(), "\x80 media"));
    ASSERT_TRUE(peer.Send(socket.address(), PatientSockets::kCheck));
  }
  EXPECT_TRUE(socket.TurnUntilReceived(50));
  EXPECT_TRUE(WaitUntil([&] {
    socket.Turn();
    return patient.checks() == 50;
  }));
  // What did not fit is counted once the next one comes that did.
  EXPECT_TRUE(WaitUntil([&] {
    peer.Send(socket.address(), garbage);
    socket.Turn();
    return socket.counters().receive_queue_drops.value() > 0;
  }));
  EXPECT_LT(socket.counters().receive_queue_drops.value(), kFlood);
}

TEST(UdpSocketTest, WhatIsDestroyedGivesItsPortBack) {
  const uint16_t port = UdpPeer().address().port();
  for (int i = 0; i < 100; ++i) {
    SocketInLoop socket("127.0.0.1", port);
    ASSERT_FALSE(socket.error());
  }
}

// As the load generator has them by the hundred.
TEST(UdpSocketTest, SocketsOfOneLoopCanShareTheirBuffers) {
  uv_loop_t loop;
  uv_loop_init(&loop);
  Counters counters;
  const auto buffers = UdpSocket::MakeBuffers();
  std::array<std::unique_ptr<UdpSocket>, 3> sockets;
  std::array<std::vector<std::string>, 3> received;
  for (size_t i = 0; i < sockets.size(); ++i) {
    sockets[i] = std::move(*UdpSocket::Bind(loop, "127.0.0.1", 0, counters, buffers));
  }
  for (size_t i = 0; i < sockets.size(); ++i) {
    // Answers in the middle of receiving, as a client does.
    sockets[i]->Start(
        [&, i](const SocketAddress& peer, std::span<uint8_t> bytes) {
          received[i].emplace_back(bytes.begin(), bytes.end());
          if (received[i].size() > 3) return;
          DatagramList answer;
          answer.Push(peer, Bytes("answer " + std::to_string(i)));
          sockets[i]->Send(answer);
        },
        [] {});
  }
  DatagramList list;
  list.Push(Loopback(sockets[1]->port()), Bytes("to one"));
  list.Push(Loopback(sockets[2]->port()), Bytes("to two"));
  sockets[0]->Send(list);
  EXPECT_TRUE(WaitUntil([&] {
    uv_run(&loop, UV_RUN_NOWAIT);
    return received[0].size() >= 2 && received[1].size() >= 2 && received[2].size() >= 2;
  }));
  EXPECT_THAT(received[0], testing::IsSupersetOf({"answer 1", "answer 2"}));
  EXPECT_EQ(received[1].front(), "to one");
  EXPECT_EQ(received[2].front(), "to two");
  for (auto& socket : sockets) socket.reset();
  uv_run(&loop, UV_RUN_DEFAULT);
  EXPECT_EQ(uv_loop_close(&loop), 0);
}

}  // namespace
}  // namespace earshot
