#include "clock.h"

#include <atomic>
#include <chrono>

namespace earshotd {
namespace {

constexpr int64_t kShortestPauseMicros = 2'000'000;

std::atomic<int> watches{0};
std::atomic<int64_t> looked_at{0};
std::atomic<int64_t> stood_still{0};

}  // namespace

earshot::Timestamp Now() {
  const auto since_start = std::chrono::steady_clock::now().time_since_epoch();
  const int64_t time = std::chrono::duration_cast<std::chrono::microseconds>(since_start).count();
  // Of several that look after a pause, the one that brings the time forward counts it.
  int64_t before = looked_at.load();
  while (before < time && !looked_at.compare_exchange_weak(before, time)) {
  }
  if (watches > 0 && time - before >= kShortestPauseMicros) stood_still += time - before;
  return earshot::Timestamp::Micros(time - stood_still);
}

Moment CurrentMoment() {
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  return {Now(), std::chrono::duration_cast<std::chrono::seconds>(since_1970).count()};
}

void BeginPauseWatch() {
  Now();
  ++watches;
}
void EndPauseWatch() { --watches; }

}  // namespace earshotd
