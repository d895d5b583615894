// What somebody costs who is connected and silent: whole clients with 24 + 16 slots and both data
// channels, spread over one floor (one person in 25 square metres), checking consent every 5 s as
// browsers do, and no media. The engine has a process of its own, so that its memory is counted
// alone. Predicts the worker's share of a core and the daemon's memory, without sockets.

#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdio>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "base/deadline_queue.h"
#include "client/client.h"
#include "forked_engine.h"

namespace earshot {
namespace {

constexpr float kMetresApart = 5;

class SilentOffice {
 public:
  explicit SilentOffice(uint16_t people) : side_(std::ceil(std::sqrt(static_cast<float>(people)))) {
    AddClient();
    engine_ = std::make_unique<ForkedEngine>(MakeOptions(people), clients_.front()->TrackMids());
    empty_ = engine_->TakeCosts();
    for (uint16_t i = 0; i < people && ok(); i += kBatch) Join(i, std::min(people, Next(i)));
    // Whatever only the joining needed has gone by then.
    Run(Duration::Seconds(10));
    joined_ = engine_->TakeCosts();
  }
  bool ok() const { return engine_->ok(); }

  /// Everybody's timers and what follows, until `duration` has passed.
  void Run(Duration duration) {
    const Timestamp end = now_ + duration;
    while (ok()) {
      const Timestamp next = std::min(engine_->NextDeadline(), deadlines_.Next());
      if (next > end) break;
      now_ = std::max(now_, next);
      uint16_t person = 0;
      while (deadlines_.PopDue(now_, person)) {
        clients_[person]->HandleDeadline(now_, client_out_);
        Carry(person);
      }
      Exchange();
    }
    now_ = end;
  }
  bool EverybodyIsConnected() const {
    for (const auto& client : clients_) {
      if (!client->connected()) return false;
    }
    return ok();
  }

  EngineCosts TakeCosts() { return engine_->TakeCosts(); }
  const EngineCosts& empty() const { return empty_; }
  const EngineCosts& joined() const { return joined_; }

 private:
  // Few, so that the place where people arrive is never crowded.
  static constexpr uint16_t kBatch = 10;
  static uint16_t Next(uint16_t person) { return static_cast<uint16_t>(person + kBatch); }

  EngineOptions MakeOptions(uint16_t people) const {
    EngineOptions options;
    FloorPlan plan;
    plan.width = plan.height = side_ * kMetresApart;
    plan.spawn = {plan.width / 2, plan.height / 2};
    options.spaces.push_back({"office", plan});
    options.candidates = {kServer};
    options.media.max_participants_per_space = people;
    // Everybody is at its place with one step.
    options.media.max_speed = 1e6f;
    return options;
  }

  void AddClient() {
    clients_.push_back(std::make_unique<Client>(ClientOptions{}, *certificate_, random_));
  }
  void Join(uint16_t first, uint16_t end) {
    while (clients_.size() < end) AddClient();
    for (uint16_t i = first; i < end; ++i) {
      const auto [id, answer] = engine_->Join(clients_[i]->Offer(), now_);
      if (!ok()) return;
      clients_[i]->Accept(answer, id, now_);
      Refile(i);
    }
    Run(Duration::Millis(200));
    for (uint16_t i = first; i < end; ++i) {
      clients_[i]->Move({PlaceOf(i), 0}, now_, client_out_);
      Carry(i);
    }
    Run(Duration::Millis(100));
  }
  Point PlaceOf(uint16_t person) const {
    const auto columns = static_cast<uint16_t>(side_);
    return {(static_cast<float>(person % columns) + 0.5f) * kMetresApart,
            (static_cast<float>(person / columns) + 0.5f) * kMetresApart};
  }

  void Exchange() {
    while (!to_engine_.empty() || engine_->NextDeadline() <= now_) {
      const std::vector<ForkedEngine::Inbound> datagrams = std::exchange(to_engine_, {});
      engine_->Turn(datagrams, now_, [this](uint16_t person, ByteSpan bytes) {
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

  inline static const SocketAddress kServer = *SocketAddress::FromLiteral("192.0.2.1", 40000);

  const float side_;
  SeededRandom random_{1};
  const std::shared_ptr<const DtlsCertificate> certificate_ = DtlsCertificate::Make();
  Timestamp now_ = Timestamp::Seconds(1000);
  std::deque<std::unique_ptr<Client>> clients_;
  DeadlineQueue<uint16_t> deadlines_;
  std::unique_ptr<ForkedEngine> engine_;
  EngineCosts empty_, joined_;
  ClientOutput client_out_;
  std::vector<ForkedEngine::Inbound> to_engine_;
};

// One iteration is a minute of the office's time. `ppm_of_core` is the time inside the engine for
// each second of one person; 1 is 1 % of a core for 10 000.
void BM_SilentPeople(benchmark::State& state) {
  constexpr Duration kMinute = Duration::Seconds(60);
  const auto people = static_cast<double>(state.range(0));
  SilentOffice office(static_cast<uint16_t>(state.range(0)));
  double nanos = 0;
  EngineCosts costs = office.joined();
  for (auto _ : state) {
    office.Run(kMinute);
    costs = office.TakeCosts();
    nanos += static_cast<double>(costs.cpu_nanos);
    state.SetIterationTime(static_cast<double>(costs.cpu_nanos) / 1e9);
  }
  if (!office.EverybodyIsConnected()) state.SkipWithError("somebody was lost");
  const double minutes = static_cast<double>(state.iterations());
  const auto per_person = [people](int64_t now, int64_t before) {
    return static_cast<double>(now - before) / people;
  };
  state.counters["ppm_of_core"] = nanos / 1e3 / kMinute.seconds() / minutes / people;
  state.counters["heap_per_person"] = per_person(costs.heap_bytes, office.empty().heap_bytes);
  state.counters["resident_per_person"] =
      per_person(costs.resident_bytes, office.empty().resident_bytes);
  state.counters["join_us"] = per_person(office.joined().cpu_nanos, 0) / 1e3;
}
BENCHMARK(BM_SilentPeople)
    ->Arg(500)
    ->Arg(2000)
    ->Arg(10000)
    ->Iterations(2)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace earshot
