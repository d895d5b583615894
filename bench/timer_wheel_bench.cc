// What it costs to move a deadline, and to have one come, among so many: the price of a turn that
// is not the participant's own. Must not grow with how many there are, but for the caches' misses.

#include <benchmark/benchmark.h>

#include <vector>

#include "base/random.h"
#include "base/timer_wheel.h"

namespace earshot {
namespace {

constexpr Duration kCheckInterval = Duration::Seconds(5);
constexpr Duration kConsentTimeout = Duration::Seconds(30);

// As with silent people: each in turn moves its deadline long before it comes.
void BM_Refile(benchmark::State& state) {
  const auto keys = static_cast<uint32_t>(state.range(0));
  TimerWheel<uint32_t> wheel;
  Timestamp now = Timestamp::Seconds(1000);
  uint32_t next = 0;
  uint32_t due = 0;
  const auto refile = [&] {
    now = now + kCheckInterval / keys;
    while (wheel.Next() <= now && wheel.PopDue(now, due)) {
    }
    wheel.Set(next, now + kConsentTimeout);
    next = next + 1 == keys ? 0 : next + 1;
  };
  for (uint32_t i = 0; i < keys; ++i) refile();
  for (auto _ : state) refile();
  benchmark::DoNotOptimize(wheel.Next());
}

// As with people who talk: a deadline comes after up to a tenth of a second, and the next is filed.
void BM_ComeDue(benchmark::State& state) {
  const auto keys = static_cast<uint32_t>(state.range(0));
  SeededRandom random(1);
  std::vector<Duration> delays;
  for (int i = 0; i < 1 << 12; ++i) delays.push_back(Duration::Micros(random.Below(100'000)));
  TimerWheel<uint32_t> wheel;
  Timestamp now = Timestamp::Seconds(1000);
  size_t taken = 0;
  const auto file = [&](uint32_t key) { wheel.Set(key, now + delays[taken++ % delays.size()]); };
  for (uint32_t i = 0; i < keys; ++i) file(i);
  uint32_t due = 0;
  for (auto _ : state) {
    while (!wheel.PopDue(now, due)) now = wheel.Next();
    file(due);
  }
}

BENCHMARK(BM_Refile)->RangeMultiplier(10)->Range(100, 100'000);
BENCHMARK(BM_ComeDue)->RangeMultiplier(10)->Range(100, 100'000);

}  // namespace
}  // namespace earshot
