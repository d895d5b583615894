#include "process_stats.h"

#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <string>

namespace earshotd {
namespace {

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

/// Field 22 of /proc/self/stat is the start in clock ticks since boot; "btime" of /proc/stat is the
/// boot.
double ReadStartTime() {
  std::ifstream stat("/proc/self/stat");
  std::string text;
  std::getline(stat, text);
  // The second field is the program's name in brackets, which may hold blanks.
  const size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return 0;
  std::ifstream boot("/proc/stat");
  std::string word;
  double boot_time = 0;
  while (boot >> word) {
    if (word == "btime" && boot >> boot_time) break;
  }
  size_t position = name_end;
  for (int field = 2; field < 22 && position != std::string::npos; ++field) {
    position = text.find(' ', position + 1);
  }
  if (position == std::string::npos) return 0;
  const double ticks = std::strtod(text.c_str() + position, nullptr);
  return boot_time + ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace

ProcessStats ReadProcessStats() {
  ProcessStats stats;
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) == 0) {
    stats.cpu_seconds = Seconds(usage.ru_utime) + Seconds(usage.ru_stime);
  }
  const auto page_size = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  std::ifstream statm("/proc/self/statm");
  uint64_t virtual_pages = 0, resident_pages = 0;
  if (statm >> virtual_pages >> resident_pages) {
    stats.virtual_bytes = virtual_pages * page_size;
    stats.resident_bytes = resident_pages * page_size;
  }
  std::error_code error;
  for (std::filesystem::directory_iterator entry("/proc/self/fd", error), end;
       !error && entry != end; entry.increment(error)) {
    ++stats.open_descriptors;
  }
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) stats.max_descriptors = limit.rlim_cur;
  stats.start_time_seconds = ReadStartTime();
  return stats;
}

}  // namespace earshotd
