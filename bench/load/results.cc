#include "results.h"

#include <cstdarg>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <vector>

namespace earshot::load {
namespace {

using nlohmann::json;

double PerSecond(uint64_t count, Duration time) {
  return time > Duration::Zero() ? static_cast<double>(count) / time.seconds() : 0;
}

// To how many people a packet went, on average.
double ReachOf(const Results& results) {
  return results.sent == 0
             ? 0
             : static_cast<double>(results.meter.received) / static_cast<double>(results.sent);
}

struct ServerCost {
  double cores = 0;
  /// Of each thread, the busiest first; empty where that is not known.
  std::vector<double> thread_cores;
  double micros_per_packet = 0;
  double resident_mib = 0;
};

std::optional<ServerCost> CostOf(const Results& results) {
  if (!results.server_before || !results.server_after) return std::nullopt;
  const double seconds = results.server_after->cpu_seconds - results.server_before->cpu_seconds;
  ServerCost cost;
  if (results.measured > Duration::Zero()) {
    cost.cores = seconds / results.measured.seconds();
    for (const double one : SecondsOfThreads(*results.server_before, *results.server_after)) {
      cost.thread_cores.push_back(one / results.measured.seconds());
    }
  }
  if (results.meter.received > 0) {
    cost.micros_per_packet = seconds * 1e6 / static_cast<double>(results.meter.received);
  }
  cost.resident_mib = static_cast<double>(results.server_after->resident_bytes) / (1024 * 1024);
  return cost;
}

double GeneratorCores(const Results& results) {
  const double seconds = results.measured.seconds();
  return seconds > 0 ? results.generator_cpu_seconds / seconds : 0;
}

[[gnu::format(printf, 2, 3)]] void Row(std::string& table, const char* format, ...) {
  char line[200];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(line, sizeof(line), format, arguments);
  va_end(arguments);
  table += line;
  table += '\n';
}

void TimesRow(std::string& table, const char* name, const Histogram& times) {
  if (times.count() == 0) return;
  Row(table, "%-16s %9.2f %9.2f %9.2f %9.2f   of %llu", name, Millis(times.Percentile(50)),
      Millis(times.Percentile(90)), Millis(times.Percentile(99)), Millis(times.max()),
      static_cast<unsigned long long>(times.count()));
}

// While it was measured, as the server says it: to be held against the cut-ins of the people.
std::optional<ServerTimes> CutInsOfServer(const Results& results) {
  if (!results.server_before || !results.server_after) return std::nullopt;
  constexpr const char* kName = "earshot_move_to_first_packet_seconds";
  const auto before = TimesIn(results.server_before->metrics, kName);
  const auto after = TimesIn(results.server_after->metrics, kName);
  if (!before || !after) return std::nullopt;
  return ServerTimes{after->count - before->count, after->sum_seconds - before->sum_seconds};
}

json TimesAsJson(const Histogram& times) {
  return {
      {"count", times.count()},
      {"mean", times.count() == 0 ? 0 : Millis(times.sum()) / static_cast<double>(times.count())},
      {"p50", Millis(times.Percentile(50))},
      {"p90", Millis(times.Percentile(90))},
      {"p99", Millis(times.Percentile(99))},
      {"max", Millis(times.max())}};
}

json SoakAsJson(const SoakResults& soak) {
  const MemoryTrend trend = TrendOf(soak.minutes);
  return {{"minutes", soak.minutes.size()},
          {"checked", soak.checked},
          {"breaches", soak.breaches},
          {"dropped_by_server", soak.drops},
          {"hostile_joins", soak.hostile_joins},
          {"acts", soak.acts},
          {"calm_ms", TimesAsJson(soak.calm)},
          {"hostile_ms", TimesAsJson(soak.disturbed)},
          {"p99_ratio", DisturbanceOf(soak)},
          {"memory",
           {{"mean_mib", trend.mean_mib},
            {"rise_mib", trend.rise_mib},
            {"minutes", trend.minutes},
            {"allowed_mib", trend.allowed_mib}}}};
}

double FloodRatioOf(const Meter& meter) {
  const double calm = Millis(meter.calm_latency.Percentile(99));
  return calm > 0 ? Millis(meter.disturbed_latency.Percentile(99)) / calm : 0;
}

void PeopleRow(std::string& table, const Results& results) {
  std::string more;
  if (results.joins_failed > 0) more += ", " + std::to_string(results.joins_failed) + " refused";
  if (results.dropped > 0) more += ", " + std::to_string(results.dropped) + " dropped";
  Row(table, "%-16s %u of %u at the end, %u joins%s", "people", results.people_here, results.people,
      results.joins, more.c_str());
}

}  // namespace

std::string FailureOf(const Results& results) {
  const std::string problem =
      results.first_problem.empty() ? "" : " The first of them: " + results.first_problem;
  if (results.joins_failed > 0) {
    return std::to_string(results.joins_failed) + " could not join." + problem;
  }
  if (results.joins_late > 0) {
    return std::to_string(results.joins_late) + " had not joined in time.";
  }
  if (results.dropped > 0) {
    return std::to_string(results.dropped) + " were dropped by the server." + problem;
  }
  if (results.expects_media && results.sent == 0) {
    return "Nothing was sent: the server let nobody publish, or said that nobody wants it.";
  }
  if (results.expects_media && results.meter.received == 0) {
    return "Nothing was received: the loss is 100 %.";
  }
  // A camera far away may rest, as the plan says.
  if (const uint32_t silent = results.meter.silent_slots[0]; silent > 0) {
    return std::to_string(silent) + " audio slots had somebody in them, but never a packet.";
  }
  return results.soak ? FailureOf(*results.soak) : "";
}

std::string ResultsAsTable(const Results& results) {
  std::string table;
  const Meter& meter = results.meter;
  Row(table, "%s at %s, measured for %.1f s", results.scenario.c_str(), results.target.c_str(),
      results.measured.seconds());
  PeopleRow(table, results);
  Row(table, "%-16s %10llu   %10.0f /s", "packets sent",
      static_cast<unsigned long long>(results.sent), PerSecond(results.sent, results.measured));
  Row(table, "%-16s %10llu   %10.0f /s   %.2f for each sent, %llu repairs", "received",
      static_cast<unsigned long long>(meter.received), PerSecond(meter.received, results.measured),
      ReachOf(results), static_cast<unsigned long long>(meter.repairs));
  Row(table, "%-16s %10.4f %%   %llu of %llu", "loss", results.loss.Percent(),
      static_cast<unsigned long long>(results.loss.lost),
      static_cast<unsigned long long>(results.loss.expected));
  if (meter.silent_slots != std::array<uint32_t, kMediaKindCount>{}) {
    Row(table, "%-16s %u of audio, %u of video", "silent slots", meter.silent_slots[0],
        meter.silent_slots[1]);
  }
  Row(table, "%-16s %9s %9s %9s %9s", "ms", "p50", "p90", "p99", "max");
  TimesRow(table, "audio latency", meter.latency[0]);
  TimesRow(table, "video latency", meter.latency[1]);
  if (meter.flood_packets > 0) {
    TimesRow(table, "calm seconds", meter.calm_latency);
    TimesRow(table, "flooded seconds", meter.disturbed_latency);
    Row(table, "%-16s p99 of the others %.2f times what it is in calm seconds; %llu packets",
        "flood", FloodRatioOf(meter), static_cast<unsigned long long>(meter.flood_packets));
  }
  if (results.soak) table += SoakAsTable(*results.soak);
  TimesRow(table, "join", meter.join_time);
  TimesRow(table, "cut-in", meter.cut_in);
  if (meter.cut_ins_missed > 0) {
    Row(table, "%-16s %llu", "cut-ins missed",
        static_cast<unsigned long long>(meter.cut_ins_missed));
  }
  if (const auto times = CutInsOfServer(results); times && times->count > 0) {
    Row(table, "%-16s %9.2f on average of %llu, as the server says it", "cut-in",
        1000 * times->sum_seconds / static_cast<double>(times->count),
        static_cast<unsigned long long>(times->count));
  }
  if (const auto cost = CostOf(results)) {
    Row(table, "%-16s %.2f cores, %.2f us per forwarded packet, %.0f MiB", "server", cost->cores,
        cost->micros_per_packet, cost->resident_mib);
    if (!cost->thread_cores.empty()) {
      Row(table, "%-16s %.2f cores", "busiest thread", cost->thread_cores.front());
    }
  }
  Row(table, "%-16s %.2f cores, %.2f ms late (p99), %llu packets dropped before it read them",
      "generator", GeneratorCores(results), Millis(meter.lateness.Percentile(99)),
      static_cast<unsigned long long>(results.generator_drops));
  return table;
}

std::string ResultsAsJson(const Results& results) {
  const Meter& meter = results.meter;
  json root = {{"scenario", results.scenario},
               {"target", results.target},
               {"failure", FailureOf(results)},
               {"seconds", results.measured.seconds()},
               {"people",
                {{"asked", results.people},
                 {"here", results.people_here},
                 {"joins", results.joins},
                 {"joins_failed", results.joins_failed},
                 {"joins_late", results.joins_late},
                 {"dropped", results.dropped}}},
               {"packets",
                {{"sent", results.sent},
                 {"received", meter.received},
                 {"repairs", meter.repairs},
                 {"duplicates", meter.duplicates},
                 {"received_for_each_sent", ReachOf(results)},
                 {"sent_per_second", PerSecond(results.sent, results.measured)},
                 {"received_per_second", PerSecond(meter.received, results.measured)}}},
               {"loss",
                {{"expected", results.loss.expected},
                 {"lost", results.loss.lost},
                 {"percent", results.loss.Percent()},
                 {"silent_audio_slots", meter.silent_slots[0]},
                 {"silent_video_slots", meter.silent_slots[1]}}},
               {"latency_ms",
                {{"all", TimesAsJson(LatencyOfAll(meter))},
                 {"audio", TimesAsJson(meter.latency[0])},
                 {"video", TimesAsJson(meter.latency[1])}}},
               {"join_ms", TimesAsJson(meter.join_time)},
               {"cut_in_ms", TimesAsJson(meter.cut_in)},
               {"cut_ins_missed", meter.cut_ins_missed},
               {"generator",
                {{"cores", GeneratorCores(results)},
                 {"cpu_seconds", results.generator_cpu_seconds},
                 {"late_ms", TimesAsJson(meter.lateness)},
                 {"receive_drops", results.generator_drops}}}};
  if (meter.flood_packets > 0) {
    root["flood"] = {{"packets", meter.flood_packets},
                     {"calm_ms", TimesAsJson(meter.calm_latency)},
                     {"flooded_ms", TimesAsJson(meter.disturbed_latency)},
                     {"p99_ratio", FloodRatioOf(meter)}};
  }
  if (results.soak) root["soak"] = SoakAsJson(*results.soak);
  if (const auto cost = CostOf(results)) {
    root["server"] = {{"cores", cost->cores},
                      {"us_per_forwarded_packet", cost->micros_per_packet},
                      {"resident_mib", cost->resident_mib}};
    if (const auto times = CutInsOfServer(results)) {
      root["server"]["cut_ins"] = {{"count", times->count}, {"sum_seconds", times->sum_seconds}};
    }
    if (!cost->thread_cores.empty()) {
      root["server"]["busiest_thread_cores"] = cost->thread_cores.front();
      root["server"]["thread_cores"] = cost->thread_cores;
    }
  }
  return root.dump(2) + "\n";
}

}  // namespace earshot::load
