#include "metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <functional>
#include <map>
#include <utility>
#include <vector>

namespace earshotd {
namespace {

using earshot::HistogramStats;
using earshot::ServerStats;
using earshot::WorkerStats;
using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

using Labels = std::vector<std::pair<std::string, std::string>>;

std::vector<ClientMetric::Label> ToLabels(const Labels& labels) {
  std::vector<ClientMetric::Label> result;
  for (const auto& [name, value] : labels) {
    ClientMetric::Label& label = result.emplace_back();
    label.name = name;
    label.value = value;
  }
  return result;
}

/// A family of counters or gauges under construction.
class Family {
 public:
  Family(std::vector<MetricFamily>& families, MetricType type, std::string name, std::string help)
      : family_(families.emplace_back()) {
    family_.type = type;
    family_.name = std::move(name);
    family_.help = std::move(help);
  }
  Family& Add(double value, const Labels& labels = {}) {
    ClientMetric& metric = family_.metric.emplace_back();
    metric.label = ToLabels(labels);
    (family_.type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
    return *this;
  }
  Family& Add(uint64_t value, const Labels& labels = {}) {
    return Add(static_cast<double>(value), labels);
  }
  void AddHistogram(const ClientMetric::Histogram& histogram) {
    family_.metric.emplace_back().histogram = histogram;
  }

 private:
  MetricFamily& family_;
};

/// Adds up one number over all workers.
uint64_t Sum(const ServerStats& server, uint64_t WorkerStats::*field) {
  uint64_t sum = 0;
  for (const WorkerStats& worker : server.workers) sum += worker.*field;
  return sum;
}

/// Adds up one histogram over all workers, cumulated as the format wants it. Without workers there
/// is still the unbounded bucket.
ClientMetric::Histogram SumHistograms(const ServerStats& server,
                                      HistogramStats WorkerStats::*field) {
  std::map<double, uint64_t> counts = {{HistogramStats::kUnbounded, 0}};
  ClientMetric::Histogram histogram;
  for (const WorkerStats& worker : server.workers) {
    for (const HistogramStats::Bucket& bucket : (worker.*field).buckets) {
      counts[bucket.upper_bound_seconds] += bucket.count;
    }
    histogram.sample_sum += (worker.*field).sum_seconds;
  }
  for (const auto& [bound, count] : counts) {
    histogram.sample_count += count;
    ClientMetric::Bucket& bucket = histogram.bucket.emplace_back();
    bucket.upper_bound = bound;
    bucket.cumulative_count = histogram.sample_count;
  }
  return histogram;
}

void AddTraffic(const ServerStats& server, std::vector<MetricFamily>& families) {
  const auto sum = [&server](uint64_t WorkerStats::*field) { return Sum(server, field); };
  const Labels in = {{"direction", "in"}}, out = {{"direction", "out"}};
  Family(families, MetricType::Counter, "earshot_packets_total", "UDP datagrams.")
      .Add(sum(&WorkerStats::packets_in), in)
      .Add(sum(&WorkerStats::packets_out), out);
  Family(families, MetricType::Counter, "earshot_bytes_total", "Bytes in UDP datagrams.")
      .Add(sum(&WorkerStats::bytes_in), in)
      .Add(sum(&WorkerStats::bytes_out), out);
  Family(families, MetricType::Counter, "earshot_udp_receive_queue_drops_total",
         "UDP datagrams that the kernel dropped because the receive buffer was full.")
      .Add(sum(&WorkerStats::receive_queue_drops));
  Family(families, MetricType::Counter, "earshot_udp_sends_delayed_total",
         "UDP datagrams that had to wait because the send buffer was full.")
      .Add(sum(&WorkerStats::sends_delayed));
  Family(families, MetricType::Counter, "earshot_rtp_packets_total",
         "RTP packets that came in, and that went out for the first time or again.")
      .Add(sum(&WorkerStats::rtp_in), in)
      .Add(sum(&WorkerStats::rtp_forwarded), {{"direction", "forwarded"}})
      .Add(sum(&WorkerStats::rtp_retransmitted), {{"direction", "retransmitted"}});
  Family(families, MetricType::Counter, "earshot_nacks_total",
         "Packets that were asked for again: in, by listeners; out, of publishers.")
      .Add(sum(&WorkerStats::nacks_in), in)
      .Add(sum(&WorkerStats::nacks_out), out);
  Family(families, MetricType::Counter, "earshot_keyframe_requests_total",
         "Requests for a keyframe: in, by listeners; out, to publishers.")
      .Add(sum(&WorkerStats::keyframe_requests_in), in)
      .Add(sum(&WorkerStats::keyframe_requests_out), out);

  std::map<std::string, uint64_t> drops;
  for (const WorkerStats& worker : server.workers) {
    for (const WorkerStats::Drop& drop : worker.drops) drops[drop.reason] += drop.count;
  }
  Family dropped(families, MetricType::Counter, "earshot_packets_dropped_total",
                 "Packets that were not used, by reason.");
  for (const auto& [reason, count] : drops) dropped.Add(count, {{"reason", reason}});
}

void AddSpaces(const ServerStats& server, std::vector<MetricFamily>& families) {
  const auto sum = [&server](uint64_t WorkerStats::*field) { return Sum(server, field); };
  const Labels audio = {{"kind", "audio"}}, video = {{"kind", "video"}};
  Family(families, MetricType::Gauge, "earshot_participants", "Participants on all floors.")
      .Add(sum(&WorkerStats::participants));
  Family(families, MetricType::Gauge, "earshot_sources", "Sources that are switched on.")
      .Add(sum(&WorkerStats::audio_sources), audio)
      .Add(sum(&WorkerStats::video_sources), video);
  Family(families, MetricType::Gauge, "earshot_slots_in_use",
         "Receive slots that a source is bound to.")
      .Add(sum(&WorkerStats::audio_slots_in_use), audio)
      .Add(sum(&WorkerStats::video_slots_in_use), video);
  Family(families, MetricType::Counter, "earshot_slot_switches_total",
         "Times that a slot got another source.")
      .Add(sum(&WorkerStats::slot_switches));
  Family(families, MetricType::Counter, "earshot_position_updates_total",
         "Position messages that counted.")
      .Add(sum(&WorkerStats::position_updates));
  Family acts(families, MetricType::Counter, "earshot_acts_total",
              "What participants asked for besides walking, by what came of it.");
  for (size_t i = 0; i < earshot::kOutcomeCount; ++i) {
    uint64_t count = 0;
    for (const WorkerStats& worker : server.workers) count += worker.acts[i];
    const auto outcome = static_cast<earshot::Outcome>(i);
    acts.Add(count, {{"outcome", std::string(earshot::OutcomeName(outcome))}});
  }
  Family(families, MetricType::Counter, "earshot_participants_closed_total",
         "Participants that have ended.")
      .Add(sum(&WorkerStats::participants_closed));
  Family(families, MetricType::Counter, "earshot_invariant_violations_total",
         "Mistakes of the server that it noticed itself; each should be reported.")
      .Add(sum(&WorkerStats::invariant_violations));
  Family(families, MetricType::Gauge, "earshot_workers", "Media worker threads.")
      .Add(uint64_t{server.workers.size()});
}

/// What adding up would hide.
void AddWorkers(const ServerStats& server, std::vector<MetricFamily>& families) {
  families.reserve(families.size() + 3);
  Family busyness(families, MetricType::Gauge, "earshot_worker_busy_ratio",
                  "Share of a core that the worker used in the last half second, from 0 to 1.");
  Family lent(families, MetricType::Gauge, "earshot_worker_shards_lent",
              "Of the 256 shards of the worker's listeners, those that other workers serve.");
  Family sealed(families, MetricType::Counter, "earshot_worker_rtp_sealed_for_others_total",
                "RTP packets that the worker sealed and sent for listeners of other workers.");
  for (size_t i = 0; i < server.workers.size(); ++i) {
    const WorkerStats& worker = server.workers[i];
    const Labels labels = {{"worker", std::to_string(i)}};
    busyness.Add(worker.busyness, labels);
    lent.Add(worker.shards_lent, labels);
    sealed.Add(worker.rtp_sealed_for_others, labels);
  }
}

void AddTimes(const ServerStats& server, std::vector<MetricFamily>& families) {
  const auto add = [&](const char* name, const char* help, HistogramStats WorkerStats::*field) {
    Family(families, MetricType::Histogram, name, help).AddHistogram(SumHistograms(server, field));
  };
  add("earshot_loop_lag_seconds",
      "How late a worker's loop came to its timers, from when it could have known of them.",
      &WorkerStats::loop_lag);
  add("earshot_move_to_first_packet_seconds",
      "From the arrival of a position or act that brings somebody into earshot of a source that "
      "sends, or rests because nobody wanted it, until its first packet has been sent there: a "
      "pre-roll counts, and what takes more than 3 s does not.",
      &WorkerStats::move_to_first_packet);
  add("earshot_join_time_seconds", "From a join to its established media connection.",
      &WorkerStats::join_time);
}

void AddSignalling(const DaemonStats& daemon, std::vector<MetricFamily>& families) {
  JoinCounters joins = daemon.joins;
  for (const char* result : {"ok", "token-invalid", "token-expired", "space-unknown",
                             "offer-invalid", "limit-reached", "internal"}) {
    joins.try_emplace(result, 0);
  }
  Family joined(families, MetricType::Counter, "earshot_joins_total",
                "Attempts to join, by how they ended.");
  for (const auto& [result, count] : joins) joined.Add(count, {{"result", result}});

  Family tokens(families, MetricType::Counter, "earshot_tokens_refused_total",
                "Join tokens refused, by the rule that they broke.");
  for (size_t i = 0; i < daemon.refused_tokens.size(); ++i) {
    const auto problem = static_cast<TokenProblem>(i);
    tokens.Add(daemon.refused_tokens[i], {{"rule", std::string(TokenProblemName(problem))}});
  }

  Family requests(families, MetricType::Counter, "earshot_http_requests_total",
                  "HTTP requests answered.");
  static const HttpCounters kNone;
  const HttpCounters& http = daemon.http != nullptr ? *daemon.http : kNone;
  for (const auto& [key, count] : http.values()) {
    const auto& [route, method, status] = key;
    requests.Add(count, {{"route", route}, {"method", method}, {"code", std::to_string(status)}});
  }
  Family(families, MetricType::Counter, "earshot_connections_refused_total",
         "TCP connections beyond the limits.")
      .Add(daemon.refused_connections);
  Family(families, MetricType::Counter, "earshot_connections_displaced_total",
         "TCP connections that waited for their client and gave their place to another.")
      .Add(daemon.displaced_connections);
  Family(families, MetricType::Counter, "earshot_log_lines_lost_total",
         "Log lines that were dropped because nobody read the log.")
      .Add(daemon.lost_log_lines);
  Family(families, MetricType::Gauge, "earshot_websocket_connections", "Open WebSockets.")
      .Add(daemon.open_websockets);
  Family(families, MetricType::Gauge, "earshot_config_reload_failed",
         "Whether the last reading of the configuration was refused (1) or not (0).")
      .Add(uint64_t{daemon.reload_failed});
  Family(families, MetricType::Gauge, "earshot_ready",
         "Whether new participants are welcome (1) or not (0).")
      .Add(uint64_t{daemon.ready});
}

void AddMemory(const MemoryGuard* memory, std::vector<MetricFamily>& families) {
  if (memory == nullptr) return;
  Family(families, MetricType::Gauge, "earshot_memory_limit_bytes",
         "Memory that the process may have, by the limit that is nearest.")
      .Add(memory->last_use().limit);
  Family(families, MetricType::Gauge, "earshot_memory_used_ratio",
         "Share of that limit that is in use, from 0 to 1.")
      .Add(memory->last_use().share());
  Family(families, MetricType::Counter, "earshot_memory_refusals_total",
         "Joins and connections refused because memory was short.")
      .Add(memory->refused_joins(), {{"of", "join"}})
      .Add(memory->refused_connections(), {{"of", "connection"}});
}

void AddProcess(const ProcessStats& process, std::vector<MetricFamily>& families) {
  Family(families, MetricType::Gauge, "earshot_build_info", "The version that runs.")
      .Add(uint64_t{1}, {{"version", EARSHOT_VERSION}});
  Family(families, MetricType::Counter, "process_cpu_seconds_total", "Processor time used.")
      .Add(process.cpu_seconds);
  Family(families, MetricType::Gauge, "process_start_time_seconds", "Start, since 1970.")
      .Add(process.start_time_seconds);
  Family(families, MetricType::Gauge, "process_resident_memory_bytes", "Resident memory.")
      .Add(process.resident_bytes);
  Family(families, MetricType::Gauge, "process_virtual_memory_bytes", "Virtual memory.")
      .Add(process.virtual_bytes);
  Family(families, MetricType::Gauge, "process_open_fds", "Open file descriptors.")
      .Add(process.open_descriptors);
  Family(families, MetricType::Gauge, "process_max_fds", "Most file descriptors allowed.")
      .Add(process.max_descriptors);
}

}  // namespace

std::string WriteMetrics(const ServerStats& server, const DaemonStats& daemon) {
  std::vector<MetricFamily> families;
  families.reserve(64);
  AddProcess(daemon.process, families);
  AddSignalling(daemon, families);
  AddMemory(daemon.memory, families);
  AddSpaces(server, families);
  AddTraffic(server, families);
  AddWorkers(server, families);
  AddTimes(server, families);
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace earshotd
