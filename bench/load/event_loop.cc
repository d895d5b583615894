#include "event_loop.h"

#include <algorithm>
#include <csignal>
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
  uv_timer_init(&loop_, &timer_);
  uv_timer_init(&loop_, &asio_timer_);
  uv_prepare_init(&loop_, &prepare_);
  uv_signal_init(&loop_, &signal_);
  timer_.data = asio_timer_.data = prepare_.data = signal_.data = this;
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
  return std::nullopt;
}

EventLoop::~EventLoop() {
  if (!is_open_) return;
  for (uv_handle_t* handle :
       {reinterpret_cast<uv_handle_t*>(&timer_), reinterpret_cast<uv_handle_t*>(&asio_timer_),
        reinterpret_cast<uv_handle_t*>(&prepare_), reinterpret_cast<uv_handle_t*>(&signal_)}) {
    uv_close(handle, nullptr);
  }
  uv_run(&loop_, UV_RUN_DEFAULT);
  uv_loop_close(&loop_);
}

void EventLoop::Run() { uv_run(&loop_, UV_RUN_DEFAULT); }

void EventLoop::ArmTimer() {
  const Timestamp next = handlers_.next_deadline();
  if (next == armed_) return;
  armed_ = next;
  if (next.IsNever()) {
    uv_timer_stop(&timer_);
    return;
  }
  uv_update_time(&loop_);
  const int64_t wait_micros = std::max<int64_t>(0, (next - Now()).micros());
  uv_timer_start(
      &timer_,
      [](uv_timer_t* handle) {
        EventLoop& loop = LoopOf(handle);
        loop.armed_ = Timestamp::Never();
        loop.handlers_.handle_deadline(Now());
      },
      static_cast<uint64_t>((wait_micros + 999) / 1000), 0);
}

}  // namespace earshot::load
