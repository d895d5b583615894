// Simulates whole offices, one per seed, and exits with 1 if an oracle had to complain. Each seed
// runs in a process of its own: it replays alike whatever ran before, and a crash names its seed.

#include <sys/wait.h>
#include <unistd.h>

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>

#include "office.h"
#include "randomness.h"

namespace earshot::sim {
namespace {

constexpr const char* kUsage =
    "usage: earshot_sim [--seed N | --seeds A..B | --count N] [--minutes M] [--people N]\n"
    "                   [--replay] [--quiet]\n"
    "  --seeds A..B  every seed from A to B; --count N is short for 1..N\n"
    "  --minutes M   virtual time of each office, such as 0.5; default 1\n"
    "  --people N    how many; default 6 to 30, drawn from the seed\n"
    "  --replay      runs each seed twice, which must send the same datagrams\n"
    "  --quiet       only seeds with violations, and the summary\n";

struct Options {
  uint64_t first_seed = 1;
  uint64_t last_seed = 1;
  double minutes = 1;
  size_t people = 0;
  bool replay = false;
  bool quiet = false;
};

std::optional<double> ToNumber(const char* text) {
  char* end = nullptr;
  const double number = std::strtod(text, &end);
  if (end == text || *end != '\0' || !(number >= 0)) return std::nullopt;
  return number;
}

bool ReadSeeds(const char* text, Options& options) {
  char* end = nullptr;
  options.first_seed = std::strtoull(text, &end, 10);
  if (end == text || std::strncmp(end, "..", 2) != 0) return false;
  const char* last = end + 2;
  options.last_seed = std::strtoull(last, &end, 10);
  return end != last && *end == '\0' && options.first_seed <= options.last_seed;
}

bool ReadOption(std::string_view name, const char* value, Options& options) {
  if (name == "--seeds") return ReadSeeds(value, options);
  const std::optional<double> number = ToNumber(value);
  if (!number) return false;
  if (name == "--seed") {
    // Not by way of the number: a seed may have more digits than a double holds.
    options.first_seed = options.last_seed = std::strtoull(value, nullptr, 10);
  } else if (name == "--count") {
    options.last_seed = static_cast<uint64_t>(*number);
    return options.last_seed >= 1;
  } else if (name == "--minutes") {
    options.minutes = *number;
  } else if (name == "--people") {
    options.people = static_cast<size_t>(*number);
  } else {
    return false;
  }
  return true;
}

std::optional<Options> ReadOptions(int count, char** arguments) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string_view name = arguments[i];
    if (name == "--replay") {
      options.replay = true;
    } else if (name == "--quiet") {
      options.quiet = true;
    } else if (i + 1 >= count || !ReadOption(name, arguments[++i], options)) {
      return std::nullopt;
    }
  }
  return options;
}

// What a run's process tells its parent.
struct Outcome {
  bool has_finished = false;
  size_t violations = 0;
  uint64_t digest = 0;
  uint64_t packets_judged = 0;
  LatencyCounts cut_ins{};  // on undisturbed networks
};

void Print(const Scenario& scenario, const Report& report) {
  for (const Violation& violation : report.violations) {
    std::printf("seed %" PRIu64 " at %.3f s: %s\n", scenario.seed,
                static_cast<double>(violation.time.micros()) / 1e6, violation.what.c_str());
  }
  std::printf("seed %" PRIu64 ": %zu people, %" PRIu64 " joins, %" PRIu64 " datagrams (%" PRIu64
              " lost), %" PRIu64 " media packets and %" PRIu64 " demands judged, %" PRIu64
              " repairs, %" PRIu64 " slot switches, %" PRIu64 " of %" PRIu64
              " acts done, digest %016" PRIx64 ", %zu violations\n",
              scenario.seed, scenario.people, report.joins, report.datagrams, report.datagrams_lost,
              report.packets_judged, report.demands_judged, report.repairs_arrived,
              report.slot_switches, report.acts[0],
              std::accumulate(report.acts.begin(), report.acts.end(), uint64_t{0}), report.digest,
              report.violation_count);
}

