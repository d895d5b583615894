#pragma once

// What a run comes to, as a table for people and as JSON for programs. Values only.

#include <optional>
#include <string>

#include "meter.h"
#include "server_usage.h"
#include "soak.h"

namespace earshot::load {

struct Results {
  std::string scenario;
  std::string target;
  uint32_t people = 0;
  /// At the end; and how often somebody could not join, or was dropped later.
  uint32_t people_here = 0;
  uint32_t joins = 0;
  uint32_t joins_failed = 0;
  /// Had not come when the others had been waited for long enough.
  uint32_t joins_late = 0;
  uint32_t dropped = 0;
  /// What the server said to the first of those.
  std::string first_problem;
  /// Whether somebody was to be heard or seen by somebody.
  bool expects_media = false;

  Duration measured;
  uint64_t sent = 0;
  Loss loss;
  Meter meter;
  std::optional<SoakResults> soak;

  double generator_cpu_seconds = 0;
  uint64_t generator_drops = 0;
  /// Both or none.
  std::optional<ServerUsage> server_before;
  std::optional<ServerUsage> server_after;
};

/// Why the run is a failure, as a sentence; empty if it is none.
std::string FailureOf(const Results& results);
std::string ResultsAsTable(const Results& results);
std::string ResultsAsJson(const Results& results);

}  // namespace earshot::load
