// A host with several addresses: what comes to one of them is answered from it, whatever way the
// answer takes out.

#include <gtest/gtest.h>

#include "io/own_network.h"
#include "io/socket_in_loop.h"

namespace earshot {
namespace {

/// A socket on all addresses of the host, and a peer that asks two of them in one turn.
struct Asked {
  Asked(const std::string& bind, const std::string& peer_host, const std::string& one,
        const std::string& other)
      : socket(bind),
        peer(peer_host),
        first(Loopback((*socket).port(), one)),
        second(Loopback((*socket).port(), other)) {
    (*socket).TellLocalsApart();
    EXPECT_TRUE(peer.Send(first, "one"));
    EXPECT_TRUE(peer.Send(second, "two"));
    EXPECT_TRUE(socket.TurnUntilReceived(2));
    EXPECT_NE(socket.peers()[0], socket.peers()[1]);
    EXPECT_EQ(socket.peers()[0].By(0), peer.address());
    EXPECT_EQ(socket.peers()[1].By(0), peer.address());
  }
  /// Ordered by what they said.
  SocketAddress PathOf(const std::string& text) const {
    return socket.peers()[socket.received()[0] == text ? 0 : 1];
  }
  /// So many datagrams, of which those that begin with `1` come from the first address and those
  /// with `2` from the second one.
  void ExpectAnswers(size_t count) {
    for (size_t i = 0; i < count; ++i) {
      const auto answer = peer.ReceiveFrom();
      ASSERT_TRUE(answer) << i;
      EXPECT_EQ(answer->second, answer->first[0] == '1' ? first : second) << answer->first;
    }
  }

