#include "io/lane_balance.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace earshot {
namespace {

// Workers of which the first has a space: some of its work is its own, the rest lies in the shards.
class Workers {
 public:
  explicit Workers(size_t others) : busy_of_others_(others) { lane_of_.fill(EgressLanes::kHome); }
  double fixed = 100;
  double in_shards = 0;
  std::vector<double> elsewhere = std::vector<double>(8);

  void Step() {
    own_ = Cap(fixed + in_shards * Share(EgressLanes::kHome));
    for (size_t i = 0; i < busy_of_others_.size(); ++i) {
      busy_of_others_[i] = Cap(elsewhere[i] + in_shards * Share(static_cast<uint8_t>(i)));
    }
    BalanceLanes(own_, busy_of_others_, lane_of_);
  }
  void Run(int steps) {
    for (int i = 0; i < steps; ++i) Step();
  }
  double Share(uint8_t lane) const {
    return static_cast<double>(std::count(lane_of_.begin(), lane_of_.end(), lane)) /
           EgressLanes::kShards;
  }
  double own() const { return static_cast<double>(own_); }
  double other(size_t i) const { return static_cast<double>(busy_of_others_[i]); }

 private:
  static Busyness Cap(double busy) { return static_cast<Busyness>(std::min(busy, 1000.0)); }

  std::array<uint8_t, EgressLanes::kShards> lane_of_;
  Busyness own_ = 0;
  std::vector<Busyness> busy_of_others_;
};

TEST(LaneBalanceTest, WhatOneCanDoStaysWithOne) {
  Workers workers(1);
  workers.in_shards = 350;
  workers.Run(10);
  EXPECT_EQ(workers.Share(EgressLanes::kHome), 1);
}

TEST(LaneBalanceTest, ASpaceThatOutgrowsItsWorkerIsSharedEqually) {
  Workers workers(1);
  workers.in_shards = 1500;
  workers.Run(20);
  EXPECT_NEAR(workers.own(), 800, 60);
  EXPECT_NEAR(workers.other(0), 800, 60);
}

TEST(LaneBalanceTest, TheIdlestTakesFirst) {
  Workers workers(3);
  workers.in_shards = 900;
  workers.elsewhere = {700, 0, 700};
  workers.Run(20);
  EXPECT_NEAR(workers.own(), workers.other(1), 120);
  EXPECT_LT(workers.Share(0), 0.05);
  EXPECT_LT(workers.Share(2), 0.05);
}

TEST(LaneBalanceTest, WhoBecomesBusyItselfGivesBack) {
  Workers workers(1);
  workers.in_shards = 1000;
  workers.Run(20);
  const double before = workers.Share(0);
  workers.elsewhere = {500};
  workers.Run(20);
  EXPECT_LT(workers.Share(0), before - 0.1);
  EXPECT_NEAR(workers.own(), workers.other(0), 120);
}

TEST(LaneBalanceTest, ASpaceThatShrinksComesHome) {
  Workers workers(2);
  workers.in_shards = 1500;
  workers.Run(20);
  EXPECT_LT(workers.Share(EgressLanes::kHome), 0.6);
  workers.in_shards = 100;
  workers.Run(40);
  EXPECT_EQ(workers.Share(EgressLanes::kHome), 1);
}

TEST(LaneBalanceTest, AnEvenLoadIsLeftAlone) {
  Workers workers(1);
  workers.in_shards = 1500;
  workers.Run(20);
  const double before = workers.Share(0);
  workers.Run(20);
  EXPECT_EQ(workers.Share(0), before);
}

}  // namespace
}  // namespace earshot
