// Server places spaces on workers and carries requests to the right one.

#include "earshot/server.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "io/worker.h"
#include "sdp/session.h"
#include "server/placement.h"
#include "transport/dtls.h"

namespace earshot {
namespace {

constexpr Duration kHealthyWithin = Duration::Seconds(2);
// More hands than these would only add batches that wait empty.
constexpr size_t kMaxSharers = 8;

using Fault = std::optional<std::string>;

Fault FaultOfIngress(const IngressLimits& limits) {
  for (const RateLimit& limit :
       {limits.audio, limits.video, limits.video_layer, limits.rtcp, limits.data}) {
    if (limit.packets_per_second < 10 || limit.packets_per_second > 1'000'000 ||
        limit.kilobits_per_second < 10 || limit.kilobits_per_second > 10'000'000) {
      return "Each rate of ingress must be from 10 to 1000000 packets and from 10 to 10000000 "
             "kilobits a second.";
    }
  }
  if (limits.checks_per_second < 10 || limits.checks_per_second > 1'000'000) {
    return "ingress.checks_per_second must be from 10 to 1000000.";
  }
  if (limits.told_per_second < 100 || limits.told_per_second > 1'000'000) {
    return "ingress.told_per_second must be from 100 to 1000000.";
  }
  if (limits.burst < Duration::Millis(100) || limits.burst > Duration::Seconds(10)) {
    return "ingress.burst must be from 0.1 to 10 seconds.";
  }
  return std::nullopt;
}

Fault FaultOfMedia(const MediaOptions& media) {
  if (media.audio_slots > kMaxSlotsPerKind || media.video_slots > kMaxSlotsPerKind) {
    return "audio_slots and video_slots must be from 0 to 64.";
  }
  if (media.consent_timeout < Duration::Seconds(5) ||
      media.consent_timeout > Duration::Seconds(60)) {
    return "consent_timeout must be from 5 to 60 seconds.";
  }
  if (media.max_datagram_size < 1200 || media.max_datagram_size > 2000) {
    return "max_datagram_size must be from 1200 to 2000.";
  }
  // Written so that not-a-number is refused as well.
  if (!(media.max_speed >= 0.1f && media.max_speed <= 1000.0f)) {
    return "max_speed must be from 0.1 to 1000 metres per second.";
  }
  if (!HasSrtpBackend(media.srtp_backend)) {
    return "srtp_backend is libsrtp, which was not there when this was built.";
  }
  return FaultOfIngress(media.ingress);
}

// Of a valid plan, whether each portal leads to one of the other spaces.
template <typename IsSpace>
Fault FaultOfPortals(const FloorPlan& plan, std::string_view own, IsSpace is_space) {
  for (size_t i = 0; i < plan.portals.size(); ++i) {
    const std::string& target = plan.portals[i].space;
    if (target != own && is_space(target)) continue;
    return "portals[" + std::to_string(i) + "].space is \"" + target +
           "\"; it must be another space of this server.";
  }
  return std::nullopt;
}

Fault FaultOfSpaces(const std::vector<SpaceOptions>& spaces) {
  absl::flat_hash_set<std::string> ids;
  for (const SpaceOptions& space : spaces) {
    if (!IsSpaceId(space.id)) return "A space's id must be 1 to 64 characters of [a-z0-9-].";
    if (!ids.insert(space.id).second) return "There are two spaces with the id " + space.id + ".";
    const std::string fault = ValidateFloorPlan(space.plan);
    if (!fault.empty()) return "space " + space.id + ": " + fault;
  }
  for (const SpaceOptions& space : spaces) {
    const Fault fault =
        FaultOfPortals(space.plan, space.id, [&](const auto& id) { return ids.contains(id); });
    if (fault) return "space " + space.id + ": " + *fault;
  }
  return std::nullopt;
}

Fault FaultOf(const ServerOptions& options) {
  if (options.workers < 1 || options.workers > 256) return "workers must be from 1 to 256.";
  if (options.base_port != 0 && options.base_port + options.workers > 65536) {
    return "base_port plus workers must be at most 65536.";
  }
  for (const std::string& address : options.announced_addresses) {
    if (!SocketAddress::FromLiteral(address, 1)) {
      return "announced_addresses: \"" + address + "\" is not an IP address.";
    }
  }
  if (Fault fault = FaultOfMedia(options.media)) return fault;
  return FaultOfSpaces(options.spaces);
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
  stats.receive_queue_drops = counters.receive_queue_drops.value();
  stats.sends_delayed = counters.sends_delayed.value();
  stats.busyness = static_cast<double>(counters.busyness.value()) / 1000;
  stats.shards_lent = counters.shards_lent.value();
  stats.rtp_sealed_for_others = counters.rtp_sealed_for_others.value();
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
  for (size_t i = 0; i < kOutcomeCount; ++i) stats.acts[i] = counters.acts[i].value();
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

// Shared, since a worker's task is copied.
Result<std::shared_ptr<const sdp::Offer>> ReadOffer(std::string_view text) {
  auto offer = sdp::ParseOffer(text);
  if (!offer) return offer.error();
  return std::make_shared<const sdp::Offer>(std::move(*offer));
}

Error UnknownSpace() { return Error{"space-unknown", "This space does not exist."}; }
Error ShuttingDown() { return Error{"shutting-down", "The server is shutting down."}; }

}  // namespace

class Server::Impl {
 public:
  std::optional<Error> Start(const ServerOptions& options, ClosedHandler on_closed);
  void ShareEgress();
  void Stop();

