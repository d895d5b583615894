#pragma once

// The daemon's command line: the only file, with its .cc, that includes CLI11. Start-up only.

#include <optional>
#include <string>

namespace earshotd {

struct CommandLine {
  std::string config_file;
  /// Overrides the configuration's web_root if not empty.
  std::string web_root;
  bool check_config = false;
  /// For finding the cause of a crash; dumps hold keys.
  bool core_dumps = false;
  /// Set when there is nothing to run: after --help, --version or a mistake.
  std::optional<int> exit_code;
};

/// Prints help, version and mistakes itself. EARSHOT_CONFIG stands in for --config.
CommandLine ParseCommandLine(int argc, const char* const* argv);

}  // namespace earshotd
