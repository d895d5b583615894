#include "daemon_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <list>
#include <nlohmann/json.hpp>

#include "daemon_runner.h"

namespace earshotd {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

/// Joins and returns the answer, or what came instead.
std::string JoinForAnswer(WebSocketClient& client) {
  client.Send(JoinText(TokenFor("u-1"), SmallOffer()));
  const json joined = ReadMessage(client);
  if (joined.value("type", "") != "joined") return joined.dump();
  return ReadMessage(client).value("answer", "");
}

std::string FingerprintOf(const std::string& answer) {
  const size_t at = answer.find("a=fingerprint:");
  return at == std::string::npos ? "" : answer.substr(at, answer.find('\r', at) - at);
}

bool ServesPage(uint16_t port) {
  const std::string request = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  return RawClient(port).Send(request).Status() == 200;
}

TEST(DaemonProcessTest, K1_AfterAKillANewOneServesOnTheSamePortsAndNothingIsLeft) {
  const DaemonFolder folder;
  const std::set<std::string> before = folder.Files();
  std::string last_fingerprint;
  for (int round = 0; round < 10; ++round) {
    DaemonProcess daemon(folder);
    ASSERT_TRUE(daemon.WaitUntilServing()) << daemon.Output();
    // What it has open when it dies: a participant, and a request half read.
    WebSocketClient joined(folder.ports().listen);
    const std::string fingerprint = FingerprintOf(JoinForAnswer(joined));
    RawClient half_open(folder.ports().listen);
    half_open.Send("GET / HTTP/1.1\r\n");
    EXPECT_NE(fingerprint, "");
    EXPECT_NE(fingerprint, last_fingerprint);
    last_fingerprint = fingerprint;
    daemon.Signal(SIGKILL);
    EXPECT_TRUE(WIFSIGNALED(daemon.Wait()));
    EXPECT_FALSE(joined.Read()) << "its clients see the connection end";
  }
  EXPECT_EQ(folder.Files(), before);
}

TEST(DaemonProcessTest, K1_ACrashLeavesNoCoreDumpUnlessAskedFor) {
  const DaemonFolder folder;
  const auto dumps = [&folder](std::vector<std::string> arguments) {
    DaemonProcess daemon(folder, {.arguments = std::move(arguments)});
    EXPECT_TRUE(daemon.WaitUntilServing()) << daemon.Output();
    daemon.Signal(SIGABRT);
    return WCOREDUMP(daemon.Wait());
  };
  const std::set<std::string> before = folder.Files();
  EXPECT_FALSE(dumps({}));
  EXPECT_EQ(folder.Files(), before);
  if (!dumps({"--core-dumps"})) GTEST_SKIP() << "this system writes none of any program";
}

TEST(DaemonProcessTest, SighupReplacesPlansAndDropsNobody) {
  DaemonFolder folder;
  DaemonProcess daemon(folder);
  ASSERT_TRUE(daemon.WaitUntilServing()) << daemon.Output();
  WebSocketClient client(folder.ports().listen);
  ASSERT_NE(FingerprintOf(JoinForAnswer(client)), "");

  folder.WriteConfig("",
                     "{zones: [{name: Mine, kind: private, owner: u-1, "
                     "outline: [[1, 1], [5, 1], [5, 5], [1, 5]]}]}");
  daemon.Signal(SIGHUP);
  json message = ReadMessage(client);
  EXPECT_EQ(message["type"], "plan");
  EXPECT_EQ(message["plan"]["zones"][0]["name"], "Mine");
  EXPECT_EQ(message["owns"], json({0}));

  // A mistake is named, and changes nothing.
  folder.WriteConfig("", "{width: -4}");
  daemon.Signal(SIGHUP);
  EXPECT_TRUE(daemon.WaitForOutput("reload-failed")) << daemon.Output();
  EXPECT_THAT(daemon.Output(), HasSubstr("width"));

  folder.WriteConfig("", "{width: 77}");
  daemon.Signal(SIGHUP);
  message = ReadMessage(client);
  EXPECT_EQ(message["plan"]["width"], 77);
}

TEST(DaemonProcessTest, F7_H13_SighupSaysWhatItChangedAndWhatItDidNot) {
  DaemonFolder folder;
  DaemonProcess daemon(folder);
  ASSERT_TRUE(daemon.WaitUntilServing()) << daemon.Output();
  folder.WriteConfig("limits: {connections: 50}\norigins: [\"https://portal.example\"]\n");
  daemon.Signal(SIGHUP);
  EXPECT_TRUE(daemon.WaitForOutput("restart-needed changed=limits.connections")) << daemon.Output();
  EXPECT_THAT(daemon.Output(), HasSubstr("reloaded plans=0 keys=1"));
  EXPECT_THAT(daemon.Output(), Not(HasSubstr("plan-replaced")));
  const auto status_from_portal = [&folder] {
    return WebSocketClient(folder.ports().listen, {.origin = "https://portal.example"}).status();
  };
  EXPECT_EQ(status_from_portal(), 101) << "origins take effect at once";

  folder.WriteSecret("another-secret-of-32-bytes-or-more");
  daemon.Signal(SIGHUP);
  EXPECT_TRUE(WaitUntil([&folder] {
    WebSocketClient client(folder.ports().listen);
    client.Send(JoinText(TokenFor("u-1"), SmallOffer()));
    return ReadMessage(client).value("code", "") == "token-invalid";
  })) << "H13: and so does another key";
}

TEST(DaemonProcessTest, F7_ARefusedReloadShowsInTheMetrics) {
  DaemonFolder folder;
  DaemonProcess daemon(folder);
  ASSERT_TRUE(daemon.WaitUntilServing()) << daemon.Output();
  folder.WriteConfig("limitz: {}\n");
  daemon.Signal(SIGHUP);
  EXPECT_TRUE(daemon.WaitForOutput("reload-failed"));
  EXPECT_THAT(RawClient(folder.ports().admin)
                  .Send("GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                  .ReadAll(),
              HasSubstr("earshot_config_reload_failed 1"));
}

TEST(DaemonProcessTest, D16_TwoStartsDifferInFingerprintAndWriteNoKey) {
  const DaemonFolder folder;
  const std::set<std::string> before = folder.Files();
  std::set<std::string> fingerprints;
  for (int start = 0; start < 2; ++start) {
    DaemonProcess daemon(folder);
    ASSERT_TRUE(daemon.WaitUntilServing()) << daemon.Output();
    WebSocketClient client(folder.ports().listen);
    fingerprints.insert(FingerprintOf(JoinForAnswer(client)));
    EXPECT_THAT(daemon.Output(), Not(HasSubstr("PRIVATE KEY")));
    EXPECT_THAT(daemon.Output(), Not(HasSubstr(fingerprints.begin()->substr(22))));
  }
  EXPECT_EQ(fingerprints.size(), 2u);
  EXPECT_FALSE(fingerprints.contains(""));
  EXPECT_EQ(folder.Files(), before);
}

TEST(DaemonProcessTest, F6_ASecondInstanceNamesThePortAndHowToFindItsOwner) {
  const DaemonFolder folder;
  DaemonProcess first(folder);
  ASSERT_TRUE(first.WaitUntilServing()) << first.Output();
  {
    DaemonProcess second(folder);
    EXPECT_EQ(second.ExitCode(), 1);
    EXPECT_THAT(second.Output(), HasSubstr("admin: cannot listen on 127.0.0.1 port " +
                                           std::to_string(folder.ports().admin)));
    EXPECT_THAT(second.Output(), HasSubstr("ss -ltnp"));
  }
  // The media port alone is taken.
  DaemonFolder other;
  DaemonPorts ports = FindFreePorts();
  ports.media = folder.ports().media;
  other.TakePorts(ports);
  DaemonProcess third(other);
  EXPECT_EQ(third.ExitCode(), 1);
  EXPECT_THAT(third.Output(),
              HasSubstr("UDP port " + std::to_string(ports.media) + " on 127.0.0.1"));
  EXPECT_THAT(third.Output(), HasSubstr("ss -ulpn"));
  EXPECT_TRUE(ServesPage(folder.ports().listen)) << "the first goes on";
}

TEST(DaemonProcessTest, F9_TheConfigurationIsCheckedWithoutOpeningASocket) {
  DaemonFolder folder;
  DaemonProcess running(folder);
  ASSERT_TRUE(running.WaitUntilServing()) << running.Output();
  {
    DaemonProcess check(folder, {.arguments = {"--check-config"}});
    EXPECT_EQ(check.ExitCode(), 0) << "although all ports are taken";
    EXPECT_EQ(json::parse(check.Output())["valid"], true);
    EXPECT_EQ(json::parse(check.Output())["warnings"], json::array());
  }
  {
    DaemonProcess check(folder, {.arguments = {"--check-config", "--web-root", "/nowhere"}});
    EXPECT_EQ(check.ExitCode(), 78) << "files that are not there";
    EXPECT_EQ(json::parse(check.Output())["problems"][0]["key"], "web_root");
  }
  folder.WriteConfig("limitz: {connections: 10}\n");
  DaemonProcess check(folder, {.arguments = {"--check-config"}});
  EXPECT_EQ(check.ExitCode(), 78);
  const json result = json::parse(check.Output());
  EXPECT_EQ(result["valid"], false);
  EXPECT_EQ(result["problems"][0]["key"], "limitz");
  EXPECT_EQ(result["problems"][0]["line"], 7);
  EXPECT_EQ(result["problems"][0]["suggestion"], "limits");
}

TEST(DaemonProcessTest, ATerminatedDaemonTellsItsClientsAndEndsWell) {
  const DaemonFolder folder;
  DaemonProcess daemon(folder);
  ASSERT_TRUE(daemon.WaitUntilServing()) << daemon.Output();
  WebSocketClient client(folder.ports().listen);
  EXPECT_NE(FingerprintOf(JoinForAnswer(client)), "");
  daemon.Signal(SIGTERM);
  EXPECT_EQ(ReadMessage(client)["code"], "shutting-down");
  EXPECT_TRUE(ReadMessage(client).is_null());
  EXPECT_EQ(client.close_code(), 1001);
  EXPECT_EQ(daemon.ExitCode(), 0);
  EXPECT_THAT(daemon.Output(), HasSubstr(" stopped"));
  EXPECT_THAT(daemon.Output(), Not(HasSubstr("at-once")));
}

TEST(DaemonProcessTest, ASecondSignalDoesNotWaitForAClientThatNeverCloses) {
  const DaemonFolder folder;
  DaemonProcess daemon(folder);
  ASSERT_TRUE(daemon.WaitUntilServing()) << daemon.Output();
  WebSocketClient deaf(folder.ports().listen);
  EXPECT_NE(FingerprintOf(JoinForAnswer(deaf)), "");
  daemon.Signal(SIGTERM);
  ASSERT_TRUE(daemon.WaitForOutput(" stopping"));
  daemon.Signal(SIGINT);
  EXPECT_EQ(daemon.ExitCode(), 0);
  EXPECT_THAT(daemon.Output(), HasSubstr("stopping-at-once"));
}

TEST(DaemonProcessTest, K6_OpenConnectionsDoNotSpoilTheEnd) {
  const DaemonFolder folder;
  DaemonProcess daemon(folder);
  ASSERT_TRUE(daemon.WaitUntilServing()) << daemon.Output();
  // As a scraper and a browser keep them, and as a slow client leaves them.
  std::list<RawClient> open;
  for (int i = 0; i < 40; ++i) {
    const uint16_t port = i % 2 == 0 ? folder.ports().admin : folder.ports().listen;
    open.emplace_back(port).Send("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
    open.emplace_back(port).Send("GET /livez HT");
    open.emplace_back(port);
  }
  EXPECT_TRUE(ServesPage(folder.ports().listen)) << "it has taken those before";
  daemon.Signal(SIGTERM);
  EXPECT_EQ(daemon.ExitCode(), 0) << daemon.Output();
}

TEST(DaemonProcessTest, K9_TheBinaryIsHardened) {
  FILE* pipe = popen("readelf -W -h -l -d " EARSHOTD, "r");
  ASSERT_NE(pipe, nullptr);
  std::string elf(1 << 20, '\0');
  elf.resize(fread(elf.data(), 1, elf.size(), pipe));
  if (pclose(pipe) != 0) GTEST_SKIP() << "no readelf here";
  EXPECT_THAT(elf, testing::ContainsRegex("Type: +DYN"));
  EXPECT_THAT(elf, testing::ContainsRegex("FLAGS_1.*NOW.*PIE"));
  EXPECT_THAT(elf, HasSubstr("GNU_RELRO"));
  EXPECT_THAT(elf, testing::ContainsRegex("GNU_STACK .* RW  "));
}

/// Ends a daemon that hangs, so that the test fails instead of waiting forever.
class Watchdog {
 public:
  explicit Watchdog(const DaemonProcess& daemon)
      : thread_([this, &daemon] {
          if (!WaitUntil([this] { return calm_.load(); })) daemon.Signal(SIGKILL);
        }) {}
  ~Watchdog() {
    calm_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool> calm_{false};
  std::thread thread_;
};

/// A pipe of one page that is full: what is written next waits for a reader.
std::array<int, 2> MakeFullPipe() {
  std::array<int, 2> ends{-1, -1};
  EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK), 0);
  EXPECT_GT(fcntl(ends[1], F_SETPIPE_SZ, 4096), 0);
  while (write(ends[1], "x", 1) == 1) {
  }
  for (const int end : ends) fcntl(end, F_SETFL, 0);
  return ends;
}

bool IsLive(const DaemonFolder& folder) {
  return RawClient(folder.ports().admin)
             .Send("GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
             .Status() == 200;
}

/// Joins that are refused, each of which is a line of the log.
void RefuseJoins(const DaemonFolder& folder, int count) {
  for (int i = 0; i < count; ++i) {
    WebSocketClient client(folder.ports().listen);
    client.Send(JoinText("no.good.token", SmallOffer()));
    EXPECT_EQ(ReadMessage(client)["code"], "token-invalid");
  }
}

bool Listens(uint16_t port) {
  boost::asio::io_context io;
  boost::asio::ip::tcp::socket socket(io);
  boost::system::error_code error;
  socket.connect({boost::asio::ip::address_v4::loopback(), port}, error);
  return !error;
}

TEST(DaemonProcessTest, E5_ALogThatNobodyReadsHoldsUpNothing) {
  const DaemonFolder folder;
  const std::array<int, 2> pipe = MakeFullPipe();
  {
    DaemonProcess daemon(folder, {.output = pipe[1]});
    const Watchdog watchdog(daemon);
    ASSERT_TRUE(WaitUntil([&folder] { return Listens(folder.ports().admin); }));
    EXPECT_TRUE(IsLive(folder)) << "although its first line is still waiting";
    RefuseJoins(folder, 64);
    EXPECT_TRUE(IsLive(folder));
    EXPECT_TRUE(ServesPage(folder.ports().listen));
    daemon.Signal(SIGTERM);
    EXPECT_EQ(daemon.ExitCode(), 0);
  }
  for (const int end : pipe) close(end);
}

TEST(DaemonProcessTest, E5_ALogThatIsReadAtLastHasEveryLine) {
  const DaemonFolder folder;
  const std::array<int, 2> pipe = MakeFullPipe();
  std::string log;
  {
    DaemonProcess daemon(folder, {.output = pipe[1]});
    const Watchdog watchdog(daemon);
    close(pipe[1]);
    ASSERT_TRUE(WaitUntil([&folder] { return Listens(folder.ports().admin); }));
    RefuseJoins(folder, 8);
    std::thread reader([&log, end = pipe[0]] {
      std::array<char, 100> bytes;
      while (true) {
        const ssize_t count = read(end, bytes.data(), bytes.size());
        if (count <= 0) return;
        log.append(bytes.data(), static_cast<size_t>(count));
      }
    });
    daemon.Signal(SIGTERM);
    EXPECT_EQ(daemon.ExitCode(), 0);
    reader.join();
  }
  close(pipe[0]);
  size_t refused = 0;
  for (size_t at = 0; (at = log.find("join-refused", at)) != std::string::npos; ++at) ++refused;
  EXPECT_EQ(refused, 8u) << log;
  EXPECT_THAT(log, HasSubstr(" stopped\n"));
  EXPECT_THAT(log, Not(HasSubstr("log-lines-lost")));
}

TEST(DaemonProcessTest, E1_WithoutDescriptorsAcceptingPausesAndRecovers) {
  DaemonFolder folder;
  folder.WriteConfig("limits: {header_timeout: 1s}\n");
  DaemonProcess daemon(folder, {.max_descriptors = 64});
  ASSERT_TRUE(daemon.WaitUntilServing()) << daemon.Output();
  WebSocketClient joined(folder.ports().listen);
  EXPECT_NE(FingerprintOf(JoinForAnswer(joined)), "");
  std::list<RawClient> silent;
  for (int i = 0; i < 100; ++i) silent.emplace_back(folder.ports().listen);
  ASSERT_TRUE(daemon.WaitForOutput("accept-failed"));
  joined.Send(R"({"type":"nothing"})");
  EXPECT_EQ(ReadMessage(joined)["code"], "type-unknown") << "who is in is served";

  const double cpu_before = daemon.CpuSeconds();
  const auto begin = std::chrono::steady_clock::now();
  // The silent ones time out, the others in the backlog are taken and time out as well.
  EXPECT_TRUE(ServesPage(folder.ports().listen)) << "it recovers by itself";
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
  EXPECT_LT(daemon.CpuSeconds() - cpu_before, 0.2 * elapsed.count() + 0.2) << "a busy loop";
  size_t complaints = 0;
  const std::string output = daemon.Output();
  for (size_t at = 0; (at = output.find("accept-failed", at)) != std::string::npos; ++at) {
    ++complaints;
  }
  EXPECT_LE(static_cast<double>(complaints), 11 * (elapsed.count() + 2));
}

}  // namespace
}  // namespace earshotd
