#pragma once

// A whole daemon on free ports of the loopback interface, running on a thread of its own, with the
// real media server. Test code only.

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "clock.h"
#include "daemon.h"
#include "http_test_server.h"
#include "temporary_files.h"
#include "test_data.h"
#include "token_fixtures.h"
#include "websocket_client.h"

namespace earshotd {

/// What Chromium offers; only its sections with these MIDs if `mids` is not empty.
inline std::string ChromiumOffer(const std::vector<std::string>& mids = {}) {
  const std::string all =
      *ReadWholeText(earshot::ProjectFile("tests/data/sdp/chromium_156_pool.sdp"));
  if (mids.empty()) return all;
  const size_t first = all.find("m=");
  std::string sections, bundle = "a=group:BUNDLE";
  for (size_t start = first; start < all.size();) {
    const size_t end = std::min(all.find("\nm=", start), all.size() - 1) + 1;
    const std::string section = all.substr(start, end - start);
    for (const std::string& mid : mids) {
      if (section.find("a=mid:" + mid + "\r\n") == std::string::npos) continue;
      sections += section;
      bundle += " " + mid;
    }
    start = end;
  }
  std::string head = all.substr(0, first);
  const size_t group = head.find("a=group:BUNDLE");
  head.replace(group, head.find("\r\n", group) - group, bundle);
  return head + sections;
}
/// A microphone, one audio slot and the data channel.
inline std::string SmallOffer() { return ChromiumOffer({"0", "4", "44"}); }

inline std::string TokenFor(const std::string& subject, const std::string& name = "Ada",
                            const std::string& space = "hall") {
  nlohmann::json claims = GoodClaims();
  claims["sub"] = subject;
  claims["name"] = name;
  claims["space"] = space;
  claims["exp"] = CurrentMoment().unix_seconds + 300;
  return SignHs256(kHs256Header, claims.dump());
}

inline std::string JoinText(const std::string& token, const std::string& offer) {
  return nlohmann::json(
             {{"type", "join"}, {"token", token}, {"offer", offer}, {"tracks", {{"mic", "0"}}}})
      .dump();
}

class DaemonRunner {
 public:
  explicit DaemonRunner(Config config = {}) {
    if (config.web_root.empty()) {
      folder_.Write("index.html", "page");
      config.web_root = folder_.path();
    }
    config.listen = {"127.0.0.1", 0};
    config.admin.endpoint = {"127.0.0.1", 0};
    config.server.bind_address = "127.0.0.1";
    config.server.base_port = 0;
    if (config.server.spaces.empty()) config.server.spaces.push_back({"hall", {}});
    std::vector<IssuerKey> keys;
    keys.push_back({"portal", "earshot", "", std::move(*TokenKey::FromSecret(kSecret))});
    auto daemon = Daemon::Start({std::move(config), std::move(keys)}, {});
    if (!daemon.ok()) {
      problem_ = daemon.error().message;
      return;
    }
    daemon_ = std::move(*daemon);
    thread_ = std::thread([this] { daemon_->Run(); });
  }
  ~DaemonRunner() { Stop(); }

  void Stop() {
    if (!thread_.joinable()) return;
    daemon_->Stop();
    thread_.join();
  }
  const std::string& problem() const { return problem_; }
  uint16_t port() const { return daemon_->public_port(); }
  uint16_t admin_port() const { return daemon_->admin_port(); }

  /// The whole response.
  std::string Get(uint16_t port, const std::string& path) const {
    return RawClient(port)
        .Send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .ReadAll();
  }
  /// The value of a metric by its name with labels, or -1.
  double Metric(const std::string& name) const {
    const std::string text = Get(admin_port(), "/metrics");
    const size_t at = text.find("\n" + name + " ");
    return at == std::string::npos ? -1 : std::stod(text.substr(at + name.size() + 2));
  }
  void WaitForMetric(const std::string& name, double value) const {
    while (Metric(name) != value) std::this_thread::yield();
  }

 private:
  TemporaryFolder folder_;
  std::string problem_;
  std::unique_ptr<Daemon> daemon_;
  std::thread thread_;
};

/// The next message as JSON; null once the connection is closed.
inline nlohmann::json ReadMessage(WebSocketClient& client) {
  const auto text = client.Read();
  return text ? nlohmann::json::parse(*text) : nlohmann::json();
}

}  // namespace earshotd
