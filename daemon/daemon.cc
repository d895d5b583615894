#include "daemon.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <exception>
#include <string_view>
#include <utility>

#include "admin_routes.h"
#include "client_session.h"
#include "connection_limiter.h"
#include "deadline_timer.h"
#include "demo_tokens.h"
#include "http_listener.h"
#include "http_service.h"
#include "log.h"
#include "metrics.h"
#include "participant_registry.h"
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

std::string_view WebRootOf(const Config& config) {
  return config.web_root.empty() ? std::string_view(EARSHOT_INSTALLED_WEB_ROOT)
                                 : std::string_view(config.web_root);
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
  Impl(const Config& config, std::vector<IssuerKey> keys, SpacesReader read_spaces)
      : config_(config),
        read_spaces_(std::move(read_spaces)),
        log_(config.log),
        tokens_(WithDemoKey(std::move(keys), config.demo, demo_tokens_)),
        origins_(config.origins, config.demo),
        registry_(io_, config.limits.signalling_grace),
        clients_{registry_, tokens_, log_, SignallingLimitsOf(config), {}},
        public_connections_(config.limits.connections, config.limits.connections_per_address),
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
    auto files = StaticFiles::Load(std::string(WebRootOf(config_)));
    if (!files.ok()) return "web_root: " + files.error().message;
    files_ = std::move(*files);
    auto tls = MakeTlsContext(config_);
    if (!tls.ok()) return "listen.tls: " + tls.error().message;
    tls_ = std::move(*tls);

    FillServices();
    auto admin = HttpListener::Open(io_, "admin", config_.admin, admin_service_);
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
    log_.Info("started", {{"workers", std::to_string(config_.server.workers)},
                          {"spaces", std::to_string(config_.server.spaces.size())},
                          {"demo", config_.demo ? "true" : "false"}});
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
    return (tls_ ? "https://" : "http://") + host + ":" + std::to_string(public_port()) + "/";
  }

 private:
  void FillServices() {
    public_service_.limits = HttpLimitsOf(config_.limits);
    public_service_.websocket_limits = WebSocketLimitsOf(config_.server.media);
    public_service_.origins = &origins_;
    public_service_.tls = tls_.get();
    public_service_.make_client = [this](std::string token) {
      return std::make_shared<ClientSession>(clients_, std::move(token));
    };
    AddPageRoutes(public_router_, files_);
    if (config_.demo) {
      std::vector<std::string> spaces;
      for (const auto& space : config_.server.spaces) spaces.push_back(space.id);
      AddDemoRoutes(public_router_, demo_tokens_, origins_, std::move(spaces));
    }
    AddAdminRoutes(admin_router_, {.is_ready = [this] { return IsReady(); },
                                   .write_metrics = [this] { return Metrics(); }});
  }

  std::string StartServer() {
    earshot::ServerOptions options = config_.server;
    options.log = [this](earshot::LogLevel level, std::string_view text) {
      // Written by the control thread: a slow log must not hold up a worker.
      boost::asio::post(io_, [this, level, copy = std::string(text)] {
        log_.Write(level, "media", {{"message", copy}});
      });
    };
    auto server = earshot::Server::Start(options, registry_.MakeClosedHandler());
    if (!server.ok()) return "media: " + server.error().message;
    server_ = std::move(*server);
    registry_.Serve(*server_);
    return "";
  }

  bool IsReady() const { return !stopping_ && server_ && server_->Healthy(); }

  std::string Metrics() const {
    return WriteMetrics(
        server_ ? server_->Stats() : earshot::ServerStats(),
        {.ready = IsReady(),
         .open_websockets = public_service_.open_websockets,
         .refused_connections = public_connections_.refused() + admin_connections_.refused(),
         .joins = clients_.joins,
         .http = &http_counters_,
         .process = ReadProcessStats()});
  }

  void AwaitSignal(boost::asio::signal_set& signals) {
    signals.async_wait([this, &signals](boost::system::error_code error, int signal) {
      if (error) return;
      if (signal == SIGHUP) {
        ReplacePlans();
      } else {
        BeginStop();
      }
      AwaitSignal(signals);
    });
  }

  /// Everything or nothing of a configuration: what is wrong with one plan keeps all as they are.
  void ReplacePlans() {
    if (stopping_) return;
    auto spaces = read_spaces_();
    if (!spaces.ok()) return log_.Error("reload-failed", {{"message", spaces.error().message}});
    for (earshot::SpaceOptions& space : *spaces) {
      server_->ReplacePlan(space.id, std::move(space.plan), [this, id = space.id](auto result) {
        boost::asio::post(io_, [this, id, result = std::move(result)] { OnPlan(id, result); });
      });
    }
  }

  void OnPlan(const std::string& space,
              const Result<std::shared_ptr<const earshot::FloorPlan>>& plan) {
    if (!plan.ok()) {
      // Spaces come and go with a restart only.
      return log_.Error("plan-not-replaced", {{"space", space}, {"code", plan.error().code}});
    }
    log_.Info("plan-replaced", {{"space", space}});
    registry_.ForEachClient([&](ClientSession& client) { client.HandlePlan(space, **plan); });
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

  const Config config_;
  const SpacesReader read_spaces_;
  ControlLoop io_;
  Log log_;
  DemoTokens demo_tokens_;
  TokenVerifier tokens_;
  OriginRules origins_;
  StaticFiles files_;
  std::unique_ptr<boost::asio::ssl::context> tls_;
  ParticipantRegistry registry_;
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
  bool stopping_ = false;
  std::unique_ptr<earshot::Server> server_;
};

Result<std::unique_ptr<Daemon>> Daemon::Start(const Config& config, std::vector<IssuerKey> keys,
                                              SpacesReader read_spaces) {
  auto impl = std::make_unique<Impl>(config, std::move(keys), std::move(read_spaces));
  const std::string problem = impl->Open();
  if (!problem.empty()) return Error{"start-failed", problem};
  return std::unique_ptr<Daemon>(new Daemon(std::move(impl)));
}

Daemon::Daemon(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Daemon::~Daemon() = default;
void Daemon::Run() { impl_->Run(); }
void Daemon::Stop() { impl_->Stop(); }
uint16_t Daemon::public_port() const { return impl_->public_port(); }
uint16_t Daemon::admin_port() const { return impl_->admin_port(); }
std::string Daemon::Url() const { return impl_->Url(); }

}  // namespace earshotd
