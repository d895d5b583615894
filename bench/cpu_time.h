#pragma once

// The CPU time that this thread has used: what others on the machine do does not count.

#include <cstdint>
#include <ctime>

namespace earshot {

inline int64_t CpuNanos() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}
inline double CpuSeconds() { return static_cast<double>(CpuNanos()) * 1e-9; }

}  // namespace earshot
