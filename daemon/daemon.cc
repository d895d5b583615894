#include "daemon.h"

#include <malloc.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <exception>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "admin_routes.h"
#include "client_session.h"
#include "config_change.h"
#include "config_files.h"
#include "connection_limiter.h"
#include "deadline_timer.h"
#include "demo_tokens.h"
#include "http_listener.h"
#include "http_service.h"
#include "log.h"
#include "memory_guard.h"
#include "memory_reserve.h"
#include "messages.h"
#include "metrics.h"
#include "participant_registry.h"
#include "pause_watch.h"
#include "process_stats.h"
#include "public_routes.h"
#include "tls.h"

namespace earshotd {
namespace {

using earshot::Duration;
using earshot::Error;
using earshot::Result;

/// How long clients may take to close when the daemon stops.
constexpr Duration kStopTime = Duration::Seconds(3);
/// Scrapers and probes are few.
constexpr uint32_t kAdminConnections = 64;
/// PROTOCOL.md section 1. Chromium 156 writes about 1.4 KB of offer per slot: 62 KB for 24 + 16,
/// which is beyond 64 KiB as a JSON string.
constexpr int kSlotsOfSmallOffer = 24;
constexpr size_t kLargeMessage = 256 * 1024;
constexpr Duration kMemoryInterval = Duration::Millis(500);

WebSocketLimits WebSocketLimitsOf(const earshot::MediaOptions& media) {
  WebSocketLimits limits;
  if (media.audio_slots + media.video_slots > kSlotsOfSmallOffer) {
    limits.max_message_size = kLargeMessage;
    limits.max_queued_bytes = 2 * kLargeMessage;
  }
  return limits;
}

HttpLimits HttpLimitsOf(const ConnectionLimits& limits) {
  HttpLimits http;
  http.header_timeout = limits.header_timeout;
  http.body_timeout = limits.body_timeout;
  return http;
}

SignallingLimits SignallingLimitsOf(const Config& config) {
  SignallingLimits limits;
  limits.max_message_size = WebSocketLimitsOf(config.server.media).max_message_size;
  limits.join_timeout = config.limits.join_timeout;
  limits.max_speed = config.server.media.max_speed;
  return limits;
}

std::vector<IssuerKey> WithDemoKey(std::vector<IssuerKey> keys, bool demo,
                                   const DemoTokens& tokens) {
  if (demo) keys.push_back(tokens.MakeIssuerKey());
  return keys;
}

/// Null where there is no TLS. Connections keep theirs when others come.
struct TlsContexts {
  std::unique_ptr<boost::asio::ssl::context> listen, admin;
};
Result<TlsContexts> MakeTlsContexts(const Config& config) {
  const bool any = config.allow_insecure_permissions;
  auto listen = MakeTlsContext(config.tls, "listen.tls", any);
  if (!listen.ok()) return listen.error();
  auto admin = MakeTlsContext(config.admin.tls, "admin.tls", any);
  if (!admin.ok()) return admin.error();
  return TlsContexts{std::move(*listen), std::move(*admin)};
}

MemoryGuard::Reader MakeMemoryReader(const MemoryOptions& options) {
  return [probe = MemoryProbe(uint64_t{options.megabytes} * 1024 * 1024)] { return probe.Read(); };
}

std::string_view PressureName(MemoryPressure pressure) {
  constexpr std::array<std::string_view, 3> kNames = {"none", "soft", "hard"};
  return kNames[static_cast<size_t>(pressure)];
}

/// Lets go of handlers that still wait, while all that they refer to is there.
class ControlLoop : public boost::asio::io_context {
 public:
  ControlLoop() : io_context(1) {}
  void DropHandlers() { shutdown(); }
};

}  // namespace

class Daemon::Impl {
 public:
  Impl(LoadedConfig loaded, ConfigLoader reload)
      : config_(std::move(loaded.config)),
        fields_(std::move(loaded.fields)),
        reload_(std::move(reload)),
        log_(config_.log),
        tokens_(WithDemoKey(std::move(loaded.keys), config_.demo, demo_tokens_)),
        origins_(config_.origins, config_.demo),
        registry_(io_, config_.limits.signalling_grace),
        memory_(config_.memory, MakeMemoryReader(config_.memory)),
        clients_{registry_, tokens_, log_, memory_, SignallingLimitsOf(config_)},
        public_connections_(config_.limits.connections, config_.limits.connections_per_address),
        admin_connections_(kAdminConnections, kAdminConnections),
        public_service_{public_router_, public_connections_, log_},
        admin_service_{admin_router_, admin_connections_, log_} {}

