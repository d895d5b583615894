#pragma once

// The generator's one loop: libuv for the sockets, with Asio's handlers run in between, one timer
// for everything that is due, and Ctrl-C. One thread.

#include <uv.h>

#include <boost/asio/io_context.hpp>
#include <functional>
#include <optional>

#include "earshot/result.h"
#include "earshot/units.h"

namespace earshot::load {

class EventLoop {
 public:
  struct Handlers {
    /// The earliest time at which something is due; asked before each sleep.
    std::function<Timestamp()> next_deadline;
    std::function<void(Timestamp now)> handle_deadline;
    /// The user wants it to end.
    std::function<void()> interrupted;
  };

  explicit EventLoop(Handlers handlers);
  /// Sockets must have been destroyed before.
  ~EventLoop();

  /// Error code "start-failed".
  std::optional<Error> Init();
  /// Until Stop.
  void Run();
  void Stop() { uv_stop(&loop_); }

  uv_loop_t& loop() { return loop_; }
  boost::asio::io_context& io() { return io_; }

 private:
  std::optional<Error> InitTimer();
  void ArmTimer();

  Handlers handlers_;
  boost::asio::io_context io_;
  bool is_open_ = false;
  uv_loop_t loop_;
  int timer_descriptor_ = -1;
  uv_poll_t timer_;
  uv_timer_t asio_timer_;
  uv_prepare_t prepare_;
  uv_signal_t signal_;
  Timestamp armed_ = Timestamp::Never();
};

}  // namespace earshot::load
