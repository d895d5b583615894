// Threat row P6: a path that takes less than is sent. The kernel keeps what waits for it in the
// socket's buffer, which runs full and refuses.

#include <gtest/gtest.h>

#include "io/own_network.h"
#include "io/socket_in_loop.h"

namespace earshot {
namespace {

/// A socket whose buffer holds a few datagrams, and how many it has given account of.
class NarrowSocket : public SocketInLoop {
 public:
  NarrowSocket() {
    const int small = 8192;
    setsockopt(FindDescriptor(), SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
  }
  uint64_t sent() const { return counters().packets_out.value(); }
  uint64_t dropped() const {
    uint64_t sum = 0;
    for (const Counter& counter : counters().drops) sum += counter.value();
    return sum;
  }
  using SocketInLoop::dropped;
};

TEST(SlowPathTest, P6_WhatTheKernelHasNoRoomForGoesOutLaterAndInOrder) {
  OnSlowPath([] {
    NarrowSocket socket;
    const UdpPeer peer;
    DatagramList list;
    constexpr size_t kCount = 200;
    for (size_t i = 0; i < kCount; ++i) {
      std::string text = std::to_string(i);
      text.resize(100 + i, ' ');  // of no two the same size, so that they are no run
      list.Push(peer.address(), Bytes(text));
    }
    (*socket).Send(list);
    EXPECT_LT(socket.sent(), kCount) << "it does not wait for the kernel";
    EXPECT_GT(socket.counters().sends_delayed.value(), 0u);
    EXPECT_TRUE(WaitUntil([&] {
      socket.Turn();
      return socket.sent() == kCount;
    }));
    std::vector<int> received;
    for (size_t i = 0; i < kCount; ++i) received.push_back(std::stoi(*peer.Receive()));
    for (size_t i = 0; i < kCount; ++i) EXPECT_EQ(received[i], static_cast<int>(i));
    EXPECT_EQ(socket.dropped(), 0u);
    // And as before.
    socket.Send(peer.address(), "later");
    EXPECT_EQ(peer.Receive(), "later");
  });
}

TEST(SlowPathTest, P6_EachDatagramIsSentOrCountedAsDropped) {
  OnSlowPath([] {
    NarrowSocket socket;
    const UdpPeer one, two;
    const std::string media(1200, 'm');
    DatagramList list;
    for (int i = 0; i < 500; ++i) {
      list.Push(one.address(), Bytes(media), Precedence::kVideo);
      list.Push(two.address(), Bytes(media), Precedence::kAudio);
    }
    uint64_t given = 0;
    for (int i = 0; i < 20; ++i) {
      (*socket).Send(list);
      given += list.size();
      socket.Turn();
    }
    EXPECT_GT(socket.dropped(DropReason::kEgressQueueFull), 0u);
    EXPECT_TRUE(WaitUntil([&] {
      socket.Turn();
      return socket.sent() + socket.dropped() == given;
    }));
    EXPECT_GT(socket.dropped(DropReason::kEgressTooLate), 0u);
    socket.Send(one.address(), "later");
    EXPECT_TRUE(WaitUntil([&] { return one.Receive() == "later"; }));
  });
}

// 50 Mbit/s of video and 0.6 Mbit/s of audio, each 2 ms; the path's own clock says when these are
// over, so that a stalled machine stalls both.
TEST(SlowPathTest, P6_AudioGetsThroughAVideoTooLargeForThePathAndMemoryStays) {
  OnSlowPath([] {
    constexpr size_t kRounds = 1000;
    constexpr size_t kBytesPerRound = 750;
    NarrowSocket socket;
    const UdpPeer peer;
    const std::string audio(160, 'a'), video(1200, 'v');
    DatagramList turn;
    turn.Push(peer.address(), Bytes(audio), Precedence::kAudio);
    for (int i = 0; i < 10; ++i) turn.Push(peer.address(), Bytes(video), Precedence::kVideo);
    size_t received = 0, heard = 0, memory_before = 0;
    const auto receive = [&](int wait) {
      while (const auto datagram = peer.Receive(wait)) {
        received += datagram->size();
        heard += datagram->front() == 'a' ? 1 : 0;
      }
    };
    for (size_t round = 1; round <= kRounds; ++round) {
      (*socket).Send(turn);
      ASSERT_TRUE(WaitUntil([&] {
        socket.Turn();
        receive(0);
        return received >= round * kBytesPerRound;
      })) << round;
      if (round == kRounds / 4) memory_before = ResidentBytes();
    }
    if (kMemoryIsOurs) {
      EXPECT_LT(ResidentBytes(), memory_before + (1u << 20));
    }
    EXPECT_TRUE(WaitUntil([&] {
      socket.Turn();
      return socket.sent() + socket.dropped() == kRounds * turn.size();
    }));
    receive(1000);
    EXPECT_GT(heard, kRounds * 99 / 100);
    EXPECT_GT(socket.dropped(), kRounds * 9);
  });
}

}  // namespace
}  // namespace earshot
