#include "earshot/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <cmath>
#include <filesystem>
#include <future>
#include <stdexcept>
#include <thread>

#include "io/udp_peer.h"
#include "offers.h"
#include "server/closed_log.h"
#include "server/running_server.h"

namespace earshot {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

Result<std::string> RestartIce(Server& server, ParticipantId participant, std::string offer) {
  std::promise<Result<std::string>> answer;
  server.RestartIce(participant, std::move(offer),
                    [&answer](Result<std::string> result) { answer.set_value(std::move(result)); });
  return answer.get_future().get();
}

/// What the options are refused with, or nothing if they are taken.
std::string FaultOf(const ServerOptions& options) {
  const auto server = Server::Start(options, {});
  if (server) return "";
  EXPECT_EQ(server.error().code, "options-invalid");
  return server.error().message;
}

TEST(ServerTest, WrongOptionsAreNamed) {
  const auto with = [](auto change) {
    ServerOptions options = SmallOptions();
    change(options);
    return FaultOf(options);
  };
  EXPECT_EQ(FaultOf(SmallOptions()), "");
  EXPECT_THAT(with([](auto& o) { o.workers = 0; }), HasSubstr("workers"));
  EXPECT_THAT(with([](auto& o) { o.workers = 257; }), HasSubstr("workers"));
  const auto with_portal_to = [&](const char* space) {
    return with([&](auto& o) { o.spaces[0].plan.portals = {{"way", {5, 5}, 1, space}}; });
  };
  EXPECT_EQ(with_portal_to("attic"), "");
  EXPECT_THAT(with_portal_to("cellar"), HasSubstr("portals[0].space is \"cellar\""));
  EXPECT_THAT(with_portal_to("hall"), HasSubstr("must be another space"));
  EXPECT_THAT(with([](auto& o) { o.base_port = 65535; }), HasSubstr("base_port"));
  EXPECT_THAT(with([](auto& o) { o.media.audio_slots = 65; }), HasSubstr("audio_slots"));
  EXPECT_THAT(with([](auto& o) { o.media.consent_timeout = Duration::Seconds(61); }),
              HasSubstr("consent_timeout"));
  EXPECT_THAT(with([](auto& o) { o.media.max_datagram_size = 1199; }),
              HasSubstr("max_datagram_size"));
  for (const float speed : {0.0f, -1.0f, 1001.0f, std::nanf(""), INFINITY}) {
    EXPECT_THAT(with([speed](auto& o) { o.media.max_speed = speed; }), HasSubstr("max_speed"));
  }
  EXPECT_THAT(with([](auto& o) { o.media.ingress.video_layer.packets_per_second = 0; }),
              HasSubstr("rate of ingress"));
  EXPECT_THAT(with([](auto& o) { o.media.ingress.rtcp.kilobits_per_second = 10'000'001; }),
              HasSubstr("rate of ingress"));
  EXPECT_THAT(with([](auto& o) { o.media.ingress.checks_per_second = 9; }),
              HasSubstr("checks_per_second"));
  EXPECT_THAT(with([](auto& o) { o.media.ingress.told_per_second = 99; }),
              HasSubstr("told_per_second"));
  EXPECT_THAT(with([](auto& o) { o.media.ingress.burst = Duration::Zero(); }),
              HasSubstr("ingress.burst"));
  EXPECT_THAT(with([](auto& o) { o.announced_addresses = {"example.org"}; }),
              HasSubstr("\"example.org\""));
  EXPECT_THAT(with([](auto& o) { o.spaces[1].plan.width = 0; }), HasSubstr("space attic: width"));
}

TEST(ServerTest, SpaceIdsAreCheckedAndUnique) {
  for (const std::string& id :
       {std::string(), std::string("Hall"), std::string("a b"), std::string("h\n"),
        std::string(65, 'a'), std::string("k\xc3\xbc")}) {
    ServerOptions options = SmallOptions();
    options.spaces[1].id = id;
    EXPECT_THAT(FaultOf(options), HasSubstr("[a-z0-9-]")) << id;
  }
  ServerOptions options = SmallOptions();
  options.spaces[1].id = "hall";
  EXPECT_THAT(FaultOf(options), HasSubstr("two spaces with the id hall"));
}

TEST(ServerTest, F6_ABusyPortIsNamedAndLeavesNothingRunning) {
  // Two neighbouring ports of which the second is taken.
  std::unique_ptr<UdpPeer> owner;
  uint16_t base = 0;
  ASSERT_TRUE(WaitUntil([&] {
    owner = std::make_unique<UdpPeer>();
    base = static_cast<uint16_t>(owner->address().port() - 1);
    return UdpPeer("127.0.0.1", base).bound();
  }));
  ServerOptions options = SmallOptions();
  options.base_port = base;
  const auto server = Server::Start(options, {});
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().code, "bind-failed");
  EXPECT_THAT(server.error().message,
              HasSubstr("UDP port " + std::to_string(base + 1) + " on 127.0.0.1"));
  EXPECT_TRUE(UdpPeer("127.0.0.1", base).bound()) << "the first worker's port is free again";
  owner.reset();
  EXPECT_THAT(MustStart(options)->Ports(), ElementsAre(base, base + 1));
}

