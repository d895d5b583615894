#include "io/send_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>

#include "base/random.h"

namespace earshot {
namespace {

SocketAddress Peer(uint16_t port) { return *SocketAddress::FromLiteral("192.0.2.1", port); }

void Push(DatagramList& list, uint16_t port, size_t size) {
  list.Push(Peer(port), std::vector<uint8_t>(size));
}

/// The sizes of each run's datagrams, with the peers in order of their ports.
std::string Describe(const DatagramList& list, SendPlan& plan, bool in_runs = true) {
  std::map<uint16_t, std::string> by_port;
  for (const SendPlan::Run& run : plan.Make(list, in_runs)) {
    std::string& text = by_port[list[run.datagrams[0]].peer.port()];
    text += text.empty() ? "" : " | ";
    for (const uint32_t index : run.datagrams)
      text += std::to_string(list[index].bytes.size()) + ",";
  }
  std::string all;
  for (const auto& [port, text] : by_port) all += std::to_string(port) + ": " + text + "\n";
  return all;
}

TEST(SendPlanTest, DatagramsOfEqualSizeToOnePeerAreOneRun) {
  DatagramList list;
  for (int i = 0; i < 3; ++i) {
    Push(list, 1, 1200);
    Push(list, 2, 100);
  }
  SendPlan plan;
  EXPECT_EQ(Describe(list, plan), "1: 1200,1200,1200,\n2: 100,100,100,\n");
}

TEST(SendPlanTest, AShorterOneEndsTheRunAndALongerOneStartsAnother) {
  DatagramList list;
  for (const size_t size : {1200, 1200, 700, 1200, 1300, 1300}) Push(list, 1, size);
  SendPlan plan;
  EXPECT_EQ(Describe(list, plan), "1: 1200,1200,700, | 1200, | 1300,1300,\n");
}

TEST(SendPlanTest, RunsAreBounded) {
  DatagramList list;
  for (int i = 0; i < 100; ++i) Push(list, 1, 10);
  for (int i = 0; i < 60; ++i) Push(list, 2, 1400);
  SendPlan plan;
  size_t planned = 0;
  for (const SendPlan::Run& run : plan.Make(list, true)) {
    EXPECT_LE(run.datagrams.size(), SendPlan::kMaxSegments);
    EXPECT_LE(run.datagrams.size() * run.segment_size, SendPlan::kMaxBytes);
    planned += run.datagrams.size();
  }
  EXPECT_EQ(planned, list.size());
}

TEST(SendPlanTest, EmptyAndHugeDatagramsStandAlone) {
  DatagramList list;
  for (const size_t size : {0, 0, 70000, 5, 0}) Push(list, 1, size);
  SendPlan plan;
  EXPECT_EQ(Describe(list, plan), "1: 0, | 0, | 70000, | 5, | 0,\n");
}

TEST(SendPlanTest, WithoutRunsEachStandsAlone) {
  DatagramList list;
  for (int i = 0; i < 3; ++i) Push(list, 1, 5);
  SendPlan plan;
  EXPECT_EQ(Describe(list, plan, false), "1: 5, | 5, | 5,\n");
}

TEST(SendPlanTest, EveryDatagramIsPlannedOnceAndInOrderForItsPeer) {
  SeededRandom random(1);
  SendPlan plan;
  for (int round = 0; round < 200; ++round) {
    DatagramList list;
    const uint32_t count = random.Below(300);
    for (uint32_t i = 0; i < count; ++i) {
      Push(list, static_cast<uint16_t>(1 + random.Below(9)), 1 + random.Below(4) * 400);
    }
    std::map<uint16_t, std::vector<uint32_t>> planned;
    size_t total = 0;
    for (const SendPlan::Run& run : plan.Make(list, true)) {
      for (size_t i = 0; i < run.datagrams.size(); ++i) {
        const Datagram datagram = list[run.datagrams[i]];
        EXPECT_EQ(datagram.peer, list[run.datagrams[0]].peer);
        const bool is_last = i + 1 == run.datagrams.size();
        EXPECT_TRUE(datagram.bytes.size() == run.segment_size ||
                    (is_last && datagram.bytes.size() < run.segment_size));
        planned[datagram.peer.port()].push_back(run.datagrams[i]);
        ++total;
      }
    }
    EXPECT_EQ(total, list.size());
    for (const auto& [port, indices] : planned) {
      EXPECT_TRUE(std::is_sorted(indices.begin(), indices.end()));
    }
  }
}

}  // namespace
}  // namespace earshot
