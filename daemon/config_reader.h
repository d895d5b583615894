#pragma once

// From a YAML file to a checked Config, and to the keys that it names. Opens no socket. Start-up
// only, one thread at a time.

#include <string>
#include <string_view>
#include <vector>

#include "config.h"
#include "config_problem.h"
#include "token_verifier.h"

namespace earshotd {

/// Reads `text` into `config`; valid if `log.problems` stays empty. Touches no file.
void ReadConfig(std::string_view text, Config& config, ConfigLog& log);

/// Reads the file `path` likewise. Relative paths in it are relative to its folder.
void ReadConfigFile(const std::string& path, Config& config, ConfigLog& log);

/// The keys of all issuers, from the files that the configuration names; notes what is wrong with
/// them.
std::vector<IssuerKey> ReadIssuerKeys(const Config& config, ConfigLog& log);

}  // namespace earshotd