size_t OpenDescriptors() {
  const std::filesystem::directory_iterator entries("/proc/self/fd");
  return static_cast<size_t>(std::distance(begin(entries), end(entries)));
}

TEST(ServerTest, E1_StartingWithoutDescriptorsIsAnErrorAndLeavesNone) {
  MustStart(SmallOptions());
  const size_t before = OpenDescriptors();
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  bool started = false;
  for (size_t left = 0; !started; ++left) {
    rlimit low = limit;
    low.rlim_cur = before - 1 + left;
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
    auto server = Server::Start(SmallOptions(), {});
    started = server.ok();
    if (!started) {
      EXPECT_THAT(server.error().code, testing::AnyOf("start-failed", "bind-failed"));
      EXPECT_THAT(server.error().message, testing::ContainsRegex("[Tt]oo many open files"));
    } else {
      (*server).reset();
    }
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
    EXPECT_EQ(OpenDescriptors(), before);
    ASSERT_LT(left, 100u);
  }
}

TEST(ServerTest, TheOffersOfBrowsersAreAnswered) {
  const auto server = MustStart(SmallOptions(1));
  const uint16_t port = server->Ports()[0];
  for (const char* name : {"chromium_156_pool.sdp", "firefox_153_pool.sdp"}) {
    const auto joined = Join(*server, JoinWith("hall", ReadOffer(name)));
    ASSERT_TRUE(joined) << name << ": " << joined.error().message;
    EXPECT_NE(joined->participant, kNoParticipant);
    EXPECT_EQ(joined->audio_slots, 24);
    EXPECT_EQ(joined->video_slots, 16);
    EXPECT_THAT(joined->answer, testing::StartsWith("v=0\r\n"));
    EXPECT_THAT(joined->answer, HasSubstr(" 127.0.0.1 " + std::to_string(port) + " typ host"));
  }
}

TEST(ServerTest, AJoinThatFailsSaysWhyAndIsNeverReportedAsClosed) {
  ClosedLog log;
  {
    ServerOptions options = SmallOptions();
    options.media.max_participants_per_space = 1;
    const auto server = MustStart(options, log.MakeHandler());
    EXPECT_EQ(Join(*server, ChromiumJoin("cellar")).error().code, "space-unknown");
    EXPECT_EQ(Join(*server, JoinWith("hall", "v=0\r\n")).error().code, "offer-invalid");
    ASSERT_TRUE(Join(*server, ChromiumJoin("hall")));
    EXPECT_EQ(Join(*server, ChromiumJoin("hall")).error().code, "limit-reached");
    EXPECT_EQ(ParticipantsOf(*server), 1u);
  }
  EXPECT_THAT(log.Once(), SizeIs(1));
}

// Nobody's media waits while a worker reads what somebody wrote.
TEST(ServerTest, H18_OffersAreReadOnTheCallersThread) {
  const auto server = MustStart(SmallOptions(1), {});
  std::thread::id join, restart;
  server->Join(JoinWith("hall", "v=0\r\n"),
               [&](const auto&) { join = std::this_thread::get_id(); });
  EXPECT_EQ(join, std::this_thread::get_id());
  const ParticipantId participant = Join(*server, ChromiumJoin("hall"))->participant;
  server->RestartIce(participant, "v=0\r\n",
                     [&](const auto&) { restart = std::this_thread::get_id(); });
  EXPECT_EQ(restart, std::this_thread::get_id());
  EXPECT_EQ(server->Stats().workers[0].joins_refused, 1u);
}

TEST(ServerTest, WhoLeavesIsReportedOnce) {
  ClosedLog log;
  const auto server = MustStart(SmallOptions(), log.MakeHandler());
  const ParticipantId participant = Join(*server, ChromiumJoin("attic"))->participant;
  for (int i = 0; i < 3; ++i) server->Leave(participant);
  EXPECT_EQ(RestartIce(*server, participant, ReadOffer("chromium_156_pool.sdp")).error().code,
            "participant-unknown");
  EXPECT_TRUE(WaitUntil([&] { return !log.Of(participant).empty(); }));
  ASSERT_TRUE(Join(*server, ChromiumJoin("attic"))) << "another turn of the loop";
  EXPECT_THAT(log.Of(participant), ElementsAre(CloseReason::kLeft));
}

