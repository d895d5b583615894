#pragma once

// What a soak comes to: minute by minute what the server uses and what reaches those who behave,
// and in the end whether anything was wrong. Values only.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "meter.h"

namespace earshot::load {

struct SoakMinute {
  bool is_disturbed = false;
  double resident_mib = 0;
  double cores = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  Loss loss = {};
  uint64_t received = 0;
  /// Of those who misbehave.
  uint64_t acts = 0;
  uint64_t dropped_by_server = 0;
  uint64_t breaches = 0;
};

struct SoakResults {
  std::vector<SoakMinute> minutes = {};
  Histogram calm = {};
  Histogram disturbed = {};
  Loss loss = {};
  uint64_t checked = 0;
  uint64_t hostile_joins = 0;
  uint64_t acts = 0;
  /// By name; only what occurred.
  std::map<std::string, uint64_t> breaches = {};
  std::map<std::string, uint64_t> drops = {};
  /// Mistakes of its own that the server noticed.
  uint64_t invariant_violations = 0;
};

/// How the memory goes, as a straight line through the minutes after the warm-up.
struct MemoryTrend {
  size_t minutes = 0;
  double mean_mib = 0;
  /// From the first of them to the last.
  double rise_mib = 0;
  /// A line that rises by more is a failure: what the allocator keeps for a peak is less, and what
  /// leaks with each packet or visit is more after an hour.
  double allowed_mib = 0;
};
/// The first quarter of the minutes, and at most fifteen, are the warm-up. Nothing of fewer than
/// kMinTrend others.
inline constexpr size_t kMinTrend = 3;
MemoryTrend TrendOf(const std::vector<SoakMinute>& minutes);

/// Of the p99 in disturbed minutes to that in calm ones; zero while there is too little of either.
double DisturbanceOf(const SoakResults& results);

/// What is more than zero, by name.
std::string Listed(const std::map<std::string, uint64_t>& counts);
std::string HeadOfMinutes();
std::string MinuteAsRow(size_t number, const SoakMinute& minute);
std::string SoakAsTable(const SoakResults& results);
/// Why it is a failure, as a sentence; empty if it is none.
std::string FailureOf(const SoakResults& results);

}  // namespace earshot::load
