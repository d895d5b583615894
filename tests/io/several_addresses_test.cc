// Whole clients on the wire with a worker whose host has several addresses, which come and go.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "io/live_client.h"
#include "io/own_network.h"

namespace earshot {
namespace {

using testing::HasSubstr;
using testing::Not;

/// As if the others of the server's addresses could not be reached.
Joined ToldOfOnly(const std::string& host, Joined joined) {
  std::istringstream lines(std::exchange(joined.answer, ""));
  for (std::string line; std::getline(lines, line);) {
    const bool is_candidate = line.starts_with("a=candidate:");
    if (is_candidate && line.find(" " + host + " ") == std::string::npos) continue;
    joined.answer += line + "\n";
  }
  return joined;
}

/// One client at each of the server's addresses, and all publish to all.
class Company {
 public:
  explicit Company(RunningWorker& worker) : worker_(worker) {}

  void Join(const std::string& server) {
    const std::string from = server.find(':') == std::string::npos ? "10.1.0.9" : "fd00::9";
    auto client = std::make_unique<LiveClient>(from, clients_.size() + 1);
    ASSERT_TRUE(client->Accept(ToldOfOnly(server, worker_.Join(client->Request()))));
    SourceSet published;
    published.Set(SourceKind::kMic, true);
    published.Set(SourceKind::kCamera, true);
    client->Publish(published);
    clients_.push_back(std::move(client));
  }
  /// All but for `absent`, and whatever came before does not count.
  bool WaitUntilAllHearAll(std::optional<size_t> absent = std::nullopt) {
    for (const auto& client : clients_) client->Forget();
    return WaitUntil([&] {
      for (const auto& client : clients_) client->Turn();
      for (size_t i = 0; i < clients_.size(); ++i) {
        for (size_t j = 0; j < clients_.size(); ++j) {
          if (i != j && i != absent && j != absent && !Hears(i, j)) return false;
        }
      }
      return true;
    });
  }

 private:
  bool Hears(size_t listener, size_t speaker) const {
    const ParticipantId id = clients_[speaker]->self();
    const auto& heard = clients_[listener]->heard();
    return heard.contains({id, SourceKind::kMic}) && heard.contains({id, SourceKind::kCamera});
  }

  RunningWorker& worker_;
  std::vector<std::unique_ptr<LiveClient>> clients_;
};

TEST(SeveralAddressesTest, WhoKnowsAnyOfThemConnectsHearsAndIsHeard) {
  WithSeveralAddresses([] {
    RunningWorker worker("::");
    Company company(worker);
    for (const char* host : {"10.1.0.1", "10.1.0.2"}) company.Join(host);
    if (HasIpv6()) {
      for (const char* host : {"fd00::1", "fd00::2"}) company.Join(host);
    }
    EXPECT_TRUE(company.WaitUntilAllHearAll());
    EXPECT_EQ(worker.dropped(DropReason::kEgressSendFailed), 0u);
  });
}

TEST(SeveralAddressesTest, S20_WhoIsOnTheOthersGoesOnAndNewOnesAreTold) {
  WithSeveralAddresses([] {
    RunningWorker worker("0.0.0.0");
    Company company(worker);
    company.Join("10.1.0.1");
    company.Join("10.1.0.2");
    company.Join("10.1.0.9");
    ASSERT_TRUE(company.WaitUntilAllHearAll());
    ASSERT_TRUE(RunCommand("ip address del 10.1.0.2/32 dev lo"));
    EXPECT_TRUE(company.WaitUntilAllHearAll(1));

    ASSERT_TRUE(RunCommand("ip address add 10.1.0.7/32 dev lo"));
    const JoinRequest another = ChromiumJoin("hall");
    const ParticipantId witness = worker.Join(another).participant;
    EXPECT_TRUE(WaitUntil([&] {
      return worker.RestartIce(witness, another.offer).find(" 10.1.0.7 ") != std::string::npos;
    }));
    company.Join("10.1.0.7");
    EXPECT_TRUE(company.WaitUntilAllHearAll(1));
  });
}

TEST(SeveralAddressesTest, S20_WithoutOneNobodyIsToComeAndRestartsAreToldOfNewOnes) {
  WithSeveralAddresses([] {
    RunningWorker worker("::");
    EXPECT_TRUE(worker->is_reachable());
    const Joined before = worker.Join(ChromiumJoin("hall"));
    EXPECT_THAT(before.answer, HasSubstr(" 10.1.0.1 "));

    ASSERT_TRUE(
        RunCommand("for one in 10.1.0.1 10.1.0.2 10.1.0.9; do ip address del $one/32 dev lo; done; "
                   "test ! -e /proc/net/if_inet6 || "
                   "for one in fd00::1 fd00::2 fd00::9; do ip address del $one/128 dev lo; done"));
    EXPECT_TRUE(WaitUntil([&] { return !worker->is_reachable(); }));
    EXPECT_TRUE(worker.closed().empty()) << "who is here stays";

    ASSERT_TRUE(RunCommand("ip address add 10.1.0.7/32 dev lo"));
    EXPECT_TRUE(WaitUntil([&] { return worker->is_reachable(); }));
    const std::string after = worker.RestartIce(before.participant, ChromiumJoin("hall").offer);
    EXPECT_THAT(after, HasSubstr(" 10.1.0.7 "));
    EXPECT_THAT(after, Not(HasSubstr(" 10.1.0.1 ")));
  });
}

}  // namespace
}  // namespace earshot
