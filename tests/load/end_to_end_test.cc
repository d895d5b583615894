// The two programs together: earshot-load against an earshotd of its own, for some seconds.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <future>
#include <nlohmann/json.hpp>

#include "daemon/daemon_process.h"
#include "daemon/http_test_server.h"
#include "server_usage.h"

namespace earshot::load {
namespace {

using nlohmann::json;
using testing::HasSubstr;

struct Outcome {
  int exit_code = -1;
  std::string output;
};

/// Standard error included.
Outcome RunLoad(const std::string& arguments, const std::string& before = "") {
  FILE* const pipe = popen((before + EARSHOT_LOAD " " + arguments + " 2>&1").c_str(), "r");
  Outcome outcome;
  if (pipe == nullptr) return outcome;
  std::array<char, 4096> part;
  for (size_t size; (size = fread(part.data(), 1, part.size(), pipe)) > 0;) {
    outcome.output.append(part.data(), size);
  }
  const int status = pclose(pipe);
  if (WIFEXITED(status)) outcome.exit_code = WEXITSTATUS(status);
  return outcome;
}

class EndToEndTest : public testing::Test {
 protected:
  /// Five people who talk and show themselves, and walk as `more` says.
  std::string Scenario(const std::string& more) {
    return files_.Write("scenario.yaml",
                        "people: 5\nspace: hall\nmeasure: 3s\nsettle: 500ms\n"
                        "media: {camera: everybody, video_kbps: 300}\n" +
                            more);
  }
  std::string Arguments(const std::string& scenario) const {
    return "--scenario " + scenario +
           " --target http://localhost:" + std::to_string(folder_.ports().listen) +
           " --token-key " + folder_.path() +
           "/secret --metrics http://localhost:" + std::to_string(folder_.ports().admin) +
           "/metrics --json " + files_.path() + "/results.json";
  }
  json ReadJson() const {
    return json::parse(earshotd::ReadWholeText(files_.path() + "/results.json").value_or(""),
                       nullptr, false);
  }
  std::string Metrics() const {
    return earshotd::RawClient(folder_.ports().admin)
        .Send("GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .ReadAll();
  }
  /// Media packets.
  uint64_t ReceivedByServer() const {
    const std::string metrics = Metrics();
    const std::string_view name = "\nearshot_rtp_packets_total{direction=\"in\"} ";
    const size_t at = metrics.find(name);
    return at == std::string::npos ? 0 : std::stoull(metrics.substr(at + name.size()));
  }

  earshotd::TemporaryFolder files_;
  earshotd::DaemonFolder folder_;
};

TEST_F(EndToEndTest, FivePeopleMeetAndAllIsHeard) {
  earshotd::DaemonProcess daemon(folder_);
  ASSERT_TRUE(daemon.WaitUntilServing());
  const Outcome outcome = RunLoad(Arguments(Scenario("")) + " --progress");
  ASSERT_EQ(outcome.exit_code, 0) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("measuring"));
  EXPECT_THAT(outcome.output, HasSubstr("us per forwarded packet"));
  const json results = ReadJson();
  EXPECT_EQ(results["people"]["here"], 5);
  EXPECT_EQ(results["people"]["joins_failed"], 0);
  EXPECT_GT(results["packets"]["sent"], 0);
  EXPECT_GT(results["packets"]["received"], results["packets"]["sent"]);
  EXPECT_EQ(results["loss"]["silent_audio_slots"], 0);
  EXPECT_EQ(results["loss"]["silent_video_slots"], 0);
  EXPECT_GT(results["latency_ms"]["audio"]["count"], 0);
  EXPECT_GT(results["latency_ms"]["video"]["count"], 0);
  EXPECT_EQ(results["join_ms"]["count"], 5);
  EXPECT_GT(results["server"]["resident_mib"], 0);
}

TEST_F(EndToEndTest, WalkersComeAndGo) {
  earshotd::DaemonProcess daemon(folder_);
  ASSERT_TRUE(daemon.WaitUntilServing());
  const Outcome outcome =
      RunLoad(Arguments(Scenario("places: {layout: walk}\nchurn_per_minute: 120\n")));
  ASSERT_EQ(outcome.exit_code, 0) << outcome.output;
  const json results = ReadJson();
  EXPECT_GT(results["people"]["joins"], 5);
  EXPECT_EQ(results["people"]["dropped"], 0);
  EXPECT_GT(results["packets"]["received"], 0);
}

TEST_F(EndToEndTest, L2_AServerThatStandsStillFor20SecondsThrowsNobodyOut) {
  earshotd::DaemonProcess daemon(folder_);
  ASSERT_TRUE(daemon.WaitUntilServing());
  const std::string scenario = files_.Write("scenario.yaml",
                                            "people: 20\nspace: hall\nmeasure: 45s\nsettle: "
                                            "500ms\nmedia: {mic: talkers, camera: nobody}\n"
                                            "talk: {who: one}\n");
  std::future<Outcome> load =
      std::async(std::launch::async, [&] { return RunLoad(Arguments(scenario)); });
  ASSERT_TRUE(earshotd::WaitUntil([&] {
    return Metrics().find("\nearshot_participants 20\n") != std::string::npos ||
           load.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  }));
  // A request that nobody can say is late.
  earshotd::RawClient half(folder_.ports().listen);
  half.Send("GET / HTTP/1.1\r\n");
  daemon.Signal(SIGSTOP);
  std::this_thread::sleep_for(std::chrono::seconds(20));
  daemon.Signal(SIGCONT);
  const uint64_t before = ReceivedByServer();
  EXPECT_EQ(half.Send("Host: localhost\r\nConnection: close\r\n\r\n").Status(), 200);
  const Outcome outcome = load.get();
  ASSERT_EQ(outcome.exit_code, 0) << outcome.output;
  const json results = ReadJson();
  EXPECT_EQ(results["people"]["here"], 20);
  EXPECT_EQ(results["people"]["dropped"], 0);
  EXPECT_EQ(results["people"]["joins"], 20);
  EXPECT_GT(ReceivedByServer(), before + 500) << "media flows again";
}

TEST_F(EndToEndTest, WhatTheServerSaysOfCutInsIsWhatPeopleHear) {
  earshotd::DaemonProcess daemon(folder_);
  ASSERT_TRUE(daemon.WaitUntilServing());
  const std::string scenario =
      files_.Write("scenario.yaml",
                   "people: 10\nspace: hall\nmeasure: 10s\nsettle: 1s\nmedia: {camera: nobody}\n"
                   "places: {layout: walk, square_metres: 60, walking_speed: 5}\n");
  const Outcome outcome = RunLoad(Arguments(scenario));
  ASSERT_EQ(outcome.exit_code, 0) << outcome.output;
  const json results = ReadJson();
  const json heard = results["cut_in_ms"];
  const json said = results["server"]["cut_ins"];
  const double count = heard["count"];
  ASSERT_GT(count, 20) << outcome.output;
  EXPECT_NEAR(said["count"], count, 2 + count * 0.05) << outcome.output;
  // People wait for the way there and back as well.
  const double sum = heard["mean"].get<double>() / 1000 * count;
  EXPECT_GT(said["sum_seconds"], 0);
  EXPECT_LT(said["sum_seconds"], sum * 1.05 + 0.01) << outcome.output;
  EXPECT_LT(sum, said["sum_seconds"].get<double>() + count * 0.25) << outcome.output;
}

TEST_F(EndToEndTest, ALoopIsNeverLaterThanTheTimeThatHasPassed) {
  const auto start = std::chrono::steady_clock::now();
  earshotd::DaemonProcess daemon(folder_);
  ASSERT_TRUE(daemon.WaitUntilServing());
  const Outcome outcome = RunLoad(Arguments(Scenario("")));
  ASSERT_EQ(outcome.exit_code, 0) << outcome.output;
  const auto lag = TimesIn(Metrics(), "earshot_loop_lag_seconds");
  ASSERT_TRUE(lag);
  EXPECT_GT(lag->count, 0u);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  // Of the engine's timer and the heartbeat, each of which waits for one thing at a time.
  EXPECT_LE(lag->sum_seconds, 2 * elapsed.count());
}

TEST_F(EndToEndTest, ASoakWithPeopleWhoMisbehaveLeavesTheOthersInPeace) {
  earshotd::DaemonProcess daemon(folder_);
  ASSERT_TRUE(daemon.WaitUntilServing());
  const Outcome outcome = RunLoad(Arguments(
      Scenario("places: {layout: walk}\nhostile: {people: 3, acts_per_second: 200, turn: 2s}\n") +
      " --seconds 8"));
  EXPECT_THAT(outcome.output, HasSubstr("breaches: none"));
  EXPECT_THAT(outcome.output, HasSubstr("packets checked"));
  // Of so short a run nothing else is judged.
  const json results = ReadJson();
  EXPECT_EQ(results["people"]["here"], 5);
  EXPECT_EQ(results["people"]["dropped"], 0);
  EXPECT_GT(results["soak"]["checked"], 0);
  EXPECT_GT(results["soak"]["hostile_joins"], 3);
  EXPECT_GT(results["soak"]["acts"], 100);
}

TEST_F(EndToEndTest, WhatTheServerSaysOfABadTokenIsShown) {
  earshotd::DaemonProcess daemon(folder_);
  ASSERT_TRUE(daemon.WaitUntilServing());
  const Outcome outcome = RunLoad(Arguments(Scenario("")) + " --token-issuer stranger");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.output, HasSubstr("token-invalid"));
}

TEST_F(EndToEndTest, ATargetThatIsNotThereIsNamed) {
  const Outcome outcome = RunLoad(Arguments(Scenario("")));
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.output, HasSubstr("Cannot reach localhost:"));
  EXPECT_THAT(outcome.output, HasSubstr("Is earshotd running there?"));
}