  ~Impl() {
    // Its callbacks post to the loop, so it goes first.
    server_.reset();
    io_.DropHandlers();
  }

  /// Empty, or what went wrong.
  std::string Open() {
    auto files = StaticFiles::Load(WebRootOf(config_));
    if (!files.ok()) return "web_root: " + files.error().message;
    files_ = std::move(*files);
    auto admin_token = ReadAdminToken(config_);
    if (!admin_token.ok()) return "admin.token_file: " + admin_token.error().message;
    auto tls = MakeTlsContexts(config_);
    if (!tls.ok()) return tls.error().message;
    UseTls(std::move(*tls));

    FillServices(*admin_token);
    auto admin = HttpListener::Open(io_, "admin", config_.admin.endpoint, admin_service_);
    if (!admin.ok()) return admin.error().message;
    admin_listener_ = std::move(*admin);
    auto listener = HttpListener::Open(io_, "listen", config_.listen, public_service_);
    if (!listener.ok()) return listener.error().message;
    public_listener_ = std::move(*listener);
    return StartServer();
  }

  void Run() {
    boost::asio::signal_set signals(io_, SIGINT, SIGTERM, SIGHUP);
    AwaitSignal(signals);
    WatchMemory();
    const PauseWatch watch(io_.get_executor());
    log_.Info("started", {{"workers", std::to_string(config_.server.workers)},
                          {"spaces", std::to_string(config_.server.spaces.size())},
                          {"demo", config_.demo ? "true" : "false"}});
    for (const std::string& advice : AdviceOn(config_, std::thread::hardware_concurrency())) {
      log_.Warning("advice", {{"message", advice}});
    }
    // No handler may end the daemon with an exception; what a handler did is lost, no more.
    while (!io_.stopped()) {
      try {
        io_.run();
      } catch (const std::exception&) {
        log_.Error("handler-failed");
      }
    }
    server_.reset();
    log_.Info("stopped");
  }

  void Stop() {
    boost::asio::post(io_, [this] { BeginStop(); });
  }

  uint16_t public_port() const { return public_listener_->port(); }
  uint16_t admin_port() const { return admin_listener_->port(); }
  std::string Url() const {
    const bool any = config_.listen.address == "0.0.0.0" || config_.listen.address == "::" ||
                     IsLoopback(config_.listen.address);
    const bool v6 = config_.listen.address.find(':') != std::string::npos;
    const std::string host = any  ? "localhost"
                             : v6 ? "[" + config_.listen.address + "]"
                                  : config_.listen.address;
    return (tls_.listen ? "https://" : "http://") + host + ":" + std::to_string(public_port()) +
           "/";
  }

 private:
  void UseTls(TlsContexts tls) {
    tls_ = std::move(tls);
    public_service_.tls = tls_.listen.get();
    admin_service_.tls = tls_.admin.get();
  }

