#include "deadline_timer.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <string>
#include <thread>

#include "pause_watch.h"

namespace earshotd {
namespace {

using earshot::Duration;
using earshot::Timestamp;

class DeadlineTimerTest : public testing::Test {
 protected:
  boost::asio::io_context io_;
  DeadlineTimer timer_{io_.get_executor()};
  DeadlineTimer other_{io_.get_executor()};
  std::string order_;
};

TEST_F(DeadlineTimerTest, TheLastArmingCountsAndNothingComesAfterACancel) {
  timer_.Arm(Now(), [this] { order_ += 'a'; });
  timer_.Arm(Now(), [this] { order_ += 'b'; });
  other_.Arm(Now(), [this] { order_ += 'c'; });
  other_.Cancel();
  io_.run();
  EXPECT_EQ(order_, "b");
}

TEST_F(DeadlineTimerTest, NeverIsNoDeadline) {
  timer_.Arm(Timestamp::Never(), [this] { order_ += 'a'; });
  io_.run();
  EXPECT_EQ(order_, "");
}

TEST_F(DeadlineTimerTest, L2_ADeadlineIsNotUpBecauseTheProcessStoodStill) {
  const PauseWatch watch(io_.get_executor());
  const auto stop = [this] { io_.stop(); };
  timer_.Arm(Now() + Duration::Seconds(1), [&] {
    order_ += "late ";
    stop();
  });
  // Such as a check that waits to be read: after the pause, and before the rest of that second.
  std::this_thread::sleep_for(std::chrono::milliseconds(2500));
  other_.Arm(Now() + Duration::Millis(100), [this] { order_ += "soon "; });
  io_.run();
  EXPECT_EQ(order_, "soon late ");
}

TEST_F(DeadlineTimerTest, WhatNobodyWatchesIsNoPause) {
  const Timestamp before = Now();
  std::this_thread::sleep_for(std::chrono::milliseconds(2100));
  EXPECT_GE(Now() - before, Duration::Millis(2100));
}

}  // namespace
}  // namespace earshotd
