#pragma once

// The text of /metrics (Prometheus exposition format 0.0.4): the only file of the daemon, with its
// .cc, that includes prometheus-cpp. Values come in as plain structs and are read at the scrape, so
// that the media path pays nothing. Labels are closed sets: no participant, space or address ever
// becomes one (threat E9). Pure, any thread.

#include <string>

#include "client_session.h"
#include "earshot/stats.h"
#include "process_stats.h"
#include "router.h"

namespace earshotd {

struct DaemonStats {
  bool ready = false;
  uint64_t open_websockets = 0;
  uint64_t refused_connections = 0;
  uint64_t displaced_connections = 0;
  uint64_t lost_log_lines = 0;
  const MemoryGuard* memory = nullptr;
  bool reload_failed = false;
  JoinCounters joins;
  TokenCounters refused_tokens = {};
  const HttpCounters* http = nullptr;
  ProcessStats process;
};

std::string WriteMetrics(const earshot::ServerStats& server, const DaemonStats& daemon);

}  // namespace earshotd