  void Log(LogLevel level, std::string_view text) const {
    if (options_.log) options_.log(level, text);
  }
  // What an embedder's callback throws ends here: it must not unwind through the loop.
  template <typename Callback, typename... Arguments>
  void Call(const Callback& callback, Arguments&&... arguments) const {
    try {
      callback(std::forward<Arguments>(arguments)...);
    } catch (const std::exception&) {
      Log(LogLevel::kError, "A callback has thrown an exception.");
    }
  }

  bool HasSpace(std::string_view space) {
    const std::lock_guard lock(placement_mutex_);
    return placement_->Has(space);
  }
  // Runs the task where the space is, or from now on is. Otherwise an error, and it never runs.
  std::optional<Error> Visit(const std::string& space, Worker::Task task);
  // Participant ids tell their worker: engine n gives out ids that are n + 1 modulo the workers.
  Worker& WorkerOf(ParticipantId participant) {
    const uint32_t id = static_cast<uint32_t>(participant);
    return *workers_[(id + workers_.size() - 1) % workers_.size()];
  }
  const std::vector<std::unique_ptr<Worker>>& workers() const { return workers_; }
  void CountRefused() { refused_.fetch_add(1, std::memory_order_relaxed); }
  uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }

 private:
  std::vector<Placement::Load> Loads() const;
  void EndVisit(const std::string& space, Engine& engine);
  void NoteClosed(Worker& worker, const std::string& space);
  void VacateIfEmpty(const std::string& space, Engine& engine);

