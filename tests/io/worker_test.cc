#include "io/worker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <future>

#include "io/running_worker.h"

namespace earshot {
namespace {

/// Sends what `make(i)` gives to the worker, never more than its socket's buffer holds.
template <typename SendOne>
void Flood(RunningWorker& worker, size_t count, SendOne send_one) {
  constexpr size_t kUnderWay = 100;
  const uint64_t before = worker.handled();
  for (size_t i = 0; i < count; ++i) {
    ASSERT_TRUE(send_one(i));
    if (i % kUnderWay == kUnderWay - 1 || i == count - 1) {
      ASSERT_TRUE(WaitUntil([&] { return worker.handled() >= before + i + 1; })) << i;
    }
  }
}

TEST(WorkerTest, TasksRunInOrderOnTheWorkersThread) {
  RunningWorker worker;
  std::vector<int> order;
  std::promise<std::thread::id> thread;
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE(worker->Post([&order, i](auto&&...) { order.push_back(i); }));
  }
  worker->Post([&thread](auto&&...) { thread.set_value(std::this_thread::get_id()); });
  EXPECT_NE(thread.get_future().get(), std::this_thread::get_id());
  EXPECT_EQ(order.size(), 1000u);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

// Whoever makes the server do things by the control thread keeps nobody's media waiting.
TEST(WorkerTest, P9_DatagramsHaveTheirTurnHoweverManyTasksWait) {
  RunningWorker worker;
  UdpPeer stranger;
  std::promise<void> go, done;
  std::vector<uint64_t> handled;
  worker->Post([&go](auto&&...) { go.get_future().wait(); });
  for (int i = 0; i < 20; ++i) {
    worker->Post([&worker, &handled](auto&&...) {
      handled.push_back(worker.handled());
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    });
  }
  worker->Post([&done](auto&&...) { done.set_value(); });
  ASSERT_TRUE(stranger.Send(worker.address(), "\x80 media of nobody"));
  go.set_value();
  done.get_future().wait();
  EXPECT_EQ(handled.back(), 1u) << "all tasks ran before the datagram was looked at";
}

TEST(WorkerTest, StoppingRunsWhatWasPostedBeforeAndTakesNothingAfter) {
  RunningWorker worker;
  std::promise<void> go;
  size_t ran = 0, accepted = 1000;
  worker->Post([&go](auto&&...) { go.get_future().wait(); });
  for (size_t i = 0; i < accepted; ++i) worker->Post([&ran](auto&&...) { ++ran; });
  std::thread stopper([&worker] { worker.Stop(); });
  // The stop begins while the loop is busy.
  while (worker->Post([&ran](auto&&...) { ++ran; })) {
    ++accepted;
    std::this_thread::yield();
  }
  go.set_value();
  stopper.join();
  EXPECT_EQ(ran, accepted);
  EXPECT_FALSE(worker->Post([](auto&&...) { FAIL() << "ran after the stop"; }));
  worker.Stop();
}

TEST(WorkerTest, StoppingEndsEveryParticipantOnce) {
  RunningWorker worker;
  std::vector<ParticipantId> joined;
  for (int i = 0; i < 10; ++i) joined.push_back(worker.Join());
  worker.Stop();
  std::vector<ParticipantId> ended;
  for (const ClosedParticipant& closed : worker.closed()) {
    EXPECT_EQ(closed.reason, CloseReason::kShuttingDown);
    ended.push_back(closed.participant);
  }
  EXPECT_THAT(ended, testing::UnorderedElementsAreArray(joined));
}

TEST(WorkerTest, DeadlinesFireWithoutTraffic) {
  RunningWorker worker;
  const ParticipantId late = worker.Join(Duration::Millis(29'900));
  ASSERT_NE(late, kNoParticipant);
  ASSERT_TRUE(WaitUntil([&] { return !worker.closed().empty(); }));
  EXPECT_EQ(worker.closed()[0].participant, late);
  EXPECT_EQ(worker.closed()[0].reason, CloseReason::kConnectTimeout);
}

TEST(WorkerTest, SinceLastTurnGrowsWhileTheLoopIsHeldUp) {
  RunningWorker worker;
  std::promise<void> go;
  worker->Post([&go](auto&&...) { go.get_future().wait(); });
  EXPECT_TRUE(WaitUntil([&] { return worker->SinceLastTurn() > Duration::Millis(1500); }));
  go.set_value();
  EXPECT_TRUE(WaitUntil([&] { return worker->SinceLastTurn() < Duration::Millis(600); }));
  const HistogramStats lag = worker->counters().loop_lag.Snapshot();
  EXPECT_GE(lag.sum_seconds, 0.9) << "the lag is in the histogram";
}

/// Whether the worker hands packets over; runs after what was posted before.
bool HasLanes(RunningWorker& worker) {
  std::promise<bool> has_lanes;
  worker->Post([&has_lanes](Engine&, Timestamp, EngineOutput& out) {
    has_lanes.set_value(out.lanes != nullptr);
  });
  return has_lanes.get_future().get();
}

TEST(WorkerTest, NothingIsHandedOverBeforeTheOtherCanSendIt) {
  RunningWorker home, other;
  std::promise<void> go;
  other->Post([&go](auto&&...) { go.get_future().wait(); });
  home->ShareWith(*other);
  EXPECT_FALSE(HasLanes(home));
  go.set_value();
  EXPECT_TRUE(WaitUntil([&] { return HasLanes(home); }));
  EXPECT_FALSE(HasLanes(other)) << "it was asked for one way";
  home.Stop();
  other.Stop();
}

TEST(WorkerTest, TheAnswerAnnouncesTheSocketsPort) {
  RunningWorker worker;
  std::promise<std::string> answer;
  worker->Post([&](Engine& engine, Timestamp now, EngineOutput&) {
    answer.set_value(engine.Join(ChromiumJoin("hall"), now)->answer);
  });
  EXPECT_THAT(answer.get_future().get(),
              testing::HasSubstr(" 127.0.0.1 " + std::to_string(worker->port()) + " typ host"));
}

TEST(WorkerTest, P2_AnOversizeDatagramIsDroppedBeforeAnybodyReadsIt) {
  RunningWorker worker;
  const UdpPeer peer;
  Flood(worker, 548,
        [&](size_t i) { return peer.Send(worker.address(), "\x80" + std::string(1500 + i, 'x')); });
  EXPECT_EQ(worker.dropped(DropReason::kOversize), 548u);
  ASSERT_TRUE(peer.Send(worker.address(), "\x80" + std::string(1499, 'x')));
  EXPECT_TRUE(WaitUntil([&] { return worker.dropped(DropReason::kUnknownSource) == 1; }));
}

TEST(WorkerTest, P3_AHundredThousandEmptyDatagramsAreCountedAndNoMore) {
  RunningWorker worker;
  const UdpPeer peer;
  Flood(worker, 100'000, [&](size_t) { return peer.Send(worker.address(), ""); });
  EXPECT_EQ(worker.dropped(DropReason::kEmpty), 100'000u);
  EXPECT_EQ(worker->counters().packets_out.value(), 0u);
  EXPECT_NE(worker.Join(), kNoParticipant) << "it still serves";
}

TEST(WorkerTest, P4_TruncatedDatagramsAreCountedAndNoMore) {
  RunningWorker worker;
  const UdpPeer peer;
  const std::string large(9000, '\x80');
  Flood(worker, 1000, [&](size_t) { return peer.Send(worker.address(), large); });
  EXPECT_EQ(worker.dropped(DropReason::kTruncated), 1000u);
  EXPECT_NE(worker.Join(), kNoParticipant) << "it still serves";
}

/// What a stranger may send that is not STUN: RTP, RTCP, a DTLS ClientHello's first bytes.
std::string StrangersDatagram(size_t i) {
  switch (i % 3) {
    case 0:
      return "\x80\x6f" + std::string(170, 'r');
    case 1:
      return std::string("\x80\xc8\x00\x06", 4) + std::string(24, 'c');
    default:
      return std::string("\x16\xfe\xfd\x00", 4) + std::string(200, 'h');
  }
}

TEST(WorkerTest, P7_StrangersGetNoAnswerAndTakeNoMemory) {
  RunningWorker worker;
  ASSERT_NE(worker.Join(), kNoParticipant);
  const UdpPeer strangers("0.0.0.0");
  const auto send = [&](size_t i) {
    const auto source = static_cast<uint32_t>(0x7f010000u + i);  // 127.1.0.0 and on
    return strangers.SendFrom(source, worker.address(), StrangersDatagram(i));
  };
  Flood(worker, 1000, send);
  const size_t before = ResidentBytes();
  Flood(worker, 100'000, send);
  if (kMemoryIsOurs) {
    EXPECT_LT(ResidentBytes(), before + (1u << 20));
  }
  EXPECT_EQ(worker.dropped(DropReason::kUnknownSource), 101'000u);
  EXPECT_EQ(worker->counters().bytes_out.value(), 0u);
  EXPECT_FALSE(strangers.Receive(0));
}

TEST(WorkerTest, P7_StrangersOnManyPortsGetNoAnswer) {
  RunningWorker worker;
  constexpr size_t kPorts = 2000;
  Flood(worker, kPorts, [&](size_t i) {
    const UdpPeer stranger;
    return stranger.Send(worker.address(), StrangersDatagram(i));
  });
  EXPECT_EQ(worker.dropped(DropReason::kUnknownSource), kPorts);
  EXPECT_EQ(worker->counters().bytes_out.value(), 0u);
}

TEST(WorkerTest, F6_ABusyPortLeavesNothingRunning) {
  const UdpPeer owner;
  WorkerOptions options;
  options.bind_address = "127.0.0.1";
  options.port = owner.address().port();
  for (int i = 0; i < 100; ++i) {
    const auto worker = Worker::Start(options, Certificate(), [](const auto&) {});
    ASSERT_FALSE(worker);
    EXPECT_EQ(worker.error().code, "bind-failed");
  }
}

TEST(WorkerTest, L2_ALoopThatStoodStillGivesPeersTheTimeThatTheyLost) {
  RunningWorker worker;
  // Three seconds are left to connect, and for longer than those nobody listens.
  const ParticipantId id = worker.Join(Duration::Seconds(27));
  std::promise<void> slept;
  worker->Post([&slept](auto&&...) {
    std::this_thread::sleep_for(std::chrono::milliseconds(3500));
    slept.set_value();
  });
  slept.get_future().wait();
  // What is due runs before the next task.
  std::promise<bool> is_here;
  worker->Post([&](Engine& engine, auto&&...) { is_here.set_value(engine.Has(id)); });
  EXPECT_TRUE(is_here.get_future().get());
  EXPECT_TRUE(WaitUntil([&] { return worker.closed().size() == 1; })) << "and no longer";
  EXPECT_EQ(worker.closed()[0].reason, CloseReason::kConnectTimeout);
}

TEST(WorkerTest, WhatIsDueSinceBeforeItWasSaidIsNoLagOfTheLoop) {
  RunningWorker worker;
  worker.Join(Duration::Seconds(1000));
  EXPECT_TRUE(WaitUntil([&] { return worker.closed().size() == 1; }));
  EXPECT_LT(worker->counters().loop_lag.Snapshot().sum_seconds, 500);
}

}  // namespace
}  // namespace earshot