TEST_F(EndToEndTest, PeopleAreDealtToSeveralSpaces) {
  // What stands for the plan also ends the first space and begins another.
  folder_.WriteConfig("", "{}}, {id: annex, plan: {}");
  earshotd::DaemonProcess daemon(folder_);
  ASSERT_TRUE(daemon.WaitUntilServing());
  const Outcome outcome = RunLoad(Arguments(Scenario("")) + " --space hall,annex --people 6");
  ASSERT_EQ(outcome.exit_code, 0) << outcome.output;
  const json results = ReadJson();
  EXPECT_EQ(results["people"]["here"], 6);
  EXPECT_GT(results["packets"]["received_for_each_sent"], 1.5);
  EXPECT_LT(results["packets"]["received_for_each_sent"], 2.5) << "to two others, not five";
}

TEST_F(EndToEndTest, TooFewDescriptorsAreNamedBeforeAnybodyJoins) {
  const std::string arguments = Arguments(Scenario("")) + " --people 100";
  const Outcome outcome = RunLoad(arguments, "ulimit -n 200; ");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.output, HasSubstr("100 people need 264 file descriptors"));
  EXPECT_THAT(outcome.output, HasSubstr("may have 200"));
}

TEST_F(EndToEndTest, WrongUseAndWrongScenariosHaveExitCodesOfTheirOwn) {
  EXPECT_EQ(RunLoad("--help").exit_code, 0);
  const Outcome no_target = RunLoad("--scenario x.yaml");
  EXPECT_EQ(no_target.exit_code, 64);
  EXPECT_THAT(no_target.output, HasSubstr("--target"));
  const Outcome wrong = RunLoad(Arguments(Scenario("people: 5\n")));
  EXPECT_EQ(wrong.exit_code, 78);
  EXPECT_THAT(wrong.output, HasSubstr("scenario.yaml:6: people: is given twice"));
}

}  // namespace
}  // namespace earshot::load
