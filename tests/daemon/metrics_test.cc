#include "metrics.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <regex>
#include <set>
#include <sstream>

#include "temporary_files.h"

namespace earshotd {
namespace {

using earshot::HistogramStats;
using earshot::ServerStats;
using earshot::WorkerStats;

WorkerStats BusyWorker(uint64_t scale) {
  WorkerStats worker;
  worker.packets_in = 10 * scale;
  worker.participants = scale;
  worker.busyness = 0.25 * static_cast<double>(scale);
  worker.shards_lent = 32 * scale;
  worker.rtp_sealed_for_others = 1000 * scale;
  worker.drops = {{"srtp_replayed", 3 * scale}, {"demux", 0}};
  worker.loop_lag.buckets = {
      {0.001, scale}, {0.01, 2 * scale}, {HistogramStats::kUnbounded, scale}};
  worker.loop_lag.sum_seconds = 0.5 * static_cast<double>(scale);
  return worker;
}

std::string Scrape(const ServerStats& server) {
  HttpCounters http;
  http.Count("/livez", http::verb::get, http::status::ok);
  DaemonStats daemon;
  daemon.ready = true;
  daemon.joins = {{"ok", 7}};
  daemon.http = &http;
  daemon.process = ReadProcessStats();
  return WriteMetrics(server, daemon);
}

bool HasLine(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

TEST(MetricsTest, WorkersAreAddedUp) {
  ServerStats server;
  server.workers = {BusyWorker(1), BusyWorker(2)};
  const std::string text = Scrape(server);
  EXPECT_TRUE(HasLine(text, "earshot_packets_total{direction=\"in\"} 30")) << text;
  EXPECT_TRUE(HasLine(text, "earshot_packets_dropped_total{reason=\"srtp_replayed\"} 9"));
  EXPECT_TRUE(HasLine(text, "earshot_participants 3"));
  EXPECT_TRUE(HasLine(text, "earshot_joins_total{result=\"ok\"} 7"));
  EXPECT_TRUE(HasLine(text, "earshot_ready 1"));
}

TEST(MetricsTest, HowBusyWorkersAreStandsForEachOfThem) {
  ServerStats server;
  server.workers = {BusyWorker(1), BusyWorker(2)};
  const std::string text = Scrape(server);
  EXPECT_TRUE(HasLine(text, "earshot_worker_busy_ratio{worker=\"0\"} 0.25")) << text;
  EXPECT_TRUE(HasLine(text, "earshot_worker_busy_ratio{worker=\"1\"} 0.5"));
  EXPECT_TRUE(HasLine(text, "earshot_worker_shards_lent{worker=\"1\"} 64"));
  EXPECT_TRUE(HasLine(text, "earshot_worker_rtp_sealed_for_others_total{worker=\"1\"} 2000"));
}

TEST(MetricsTest, HistogramsAreCumulative) {
  ServerStats server;
  server.workers = {BusyWorker(1), BusyWorker(2)};
  const std::string text = Scrape(server);
  EXPECT_TRUE(HasLine(text, "earshot_loop_lag_seconds_bucket{le=\"0.001\"} 3")) << text;
  EXPECT_TRUE(HasLine(text, "earshot_loop_lag_seconds_bucket{le=\"0.01\"} 9"));
  EXPECT_TRUE(HasLine(text, "earshot_loop_lag_seconds_bucket{le=\"+Inf\"} 12"));
  EXPECT_TRUE(HasLine(text, "earshot_loop_lag_seconds_count 12"));
  EXPECT_TRUE(HasLine(text, "earshot_loop_lag_seconds_sum 1.5"));
}

TEST(MetricsTest, EverythingIsThereAtZeroBeforeTheFirstClient) {
  const std::string text = Scrape({});
  for (const char* name : {"earshot_build_info",
                           "earshot_participants",
                           "earshot_sources",
                           "earshot_slots_in_use",
                           "earshot_packets_total",
                           "earshot_bytes_total",
                           "earshot_rtp_packets_total",
                           "earshot_packets_dropped_total",
                           "earshot_udp_sends_delayed_total",
                           "earshot_worker_busy_ratio",
                           "earshot_worker_shards_lent",
                           "earshot_worker_rtp_sealed_for_others_total",
                           "earshot_nacks_total",
                           "earshot_keyframe_requests_total",
                           "earshot_slot_switches_total",
                           "earshot_position_updates_total",
                           "earshot_joins_total",
                           "earshot_loop_lag_seconds",
                           "earshot_move_to_first_packet_seconds",
                           "earshot_join_time_seconds",
                           "earshot_invariant_violations_total",
                           "earshot_http_requests_total",
                           "earshot_websocket_connections",
                           "earshot_tokens_refused_total",
                           "earshot_log_lines_lost_total",
                           "earshot_connections_displaced_total",
                           "earshot_config_reload_failed",
                           "earshot_ready",
                           "process_cpu_seconds_total",
                           "process_resident_memory_bytes",
                           "process_open_fds",
                           "process_start_time_seconds"}) {
    EXPECT_NE(text.find(std::string("# TYPE ") + name + " "), std::string::npos) << name;
  }
  EXPECT_TRUE(HasLine(text, "earshot_joins_total{result=\"token-invalid\"} 0"));
}

TEST(MetricsTest, ProcessFiguresAreThoseOfThisProcess) {
  const ProcessStats stats = ReadProcessStats();
  EXPECT_GT(stats.cpu_seconds, 0);
  EXPECT_GT(stats.resident_bytes, 1u << 20);
  EXPECT_GE(stats.open_descriptors, 3u);
  EXPECT_GT(stats.start_time_seconds, 1.6e9);
}

TEST(MetricsTest, E9_LabelsAreClosedSetsAndSeriesAreFew) {
  ServerStats server;
  for (int i = 0; i < 256; ++i) server.workers.push_back(BusyWorker(1));
  std::istringstream lines(Scrape(server));
  const std::set<std::string> allowed = {"direction", "kind",   "reason", "result",  "le",
                                         "route",     "method", "code",   "version", "outcome",
                                         "worker",    "rule",   "of"};
  const std::regex label(R"re(([a-z_]+)="[^"]*")re");
  size_t series = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("#")) continue;
    ++series;
    for (std::sregex_iterator match(line.begin(), line.end(), label), end; match != end; ++match) {
      EXPECT_TRUE(allowed.contains((*match)[1])) << line;
    }
  }
  EXPECT_GT(series, 40u);
  EXPECT_LT(series, 2000u);
}

/// The rules of the text format 0.0.4 and of the naming guide that promtool checks.
TEST(MetricsTest, TheTextFollowsTheExpositionFormat) {
  ServerStats server;
  server.workers = {BusyWorker(1)};
  std::istringstream lines(Scrape(server));
  const std::regex sample(
      R"re(([a-z_]+)(\{([a-z_]+="[^"\\\n]*"(,[a-z_]+="[^"\\\n]*")*)?\})? ([0-9.e+-]+|\+Inf))re");
  std::string family, type;
  std::set<std::string> families, seen;
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (line.starts_with("# HELP ")) {
      family = line.substr(7, line.find(' ', 7) - 7);
      EXPECT_TRUE(families.insert(family).second) << family << " is there twice";
      EXPECT_TRUE(line.ends_with(".")) << line;
    } else if (line.starts_with("# TYPE ")) {
      type = line.substr(line.rfind(' ') + 1);
      EXPECT_EQ(line, "# TYPE " + family + " " + type);
      EXPECT_EQ(family.ends_with("_total"), type == "counter") << family;
    } else {
      ASSERT_TRUE(std::regex_match(line, match, sample)) << line;
      EXPECT_TRUE(match[1].str().starts_with(family)) << line;
      EXPECT_TRUE(seen.insert(line.substr(0, line.rfind(' '))).second) << line;
    }
  }
}

TEST(MetricsTest, PromtoolFindsNothing) {
  if (std::system("command -v promtool > /dev/null") != 0) GTEST_SKIP() << "no promtool here";
  TemporaryFolder folder;
  ServerStats server;
  server.workers = {BusyWorker(1)};
  const std::string file = folder.Write("metrics", Scrape(server));
  EXPECT_EQ(std::system(("promtool check metrics < " + file).c_str()), 0);
}

}  // namespace
}  // namespace earshotd
