// Server places spaces on workers and carries requests to the right one.

#include "earshot/server.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "io/worker.h"
#include "transport/dtls.h"

namespace earshot {
namespace {

constexpr Duration kHealthyWithin = Duration::Seconds(2);

std::optional<Error> CheckOptions(const ServerOptions& options) {
  const auto invalid = [](std::string message) {
    return Error{"options-invalid", std::move(message)};
  };
  if (options.workers < 1 || options.workers > 256) {
    return invalid("workers must be from 1 to 256.");
  }
  if (options.base_port != 0 && options.base_port + options.workers > 65536) {
    return invalid("base_port plus workers must stay below 65536.");
  }
  const MediaOptions& media = options.media;
  if (media.audio_slots > kMaxSlotsPerKind || media.video_slots > kMaxSlotsPerKind) {
    return invalid("audio_slots and video_slots must be from 0 to 64.");
  }
  if (media.consent_timeout < Duration::Seconds(5) ||
      media.consent_timeout > Duration::Seconds(60)) {
    return invalid("consent_timeout must be from 5 to 60 seconds.");
  }
  if (media.max_datagram_size < 1200 || media.max_datagram_size > 2000) {
    return invalid("max_datagram_size must be from 1200 to 2000.");
  }
  for (const std::string& address : options.announced_addresses) {
    if (!SocketAddress::FromLiteral(address, 1)) {
      return invalid("announced_addresses: \"" + address + "\" is not an IP address.");
    }
  }
  for (const SpaceOptions& space : options.spaces) {
    const std::string fault = ValidateFloorPlan(space.plan);
    if (!fault.empty()) return invalid("space " + space.id + ": " + fault);
  }
  return std::nullopt;
}

WorkerStats MakeStats(const Counters& counters) {
  WorkerStats stats;
  for (size_t i = 0; i < kDropReasonCount; ++i) {
    stats.drops.push_back(
        {std::string(DropReasonName(static_cast<DropReason>(i))), counters.drops[i].value()});
  }
  stats.packets_in = counters.packets_in.value();
  stats.packets_out = counters.packets_out.value();
  stats.bytes_in = counters.bytes_in.value();
  stats.bytes_out = counters.bytes_out.value();
  stats.rtp_in = counters.rtp_in.value();
  stats.rtp_forwarded = counters.rtp_forwarded.value();
  stats.rtp_retransmitted = counters.rtp_retransmitted.value();
  stats.nacks_in = counters.nacks_in.value();
  stats.nacks_out = counters.nacks_out.value();
  stats.keyframe_requests_in = counters.keyframe_requests_in.value();
  stats.keyframe_requests_out = counters.keyframe_requests_out.value();
  stats.slot_switches = counters.slot_switches.value();
  stats.position_updates = counters.position_updates.value();
  stats.invariant_violations = counters.invariant_violations.value();
  stats.joins = counters.joins.value();
  stats.joins_refused = counters.joins_refused.value();
  stats.participants_closed = counters.participants_closed.value();
  stats.participants = counters.participants.value();
  stats.audio_sources = counters.sources[0].value();
  stats.video_sources = counters.sources[1].value();
  stats.audio_slots_in_use = counters.slots_in_use[0].value();
  stats.video_slots_in_use = counters.slots_in_use[1].value();
  stats.loop_lag = counters.loop_lag.Snapshot();
  stats.move_to_first_packet = counters.move_to_first_packet.Snapshot();
  stats.join_time = counters.join_time.Snapshot();
  return stats;
}

}  // namespace

class Server::Impl {
 public:
  std::optional<Error> Start(const ServerOptions& options, ClosedHandler on_closed);
  ~Impl();

  Worker* WorkerOf(std::string_view space);
  // Participant ids tell their worker: engine n gives out ids that are n + 1 modulo the workers.
  Worker& WorkerOf(ParticipantId participant) {
    const uint32_t id = static_cast<uint32_t>(participant);
    return *workers_[(id + workers_.size() - 1) % workers_.size()];
  }
  const std::vector<std::unique_ptr<Worker>>& workers() const { return workers_; }
  const ServerOptions& options() const { return options_; }

