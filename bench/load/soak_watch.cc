#include "soak_watch.h"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace earshot::load {
namespace {

constexpr const char* kDrops = "earshot_packets_dropped_total";
constexpr const char* kViolations = "earshot_invariant_violations_total";

}  // namespace

void SoakWatch::Begin(Timestamp now, const ServerUsage& usage) {
  next_ = now + kMinute;
  usage_ = usage;
  drops_before_ = CountersIn(usage_.metrics, kDrops);
  before_ = TakeTotals();
  std::fputs(HeadOfMinutes().c_str(), stdout);
}

SoakWatch::Totals SoakWatch::TakeTotals() const {
  Totals totals;
  totals.cpu_seconds = usage_.cpu_seconds;
  totals.loss = population_.oracle()->loss();
  totals.received = population_.meter().received;
  totals.acts = population_.hostiles()->acts();
  totals.breaches = population_.oracle()->breaches();
  for (const auto& [reason, count] : CountersIn(usage_.metrics, kDrops))
    totals.dropped_by_server += count;
  return totals;
}

std::optional<Error> SoakWatch::EndMinute(Timestamp now) {
  next_ = next_ + kMinute;
  const auto usage = ReadServerUsage(source_);
  if (!usage) return usage.error();
  usage_ = **usage;
  const Totals totals = TakeTotals();
  const Histogram latency = population_.TakeRecentLatency();
  SoakMinute minute;
  // As it was in the middle of it.
  minute.is_disturbed = population_.hostiles()->KindOf(now - kMinute / 2).value_or(false);
  minute.resident_mib = static_cast<double>(usage_.resident_bytes) / (1024 * 1024);
  minute.cores = (totals.cpu_seconds - before_.cpu_seconds) / kMinute.seconds();
  minute.p50_ms = Millis(latency.Percentile(50));
  minute.p99_ms = Millis(latency.Percentile(99));
  minute.loss = {totals.loss.expected - before_.loss.expected,
                 totals.loss.lost - std::min(totals.loss.lost, before_.loss.lost)};
  minute.received = totals.received - before_.received;
  minute.acts = totals.acts - before_.acts;
  minute.dropped_by_server = totals.dropped_by_server - before_.dropped_by_server;
  minute.breaches = totals.breaches;
  before_ = totals;
  results_.minutes.push_back(minute);
  std::fputs(MinuteAsRow(results_.minutes.size(), minute).c_str(), stdout);
  if (minute.breaches > 0) {
    std::printf("breaches so far: %s\n", Listed(population_.oracle()->counts()).c_str());
  }
  std::fflush(stdout);
  return std::nullopt;
}

SoakResults SoakWatch::Finish() {
  next_ = Timestamp::Never();
  const Meter& meter = population_.meter();
  const Oracle& oracle = *population_.oracle();
  results_.calm = meter.calm_latency;
  results_.disturbed = meter.disturbed_latency;
  results_.loss = population_.oracle()->loss();
  results_.checked = oracle.checked();
  results_.hostile_joins = population_.hostiles()->joins();
  results_.acts = population_.hostiles()->acts();
  results_.breaches = oracle.counts();
  for (const auto& [reason, count] : CountersIn(usage_.metrics, kDrops)) {
    results_.drops[reason] = count - drops_before_[reason];
  }
  results_.invariant_violations =
      static_cast<uint64_t>(MetricIn(usage_.metrics, kViolations).value_or(0));
  return std::move(results_);
}

}  // namespace earshot::load
