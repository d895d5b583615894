#pragma once

// The files that a configuration names, besides the issuers' keys: the page, the certificates, the
// admin token. Read at the start and, to find mistakes early, by --check-config. One thread at a
// time.

#include <string>
#include <vector>

#include "config.h"
#include "config_problem.h"
#include "earshot/result.h"

namespace earshotd {

/// The folder of the page: the configured one, or the one that was installed.
std::string WebRootOf(const Config& config);

/// Empty if the admin listener needs none. At least 32 bytes; a line end after them does not count.
earshot::Result<std::string> ReadAdminToken(const Config& config);

/// Notes which of the files are missing, unusable or do not match.
void CheckFiles(const Config& config, ConfigLog& log);

/// Sentences about what is allowed and rarely meant: no TLS, or the demo, where others can reach
/// it; more workers than processors.
std::vector<std::string> AdviceOn(const Config& config, unsigned processors);

}  // namespace earshotd