  void FillServices(const std::string& admin_token) {
    public_service_.limits = HttpLimitsOf(config_.limits);
    public_service_.websocket_limits = WebSocketLimitsOf(config_.server.media);
    public_service_.memory = &memory_;
    public_service_.origins = &origins_;
    public_service_.make_client = [this](std::string token, const auto& address) {
      return std::make_shared<ClientSession>(clients_, std::move(token), address);
    };
    // Behind a proxy all come from one address, so that only the proxy can tell them apart.
    if (!IsLoopback(config_.listen.address)) {
      public_service_.token_failures = &clients_.token_failures;
    }
    AddPageRoutes(public_router_, files_);
    if (config_.demo) {
      std::vector<std::string> spaces;
      for (const auto& space : config_.server.spaces) spaces.push_back(space.id);
      AddDemoRoutes(public_router_, demo_tokens_, origins_, std::move(spaces));
    }
    AddAdminRoutes(admin_router_, {.is_ready = [this] { return IsReady(); },
                                   .write_metrics = [this] { return Metrics(); },
                                   .token = admin_token});
  }

  std::string StartServer() {
    earshot::ServerOptions options = config_.server;
    options.log = [this](earshot::LogLevel level, std::string_view text) {
      log_.Write(level, "media", {{"message", std::string(text)}});
    };
    auto server = earshot::Server::Start(options, registry_.MakeClosedHandler());
    if (!server.ok()) return "media: " + server.error().message;
    server_ = std::move(*server);
    registry_.Serve(*server_);
    return "";
  }

  bool IsReady() const {
    return !stopping_ && pressure_ == MemoryPressure::kNone && server_ && server_->Healthy();
  }

  std::string Metrics() const {
    return WriteMetrics(
        server_ ? server_->Stats() : earshot::ServerStats(),
        {.ready = IsReady(),
         .open_websockets = public_service_.open_websockets,
         .refused_connections = public_connections_.refused() + admin_connections_.refused(),
         .displaced_connections = public_connections_.displaced() + admin_connections_.displaced(),
         .lost_log_lines = log_.lost(),
         .memory = &memory_,
         .reload_failed = reload_failed_,
         .joins = clients_.joins,
         .refused_tokens = clients_.refused_tokens,
         .http = &http_counters_,
         .process = ReadProcessStats()});
  }

  void WatchMemory() {
    const earshot::Timestamp now = Now();
    if (TakeReserveUsed()) memory_.NoteFailure(now);
    const MemoryPressure pressure = memory_.Measure(now);
    if (pressure != pressure_) {
      log_.Warning("memory-pressure", {{"level", std::string(PressureName(pressure))}});
    }
    pressure_ = pressure;
    // What those who have left used is not the system's again by itself.
    if (pressure == MemoryPressure::kHard) malloc_trim(0);
    memory_timer_.Arm(now + kMemoryInterval, [this] { WatchMemory(); });
  }

  void AwaitSignal(boost::asio::signal_set& signals) {
    signals.async_wait([this, &signals](boost::system::error_code error, int signal) {
      if (error) return;
      if (signal == SIGHUP) {
        Reload();
      } else {
        BeginStop();
      }
      AwaitSignal(signals);
    });
  }

  /// Everything or nothing of a configuration: what is wrong with one key keeps all as they are.
  void Reload() {
    if (stopping_) return;
    auto loaded = reload_();
    if (!loaded.ok()) return FailReload(loaded.error().message);
    auto tls = MakeTlsContexts(loaded->config);
    if (!tls.ok()) return FailReload(tls.error().message);
    reload_failed_ = false;

    const ConfigChange change = CompareConfigs(fields_, loaded->fields);
    const size_t keys = loaded->keys.size();
    UseTls(std::move(*tls));
    tokens_ = TokenVerifier(WithDemoKey(std::move(loaded->keys), config_.demo, demo_tokens_));
    origins_ = OriginRules(loaded->config.origins, config_.demo);
    log_.Info("reloaded",
              {{"plans", std::to_string(change.plans.size())}, {"keys", std::to_string(keys)}});
    std::string needs_restart;
    for (const std::string& key : change.needs_restart) {
      needs_restart += (needs_restart.empty() ? "" : ", ") + key;
    }
    if (!needs_restart.empty()) log_.Warning("restart-needed", {{"changed", needs_restart}});
    ReplacePlans(loaded->config.server.spaces, change.plans);
    fields_ = std::move(loaded->fields);
  }

