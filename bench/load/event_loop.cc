#include "event_loop.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "io/clock.h"

namespace earshot::load {
namespace {

// Asio's own descriptors are not in libuv's loop. Few of its handlers run once all have joined, and
// joins take many milliseconds.
constexpr uint64_t kAsioMillis = 1;

template <typename Handle>
EventLoop& LoopOf(Handle* handle) {
  return *static_cast<EventLoop*>(handle->data);
}

}  // namespace

EventLoop::EventLoop(Handlers handlers) : handlers_(std::move(handlers)) {}

std::optional<Error> EventLoop::Init() {
  if (const int error = uv_loop_init(&loop_); error != 0) {
    return Error{"start-failed", std::string("Cannot start: ") + uv_strerror(error) + "."};
  }
  is_open_ = true;
  uv_timer_init(&loop_, &asio_timer_);
  uv_prepare_init(&loop_, &prepare_);
  uv_signal_init(&loop_, &signal_);
  asio_timer_.data = prepare_.data = signal_.data = this;
  uv_timer_start(
      &asio_timer_,
      [](uv_timer_t* handle) {
        LoopOf(handle).io_.restart();
        LoopOf(handle).io_.poll();
      },
      kAsioMillis, kAsioMillis);
  uv_prepare_start(&prepare_, [](uv_prepare_t* handle) { LoopOf(handle).ArmTimer(); });
  uv_signal_start(
      &signal_, [](uv_signal_t* handle, int) { LoopOf(handle).handlers_.interrupted(); }, SIGINT);
  return InitTimer();
}

// libuv's own timers have steps of a millisecond: all that is due within one would be sent at once,
// as no crowd of real people sends, and the server would be spared most of its wake-ups.
std::optional<Error> EventLoop::InitTimer() {
  timer_descriptor_ = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  if (timer_descriptor_ < 0) {
    return Error{"start-failed", std::string("Cannot start: ") + std::strerror(errno) + "."};
  }
  uv_poll_init(&loop_, &timer_, timer_descriptor_);
  timer_.data = this;
  uv_poll_start(&timer_, UV_READABLE, [](uv_poll_t* handle, int, int) {
    EventLoop& loop = LoopOf(handle);
    uint64_t times = 0;
    if (read(loop.timer_descriptor_, &times, sizeof(times)) < 0) return;
    loop.armed_ = Timestamp::Never();
    loop.handlers_.handle_deadline(Now());
  });
  return std::nullopt;
}

EventLoop::~EventLoop() {
  if (!is_open_) return;
  if (timer_descriptor_ >= 0) uv_close(reinterpret_cast<uv_handle_t*>(&timer_), nullptr);
  for (uv_handle_t* handle :
       {reinterpret_cast<uv_handle_t*>(&asio_timer_), reinterpret_cast<uv_handle_t*>(&prepare_),
        reinterpret_cast<uv_handle_t*>(&signal_)}) {
    uv_close(handle, nullptr);
  }
  uv_run(&loop_, UV_RUN_DEFAULT);
  uv_loop_close(&loop_);
  if (timer_descriptor_ >= 0) close(timer_descriptor_);
}

void EventLoop::Run() { uv_run(&loop_, UV_RUN_DEFAULT); }

void EventLoop::ArmTimer() {
  const Timestamp next = handlers_.next_deadline();
  if (next == armed_) return;
  armed_ = next;
  itimerspec time{};  // zero: never
  if (!next.IsNever()) {
    const int64_t micros = std::max<int64_t>(next.micros(), 1);
    time.it_value = {micros / 1'000'000, micros % 1'000'000 * 1000};
  }
  timerfd_settime(timer_descriptor_, TFD_TIMER_ABSTIME, &time, nullptr);
}

}  // namespace earshot::load
