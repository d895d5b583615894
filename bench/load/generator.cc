#include "generator.h"

#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <cstdio>
#include <utility>

#include "event_loop.h"
#include "io/clock.h"
#include "population.h"
#include "soak_watch.h"

namespace earshot::load {
namespace {

constexpr Duration kTick = Duration::Millis(10);
// All come in at one place, and who waits there for the rest of its join costs everybody there: a
// server that falls behind would never catch up. So the next ones wait outside.
constexpr uint32_t kMaxJoining = 64;
// Beyond twice what the joins should take; then those who are there are measured.
constexpr Duration kJoinPatience = Duration::Seconds(60);
constexpr Duration kWalkPatience = Duration::Seconds(60);
// For packets and repairs that are on their way when the measuring ends.
constexpr Duration kDrain = Duration::Millis(500);
constexpr Duration kGoodbye = Duration::Millis(200);

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// Connects once, so that one clear error comes before a hundred alike.
Result<SignallingTarget> Reach(const Url& url) {
  boost::asio::io_context io;
  boost::asio::ip::tcp::resolver resolver(io);
  boost::system::error_code error;
  const auto endpoints = resolver.resolve(url.host, std::to_string(url.port), error);
  boost::asio::ip::tcp::socket socket(io);
  boost::asio::ip::tcp::endpoint endpoint;
  if (!error) {
    for (const auto& candidate : endpoints) {
      socket.close(error);
      socket.connect(endpoint = candidate.endpoint(), error);
      if (!error) break;
    }
  }
  if (error) {
    return Error{"target-unreachable", "Cannot reach " + url.Authority() + ": " + error.message() +
                                           ". Is earshotd running there?"};
  }
  return SignallingTarget{url.Authority(), endpoint};
}

class Generator {
 public:
  Generator(const Scenario& scenario, const GeneratorOptions& options, SignallingTarget target)
      : scenario_(scenario),
        options_(options),
        target_(std::move(target)),
        loop_({[this] { return std::min(population_->NextDeadline(), next_tick_); },
               [this](Timestamp now) { HandleDeadline(now); }, [this] { Interrupt(); }}) {}

  Result<Results> Run();

 private:
  enum class Phase : uint8_t { kJoining, kSettling, kMeasuring, kDraining, kLeaving };

  void HandleDeadline(Timestamp now);
  void Tick(Timestamp now);
  void Join(Timestamp now);
  void Measure(Timestamp now);
  void OpenWindow();
  void CloseWindow();
  void LeaveAll(Timestamp now);
  void Interrupt();
  void Enter(Phase phase, Timestamp until) {
    phase_ = phase;
    phase_ends_ = until;
  }
  void WatchSoak(Timestamp now);
  void ShowProgress(Timestamp now);
  bool ExpectsMedia() const;