  SocketInLoop socket;
  UdpPeer peer;
  SocketAddress first;
  SocketAddress second;
};

void ExpectAnswersFromWhereTheyWereAsked(Asked& asked) {
  const SocketAddress one = asked.PathOf("one"), two = asked.PathOf("two");
  DatagramList list;
  list.Push(one, Bytes("1 alone"));
  list.Push(two, Bytes("2 alone"));
  (*asked.socket).Send(list);
  asked.ExpectAnswers(2);
  // Runs, in one batch.
  list.Clear();
  for (int i = 0; i < 10; ++i) {
    list.Push(one, Bytes("1 of a run"));
    list.Push(two, Bytes("2 of a run"));
  }
  (*asked.socket).Send(list);
  asked.ExpectAnswers(20);
  // Another loop, from the same port.
  SocketInLoop elsewhere;
  const auto same =
      UdpSocket::Adopt((*asked.socket).Duplicate(), elsewhere.loop(),
                       const_cast<Counters&>(elsewhere.counters()), UdpSocket::MakeBuffers());
  ASSERT_NE(same, nullptr);
  same->Send(list);
  asked.ExpectAnswers(20);
}

TEST(LocalPathsTest, AnIpv4SocketAnswersFromTheAddressThatWasAsked) {
  Asked asked("0.0.0.0", "127.0.0.1", "127.0.0.5", "127.0.0.6");
  ExpectAnswersFromWhereTheyWereAsked(asked);
}

TEST(LocalPathsTest, ASocketForBothAnswersIpv4FromTheAddressThatWasAsked) {
  Asked asked("::", "127.0.0.1", "127.0.0.5", "127.0.0.6");
  ExpectAnswersFromWhereTheyWereAsked(asked);
}

TEST(LocalPathsTest, SecondAddressesOfAnInterfaceAnswerForThemselves) {
  WithSeveralAddresses([] {
    for (const char* bind : {"::", "0.0.0.0"}) {
      Asked asked(bind, "10.1.0.9", "10.1.0.1", "10.1.0.2");
      ExpectAnswersFromWhereTheyWereAsked(asked);
    }
    if (!HasIpv6()) return;
    Asked asked("::", "fd00::9", "fd00::1", "fd00::2");
    ExpectAnswersFromWhereTheyWereAsked(asked);
  });
}

TEST(LocalPathsTest, ChecksAndHandshakesComeByTheSamePathsAsMedia) {
  SocketInLoop media("::");
  (*media).TellLocalsApart();
  std::vector<SocketAddress> paths;
  const auto sockets = (*media).SplitOff(media.loop());
  for (const auto& socket : sockets) {
    socket->Start([&](const SocketAddress& path, std::span<uint8_t>) { paths.push_back(path); },
                  [] {});
  }
  const UdpPeer peer;
  const SocketAddress asked = Loopback((*media).port(), "127.0.0.7");
  EXPECT_TRUE(peer.Send(asked, std::string("\x01 check")));
  EXPECT_TRUE(peer.Send(asked, std::string("\x16 handshake")));
  EXPECT_TRUE(peer.Send(asked, std::string("\x80 media")));
  ASSERT_TRUE(WaitUntil([&] {
    media.Turn();
    return paths.size() + media.received().size() == 3;
  }));
  paths.insert(paths.end(), media.peers().begin(), media.peers().end());
  for (const SocketAddress& path : paths) {
    EXPECT_EQ(path, paths[0]);
    media.Send(path, "answer");
    EXPECT_EQ(peer.ReceiveFrom()->second, asked);
  }
}

TEST(LocalPathsTest, WhatHadToWaitLeavesFromThereToo) {
  OnSlowPath([] {
    Asked asked("0.0.0.0", "127.0.0.1", "127.0.0.5", "127.0.0.6");
    const int small = 8192;
    setsockopt(asked.socket.FindDescriptor(), SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
    DatagramList list;
    constexpr size_t kCount = 100;
    for (size_t i = 0; i < kCount; ++i) {
      std::string text = i % 2 == 0 ? "1" : "2";
      text.resize(100 + i, ' ');  // of no two the same size, so that they are no run
      list.Push(asked.PathOf(i % 2 == 0 ? "one" : "two"), Bytes(text));
    }
    (*asked.socket).Send(list);
    EXPECT_GT(asked.socket.counters().sends_delayed.value(), 0u);
    EXPECT_TRUE(WaitUntil([&] {
      asked.socket.Turn();
      return asked.socket.counters().packets_out.value() == kCount;
    }));
    asked.ExpectAnswers(kCount);
  });
}

TEST(LocalPathsTest, S20_AnAddressThatIsGoneCostsNobodyElseAnything) {
  WithSeveralAddresses([] {
    Asked asked("::", "10.1.0.9", "10.1.0.1", "10.1.0.2");
    ASSERT_TRUE(RunCommand("ip address del 10.1.0.2/32 dev lo"));
    DatagramList list;
    for (int i = 0; i < 40; ++i) {
      // Of two, so that each is a run that the kernel refuses.
      list.Push(asked.PathOf("two"), Bytes("2 a"));
      list.Push(asked.PathOf("two"), Bytes("2 b"));
      list.Push(asked.PathOf("one"), Bytes("1 a"));
      (*asked.socket).Send(list);
      list.Clear();
    }
    asked.ExpectAnswers(40);
    EXPECT_EQ(asked.socket.dropped(DropReason::kEgressSendFailed), 80u);
    EXPECT_TRUE((*asked.socket).segments()) << "what goes nowhere says nothing about runs";
  });
}

TEST(LocalPathsTest, StrangersLeaveRoomForTheAddressesThatAreKept) {
  SocketInLoop socket("0.0.0.0");
  (*socket).TellLocalsApart();
  const uint16_t port = (*socket).port();
  const UdpPeer peer;
  const std::vector<SocketAddress> kept{Loopback(port, "127.0.0.5")};
  (*socket).KeepLocals(kept);
  for (int i = 1; i <= 255; ++i) {
    EXPECT_TRUE(peer.Send(Loopback(port, "127.0.1." + std::to_string(i)), "scan"));
  }
  ASSERT_TRUE(socket.TurnUntilReceived(255));
  EXPECT_TRUE(peer.Send(Loopback(port, "127.0.2.1"), "one too many"));
  EXPECT_TRUE(peer.Send(kept[0], "genuine"));
  ASSERT_TRUE(socket.TurnUntilReceived(257));
  EXPECT_EQ(socket.peers()[255].local(), 0);
  socket.Send(socket.peers()[256], "answer");
  EXPECT_EQ(peer.ReceiveFrom()->second, kept[0]);
}

}  // namespace
}  // namespace earshot
