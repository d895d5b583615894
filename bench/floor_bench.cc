// What the engine adds to the least that any forwarder has to do (floor/bare_forwarder.h): both
// forward the same load over real sockets on loopback, 20 people all to all, in turns in the same
// run, so that the ratio says more than either time. It rises by a tenth where others use up the
// caches, as the engine remembers much more than the floor does. Predicts the CPU time of a worker
// per forwarded packet, and says which part of it could be saved at all.
//
// What counts is the CPU time of this thread while the server takes, forwards and sends. That has
// the delivery to the listeners' sockets in it, as loopback does it within the call that sends;
// they take pieces whole, as a card that cuts does. What the people do, to send and to take and
// open what they get, does not count. Nobody waits: the wake of a thread that slept is in neither
// half.

#include <benchmark/benchmark.h>

#include <functional>
#include <string>

#include "floor/engine_half.h"
#include "floor/floor_half.h"

namespace earshot {
namespace {

// Of one half, until it is the other's turn: short against what else happens on a machine.
constexpr size_t kFramesInARow = 40;
// Until all caches and histories are full, which hold 128 frames of each person.
constexpr size_t kWarmUpFrames = 2 * 128 * Load::kPeople;
constexpr int kIterations = 150;

template <typename Half>
bool Turns(Half& half, const Load& load, size_t frames) {
  for (size_t i = 0; i < frames; i += load.frames_per_turn) {
    if (!half.Turn()) return false;
  }
  return true;
}

/// Time and rate are those of `measured`, the ratio is against `reference`.
template <typename Measured, typename Reference>
void Compare(benchmark::State& state, const Load& load, Measured& measured, Reference& reference) {
  if (!Turns(measured, load, kWarmUpFrames) || !Turns(reference, load, kWarmUpFrames)) {
    state.SkipWithError("packets got lost");
    return;
  }
  const Cost measured_before = measured.cost();
  const Cost reference_before = reference.cost();
  for (auto _ : state) {
    const Cost before = measured.cost();
    if (!Turns(measured, load, kFramesInARow) || !Turns(reference, load, kFramesInARow)) {
      state.SkipWithError("packets got lost");
      return;
    }
    state.SetIterationTime((measured.cost() - before).seconds);
  }
  const Cost cost = measured.cost() - measured_before;
  const double of_reference = (reference.cost() - reference_before).per_packet();
  state.SetItemsProcessed(static_cast<int64_t>(cost.forwarded));
  state.counters["per_packet"] = cost.per_packet();
  state.counters["reference"] = of_reference;
  state.counters["ratio"] = cost.per_packet() / of_reference;
  state.SetLabel(load.kind == MediaKind::kVideo ? "4 x 1200 B" : "1 x 160 B");
}

Load LoadOf(const benchmark::State& state) {
  return {static_cast<MediaKind>(state.range(0)), static_cast<size_t>(state.range(1))};
}

// The engine against the floor.
void Engine(benchmark::State& state, bool segments_out) {
  const Load load = LoadOf(state);
  EngineHalf engine(load, segments_out);
  FloorHalf floor(load, {.segments_out = segments_out});
  if (!engine.IsComplete()) {
    state.SkipWithError("not connected");
    return;
  }
  Compare(state, load, engine, floor);
}

// The floor without one of its techniques against the floor with all.
void Floor(benchmark::State& state, const Techniques& techniques) {
  const Load load = LoadOf(state);
  FloorHalf without(load, techniques);
  FloorHalf floor(load, {});
  Compare(state, load, without, floor);
}

struct Variant {
  const char* name;
  Techniques techniques;
};

const Variant kVariants[] = {
    {"all", {}},
    {"no_segments_out", {.segments_out = false}},
    {"no_segments_in", {.segments_in = false}},
    {"no_segments", {.segments_out = false, .segments_in = false}},
    {"no_segments_in_receive_1", {.segments_in = false, .receive_batch = 1}},
    {"receive_1", {.receive_batch = 1}},
    {"openssl", {.cipher = AeadBackend::kOpenSsl}},
};

void Register(const std::string& name, const std::function<void(benchmark::State&)>& run) {
  benchmark::RegisterBenchmark(name.c_str(), run)
      ->ArgNames({"video", "frames_per_turn"})
      ->ArgsProduct({{1, 0}, {1, Load::kPeople}})
      ->Iterations(kIterations)
      ->UseManualTime();
}

const bool kRegistered = [] {
  Register("engine", [](benchmark::State& state) { Engine(state, true); });
  Register("engine/no_segments_out", [](benchmark::State& state) { Engine(state, false); });
  for (const Variant& variant : kVariants) {
    Register(
        "floor/" + std::string(variant.name),
        [techniques = variant.techniques](benchmark::State& state) { Floor(state, techniques); });
  }
  return true;
}();

}  // namespace
}  // namespace earshot