 private:
  ServerOptions options_;
  absl::flat_hash_map<std::string, size_t> space_workers_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

std::optional<Error> Server::Impl::Start(const ServerOptions& options, ClosedHandler on_closed) {
  if (auto error = CheckOptions(options)) return error;
  options_ = options;
  const std::shared_ptr<const DtlsCertificate> certificate = DtlsCertificate::Make();
  std::vector<WorkerOptions> plans(options.workers);
  for (size_t i = 0; i < options.spaces.size(); ++i) {
    const size_t worker = i % plans.size();
    plans[worker].engine.spaces.push_back(options.spaces[i]);
    space_workers_[options.spaces[i].id] = worker;
  }
  for (size_t i = 0; i < plans.size(); ++i) {
    WorkerOptions& plan = plans[i];
    plan.engine.media = options.media;
    plan.engine.first_participant = static_cast<uint32_t>(i) + 1;
    plan.engine.participant_step = options.workers;
    plan.bind_address = options.bind_address;
    plan.port = options.base_port == 0 ? uint16_t{0} : static_cast<uint16_t>(options.base_port + i);
    plan.announced_addresses = options.announced_addresses;
    auto worker = Worker::Start(plan, certificate, [on_closed](const ClosedParticipant& closed) {
      if (on_closed) on_closed(closed.participant, closed.reason);
    });
    if (!worker) {
      workers_.clear();
      return worker.error();
    }
    workers_.push_back(std::move(*worker));
  }
  return std::nullopt;
}

Server::Impl::~Impl() {
  for (const auto& worker : workers_) {
    worker->Post([](Engine& engine, Timestamp now, EngineOutput& out) {
      engine.CloseAll(CloseReason::kShuttingDown, now, out);
    });
  }
}

Worker* Server::Impl::WorkerOf(std::string_view space) {
  const auto it = space_workers_.find(absl::string_view(space.data(), space.size()));
  return it == space_workers_.end() ? nullptr : workers_[it->second].get();
}

Result<std::unique_ptr<Server>> Server::Start(const ServerOptions& options,
                                              ClosedHandler on_closed) {
  auto impl = std::make_unique<Impl>();
  if (auto error = impl->Start(options, std::move(on_closed))) return std::move(*error);
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

void Server::Join(JoinRequest request, std::function<void(Result<Joined>)> done) {
  Worker* worker = impl_->WorkerOf(request.space);
  if (worker == nullptr) {
    done(Error{"space-unknown", "This space does not exist."});
    return;
  }
  worker->Post(
      [request = std::move(request), done = std::move(done)](
          Engine& engine, Timestamp now, EngineOutput&) { done(engine.Join(request, now)); });
}

void Server::RestartIce(ParticipantId participant, std::string offer,
                        std::function<void(Result<std::string>)> done) {
  impl_->WorkerOf(participant)
      .Post([participant, offer = std::move(offer), done = std::move(done)](
                Engine& engine, Timestamp now, EngineOutput&) {
        done(engine.RestartIce(participant, offer, now));
      });
}

void Server::Leave(ParticipantId participant) {
  impl_->WorkerOf(participant)
      .Post([participant](Engine& engine, Timestamp now, EngineOutput& out) {
        engine.Leave(participant, now, out);
      });
}

const FloorPlan* Server::PlanOf(std::string_view space) const {
  for (const SpaceOptions& options : impl_->options().spaces) {
    if (options.id == space) return &options.plan;
  }
  return nullptr;
}

ServerStats Server::Stats() const {
  ServerStats stats;
  for (const auto& worker : impl_->workers())
    stats.workers.push_back(MakeStats(worker->counters()));
  return stats;
}

bool Server::Healthy() const {
  return std::all_of(impl_->workers().begin(), impl_->workers().end(),
                     [](const auto& worker) { return worker->SinceLastTurn() < kHealthyWithin; });
}

std::vector<uint16_t> Server::Ports() const {
  std::vector<uint16_t> ports;
  for (const auto& worker : impl_->workers()) ports.push_back(worker->port());
  return ports;
}

}  // namespace earshot