TEST(ServerTest, IdsThatNobodyHasAreHarmless) {
  for (const uint32_t workers : {1u, 2u, 7u}) {
    const auto server = MustStart(SmallOptions(workers));
    for (const uint32_t id : {0u, 1u, 77u, kMaxParticipantId, kMaxParticipantId + 1, ~0u}) {
      server->Leave(ParticipantId{id});
      EXPECT_EQ(
          RestartIce(*server, ParticipantId{id}, ReadOffer("chromium_156_pool.sdp")).error().code,
          "participant-unknown");
    }
  }
}

TEST(ServerTest, AnIceRestartGivesNewCredentials) {
  const auto server = MustStart(SmallOptions());
  const auto joined = Join(*server, ChromiumJoin("hall"));
  const auto ufrag = [](const std::string& answer) {
    const size_t at = answer.find("a=ice-ufrag:");
    return answer.substr(at, answer.find('\r', at) - at);
  };
  const auto answer = RestartIce(*server, joined->participant, ReadOffer("chromium_156_pool.sdp"));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_NE(ufrag(*answer), ufrag(joined->answer));
  EXPECT_EQ(RestartIce(*server, joined->participant, "nonsense").error().code, "offer-invalid");
}

TEST(ServerTest, HealthFollowsTheLoops) {
  const auto server = MustStart(SmallOptions());
  EXPECT_TRUE(server->Healthy());
  std::promise<void> go;
  std::promise<void> held;
  server->Join(ChromiumJoin("hall"), [&](const Result<Joined>&) {
    held.set_value();
    go.get_future().wait();
  });
  held.get_future().wait();
  EXPECT_TRUE(WaitUntil([&] { return !server->Healthy(); }));
  EXPECT_TRUE(Join(*server, ChromiumJoin("attic"))) << "the other worker is not held up";
  go.set_value();
  EXPECT_TRUE(WaitUntil([&] { return server->Healthy(); }));
}

TEST(ServerTest, TheLogTellsThePortsAndNoPersonalData) {
  std::mutex mutex;
  std::string text;
  ServerOptions options = SmallOptions();
  options.log = [&](LogLevel, std::string_view line) {
    const std::lock_guard lock(mutex);
    text += line;
  };
  const auto server = MustStart(options);
  ASSERT_TRUE(Join(*server, ChromiumJoin("hall")));
  for (const uint16_t port : server->Ports()) {
    EXPECT_THAT(text, HasSubstr("UDP port " + std::to_string(port)));
  }
  EXPECT_THAT(text, Not(HasSubstr("Ada")));
}

TEST(ServerTest, K7_TwoServersInOneProcessKnowNothingOfEachOther) {
  ClosedLog first_log, second_log;
  auto first = MustStart(SmallOptions(), first_log.MakeHandler());
  const auto second = MustStart(SmallOptions(), second_log.MakeHandler());
  const auto in_first = Join(*first, ChromiumJoin("hall"));
  const auto in_second = Join(*second, ChromiumJoin("hall"));
  ASSERT_TRUE(in_first && in_second);
  EXPECT_EQ(ParticipantsOf(*first), 1u);
  first.reset();
  EXPECT_THAT(first_log.Of(in_first->participant), ElementsAre(CloseReason::kShuttingDown));
  EXPECT_THAT(second_log.Once(), SizeIs(0));
  EXPECT_EQ(ParticipantsOf(*second), 1u);
  EXPECT_TRUE(Join(*second, ChromiumJoin("hall")));
}

TEST(ServerTest, K7_DestroyingEndsEveryParticipantOnceAndJoinsTheThreads) {
  ClosedLog log;
  std::set<ParticipantId> joined;
  {
    const auto server = MustStart(SmallOptions(), log.MakeHandler());
    for (int i = 0; i < 10; ++i) {
      joined.insert(Join(*server, ChromiumJoin(i % 2 == 0 ? "hall" : "attic"))->participant);
    }
  }
  EXPECT_EQ(log.Once(), joined);
  for (const ParticipantId participant : joined) {
    EXPECT_THAT(log.Of(participant), ElementsAre(CloseReason::kShuttingDown));
  }
}

