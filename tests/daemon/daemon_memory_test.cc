// A daemon whose memory is short: who is in stays, who comes is refused, and the process lives
// (threat row E2).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <list>
#include <nlohmann/json.hpp>

#include "daemon_process.h"
#include "daemon_runner.h"
#include "sanitizers.h"

namespace earshotd {
namespace {

using nlohmann::json;

constexpr rlim_t kMiB = 1024 * 1024;

class DaemonMemoryTest : public testing::Test {
 protected:
  void SetUp() override {
    if (kSanitized) GTEST_SKIP() << "a sanitizer needs much more memory than this allows";
  }

  /// Joins until the server refuses or `most` are in; returns how it refused, or "".
  std::string JoinUntilRefused(size_t most) {
    while (clients_.size() < most) {
      WebSocketClient& client = clients_.emplace_back(folder_.ports().listen);
      if (client.status() == 503) return "refused";
      if (client.status() != 101) return "status " + std::to_string(client.status());
      const std::string subject = "p-" + std::to_string(clients_.size());
      client.Send(JoinText(TokenFor(subject), ChromiumOffer()));
      const json reply = ReadMessage(client);
      if (reply.value("code", "") == "limit-reached") return "refused";
      if (reply.value("type", "") != "joined") return "reply " + reply.dump();
      ReadMessage(client);
    }
    return "";
  }
  std::string Metrics() const {
    return RawClient(folder_.ports().admin)
        .Send("GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .ReadAll();
  }
  void ExpectServiceGoesOn(DaemonProcess& daemon) {
    clients_.front().Send(R"({"type":"nothing"})");
    EXPECT_EQ(ReadMessage(clients_.front())["code"], "type-unknown") << "who is in is served";
    EXPECT_THAT(Metrics(), testing::ContainsRegex("earshot_memory_refusals_total.* [1-9]"));
    daemon.Signal(SIGTERM);
    EXPECT_EQ(daemon.ExitCode(), 0) << daemon.Output();
  }
  /// Of a daemon that serves nobody.
  rlim_t ResidentAtRest() {
    DaemonProcess daemon(folder_);
    EXPECT_TRUE(daemon.WaitUntilServing()) << daemon.Output();
    return daemon.ResidentBytes();
  }

  DaemonFolder folder_;
  std::list<WebSocketClient> clients_;
};

TEST_F(DaemonMemoryTest, E2_JoinsAreRefusedBeforeTheConfiguredLimitIsReached) {
  // The soft limit leaves room for a few dozen people.
  const rlim_t limit = ResidentAtRest() * 10 / 8 + 24 * kMiB;
  folder_.WriteConfig("limits: {memory: {megabytes: " + std::to_string(limit / kMiB) + "}}\n");
  DaemonProcess daemon(folder_);
  ASSERT_TRUE(daemon.WaitUntilServing()) << daemon.Output();
  EXPECT_EQ(JoinUntilRefused(900), "refused");
  EXPECT_GT(clients_.size(), 5u);
  EXPECT_LT(daemon.ResidentBytes(), limit);
  ExpectServiceGoesOn(daemon);
}

}  // namespace
}  // namespace earshotd
