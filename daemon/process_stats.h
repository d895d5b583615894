#pragma once

// What the kernel says about this process (proc(5)), for the process_* metrics. Any thread.

#include <cstdint>

namespace earshotd {

struct ProcessStats {
  double cpu_seconds = 0;
  double start_time_seconds = 0;
  uint64_t resident_bytes = 0;
  uint64_t virtual_bytes = 0;
  uint64_t open_descriptors = 0;
  uint64_t max_descriptors = 0;
};

/// What cannot be read stays zero.
ProcessStats ReadProcessStats();

}  // namespace earshotd
