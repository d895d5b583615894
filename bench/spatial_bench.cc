// What a step costs on an open floor of constant density (one person in 25 square metres, so that
// about 10 are within earshot and 110 in sight; rooms would only make it cheaper) and in a crowd.
// Predicts the worker's time per position message: with everybody
// walking, 20 per second and person.

#include <benchmark/benchmark.h>

#include <cmath>
#include <vector>

#include "base/random.h"
#include "spatial/spatial_router.h"

namespace earshot {
namespace {

constexpr float kAreaPerPerson = 25;
constexpr SlotCounts kSlots{24, 16};
// One step of a walk at 1.4 m/s, 20 times per second.
constexpr float kStep = 0.07f;

FloorPlan OfficeOf(int64_t people) {
  FloorPlan plan;
  plan.width = plan.height = std::ceil(std::sqrt(static_cast<float>(people) * kAreaPerPerson));
  plan.spawn = {plan.width / 2, plan.height / 2};
  return plan;
}

FloorPlan Hall() {
  FloorPlan plan;
  plan.zones.push_back({"room", {{30, 20}, {40, 20}, {40, 30}, {30, 30}}});
  return plan;
}

class Crowd {
 public:
  // Everybody stands somewhere in the box and sends mic and camera.
  Crowd(const FloorPlan& plan, int64_t people, Point low, Point high)
      : router_(plan, {}), low_(low), high_(high) {
    for (int64_t i = 0; i < people; ++i) {
      const Pose pose{{low.x + Unit() * (high.x - low.x), low.y + Unit() * (high.y - low.y)},
                      Unit() * 6 - 3};
      poses_.push_back(pose);
      router_.Add(IdOf(poses_.size() - 1), pose, kSlots, {}, now_, out_);
      router_.SetSources(IdOf(poses_.size() - 1), SourceSet(0b0011), now_, out_);
      out_.Clear();
    }
    // The first round of everybody is not like the others: nobody has hints pending yet.
    for (int64_t i = 0; i < 2 * people; ++i) {
      Step();
      HandleDeadline();
      out_.Clear();
    }
  }

  // The next person takes a step; the clock advances so that each walks at 20 Hz.
  void Step() {
    Pose& pose = poses_[next_];
    pose.heading += (Unit() - 0.5f) * 0.5f;
    pose.position.x += kStep * std::cos(pose.heading);
    pose.position.y += kStep * std::sin(pose.heading);
    if (pose.position.x < low_.x || pose.position.x > high_.x || pose.position.y < low_.y ||
        pose.position.y > high_.y) {
      pose.heading += 3;
    }
    now_ = now_ + Duration::Micros(50000 / static_cast<int64_t>(poses_.size()));
    pose = router_.Move(IdOf(next_), pose, now_, out_);
    next_ = next_ + 1 == poses_.size() ? 0 : next_ + 1;
  }
  void HandleDeadline() {
    if (router_.NextDeadline() <= now_) router_.HandleDeadline(now_, out_);
  }
  size_t TakeChanges() {
    const size_t changes = out_.slots.size() + out_.sights.size();
    out_.Clear();
    return changes;
  }
  void Teleport(size_t person, Point to) {
    now_ = now_ + Duration::Seconds(1);
    router_.Move(IdOf(person), {to, 0}, now_, out_);
  }
  void Talk(size_t person, int packets) {
    for (int i = 0; i < packets; ++i) {
      now_ = now_ + Duration::Millis(20);
      router_.SetSpeech(IdOf(person), 1, now_);
      HandleDeadline();
    }
  }

 private:
  static ParticipantId IdOf(size_t index) {
    return ParticipantId{static_cast<uint32_t>(index + 1)};
  }
  float Unit() { return static_cast<float>(random_.Unit()); }

  SeededRandom random_{1};
  SpatialRouter router_;
  Point low_, high_;
  std::vector<Pose> poses_;
  RoutingOutput out_;
  Timestamp now_ = Timestamp::Seconds(1);
  size_t next_ = 0;
};

void CountChanges(benchmark::State& state, size_t changes) {
  state.counters["changes"] =
      benchmark::Counter(static_cast<double>(changes), benchmark::Counter::kAvgIterations);
}

// The step alone. Hints and ranks are done between, outside the clock; the pause of the clock
// costs more than a step, hence a round of everybody per iteration.
void BM_Move(benchmark::State& state) {
  const FloorPlan plan = OfficeOf(state.range(0));
  Crowd crowd(plan, state.range(0), {0, 0}, {plan.width, plan.height});
  constexpr int kRound = 100;
  size_t changes = 0;
  for (auto _ : state) {
    for (int i = 0; i < kRound; ++i) crowd.Step();
    state.PauseTiming();
    crowd.HandleDeadline();
    changes += crowd.TakeChanges();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * kRound);
  state.counters["s_per_move"] =
      benchmark::Counter(static_cast<double>(state.iterations() * kRound),
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  CountChanges(state, changes / kRound);
}
BENCHMARK(BM_Move)->Arg(100)->Arg(1000)->Arg(10000)->Arg(20000);

// The step with its share of the hints that it causes.
void BM_MoveAndHints(benchmark::State& state) {
  const FloorPlan plan = OfficeOf(state.range(0));
  Crowd crowd(plan, state.range(0), {0, 0}, {plan.width, plan.height});
  size_t changes = 0;
  for (auto _ : state) {
    crowd.Step();
    crowd.HandleDeadline();
    changes += crowd.TakeChanges();
  }
  CountChanges(state, changes);
}
BENCHMARK(BM_MoveAndHints)->Arg(100)->Arg(1000)->Arg(10000)->Arg(20000);

// Everybody within earshot of everybody, and slots short for all.
void BM_HotSpotMoveAndRanks(benchmark::State& state) {
  Crowd crowd(Hall(), state.range(0), {10, 10}, {15, 15});
  size_t changes = 0;
  for (auto _ : state) {
    crowd.Step();
    crowd.HandleDeadline();
    changes += crowd.TakeChanges();
  }
  CountChanges(state, changes);
}
BENCHMARK(BM_HotSpotMoveAndRanks)->Arg(125)->Arg(250)->Arg(500);

// The worst single call: a speaker whom all 500 have in a slot leaves for a closed room and
// returns; every listener has a slot to fill from everybody else.
void BM_HotSpotSpeakerLeaves(benchmark::State& state) {
  Crowd crowd(Hall(), state.range(0), {28, 22}, {29.9f, 27});
  for (auto _ : state) {
    state.PauseTiming();
    crowd.Talk(0, 100);
    crowd.TakeChanges();
    state.ResumeTiming();
    crowd.Teleport(0, {31, 25});
    state.PauseTiming();
    crowd.TakeChanges();
    crowd.Teleport(0, {29, 25});
    state.ResumeTiming();
  }
}
BENCHMARK(BM_HotSpotSpeakerLeaves)->Arg(125)->Arg(250)->Arg(500)->Unit(benchmark::kMicrosecond);

void BM_SetSpeech(benchmark::State& state) {
  SpatialRouter router(FloorPlan{}, {});
  RoutingOutput out;
  router.Add(ParticipantId{1}, {{20, 15}, 0}, kSlots, {}, Timestamp::Seconds(1), out);
  Timestamp now = Timestamp::Seconds(1);
  for (auto _ : state) {
    now = now + Duration::Millis(20);
    router.SetSpeech(ParticipantId{1}, 0.5f, now);
  }
}
BENCHMARK(BM_SetSpeech);

}  // namespace
}  // namespace earshot
