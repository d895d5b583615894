// What somebody costs who is connected and silent: whole clients with 24 + 16 slots and both data
// channels, spread over one floor (one person in 25 square metres), checking consent every 5 s and
// SCTP every 30 s as browsers do, and no media. The engine has a process of its own, so that its
// memory is counted alone. Predicts the worker's share of a core and the daemon's memory, without
// sockets.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "base/timer_wheel.h"
#include "client/client.h"
#include "forked_engine.h"

namespace earshot {
namespace {

constexpr float kMetresApart = 5;

const SocketAddress kServer = *SocketAddress::FromLiteral("192.0.2.1", 40000);

// People stand in rows of so many.
uint16_t RowOf(uint16_t people) {
  return static_cast<uint16_t>(std::ceil(std::sqrt(static_cast<double>(people))));
}

EngineOptions MakeOptions(uint16_t people) {
  EngineOptions options;
  FloorPlan plan;
  plan.width = plan.height = RowOf(people) * kMetresApart;
  plan.spawn = {plan.width / 2, plan.height / 2};
  options.spaces.push_back({"office", plan});
  options.candidates = {kServer};
  options.media.max_participants_per_space = people;
  // Everybody is at its place with one step.
  options.media.max_speed = 1e6f;
  return options;
}

class SilentOffice {
 public:
  explicit SilentOffice(uint16_t people) : row_(RowOf(people)), engine_(MakeOptions, people) {
    empty_ = engine_.TakeCosts();
    for (uint16_t i = 0; i < people && ok(); i += kBatch) Join(i, std::min(people, Next(i)));
    // Whatever only the joining needed has gone by then.
    Run(Duration::Seconds(10));
    joined_ = engine_.TakeCosts();
  }
  bool ok() const { return engine_.ok(); }

  /// Everybody's timers and what follows, until `duration` has passed.
  void Run(Duration duration) {
    const Timestamp end = now_ + duration;
    while (ok()) {
      const Timestamp next =
          std::min({engine_.NextDeadline(), deadlines_.Next(), heartbeats_.Next()});
      if (next > end) break;
      now_ = std::max(now_, next);
      uint16_t person = 0;
      while (deadlines_.PopDue(now_, person)) {
        clients_[person]->HandleDeadline(now_, client_out_);
        Carry(person);
      }
      while (heartbeats_.PopDue(now_, person)) SendHeartbeat(person);
      Exchange();
    }
    now_ = end;
  }
  /// Everybody's microphone and camera are on for a while, as far as the slots go round.
  void Meet() {
    SourceSet sources;
    sources.Set(SourceKind::kMic, true);
    sources.Set(SourceKind::kCamera, true);
    Publish(sources);
    Run(Duration::Seconds(5));
    Publish(SourceSet());
    Run(Duration::Seconds(10));
  }
  bool EverybodyIsConnected() const {
    for (const auto& client : clients_) {
      if (!client->connected()) return false;
    }
    return ok();
  }

  EngineCosts TakeCosts() { return engine_.TakeCosts(); }
  const EngineCosts& empty() const { return empty_; }
  const EngineCosts& joined() const { return joined_; }

 private:
  // Few, so that the place where people arrive is never crowded.
  static constexpr uint16_t kBatch = 10;
  static constexpr Duration kHeartbeatInterval = Duration::Seconds(30);
  static uint16_t Next(uint16_t person) { return static_cast<uint16_t>(person + kBatch); }

  void Join(uint16_t first, uint16_t end) {
    for (uint16_t i = first; i < end; ++i) {
      clients_.push_back(std::make_unique<Client>(ClientOptions{}, *certificate_, random_));
      const auto [id, answer] = engine_.Join(clients_[i]->Offer(), now_);
      if (!ok()) return;
      clients_[i]->Accept(answer, id, now_);
      Refile(i);
    }
    Run(Duration::Millis(200));
    for (uint16_t i = first; i < end; ++i) {
      clients_[i]->Move({PlaceOf(i), 0}, now_, client_out_);
      Carry(i);
      const auto share = static_cast<int64_t>(random_.Below(1000));
      heartbeats_.Set(i, now_ + kHeartbeatInterval * share / 1000);
    }
    Run(Duration::Millis(100));
  }
  // Stands for the HEARTBEAT chunk of browsers (ours sends none), and costs the server more: it is
  // acknowledged likewise, and looked at besides.
  void SendHeartbeat(uint16_t person) {
    clients_[person]->SendOnEvents(std::array<uint8_t, 1>{}, now_, client_out_);
    Carry(person);
    heartbeats_.Set(person, now_ + kHeartbeatInterval);
  }
  Point PlaceOf(uint16_t person) const {
    return {(static_cast<float>(person % row_) + 0.5f) * kMetresApart,
            (static_cast<float>(person / row_) + 0.5f) * kMetresApart};
  }

