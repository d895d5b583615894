// What the whole core costs per forwarded packet, without sockets: one engine, a speaker and so
// many listeners, from the speaker's SRTP datagram to all sealed datagrams. The time is the
// engine's CPU time alone: the speaker's sealing and everybody's timers happen outside. Items are
// forwarded packets, so items per second is what one core could forward if the kernel were free.
// The first listener pays for the open; the slope over listeners is what each further one costs.

#include <benchmark/benchmark.h>

#include "conference.h"
#include "cpu_time.h"

namespace earshot {
namespace {

constexpr size_t kBatch = 128;

using Packets = std::vector<std::vector<uint8_t>>;

// `make` seals the next packet; after so many of them, `interval` passes.
template <typename Make>
void Forward(benchmark::State& state, uint64_t packets_per_interval, Duration interval,
             Make&& make) {
  const auto listeners = static_cast<size_t>(state.range(0));
  Conference conference(listeners);
  if (!conference.IsComplete()) {
    state.SkipWithError("not connected");
    return;
  }
  const uint64_t before = conference.counters.rtp_forwarded.value();
  Packets packets(kBatch);
  for (auto _ : state) {
    for (std::vector<uint8_t>& packet : packets) packet = make(conference);
    const double start = CpuSeconds();
    for (size_t i = 0; i < kBatch; ++i) {
      conference.FromSpeaker(packets[i]);
      benchmark::DoNotOptimize(conference.out.datagrams.size());
      conference.out.Clear();
      if ((i + 1) % packets_per_interval == 0) conference.now = conference.now + interval;
    }
    state.SetIterationTime(CpuSeconds() - start);
    conference.Run(Duration::Zero());
  }
  const uint64_t forwarded = conference.counters.rtp_forwarded.value() - before;
  if (forwarded != static_cast<uint64_t>(state.iterations()) * kBatch * listeners) {
    state.SkipWithError("not everything was forwarded");
  }
  state.SetItemsProcessed(static_cast<int64_t>(forwarded));
  // Seconds per forwarded packet: the inverse of the rate.
  state.counters["per_packet"] = benchmark::Counter(
      static_cast<double>(forwarded), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void BM_ForwardAudio(benchmark::State& state) {
  Forward(state, 1, Duration::Millis(20),
          [](Conference& conference) { return conference.MakeAudio(120); });
}
BENCHMARK(BM_ForwardAudio)->Arg(1)->Arg(10)->Arg(50)->Arg(200)->UseManualTime();

void BM_ForwardVideo(benchmark::State& state) {
  Forward(state, Conference::kPacketsPerFrame, Conference::kFrameInterval,
          [](Conference& conference) { return conference.MakeVideo(1100); });
}
BENCHMARK(BM_ForwardVideo)->Arg(1)->Arg(10)->Arg(50)->Arg(200)->UseManualTime();

}  // namespace
}  // namespace earshot
