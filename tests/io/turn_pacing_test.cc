#include "io/turn_pacing.h"

#include <gtest/gtest.h>

namespace earshot {
namespace {

constexpr Duration kWait = Duration::Micros(500);

// A socket that is looked at as soon as it may be, while a message comes every so often.
class Socket {
 public:
  explicit Socket(Duration max_wait) : pacing_(max_wait) {}

  void Run(Duration length, Duration between) {
    const Timestamp end = now_ + length;
    while (now_ < end) {
      size_t messages = 0;
      while (next_message_ <= now_) {
        longest_wait = std::max(longest_wait, now_ - next_message_);
        next_message_ = next_message_ + between;
        ++messages;
      }
      ++turns;
      now_ = std::max(pacing_.NextTurn(now_, messages), next_message_);
    }
  }

  size_t turns = 0;
  Duration longest_wait;

 private:
  TurnPacing pacing_;
  Timestamp now_ = Timestamp::Seconds(1);
  Timestamp next_message_ = now_;
};

TEST(TurnPacingTest, WhatComesOneByOneIsHandledAtOnce) {
  Socket socket(kWait);
  socket.Run(Duration::Seconds(10), Duration::Millis(1));
  EXPECT_EQ(socket.turns, 10'000u);
  EXPECT_EQ(socket.longest_wait, Duration::Zero());
}

TEST(TurnPacingTest, WhereMuchComesItGathers) {
  Socket socket(kWait);
  socket.Run(Duration::Seconds(1), Duration::Micros(50));
  EXPECT_LE(socket.turns, 4'000u) << "of 20 000, all of the first tenth";
  EXPECT_GT(socket.longest_wait, Duration::Zero());
  EXPECT_LE(socket.longest_wait, kWait);
}

TEST(TurnPacingTest, StopsGatheringWhenLittleComes) {
  Socket socket(kWait);
  socket.Run(Duration::Seconds(1), Duration::Micros(50));
  socket.Run(Duration::Millis(200), Duration::Millis(1));
  socket.longest_wait = Duration::Zero();
  socket.Run(Duration::Seconds(1), Duration::Millis(1));
  EXPECT_EQ(socket.longest_wait, Duration::Zero());
}

TEST(TurnPacingTest, TheFirstAfterSilenceIsHandledAtOnce) {
  TurnPacing pacing(kWait);
  Timestamp now = Timestamp::Seconds(1);
  for (int i = 0; i < 1000; ++i) now = pacing.NextTurn(now, 10) + Duration::Micros(100);
  EXPECT_EQ(pacing.NextTurn(now, 10), now + kWait);
  now = now + Duration::Seconds(60);
  EXPECT_EQ(pacing.NextTurn(now, 1), now) << "nor do those after it wait";
}

TEST(TurnPacingTest, WithoutAWaitNothingEverWaits) {
  Socket socket(Duration::Zero());
  socket.Run(Duration::Seconds(1), Duration::Micros(10));
  EXPECT_EQ(socket.longest_wait, Duration::Zero());
}

}  // namespace
}  // namespace earshot
