#include "daemon.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <list>

#include "daemon_runner.h"
#include "process_stats.h"

namespace earshotd {
namespace {

using nlohmann::json;

/// Joins and returns the `joined` message; the answer is read as well.
json Join(WebSocketClient& client, const std::string& token) {
  client.Send(JoinText(token, SmallOffer()));
  json joined = ReadMessage(client);
  if (joined.value("type", "") == "joined") ReadMessage(client);
  return joined;
}

TEST(DaemonTest, AClientJoinsWithTheOfferOfChromiumAndGetsItsAnswer) {
  DaemonRunner daemon;
  WebSocketClient client(daemon.port());
  client.Send(JoinText(TokenFor("u-1"), ChromiumOffer()));
  const json joined = ReadMessage(client);
  ASSERT_EQ(joined["type"], "joined") << joined;
  EXPECT_EQ(joined["slots"]["audio"], 24);
  EXPECT_EQ(joined["slots"]["video"], 16);
  EXPECT_EQ(joined["plan"]["width"], 40);
  const json answer = ReadMessage(client);
  ASSERT_EQ(answer["type"], "answer");
  EXPECT_TRUE(answer["answer"].get<std::string>().starts_with("v=0\r\n"));
  EXPECT_EQ(daemon.Metric("earshot_participants"), 1);
  EXPECT_EQ(daemon.Metric("earshot_joins_total{result=\"ok\"}"), 1);
}

TEST(DaemonTest, AnIceRestartIsAnswered) {
  DaemonRunner daemon;
  WebSocketClient client(daemon.port());
  Join(client, TokenFor("u-1"));
  std::string offer = SmallOffer();
  for (size_t at = 0; (at = offer.find("a=ice-ufrag:XqfG", at)) != std::string::npos; ++at) {
    offer.replace(at, 16, "a=ice-ufrag:Yrgh");
  }
  client.Send(json({{"type", "ice-restart"}, {"id", "r"}, {"offer", offer}}).dump());
  const json answer = ReadMessage(client);
  EXPECT_EQ(answer["type"], "answer") << answer;
  EXPECT_EQ(answer["id"], "r");
}

TEST(DaemonTest, LeavingEndsTheParticipantAtOnce) {
  DaemonRunner daemon;
  WebSocketClient client(daemon.port());
  Join(client, TokenFor("u-1"));
  client.Send(R"({"type":"leave"})");
  EXPECT_EQ(ReadMessage(client)["code"], "left");
  EXPECT_TRUE(ReadMessage(client).is_null());
  EXPECT_EQ(client.close_code(), 1000);
  daemon.WaitForMetric("earshot_participants", 0);
}

TEST(DaemonTest, ASecondJoinOfTheSamePersonReplacesTheFirst) {
  DaemonRunner daemon;
  WebSocketClient first(daemon.port()), second(daemon.port()), other(daemon.port());
  Join(first, TokenFor("u-1"));
  Join(other, TokenFor("u-2"));
  EXPECT_EQ(Join(second, TokenFor("u-1"))["type"], "joined");
  EXPECT_EQ(ReadMessage(first)["code"], "replaced");
  daemon.WaitForMetric("earshot_participants", 2);
}

TEST(DaemonTest, AParticipantOutlivesItsWebSocketForTheGrace) {
  DaemonRunner daemon;
  WebSocketClient client(daemon.port());
  Join(client, TokenFor("u-1"));
  client.Cut();
  daemon.WaitForMetric("earshot_websocket_connections", 0);
  EXPECT_EQ(daemon.Metric("earshot_participants"), 1);
}

TEST(DaemonTest, AfterTheGraceTheParticipantLeaves) {
  Config config;
  config.limits.signalling_grace = earshot::Duration::Zero();
  DaemonRunner daemon(config);
  WebSocketClient client(daemon.port());
  Join(client, TokenFor("u-1"));
  client.Cut();
  daemon.WaitForMetric("earshot_participants", 0);
}

TEST(DaemonTest, BadTokensAndUnknownSpacesCloseWithTheirCodes) {
  DaemonRunner daemon;
  WebSocketClient bad(daemon.port()), lost(daemon.port());
  EXPECT_EQ(Join(bad, "x.y.z")["code"], "token-invalid");
  EXPECT_TRUE(ReadMessage(bad).is_null());
  EXPECT_EQ(bad.close_code(), 4401);
  EXPECT_EQ(Join(lost, TokenFor("u-1", "Ada", "nowhere"))["code"], "space-unknown");
  EXPECT_TRUE(ReadMessage(lost).is_null());
  EXPECT_EQ(lost.close_code(), 4404);
  EXPECT_EQ(daemon.Metric("earshot_joins_total{result=\"token-invalid\"}"), 1);
}

// Also where each join fails for another reason.
TEST(DaemonTest, E7_JoinsOfOneIdentityAreHeldToARate) {
  DaemonRunner daemon;
  const std::string token = TokenFor("u-1");
  WebSocketClient client(daemon.port());
  std::string code;
  int tried = 0;
  for (; tried < 100 && code != "rate-limited"; ++tried) {
    client.Send(JoinText(token, "v=0"));
    code = ReadMessage(client)["code"];
  }
  EXPECT_GT(tried, 20);
  EXPECT_EQ(code, "rate-limited");
  EXPECT_TRUE(ReadMessage(client).is_null());
  EXPECT_EQ(client.close_code(), 1008);
  // Others are let in.
  WebSocketClient other(daemon.port());
  EXPECT_EQ(Join(other, TokenFor("u-2"))["type"], "joined");
}

TEST(DaemonTest, AFullSpaceSaysSo) {
  Config config;
  config.server.media.max_participants_per_space = 1;
  DaemonRunner daemon(config);
  WebSocketClient first(daemon.port()), second(daemon.port());
  Join(first, TokenFor("u-1"));
  EXPECT_EQ(Join(second, TokenFor("u-2"))["code"], "limit-reached");
  EXPECT_TRUE(ReadMessage(second).is_null());
  EXPECT_EQ(second.close_code(), 4429);
}

// Every message, each with a stranger's id under every name that could be taken for one.
TEST(DaemonTest, H15_NoMessageActsOnTheParticipantOfAnother) {
  DaemonRunner daemon;
  WebSocketClient victim(daemon.port());
  const json joined = Join(victim, TokenFor("u-1"));
  const std::pair<const char*, const char*> kMessages[] = {
      {"join", "state-invalid"}, {"ice-restart", "answer"}, {"leave", "left"}};
  for (const char* name : {"participant", "participantId", "id", "target", "sub", "session"}) {
    WebSocketClient liar(daemon.port());
    Join(liar, TokenFor("u-2"));
    for (const auto& [type, expected] : kMessages) {
      json message = {{"type", type}, {"token", TokenFor("u-2")}, {"offer", SmallOffer()}};
      message[name] = std::string_view(name) == "id"
                          ? json(std::to_string(joined["participant"].get<int>()))
                          : joined["participant"];
      liar.Send(message.dump());
      const json reply = ReadMessage(liar);
      EXPECT_EQ(reply.value("code", reply.value("type", "")), expected) << type << " " << name;
    }
    daemon.WaitForMetric("earshot_participants", 1);
  }
  victim.Send(json({{"type", "ice-restart"}, {"offer", SmallOffer()}}).dump());
  EXPECT_EQ(ReadMessage(victim)["type"], "answer") << "the victim is still there";
}

TEST(DaemonTest, H18_BadOffersAreRefusedAndTheConnectionStays) {
  DaemonRunner daemon;
  WebSocketClient client(daemon.port());
  const std::string good = SmallOffer();
  const auto without = [&good](const std::string& text) {
    std::string changed = good;
    for (size_t at; (at = changed.find(text)) != std::string::npos;) changed.erase(at, text.size());
    return changed;
  };
  std::string lines = good;
  for (int i = 0; i < 9000; ++i) lines += "a=x\r\n";
  std::string sections = good;
  for (int i = 0; i < 200; ++i) sections += good.substr(good.find("m=audio"));
  for (const std::string& offer :
       {std::string(), std::string("v=0"), std::string("hello\r\n"), std::string(1000, '\n'),
        without("a=group:BUNDLE 0 4 44\r\n"), without("a=setup:actpass\r\n"), lines,
        sections.substr(0, 200 * 1024)}) {
    client.Send(JoinText(TokenFor("u-1"), offer));
    const json reply = ReadMessage(client);
    EXPECT_EQ(reply.value("code", ""), "offer-invalid") << reply << offer.substr(0, 200);
  }
  EXPECT_EQ(Join(client, TokenFor("u-1"))["type"], "joined");
}

TEST(DaemonTest, H18_NothingOfOneOffersTextReachesAnother) {
  DaemonRunner daemon;
  WebSocketClient first(daemon.port()), second(daemon.port());
  std::string offer = SmallOffer();
  offer.replace(offer.find("s=-"), 3, "s=marker-of-the-first");
  first.Send(JoinText(TokenFor("u-1", "Marker Name"), offer));
  EXPECT_EQ(ReadMessage(first)["type"], "joined");
  second.Send(JoinText(TokenFor("u-2"), SmallOffer()));
  ReadMessage(second);
  const std::string answer = ReadMessage(second).dump();
  EXPECT_EQ(answer.find("marker-of-the-first"), std::string::npos);
  EXPECT_EQ(answer.find("Marker Name"), std::string::npos);
}

TEST(DaemonTest, H12_TheLogHoldsNoTokenNameAddressOrSdp) {
  testing::internal::CaptureStdout();
  const std::string good = TokenFor("subject-of-ada", "Ada Lovelace");
  const std::string bad = TokenFor("subject-of-bob", "Bob") + "tampered";
  {
    Config config;
    config.log.level = earshot::LogLevel::kDebug;
    DaemonRunner daemon(config);
    WebSocketClient first(daemon.port()), second(daemon.port()), third(daemon.port());
    Join(first, good);
    Join(second, bad);
    third.Send(JoinText(TokenFor("u-3", "Carol"), "v=0\r\no=offer-of-carol"));
    ReadMessage(third);
    daemon.Get(daemon.port(), "/v1/connect?access_token=" + good);
  }
  std::fflush(stdout);
  const std::string log = testing::internal::GetCapturedStdout();
  EXPECT_NE(log.find("joined"), std::string::npos) << "the log was not captured";
  EXPECT_NE(log.find("join-refused code=token-invalid rule="), std::string::npos)
      << "the log was not captured";
  for (const std::string& secret :
       {good, bad, good.substr(0, 30), good.substr(good.rfind('.') + 1), std::string("subject-of"),
        std::string("Ada Lovelace"), std::string("Carol"), std::string("127.0.0.1"),
        std::string("ice-ufrag"), std::string("offer-of-carol"), std::string("XqfG")}) {
    EXPECT_EQ(log.find(secret), std::string::npos) << secret;
  }
}

TEST(DaemonTest, StoppingTellsEveryClient) {
  DaemonRunner daemon;
  WebSocketClient joined(daemon.port()), waiting(daemon.port());
  Join(joined, TokenFor("u-1"));
  daemon.WaitForMetric("earshot_websocket_connections", 2);
  std::thread stopper([&daemon] { daemon.Stop(); });
  for (WebSocketClient* client : {&joined, &waiting}) {
    EXPECT_EQ(ReadMessage(*client)["code"], "shutting-down");
    EXPECT_TRUE(ReadMessage(*client).is_null());
    EXPECT_EQ(client->close_code(), 1001);
  }
  stopper.join();
}

TEST(DaemonTest, H24_MetricsAndHealthAreOnTheAdminListenerOnly) {
  DaemonRunner daemon;
  EXPECT_NE(daemon.Get(daemon.admin_port(), "/livez").find("200 OK"), std::string::npos);
  EXPECT_NE(daemon.Get(daemon.admin_port(), "/readyz").find("200 OK"), std::string::npos);
  EXPECT_EQ(daemon.Metric("earshot_ready"), 1);
  for (const char* path : {"/metrics", "/livez", "/readyz"}) {
    EXPECT_NE(daemon.Get(daemon.port(), path).find("404"), std::string::npos) << path;
  }
  EXPECT_NE(daemon.Get(daemon.admin_port(), "/").find("404"), std::string::npos);
  EXPECT_NE(daemon.Get(daemon.admin_port(), "/v1/connect").find("404"), std::string::npos);
}

TEST(DaemonTest, H1_SilentConnectionsDoNotStarveTheAdminListener) {
  DaemonRunner daemon;
  std::list<RawClient> silent;
  for (int i = 0; i < 200; ++i) silent.emplace_back(daemon.admin_port());
  EXPECT_NE(daemon.Get(daemon.admin_port(), "/livez").find("200 OK"), std::string::npos);
  EXPECT_GT(daemon.Metric("earshot_connections_displaced_total"), 0);
}

TEST(DaemonTest, H24_WithATokenTheAdminListenerTellsNothingWithoutIt) {
  TemporaryFolder folder;
  Config config;
  config.admin.token_file = folder.Write("token", kSecret, 0600);
  DaemonRunner daemon(config);
  EXPECT_NE(daemon.Get(daemon.admin_port(), "/metrics").find("401"), std::string::npos);
  const std::string answer =
      RawClient(daemon.admin_port())
          .Send("GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer " +
                std::string(kSecret) + "\r\n\r\n")
          .ReadAll();
  EXPECT_NE(answer.find("200 OK"), std::string::npos) << answer;
}

TEST(DaemonTest, H6_ARefusedOriginIsInTheLog) {
  testing::internal::CaptureStdout();
  {
    DaemonRunner daemon;
    EXPECT_EQ(WebSocketClient(daemon.port(), {.origin = "https://office.example"}).status(), 403);
  }
  const std::string log = testing::internal::GetCapturedStdout();
  EXPECT_NE(log.find("origin-refused path=/v1/connect hint="), std::string::npos)
      << "the log was not captured";
  EXPECT_EQ(log.find("office.example"), std::string::npos) << "at debug level only";
}

TEST(DaemonTest, H9_ABrokenRuleIsCounted) {
  DaemonRunner daemon;
  WebSocketClient client(daemon.port());
  EXPECT_EQ(Join(client, TokenFor("u-1", ""))["code"], "token-invalid");
  EXPECT_EQ(daemon.Metric("earshot_tokens_refused_total{rule=\"name\"}"), 1);
  EXPECT_EQ(daemon.Metric("earshot_tokens_refused_total{rule=\"signature\"}"), 0);
}

TEST(DaemonTest, H1_HalfOpenConnectionsHoldUpNeitherClientsNorMetrics) {
  DaemonRunner daemon;
  std::list<RawClient> slow;
  for (int i = 0; i < 200; ++i) slow.emplace_back(daemon.port()).Send("GET / HTTP/1.1\r\nHost:");
  for (int i = 0; i < 20; ++i) slow.emplace_back(daemon.admin_port()).Send("GET /metrics HT");
  WebSocketClient client(daemon.port());
  EXPECT_EQ(Join(client, TokenFor("u-1"))["type"], "joined");
  EXPECT_NE(daemon.Get(daemon.port(), "/").find("200 OK"), std::string::npos);
  EXPECT_EQ(daemon.Metric("earshot_participants"), 1);
  EXPECT_NE(daemon.Get(daemon.admin_port(), "/livez").find("200 OK"), std::string::npos);
}

TEST(DaemonTest, TheDemoExistsInDemoModeOnly) {
  DaemonRunner closed;
  EXPECT_NE(closed.Get(closed.port(), "/v1/demo").find("404"), std::string::npos);
  Config config;
  config.demo = true;
  DaemonRunner open(config);
  EXPECT_NE(open.Get(open.port(), "/v1/demo").find(R"({"spaces":["hall"]})"), std::string::npos);
}

TEST(DaemonTest, F6_WhatCannotStartSaysWhyAndLeavesNothing) {
  Config config;
  config.server.workers = 1;
  config.web_root = "/nowhere";
  DaemonRunner without_page(config);
  EXPECT_NE(without_page.problem().find("web_root"), std::string::npos) << without_page.problem();

  Config bad_tls;
  bad_tls.tls = {"/nowhere/cert.pem", "/nowhere/key.pem"};
  DaemonRunner without_certificate(bad_tls);
  EXPECT_NE(without_certificate.problem().find("/nowhere/cert.pem"), std::string::npos);
}

TEST(DaemonTest, E10_AThousandJoinsAndLeavesLeaveNothingBehind) {
  DaemonRunner daemon;
  const auto join_and_leave = [&daemon](int times) {
    for (int i = 0; i < times; ++i) {
      WebSocketClient client(daemon.port());
      ASSERT_EQ(Join(client, TokenFor("u-" + std::to_string(i)))["type"], "joined");
      client.Send(R"({"type":"leave"})");
      while (client.Read()) {
      }
    }
    daemon.WaitForMetric("earshot_participants", 0);
    daemon.WaitForMetric("earshot_websocket_connections", 0);
  };
  join_and_leave(100);
  const double before = daemon.Metric("process_open_fds");
  join_and_leave(1000);
  EXPECT_EQ(daemon.Metric("process_open_fds"), before);
  EXPECT_EQ(daemon.Metric("earshot_joins_total{result=\"ok\"}"), 1100);
}

}  // namespace
}  // namespace earshotd
