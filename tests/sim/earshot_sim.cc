// Simulates whole offices, one per seed, and says whether the oracles had to complain.

#include <cstdio>
#include <cstdlib>

#include "office.h"
#include "randomness.h"

int main(int argc, char** argv) {
  using namespace earshot;
  const uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
  sim::SeedLibraries(seed);
  sim::Scenario scenario = sim::Scenario::FromSeed(seed);
  if (argc > 3) scenario.length = Duration::Seconds(std::atoi(argv[3]));
  if (argc > 4) scenario.people = static_cast<size_t>(std::atoi(argv[4]));
  const sim::Report report = sim::Office(scenario).Run();
  for (const sim::Violation& violation : report.violations) {
    std::printf("seed %lu at %.3f s: %s\n", seed,
                static_cast<double>(violation.time.micros()) / 1e6, violation.what.c_str());
  }
  std::printf(
      "seed %lu: people %zu violations %zu digest %016lx datagrams %lu lost %lu judged %lu demands "
      "%lu arrived %lu repairs %lu joins %lu switches %lu\n",
      seed, scenario.people, report.violation_count, report.digest, report.datagrams,
      report.datagrams_lost, report.packets_judged, report.demands_judged, report.packets_arrived,
      report.repairs_arrived, report.joins, report.slot_switches);
  return report.violation_count == 0 ? 0 : 1;
}
