#pragma once

// Looks at the clock twice a second, so that it notices when the process stands still (clock.h).
// Header only, the control thread.

#include "clock.h"
#include "deadline_timer.h"

namespace earshotd {

class PauseWatch {
 public:
  template <typename Executor>
  explicit PauseWatch(const Executor& executor) : timer_(executor) {
    BeginPauseWatch();
    Look();
  }
  ~PauseWatch() { EndPauseWatch(); }
  PauseWatch(const PauseWatch&) = delete;
  PauseWatch& operator=(const PauseWatch&) = delete;

 private:
  void Look() {
    timer_.Arm(Now() + earshot::Duration::Millis(500), [this] { Look(); });
  }

  DeadlineTimer timer_;
};

}  // namespace earshotd
