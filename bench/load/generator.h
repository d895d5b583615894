#pragma once

// Runs a scenario: has the people join, walk, talk and leave, on one thread and one loop, and
// measures meanwhile. Blocks until it is over, which is bounded in time. Main thread.

#include <optional>
#include <string>

#include "results.h"
#include "scenario.h"
#include "server_usage.h"
#include "token_mint.h"

namespace earshot::load {

struct GeneratorOptions {
  Url target;
  /// Nothing: the server is in demo mode.
  std::optional<TokenMint> mint;
  ServerUsageSource usage;
  /// A line each second on standard output.
  bool shows_progress = false;
};

/// Error codes "start-failed", "target-unreachable", "plan-unfit" and "server-usage-unknown".
Result<Results> RunScenario(const Scenario& scenario, const GeneratorOptions& options);

}  // namespace earshot::load
