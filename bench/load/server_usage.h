#pragma once

// What the server's process uses, as the kernel (proc(5)) or the server's own metrics say it.
// Blocks for some milliseconds, so it is asked before and after the measuring. Main thread.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "earshot/result.h"
#include "url.h"

namespace earshot::load {

struct ThreadUsage {
  int id = 0;
  double cpu_seconds = 0;
};

/// What a histogram of the server's has seen so far.
struct ServerTimes {
  uint64_t count = 0;
  double sum_seconds = 0;
};

struct ServerUsage {
  double cpu_seconds = 0;
  uint64_t resident_bytes = 0;
  /// Of a process on this host only.
  std::vector<ThreadUsage> threads = {};
  /// The page of its metrics, where that is known.
  std::string metrics = {};
};

struct ServerUsageSource {
  /// Zero for none.
  int pid = 0;
  std::optional<Url> metrics;
};

/// Processor and memory from the first of the two that is given. Error code "server-usage-unknown".
Result<std::optional<ServerUsage>> ReadServerUsage(const ServerUsageSource& source);

/// The value of a metric without labels.
std::optional<double> MetricIn(const std::string& page, const std::string& name);
/// The values of a counter with one label, by the label's.
std::map<std::string, uint64_t> CountersIn(const std::string& page, const std::string& name);

std::optional<ServerTimes> TimesIn(const std::string& page, const std::string& name);

/// What each thread used from `before` to `after`, the busiest first.
std::vector<double> SecondsOfThreads(const ServerUsage& before, const ServerUsage& after);

/// From the text of /proc/PID/stat or /proc/PID/task/TID/stat: user and system time, and the
/// resident pages.
std::optional<ServerUsage> ParseProcStat(const std::string& stat);
/// From a page in Prometheus' text format.
std::optional<ServerUsage> ParseMetrics(const std::string& page);

}  // namespace earshot::load