  ServerOptions options_;
  // Held while a task is posted by what it says, so that who comes to a space comes after it was
  // opened there; never while a callback runs.
  std::mutex placement_mutex_;
  std::optional<Placement> placement_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::atomic<uint64_t> refused_{0};  // joins whose offer could not be read
};

std::optional<Error> Server::Impl::Start(const ServerOptions& options, ClosedHandler on_closed) {
  if (Fault fault = FaultOf(options)) return Error{"options-invalid", std::move(*fault)};
  options_ = options;
  const std::shared_ptr<const DtlsCertificate> certificate = DtlsCertificate::Make();
  if (certificate == nullptr) {
    return Error{"start-failed", "Cannot make the certificate for DTLS."};
  }
  placement_.emplace(options.workers);
  for (const SpaceOptions& space : options.spaces) placement_->Add(space);
  for (size_t i = 0; i < options.workers; ++i) {
    WorkerOptions plan;
    plan.engine.media = options.media;
    plan.engine.first_participant = static_cast<uint32_t>(i) + 1;
    plan.engine.participant_step = options.workers;
    plan.bind_address = options.bind_address;
    plan.port = options.base_port == 0 ? uint16_t{0} : static_cast<uint16_t>(options.base_port + i);
    plan.announced_addresses = options.announced_addresses;
    if (options.pin_workers) plan.processor = i;
    auto worker =
        Worker::Start(plan, certificate, [this, i, on_closed](const ClosedParticipant& closed) {
          NoteClosed(*workers_[i], closed.space);
          if (on_closed) Call(on_closed, closed.participant, closed.reason);
        });
    if (!worker) return worker.error();
    workers_.push_back(std::move(*worker));
  }
  if (options.share_egress) ShareEgress();
  for (const auto& worker : workers_) {
    Log(LogLevel::kInfo, "A worker listens on UDP port " + std::to_string(worker->port()) + ".");
  }
  return std::nullopt;
}

// Each with those that follow it.
void Server::Impl::ShareEgress() {
  for (size_t i = 0; i < workers_.size(); ++i) {
    for (size_t next = 1; next < workers_.size() && next <= kMaxSharers; ++next) {
      workers_[i]->ShareWith(*workers_[(i + next) % workers_.size()]);
    }
  }
}

// All stop before the first is destroyed, as callbacks of one may still call for another.
void Server::Impl::Stop() {
  for (const auto& worker : workers_) worker->Stop();
}

std::vector<Placement::Load> Server::Impl::Loads() const {
  std::vector<Placement::Load> loads;
  for (const auto& worker : workers_) {
    const Counters& counters = worker->counters();
    loads.push_back({counters.busyness.value(), counters.participants.value()});
  }
  return loads;
}

std::optional<Error> Server::Impl::Visit(const std::string& space, Worker::Task task) {
  const std::lock_guard lock(placement_mutex_);
  if (!placement_->Has(space)) return UnknownSpace();
  Placement::Destination destination = placement_->Visit(space, Loads());
  const bool posted = workers_[destination.worker]->Post(
      [this, space, opens = std::move(destination.opens), task = std::move(task)](
          Engine& engine, Timestamp now, EngineOutput& out) {
        if (opens) engine.AddSpace(*opens);
        task(engine, now, out);
        EndVisit(space, engine);
      });
  // No space is of use after that, so that this one may stay as it is.
  if (!posted) return ShuttingDown();
  return std::nullopt;
}

void Server::Impl::EndVisit(const std::string& space, Engine& engine) {
  {
    const std::lock_guard lock(placement_mutex_);
    placement_->EndVisit(space);
  }
  VacateIfEmpty(space, engine);
}

// In a task, as the engine is not at hand.
void Server::Impl::NoteClosed(Worker& worker, const std::string& space) {
  worker.Post(
      [this, space](Engine& engine, Timestamp, EngineOutput&) { VacateIfEmpty(space, engine); });
}

// The space may be on another worker by now: then this engine does not have it.
void Server::Impl::VacateIfEmpty(const std::string& space, Engine& engine) {
  const std::lock_guard lock(placement_mutex_);
  if (!placement_->MayVacate(space)) return;
  if (auto vacated = engine.RemoveSpace(space)) placement_->Vacate(std::move(*vacated));
}

Result<std::unique_ptr<Server>> Server::Start(const ServerOptions& options,
                                              ClosedHandler on_closed) {
  auto impl = std::make_unique<Impl>();
  if (auto error = impl->Start(options, std::move(on_closed))) return std::move(*error);
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() { impl_->Stop(); }

// Offers are read here and not by the worker: that takes longer than all the rest of a join, and
// media would wait for it.
void Server::Join(JoinRequest request, std::function<void(Result<Joined>)> done) {
  const Impl* impl = impl_.get();
  if (!impl_->HasSpace(request.space)) return impl->Call(done, UnknownSpace());
  auto offer = ReadOffer(std::exchange(request.offer, {}));
  if (!offer) {
    impl_->CountRefused();
    return impl->Call(done, offer.error());
  }
  const std::string space = request.space;
  const auto error =
      impl_->Visit(space, [impl, request = std::move(request), done, offer = std::move(*offer)](
                              Engine& engine, Timestamp now, EngineOutput&) {
        impl->Call(done, engine.Join(request, *offer, now));
      });
  if (error) impl->Call(done, *error);
}

void Server::RestartIce(ParticipantId participant, std::string offer_text,
                        std::function<void(Result<std::string>)> done) {
  const Impl* impl = impl_.get();
  auto offer = ReadOffer(offer_text);
  if (!offer) return impl->Call(done, offer.error());
  const bool posted = impl_->WorkerOf(participant)
                          .Post([impl, participant, offer = std::move(*offer), done](
                                    Engine& engine, Timestamp now, EngineOutput&) {
                            impl->Call(done, engine.RestartIce(participant, *offer, now));
                          });
  if (!posted) impl->Call(done, ShuttingDown());
}

void Server::Leave(ParticipantId participant) {
  impl_->WorkerOf(participant)
      .Post([participant](Engine& engine, Timestamp now, EngineOutput& out) {
        engine.Leave(participant, now, out);
      });
}

void Server::ReplacePlan(std::string space, FloorPlan plan,
                         std::function<void(Result<std::shared_ptr<const FloorPlan>>)> done) {
  const Impl* impl = impl_.get();
  if (!impl_->HasSpace(space)) return impl->Call(done, UnknownSpace());
  const Fault fault =
      FaultOfPortals(plan, space, [&](const std::string& id) { return impl_->HasSpace(id); });
  if (fault) return impl->Call(done, Error{"plan-invalid", *fault});
  const auto error = impl_->Visit(space, [impl, space, plan = std::move(plan), done](
                                             Engine& engine, Timestamp now, EngineOutput& out) {
    impl->Call(done, engine.ReplacePlan(space, plan, now, out));
  });
  if (error) impl->Call(done, *error);
}

ServerStats Server::Stats() const {
  ServerStats stats;
  for (const auto& worker : impl_->workers())
    stats.workers.push_back(MakeStats(worker->counters()));
  // Joins that came to no worker count with the first, as they are looked at in sum.
  stats.workers.front().joins_refused += impl_->refused();
  return stats;
}

bool Server::Healthy() const {
  return std::all_of(impl_->workers().begin(), impl_->workers().end(), [](const auto& worker) {
    return worker->is_reachable() && worker->SinceLastTurn() < kHealthyWithin;
  });
}

std::vector<uint16_t> Server::Ports() const {
  std::vector<uint16_t> ports;
  for (const auto& worker : impl_->workers()) ports.push_back(worker->port());
  return ports;
}

}  // namespace earshot
