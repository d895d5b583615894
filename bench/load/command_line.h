#pragma once

// The command line of earshot-load: the only file, with its .cc, that includes CLI11. Start-up
// only.

#include <optional>
#include <string>
#include <vector>

#include "server_usage.h"
#include "token_mint.h"
#include "url.h"

namespace earshot::load {

struct CommandLine {
  Url target;
  std::string scenario_file;
  /// In place of what the scenario says.
  std::optional<uint32_t> people;
  std::vector<std::string> spaces;
  std::optional<uint32_t> seconds;
  std::string json_file;
  bool progress = false;
  TokenOptions token;
  ServerUsageSource usage;
  /// Set when there is nothing to run: after --help or a mistake.
  std::optional<int> exit_code;
};

/// Prints help and mistakes itself.
CommandLine ParseCommandLine(int argc, const char* const* argv);

}  // namespace earshot::load
