#pragma once

// An asio timer on our own clock, which never calls back for a deadline that was replaced or
// cancelled, even if the call was queued already, nor for one that our clock has not come to, as it
// stood still meanwhile. Header only, the control thread.

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <utility>

#include "clock.h"
#include "earshot/units.h"

namespace earshotd {

class DeadlineTimer {
 public:
  template <typename Executor>
  explicit DeadlineTimer(const Executor& executor) : timer_(executor) {}

  /// Calls `handler` at `deadline` unless another Arm or Cancel comes first. The handler keeps
  /// alive what owns this timer.
  template <typename Handler>
  void Arm(earshot::Timestamp deadline, Handler handler) {
    ++generation_;
    if (deadline.IsNever()) {
      timer_.cancel();
      return;
    }
    Wait(deadline, std::move(handler));
  }
  void Cancel() {
    ++generation_;
    timer_.cancel();
  }

 private:
  template <typename Handler>
  void Wait(earshot::Timestamp deadline, Handler handler) {
    timer_.expires_after(std::chrono::microseconds((deadline - Now()).micros()));
    timer_.async_wait([this, deadline, armed = generation_,
                       handler = std::move(handler)](boost::system::error_code error) mutable {
      if (error || armed != generation_) return;
      if (Now() < deadline) return Wait(deadline, std::move(handler));
      handler();
    });
  }

  boost::asio::steady_timer timer_;
  uint64_t generation_ = 0;
};

}  // namespace earshotd
