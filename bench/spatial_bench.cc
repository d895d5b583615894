// What a step costs on an open floor of constant density (one person in 25 square metres, so that
// about 10 are within earshot and 110 in sight; rooms would only make it cheaper) and in a crowd.
// Predicts the worker's time per position message: with everybody
// walking, 20 per second and person. Beside it, on the same walk, what it takes merely to find who
// is within earshot: by an R-tree (Boost.Geometry), and by looking at everybody.

#include <benchmark/benchmark.h>
#include <malloc.h>

#include <boost/geometry.hpp>
#include <boost/geometry/geometries/point_xy.hpp>
#include <boost/geometry/index/rtree.hpp>
#include <cmath>
#include <utility>
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

void Wander(Pose& pose, Point low, Point high, SeededRandom& random) {
  pose.heading += (static_cast<float>(random.Unit()) - 0.5f) * 0.5f;
  pose.position.x += kStep * std::cos(pose.heading);
  pose.position.y += kStep * std::sin(pose.heading);
  if (pose.position.x < low.x || pose.position.x > high.x || pose.position.y < low.y ||
      pose.position.y > high.y) {
    pose.heading += 3;
  }
}

size_t AllocatedBytes() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
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
    Wander(pose, low_, high_, random_);
    now_ = kStart + Duration::Micros(50000 * ++steps_ / static_cast<int64_t>(poses_.size()));
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
  static constexpr Timestamp kStart = Timestamp::Seconds(1);
  Timestamp now_ = kStart;
  int64_t steps_ = 0;
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
  const size_t before = AllocatedBytes();
  Crowd crowd(plan, state.range(0), {0, 0}, {plan.width, plan.height});
  state.counters["bytes_per_person"] =
      static_cast<double>(AllocatedBytes() - before) / static_cast<double>(state.range(0));
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
BENCHMARK(BM_Move)->Arg(100)->Arg(1000)->Arg(10000)->Arg(20000)->Arg(100000);

// Everybody's position, without a router.
std::vector<Pose> Scatter(const FloorPlan& plan, int64_t people, SeededRandom& random) {
  std::vector<Pose> poses;
  for (int64_t i = 0; i < people; ++i) {
    poses.push_back({{static_cast<float>(random.Unit()) * plan.width,
                      static_cast<float>(random.Unit()) * plan.height},
                     0});
  }
  return poses;
}

void BM_FindByRTree(benchmark::State& state) {
  namespace bg = boost::geometry;
  using Place = bg::model::d2::point_xy<float>;
  using Entry = std::pair<Place, uint32_t>;
  const FloorPlan plan = OfficeOf(state.range(0));
  SeededRandom random(1);
  std::vector<Pose> poses = Scatter(plan, state.range(0), random);
  const auto entry = [&poses](size_t i) {
    return Entry{{poses[i].position.x, poses[i].position.y}, static_cast<uint32_t>(i)};
  };
  bg::index::rtree<Entry, bg::index::quadratic<16>> tree;
  for (size_t i = 0; i < poses.size(); ++i) tree.insert(entry(i));
  std::vector<Entry> found;
  size_t next = 0;
  for (auto _ : state) {
    tree.remove(entry(next));
    Wander(poses[next], {0, 0}, {plan.width, plan.height}, random);
    tree.insert(entry(next));
    const Point at = poses[next].position;
    const float reach = plan.audible.leave;
    found.clear();
    tree.query(bg::index::intersects(bg::model::box<Place>({at.x - reach, at.y - reach},
                                                           {at.x + reach, at.y + reach})),
               std::back_inserter(found));
    benchmark::DoNotOptimize(found.data());
    next = next + 1 == poses.size() ? 0 : next + 1;
  }
}
BENCHMARK(BM_FindByRTree)->Arg(1000)->Arg(10000)->Arg(100000);

void BM_FindAmongAll(benchmark::State& state) {
  const FloorPlan plan = OfficeOf(state.range(0));
  SeededRandom random(1);
  std::vector<Pose> poses = Scatter(plan, state.range(0), random);
  std::vector<uint32_t> found;
  size_t next = 0;
  for (auto _ : state) {
    Wander(poses[next], {0, 0}, {plan.width, plan.height}, random);
    const Point at = poses[next].position;
    const float reach = plan.audible.leave * plan.audible.leave;
    found.clear();
    for (size_t i = 0; i < poses.size(); ++i) {
      const float dx = poses[i].position.x - at.x, dy = poses[i].position.y - at.y;
      if (dx * dx + dy * dy <= reach) found.push_back(static_cast<uint32_t>(i));
    }
    benchmark::DoNotOptimize(found.data());
    next = next + 1 == poses.size() ? 0 : next + 1;
  }
}
BENCHMARK(BM_FindAmongAll)->Arg(1000)->Arg(10000)->Arg(100000);

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
