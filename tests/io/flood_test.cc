// Threat row P9: garbage at the rate that the machine can make it. Nothing here says how long
// anything takes, but what gets its turn while it lasts.

#include <gtest/gtest.h>

#include <atomic>

#include "io/live_client.h"
#include "io/socket_in_loop.h"

namespace earshot {
namespace {

/// Sends garbage from a thread of its own for as long as it lives.
class Flood {
 public:
  explicit Flood(const SocketAddress& to)
      : thread_([this, to] {
          const UdpPeer from;
          const std::string garbage = "\x80" + std::string(99, 'g');
          while (!stop_) from.Send(to, garbage);
        }) {}
  ~Flood() {
    stop_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

TEST(FloodTest, P9_TimersRunBetweenTheBatches) {
  constexpr size_t kBatches = 3000;
  SocketInLoop socket;
  uv_timer_t timer;
  uv_timer_init(&socket.loop(), &timer);
  size_t fired = 0, taken = 0;
  timer.data = &fired;
  socket.on_batch = [&] {
    // Of the timer that became due with the batch before.
    EXPECT_EQ(fired, socket.batches() - 1);
    EXPECT_LE(socket.received().size() - taken, UdpSocket::kBatch);
    taken = socket.received().size();
    uv_timer_start(
        &timer, [](uv_timer_t* due) { ++*static_cast<size_t*>(due->data); }, 0, 0);
    if (socket.batches() == kBatches) uv_stop(&socket.loop());
  };
  {
    const Flood flood(socket.address());
    uv_run(&socket.loop(), UV_RUN_DEFAULT);
  }
  EXPECT_EQ(socket.batches(), kBatches);
  socket.on_batch = nullptr;
  uv_close(reinterpret_cast<uv_handle_t*>(&timer), nullptr);
}

TEST(FloodTest, P9_WhatTheKernelPutTogetherIsBoundedToo) {
  SocketInLoop from, to;
  const std::string garbage(100, 'g');
  DatagramList list;
  for (int i = 0; i < 640; ++i) list.Push(to.address(), Bytes(garbage));
  size_t before = 0;
  for (int round = 0; round < 100; ++round) {
    for (int i = 0; i < 10; ++i) (*from).Send(list);
    to.Turn();
    EXPECT_LE(to.received().size() - before, UdpSocket::kMaxPerTurn);
    before = to.received().size();
  }
  EXPECT_GT(before, 0u);
}

TEST(FloodTest, P9_DeadlinesComeAndPeopleConnectThroughAFlood) {
  constexpr uint64_t kGarbage = 20'000;
  RunningWorker worker;
  LiveClient client;
  {
    const Flood flood(worker.address());
    ASSERT_TRUE(WaitUntil([&] { return worker.dropped(DropReason::kUnknownSource) > kGarbage; }));
    ASSERT_TRUE(client.Accept(worker.Join(client.Request())));
    const ParticipantId late = worker.Join(Duration::Millis(29'900));
    EXPECT_TRUE(WaitUntil([&] {
      client.Turn();
      return client.is_connected() && !worker.closed().empty();
    }));
    ASSERT_FALSE(worker.closed().empty());
    EXPECT_EQ(worker.closed()[0].participant, late);
    const uint64_t before = worker.dropped(DropReason::kUnknownSource);
    EXPECT_TRUE(WaitUntil([&] {
      return worker.dropped(DropReason::kUnknownSource) > before + kGarbage;
    })) << "the flood lasted";
  }
}

}  // namespace
}  // namespace earshot