TEST(ServerTest, K7_WhatCallbacksThrowGoesNoFurther) {
  std::atomic<int> complaints{0};
  ServerOptions options = SmallOptions();
  options.log = [&](LogLevel level, std::string_view) {
    if (level == LogLevel::kError) ++complaints;
  };
  const auto server = MustStart(options, [](ParticipantId, CloseReason) -> void {
    throw std::runtime_error("from the closed handler");
  });
  const ParticipantId participant = Join(*server, ChromiumJoin("hall"))->participant;
  server->Join(ChromiumJoin("hall"),
               [](const Result<Joined>&) -> void { throw std::runtime_error("from join"); });
  server->Join(ChromiumJoin("cellar"),
               [](const Result<Joined>&) -> void { throw std::runtime_error("from join"); });
  server->RestartIce(participant, "", [](const Result<std::string>&) -> void {
    throw std::runtime_error("from restart");
  });
  server->Leave(participant);
  EXPECT_TRUE(Join(*server, ChromiumJoin("hall"))) << "it still serves";
  EXPECT_TRUE(WaitUntil([&] { return complaints == 4; }));
}

TEST(ServerTest, K7_ACallbackMayCallTheServerEvenWhileItIsDestroyed) {
  std::atomic<Server*> raw{nullptr};
  std::atomic<int> answered{0}, refused{0};
  {
    auto server = MustStart(SmallOptions(), [&](ParticipantId participant, CloseReason) {
      for (const char* space : {"hall", "attic"}) {
        raw.load()->Join(ChromiumJoin(space), [&](const Result<Joined>& result) {
          ++answered;
          if (!result && result.error().code == "shutting-down") ++refused;
        });
      }
      raw.load()->Leave(participant);
    });
    raw = server.get();
    for (int i = 0; i < 10; ++i) {
      ASSERT_TRUE(Join(*server, ChromiumJoin(i % 2 == 0 ? "hall" : "attic")));
    }
  }
  // Those who joined from a callback are closed as well, and their callback asks again.
  EXPECT_GE(answered, 20);
  EXPECT_GT(refused, 0);
}

TEST(ServerTest, ManyThreadsMayCallAtOnce) {
  ClosedLog log;
  constexpr int kThreads = 4, kRounds = 25;
  std::atomic<int> joined{0};
  {
    const auto server = MustStart(SmallOptions(), log.MakeHandler());
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < kRounds; ++i) {
          const auto result = Join(*server, ChromiumJoin((i + t) % 2 == 0 ? "hall" : "attic"));
          if (!result) continue;
          ++joined;
          EXPECT_TRUE(RestartIce(*server, result->participant, ReadOffer("chromium_156_pool.sdp")));
          EXPECT_TRUE(server->Healthy());
          EXPECT_THAT(server->Stats().workers, SizeIs(2));
          if (i % 2 == 0) server->Leave(result->participant);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_EQ(joined, kThreads * kRounds);
  EXPECT_THAT(log.Once(), SizeIs(kThreads * kRounds));
}

/// What a stranger throws at a port: every kind of first byte.
void SendJunk(const UdpPeer& peer, const std::vector<uint16_t>& ports, uint32_t round) {
  for (const uint16_t port : ports) {
    const std::string junk(round % 1600, static_cast<char>(round));
    peer.Send(*SocketAddress::FromLiteral("127.0.0.1", port), junk);
  }
}

TEST(ServerTest, K6_DestroyedAtAnyMomentUnderLoadItAnswersAndClosesExactlyOnce) {
  const UdpPeer peer;
  for (uint32_t round = 0; round < 40; ++round) {
    ClosedLog log;
    std::mutex mutex;
    std::set<ParticipantId> joined;
    std::atomic<uint32_t> asked{0}, answered{0};
    auto server = MustStart(SmallOptions(1 + round % 3), log.MakeHandler());
    std::atomic<bool> stop{false};
    std::thread stranger([&, ports = server->Ports()] {
      for (uint32_t i = 0; !stop; ++i) SendJunk(peer, ports, i);
    });
    // Left under way: the server is destroyed without waiting for them.
    for (uint32_t i = 0; i < 5 + round % 7; ++i) {
      ++asked;
      server->Join(ChromiumJoin(i % 2 == 0 ? "hall" : "attic"), [&](const Result<Joined>& result) {
        ++answered;
        const std::lock_guard lock(mutex);
        if (result) joined.insert(result->participant);
      });
      if (i % 3 == 2) {
        const std::lock_guard lock(mutex);
        if (!joined.empty()) server->Leave(*joined.begin());
      }
    }
    server.reset();
    stop = true;
    stranger.join();
    EXPECT_EQ(answered, asked);
    EXPECT_EQ(log.Once(), joined) << "round " << round;
  }
}

}  // namespace
}  // namespace earshot