  void FailReload(const std::string& message) {
    reload_failed_ = true;
    log_.Error("reload-failed", {{"message", message}});
  }

  void ReplacePlans(std::vector<earshot::SpaceOptions>& spaces, const std::set<std::string>& ids) {
    for (earshot::SpaceOptions& space : spaces) {
      if (!ids.contains(space.id)) continue;
      server_->ReplacePlan(space.id, std::move(space.plan), [this, id = space.id](auto result) {
        boost::asio::post(io_, [this, id, result = std::move(result)] { OnPlan(id, result); });
      });
    }
  }

  void OnPlan(const std::string& space,
              const Result<std::shared_ptr<const earshot::FloorPlan>>& plan) {
    if (!plan.ok()) {
      return log_.Error("plan-not-replaced", {{"space", space}, {"code", plan.error().code}});
    }
    log_.Info("plan-replaced", {{"space", space}});
    const std::string written = WritePlan(**plan, config_.server.media.max_speed);
    registry_.ForEachClient(
        [&](ClientSession& client) { client.HandlePlan(space, **plan, written); });
  }

  /// The second call does not wait for the clients any more.
  void BeginStop() {
    if (stopping_) {
      log_.Info("stopping-at-once");
      return io_.stop();
    }
    stopping_ = true;
    log_.Info("stopping");
    public_listener_->Stop();
    admin_listener_->Stop();
    stop_timer_.Arm(Now() + kStopTime, [this] { io_.stop(); });
    registry_.Shutdown([this] { io_.stop(); });
  }

  /// As at the start.
  const Config config_;
  /// Of the last reading.
  std::vector<ConfigField> fields_;
  const ConfigLoader reload_;
  bool reload_failed_ = false;
  ControlLoop io_;
  Log log_;
  DemoTokens demo_tokens_;
  TokenVerifier tokens_;
  OriginRules origins_;
  StaticFiles files_;
  TlsContexts tls_;
  ParticipantRegistry registry_;
  MemoryGuard memory_;
  ClientContext clients_;
  HttpCounters http_counters_;
  Router public_router_{http_counters_};
  Router admin_router_{http_counters_};
  ConnectionLimiter public_connections_;
  ConnectionLimiter admin_connections_;
  HttpService public_service_;
  HttpService admin_service_;
  std::unique_ptr<HttpListener> public_listener_;
  std::unique_ptr<HttpListener> admin_listener_;
  DeadlineTimer stop_timer_{io_.get_executor()};
  DeadlineTimer memory_timer_{io_.get_executor()};
  MemoryPressure pressure_ = MemoryPressure::kNone;
  bool stopping_ = false;
  std::unique_ptr<earshot::Server> server_;
};

Result<std::unique_ptr<Daemon>> Daemon::Start(LoadedConfig loaded, ConfigLoader reload) {
  try {
    auto impl = std::make_unique<Impl>(std::move(loaded), std::move(reload));
    const std::string problem = impl->Open();
    if (!problem.empty()) return Error{"start-failed", problem};
    return std::unique_ptr<Daemon>(new Daemon(std::move(impl)));
  } catch (const std::system_error& error) {
    // No thread or descriptor is left for the log or the loop.
    return Error{"start-failed", error.what()};
  }
}

Daemon::Daemon(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Daemon::~Daemon() = default;
void Daemon::Run() { impl_->Run(); }
void Daemon::Stop() { impl_->Stop(); }
uint16_t Daemon::public_port() const { return impl_->public_port(); }
uint16_t Daemon::admin_port() const { return impl_->admin_port(); }
std::string Daemon::Url() const { return impl_->Url(); }

}  // namespace earshotd
