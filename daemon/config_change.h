#pragma once

// What a second reading of the configuration brings, compared with the first: which plans are other
// ones, and what takes effect with a restart only. Pure, any thread.

#include <set>
#include <string>
#include <vector>

#include "config_problem.h"

namespace earshotd {

struct ConfigChange {
  /// Ids of spaces that were there before and have another plan now.
  std::set<std::string> plans;
  /// Keys that have another value now, or are new or gone, and that nobody looks at while a daemon
  /// runs; with the ids of spaces that are new or gone. At most one for each line of the file.
  std::set<std::string> needs_restart;
};

/// The fields as ConfigLog has them, of readings without problems.
ConfigChange CompareConfigs(const std::vector<ConfigField>& before,
                            const std::vector<ConfigField>& after);

}  // namespace earshotd