Outcome RunSeed(const Options& options, uint64_t seed, bool prints) {
  SeedLibraries(seed);
  Scenario scenario = Scenario::FromSeed(seed);
  scenario.length = Duration::Micros(static_cast<int64_t>(options.minutes * 60e6));
  if (options.people != 0) scenario.people = options.people;
  const Report report = Office(scenario).Run();
  if (prints && (!options.quiet || report.violation_count > 0)) Print(scenario, report);
  std::fflush(stdout);
  return {true, report.violation_count, report.digest, report.packets_judged,
          scenario.network.keeps_order() ? report.cut_ins : LatencyCounts{}};
}

Outcome RunInOwnProcess(const Options& options, uint64_t seed, bool prints) {
  Outcome outcome;
  int ends[2];
  if (pipe(ends) != 0) return outcome;
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    outcome = RunSeed(options, seed, prints);
    const ssize_t written = write(ends[1], &outcome, sizeof(outcome));
    _exit(written == sizeof(outcome) ? 0 : 1);
  }
  close(ends[1]);
  const ssize_t size = child < 0 ? 0 : read(ends[0], &outcome, sizeof(outcome));
  close(ends[0]);
  if (child > 0) waitpid(child, nullptr, 0);
  return size == sizeof(outcome) ? outcome : Outcome();
}

// The bound within which so much of all cut-ins lie.
Duration Quantile(const LatencyCounts& cut_ins, double share) {
  const auto all = std::accumulate(cut_ins.begin(), cut_ins.end(), uint64_t{0});
  uint64_t below = 0;
  for (size_t i = 0; i < kLatencyBounds.size(); ++i) {
    below += cut_ins[i];
    if (static_cast<double>(below) >= share * static_cast<double>(all)) return kLatencyBounds[i];
  }
  return Duration::Seconds(1000);
}

// Packets of 20 ms each: who comes near gets the next one at the latest.
bool CutInsAreQuick(const LatencyCounts& cut_ins) {
  const auto count = std::accumulate(cut_ins.begin(), cut_ins.end(), uint64_t{0});
  const Duration p99 = Quantile(cut_ins, 0.99);
  std::printf("%" PRIu64 " times into earshot: first packet within %.1f ms (p50), %.1f ms (p99)\n",
              count, Quantile(cut_ins, 0.5).seconds() * 1e3, p99.seconds() * 1e3);
  return count == 0 || p99 <= Duration::Millis(20);
}

int RunAll(const Options& options) {
  LatencyCounts cut_ins{};
  size_t failed = 0;
  uint64_t judged = 0;
  for (uint64_t seed = options.first_seed; seed <= options.last_seed; ++seed) {
    const Outcome outcome = RunInOwnProcess(options, seed, true);
    bool sound = outcome.has_finished && outcome.violations == 0;
    if (!outcome.has_finished) std::printf("seed %" PRIu64 ": crashed\n", seed);
    if (options.replay && RunInOwnProcess(options, seed, false).digest != outcome.digest) {
      std::printf("seed %" PRIu64 ": a second run sent other datagrams\n", seed);
      sound = false;
    }
    failed += !sound;
    judged += outcome.packets_judged;
    for (size_t i = 0; i < cut_ins.size(); ++i) cut_ins[i] += outcome.cut_ins[i];
  }
  const bool is_quick = CutInsAreQuick(cut_ins);
  std::printf("%" PRIu64 " seeds, %" PRIu64 " media packets judged, %zu seeds failed\n",
              options.last_seed - options.first_seed + 1, judged, failed);
  return failed == 0 && is_quick ? 0 : 1;
}

}  // namespace
}  // namespace earshot::sim

int main(int argc, char** argv) {
  const std::optional<earshot::sim::Options> options = earshot::sim::ReadOptions(argc, argv);
  if (!options) {
    std::fputs(earshot::sim::kUsage, stderr);
    return 2;
  }
  return earshot::sim::RunAll(*options);
}
