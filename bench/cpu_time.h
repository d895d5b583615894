#pragma once

// The CPU time that this thread has used: what others on the machine do does not count.

#include <ctime>

namespace earshot {

inline double CpuSeconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

}  // namespace earshot