  const Scenario& scenario_;
  const GeneratorOptions& options_;
  const SignallingTarget target_;
  EventLoop loop_;
  std::shared_ptr<const DtlsCertificate> certificate_;
  std::optional<Population> population_;
  std::optional<SoakWatch> soak_;
  Phase phase_ = Phase::kJoining;
  Timestamp started_;
  Timestamp phase_ends_;
  Timestamp next_tick_;
  Timestamp opened_;
  Timestamp closed_;
  Timestamp next_progress_;
  uint64_t joined_ = 0;
  uint64_t replaced_ = 0;
  uint64_t sent_before_ = 0;
  uint64_t drops_before_ = 0;
  uint64_t shown_sent_ = 0;
  uint64_t shown_received_ = 0;
  bool is_interrupted_ = false;
  std::optional<Error> error_;
  Results results_;
};

Result<Results> Generator::Run() {
  if (const auto error = loop_.Init()) return *error;
  certificate_ = DtlsCertificate::Make();
  if (certificate_ == nullptr) return Error{"start-failed", "Cannot make a certificate."};
  population_.emplace(scenario_, target_, options_.mint ? &*options_.mint : nullptr, *certificate_,
                      loop_);
  started_ = next_tick_ = next_progress_ = Now();
  const auto joins_take = Duration::Seconds(scenario_.people / scenario_.joins_per_second);
  Enter(Phase::kJoining, started_ + joins_take * 2 + kJoinPatience);
  loop_.Run();
  population_.reset();
  if (error_) return *error_;
  return std::move(results_);
}

void Generator::HandleDeadline(Timestamp now) {
  population_->HandleDeadline(now);
  if (now < next_tick_) return;
  next_tick_ = now + kTick;
  if (population_->fatal() && phase_ != Phase::kLeaving) {
    error_ = population_->fatal();
    LeaveAll(now);
  }
  Tick(now);
  if (options_.shows_progress && next_progress_ <= now) ShowProgress(now);
}

void Generator::Tick(Timestamp now) {
  switch (phase_) {
    case Phase::kJoining:
      Join(now);
      break;
    case Phase::kSettling: {
      const bool are_late = now >= phase_ends_ + kWalkPatience;
      if (is_interrupted_) return LeaveAll(now);
      if (now >= phase_ends_ && (population_->HaveAllArrived() || are_late)) OpenWindow();
      break;
    }
    case Phase::kMeasuring:
      Measure(now);
      break;
    case Phase::kDraining:
      if (now < phase_ends_) break;
      results_.loss = population_->loss();
      LeaveAll(now);
      break;
    case Phase::kLeaving:
      if (now >= phase_ends_) loop_.Stop();
      break;
  }
}

void Generator::Join(Timestamp now) {
  if (is_interrupted_) return LeaveAll(now);
  const auto due = static_cast<uint64_t>((now - started_).seconds() *
                                         static_cast<double>(scenario_.joins_per_second)) +
                   1;
  bool are_all_asked = false;
  while (joined_ < due && !are_all_asked && population_->joining() < kMaxJoining) {
    are_all_asked = !population_->AddOne();
    ++joined_;
  }
  if ((!are_all_asked || population_->joining() > 0) && now < phase_ends_) return;
  if (population_->here() == 0) {
    error_ = Error{"nobody-joined", "Nobody could join in time. " + population_->first_problem()};
    return LeaveAll(now);
  }
  results_.joins_late = scenario_.people - population_->joins() - population_->joins_failed();
  Enter(Phase::kSettling, now + scenario_.settle);
}

void Generator::OpenWindow() {
  auto usage = ReadServerUsage(options_.usage);
  if (!usage) {
    error_ = usage.error();
    return LeaveAll(Now());
  }
  results_.server_before = *usage;
  results_.generator_cpu_seconds = -CpuSeconds();
  sent_before_ = shown_sent_ = population_->packets_sent();
  drops_before_ = population_->receive_drops();
  population_->Open();
  opened_ = Now();
  if (scenario_.hostile.people > 0) {
    soak_.emplace(*population_, options_.usage);
    if (*usage) soak_->Begin(opened_, **usage);
  }
  Enter(Phase::kMeasuring, opened_ + scenario_.measure);
}

void Generator::Measure(Timestamp now) {
  if (soak_ && soak_->NextDeadline() <= now) WatchSoak(now);
  if (phase_ != Phase::kMeasuring) return;
  if (now >= phase_ends_ || is_interrupted_) return CloseWindow();
  const auto due = static_cast<uint64_t>((now - opened_).seconds() *
                                         static_cast<double>(scenario_.churn_per_minute) / 60);
  for (; replaced_ < due; ++replaced_) population_->ReplaceOne();
}

// A server that is gone ends it.
void Generator::WatchSoak(Timestamp now) {
  if (const auto error = soak_->EndMinute(now)) {
    error_ = error;
    LeaveAll(now);
  }
}

void Generator::CloseWindow() {
  const Timestamp closed = Now();
  population_->Close();
  results_.measured = closed - opened_;
  results_.generator_cpu_seconds += CpuSeconds();
  if (const auto usage = ReadServerUsage(options_.usage)) results_.server_after = *usage;
  results_.target = target_.authority;
  results_.people = scenario_.people;
  results_.people_here = population_->here();
  results_.joins = population_->joins();
  results_.joins_failed = population_->joins_failed();
  results_.dropped = population_->dropped();
  results_.first_problem = population_->first_problem();
  results_.expects_media = ExpectsMedia();
  results_.sent = population_->packets_sent() - sent_before_;
  results_.generator_drops = population_->receive_drops() - drops_before_;
  results_.meter = population_->meter();
  if (soak_) results_.soak = soak_->Finish();
  Enter(Phase::kDraining, closed + kDrain);
}

void Generator::LeaveAll(Timestamp now) {
  if (is_interrupted_ && results_.measured == Duration::Zero()) {
    error_ = Error{"interrupted", "Interrupted before the measuring began."};
  }
  population_->LeaveAll();
  Enter(Phase::kLeaving, now + kGoodbye);
}

void Generator::Interrupt() {
  // The second time without good-byes.
  if (is_interrupted_) loop_.Stop();
  is_interrupted_ = true;
}

bool Generator::ExpectsMedia() const {
  const bool has_talkers = scenario_.talk != Talk::kNobody || scenario_.audience > 0;
  const auto publishes = [&](Publishers who) {
    return who == Publishers::kEverybody || (who == Publishers::kTalkers && has_talkers);
  };
  return scenario_.people > scenario_.spaces.size() &&
         (publishes(scenario_.mic) || publishes(scenario_.camera));
}

void Generator::ShowProgress(Timestamp now) {
  next_progress_ = now + Duration::Seconds(1);
  constexpr const char* kPhases[] = {"joining", "settling", "measuring", "draining", "leaving"};
  std::printf("%4.0f s  %-9s  %u of %u people", (now - started_).seconds(),
              kPhases[static_cast<size_t>(phase_)], population_->here(), scenario_.people);
  if (phase_ == Phase::kMeasuring) {
    const uint64_t sent = population_->packets_sent();
    const Meter& meter = population_->meter();
    const Histogram latency = LatencyOfAll(meter);
    std::printf("  %llu /s out  %llu /s in  loss %.3f %%  p99 %.1f ms",
                static_cast<unsigned long long>(sent - shown_sent_),
                static_cast<unsigned long long>(meter.received - shown_received_),
                population_->loss().Percent(),
                static_cast<double>(latency.Percentile(99).micros()) / 1000);
    shown_sent_ = sent;
    shown_received_ = meter.received;
  }
  std::printf("\n");
  std::fflush(stdout);
}

}  // namespace

Result<Results> RunScenario(const Scenario& scenario, const GeneratorOptions& options) {
  auto target = Reach(options.target);
  if (!target) return target.error();
  // A mistake here is better known before hundreds have joined.
  if (const auto usage = ReadServerUsage(options.usage); !usage) return usage.error();
  Generator generator(scenario, options, std::move(*target));
  return generator.Run();
}

}  // namespace earshot::load
