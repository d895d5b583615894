#include "soak.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>

namespace earshot::load {
namespace {

constexpr size_t kMaxWarmUp = 15;
constexpr double kAllowedMib = 4;
constexpr double kAllowedShare = 0.1;
// What others may do to those who behave.
constexpr double kMaxDisturbance = 2;
constexpr double kMaxLossPercent = 1;
// Fewer packets have no 99th percentile worth the name.
constexpr uint64_t kMinPackets = 1000;

[[gnu::format(printf, 1, 2)]] std::string Text(const char* format, ...) {
  char line[240];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(line, sizeof(line), format, arguments);
  va_end(arguments);
  return line;
}

bool HasAny(const std::map<std::string, uint64_t>& counts) {
  return std::ranges::any_of(counts, [](const auto& one) { return one.second > 0; });
}

}  // namespace

std::string Listed(const std::map<std::string, uint64_t>& counts) {
  std::string text;
  for (const auto& [name, count] : counts) {
    if (count > 0) text += (text.empty() ? "" : ", ") + name + " " + std::to_string(count);
  }
  return text.empty() ? "none" : text;
}

MemoryTrend TrendOf(const std::vector<SoakMinute>& minutes) {
  MemoryTrend trend;
  const size_t warm_up = std::min(kMaxWarmUp, (minutes.size() + 3) / 4);
  if (minutes.size() < warm_up + kMinTrend) return trend;
  trend.minutes = minutes.size() - warm_up;
  const auto count = static_cast<double>(trend.minutes);
  for (size_t i = warm_up; i < minutes.size(); ++i) {
    trend.mean_mib += minutes[i].resident_mib / count;
  }
  const double middle = (count - 1) / 2;
  double products = 0;
  double squares = 0;
  for (size_t i = 0; i < trend.minutes; ++i) {
    const double x = static_cast<double>(i) - middle;
    products += x * (minutes[warm_up + i].resident_mib - trend.mean_mib);
    squares += x * x;
  }
  trend.rise_mib = products / squares * (count - 1);
  trend.allowed_mib = std::max(kAllowedMib, kAllowedShare * trend.mean_mib);
  return trend;
}

double DisturbanceOf(const SoakResults& results) {
  const auto least = std::min(results.calm.count(), results.disturbed.count());
  if (least < kMinPackets) return 0;
  return Millis(results.disturbed.Percentile(99)) /
         std::max(Millis(results.calm.Percentile(99)), 0.001);
}

std::string HeadOfMinutes() {
  return "minute           MiB  cores  p50 ms  p99 ms  lost of packets    received       acts  "
         "dropped  breaches\n";
}

std::string MinuteAsRow(size_t number, const SoakMinute& minute) {
  return Text("%4zu %-8s %7.1f  %5.3f  %6.2f  %6.2f  %4llu %10llu  %10llu %10llu  %7llu  %8llu\n",
              number, minute.is_disturbed ? "hostile" : "calm", minute.resident_mib, minute.cores,
              minute.p50_ms, minute.p99_ms, static_cast<unsigned long long>(minute.loss.lost),
              static_cast<unsigned long long>(minute.loss.expected),
              static_cast<unsigned long long>(minute.received),
              static_cast<unsigned long long>(minute.acts),
              static_cast<unsigned long long>(minute.dropped_by_server),
              static_cast<unsigned long long>(minute.breaches));
}

std::string SoakAsTable(const SoakResults& results) {
  const MemoryTrend trend = TrendOf(results.minutes);
  std::string table =
      Text("%-16s %.1f MiB on average, rises by %.2f MiB in %zu minutes; may rise by %.1f\n",
           "memory", trend.mean_mib, trend.rise_mib, trend.minutes, trend.allowed_mib);
  table += Text("%-16s p50 %.2f ms, p99 %.2f ms of %llu\n", "calm",
                Millis(results.calm.Percentile(50)), Millis(results.calm.Percentile(99)),
                static_cast<unsigned long long>(results.calm.count()));
  table +=
      Text("%-16s p50 %.2f ms, p99 %.2f ms of %llu; p99 %.2f times what it is in calm\n", "hostile",
           Millis(results.disturbed.Percentile(50)), Millis(results.disturbed.Percentile(99)),
           static_cast<unsigned long long>(results.disturbed.count()), DisturbanceOf(results));
  table += Text("%-16s %llu of those who misbehave, who did %llu things\n", "visits",
                static_cast<unsigned long long>(results.hostile_joins),
                static_cast<unsigned long long>(results.acts));
  table += Text("%-16s %llu packets checked; breaches: %s\n", "oracle",
                static_cast<unsigned long long>(results.checked), Listed(results.breaches).c_str());
  return table + "dropped by the server: " + Listed(results.drops) + "\n";
}

std::string FailureOf(const SoakResults& results) {
  if (results.checked == 0) return "Nothing reached those who behave, so nothing was checked.";
  if (HasAny(results.breaches)) return "Packets broke a promise: " + Listed(results.breaches) + ".";
  if (results.invariant_violations > 0) return "The server noticed mistakes of its own.";
  if (results.loss.Percent() > kMaxLossPercent) {
    return Text("Those who behave lost %.2f %% of their packets.", results.loss.Percent());
  }
  const MemoryTrend trend = TrendOf(results.minutes);
  if (trend.rise_mib > trend.allowed_mib) {
    return Text("The server's memory rises: by %.1f MiB in %zu minutes.", trend.rise_mib,
                trend.minutes);
  }
  if (const double disturbance = DisturbanceOf(results); disturbance > kMaxDisturbance) {
    return Text("Those who misbehave make the others' p99 %.2f times as long.", disturbance);
  }
  return "";
}

}  // namespace earshot::load
