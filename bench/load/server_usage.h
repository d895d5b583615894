#pragma once

// What the server's process uses, as the kernel (proc(5)) or the server's own metrics say it.
// Blocks for some milliseconds, so it is asked before and after the measuring. Main thread.

#include <cstdint>
#include <optional>
#include <string>

#include "earshot/result.h"
#include "url.h"

namespace earshot::load {

struct ServerUsage {
  double cpu_seconds = 0;
  uint64_t resident_bytes = 0;
};

struct ServerUsageSource {
  /// Zero for none.
  int pid = 0;
  std::optional<Url> metrics;
};

/// The first of the two that is given. Error code "server-usage-unknown".
Result<std::optional<ServerUsage>> ReadServerUsage(const ServerUsageSource& source);

/// From the text of /proc/PID/stat: user and system time, and the resident pages.
std::optional<ServerUsage> ParseProcStat(const std::string& stat);
/// From a page in Prometheus' text format.
std::optional<ServerUsage> ParseMetrics(const std::string& page);

}  // namespace earshot::load