  void Publish(SourceSet sources) {
    for (uint16_t i = 0; i < clients_.size(); ++i) {
      clients_[i]->Publish(sources, now_, client_out_);
      Carry(i);
    }
    Exchange();
  }
  void Exchange() {
    while (!to_engine_.empty() || engine_.NextDeadline() <= now_) {
      const std::vector<ForkedEngine::Inbound> datagrams = std::exchange(to_engine_, {});
      engine_.Turn(datagrams, now_, [this](uint16_t person, ByteSpan bytes) {
        clients_[person]->HandleDatagram(kServer, bytes, now_, client_out_);
        Carry(person);
      });
      if (!ok()) return;
    }
  }
  void Carry(uint16_t person) {
    for (size_t i = 0; i < client_out_.datagrams.size(); ++i) {
      const ByteView bytes = client_out_.datagrams[i].bytes;
      to_engine_.push_back({person, {bytes.begin(), bytes.end()}});
    }
    client_out_.Clear();
    Refile(person);
  }
  void Refile(uint16_t person) { deadlines_.Set(person, clients_[person]->NextDeadline()); }

  const uint16_t row_;
  ForkedEngine engine_;
  SeededRandom random_{1};
  const std::shared_ptr<const DtlsCertificate> certificate_ = DtlsCertificate::Make();
  Timestamp now_ = Timestamp::Seconds(1000);
  std::deque<std::unique_ptr<Client>> clients_;
  TimerWheel<uint16_t> deadlines_, heartbeats_;
  EngineCosts empty_, joined_;
  ClientOutput client_out_;
  std::vector<ForkedEngine::Inbound> to_engine_;
};

// One iteration is a minute of the office's time. `ppm_of_core` is the time inside the engine for
// each second of one person; 1 is 1 % of a core for 10 000. The second argument: whether they have
// talked before.
void BM_SilentPeople(benchmark::State& state) {
  constexpr Duration kMinute = Duration::Seconds(60);
  const auto people = static_cast<double>(state.range(0));
  SilentOffice office(static_cast<uint16_t>(state.range(0)));
  if (state.range(1) != 0) office.Meet();
  std::vector<int64_t> nanos;
  EngineCosts costs = office.TakeCosts();
  for (auto _ : state) {
    office.Run(kMinute);
    costs = office.TakeCosts();
    nanos.push_back(costs.cpu_nanos);
    state.SetIterationTime(static_cast<double>(costs.cpu_nanos) / 1e9);
  }
  if (!office.EverybodyIsConnected()) state.SkipWithError("somebody was lost");
  // The median, as a machine that is busy with other things has bad minutes.
  std::ranges::nth_element(nanos, nanos.begin() + std::ssize(nanos) / 2);
  const auto minute_nanos = static_cast<double>(nanos[nanos.size() / 2]);
  const auto per_person = [people](int64_t now, int64_t before) {
    return static_cast<double>(now - before) / people;
  };
  state.counters["ppm_of_core"] = minute_nanos / 1e3 / kMinute.seconds() / people;
  state.counters["heap_per_person"] = per_person(costs.heap_bytes, office.empty().heap_bytes);
  state.counters["resident_per_person"] =
      per_person(costs.resident_bytes, office.empty().resident_bytes);
  state.counters["join_us"] = per_person(office.joined().cpu_nanos, 0) / 1e3;
}
BENCHMARK(BM_SilentPeople)
    ->ArgNames({"people", "talked"})
    ->Args({500, 0})
    ->Args({2000, 0})
    ->Args({10000, 0})
    ->Args({100, 1})
    ->Iterations(5)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace earshot
