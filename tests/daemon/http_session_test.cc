#include "http_session.h"

#include <gtest/gtest.h>

#include <list>

#include "http_test_server.h"

namespace earshotd {
namespace {

using earshot::Duration;

constexpr char kHello[] = "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

/// Short waits, so that tests of timeouts end soon; nothing depends on how short they are.
void Hurry(HttpService& service) {
  service.limits.header_timeout = Duration::Millis(50);
  service.limits.body_timeout = Duration::Millis(50);
}

std::string Repeat(std::string_view text, size_t count) {
  std::string all;
  for (size_t i = 0; i < count; ++i) all += text;
  return all;
}

TEST(HttpSessionTest, AnswersARequest) {
  HttpTestServer server;
  const std::string answer = RawClient(server.port()).Send(kHello).ReadAll();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\nhello")) << answer;
}

TEST(HttpSessionTest, KeepsTheConnectionForTheNextRequest) {
  HttpTestServer server;
  const std::string answers = RawClient(server.port())
                                  .Send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n")
                                  .Send(kHello)
                                  .ReadAll();
  EXPECT_NE(answers.find("hello"), answers.rfind("hello"));
}

TEST(HttpSessionTest, HeadHasTheLengthWithoutTheBody) {
  HttpTestServer server;
  const std::string answer =
      RawClient(server.port())
          .Send("HEAD /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
          .ReadAll();
  EXPECT_NE(answer.find("Content-Length: 5\r\n"), std::string::npos) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST(HttpSessionTest, ReadsChunkedBodies) {
  HttpTestServer server;
  const std::string answer = RawClient(server.port())
                                 .Send(
                                     "POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                                     "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
                                 .ReadAll();
  EXPECT_TRUE(answer.ends_with("abc")) << answer;
}

TEST(HttpSessionTest, H1_AnUnfinishedHeaderTimesOut) {
  HttpTestServer server(Hurry);
  EXPECT_EQ(RawClient(server.port()).Send("GET /hello HTTP/1.1\r\nHos").Status(), 408);
}

TEST(HttpSessionTest, H1_AnUnfinishedBodyTimesOut) {
  HttpTestServer server(Hurry);
  EXPECT_EQ(RawClient(server.port())
                .Send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
                .Status(),
            408);
}

TEST(HttpSessionTest, H1_SilentConnectionsEndWithoutAWord) {
  HttpTestServer server(Hurry);
  EXPECT_EQ(RawClient(server.port()).ReadAll(), "");
}

TEST(HttpSessionTest, H1_OthersAreServedWhileManyAreSlow) {
  HttpTestServer server;
  std::list<RawClient> slow;
  for (int i = 0; i < 50; ++i) slow.emplace_back(server.port()).Send("GET /hello HTT");
  EXPECT_EQ(RawClient(server.port()).Send(kHello).Status(), 200);
}

TEST(HttpSessionTest, H1_EndedConnectionsGiveTheirPlacesBack) {
  HttpTestServer server;
  for (int i = 0; i < 5; ++i) RawClient(server.port()).Send("GET / HTTP/1.1\r\nHos");
  EXPECT_EQ(RawClient(server.port()).Send(kHello).Status(), 200);
  // The server notices each end on its own; ask until it has.
  while (server.Ask([](HttpService& service) { return service.connections.total(); }) > 0) {
    std::this_thread::yield();
  }
}

TEST(HttpSessionTest, H1_HeadersAndAddressesAreBounded) {
  HttpTestServer server;
  const auto status = [&server](const std::string& bytes) {
    return RawClient(server.port()).Send(bytes).Status();
  };
  EXPECT_EQ(status("GET /hello HTTP/1.1\r\nHost: x\r\nX: " + std::string(9000, 'x') + "\r\n\r\n"),
            431);
  EXPECT_EQ(status("GET /hello HTTP/1.1\r\nHost: x\r\n" + Repeat("A: b\r\n", 70) + "\r\n"), 431);
  // The last that is admitted, and the first that is not: 64 lines with Host, 2048 bytes.
  const auto lines = [](int count) {
    return "GET /hello HTTP/1.1\r\nHost: x\r\n" + Repeat("A: b\r\n", count - 1) + "\r\n";
  };
  EXPECT_EQ(status(lines(64)), 200);
  EXPECT_EQ(status(lines(65)), 431);
  const auto address = [](size_t size) {
    return "GET /" + std::string(size - 1, 'x') + " HTTP/1.1\r\nHost: x\r\n\r\n";
  };
  EXPECT_EQ(status(address(2048)), 404);
  EXPECT_EQ(status(address(2049)), 414);
  EXPECT_EQ(status("GET /" + std::string(2100, 'x') + " HTTP/1.1\r\nHost: x\r\n\r\n"), 414);
  EXPECT_EQ(status("GET /" + std::string(9000, 'x') + " HTTP/1.1\r\nHost: x\r\n\r\n"), 414);
}

TEST(HttpSessionTest, H2_LargeBodiesAreRefusedUnread) {
  HttpTestServer server;
  EXPECT_EQ(RawClient(server.port())
                .Send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n")
                .Status(),
            413);
}

TEST(HttpSessionTest, H2_EndlessChunksAreRefused) {
  HttpTestServer server;
  const std::string chunk = "1000\r\n" + std::string(4096, 'x') + "\r\n";
  EXPECT_EQ(RawClient(server.port())
                .Send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" +
                      Repeat(chunk, 20))
                .Status(),
            413);
}

TEST(HttpSessionTest, H19_AmbiguousRequestsAreRefused) {
  HttpTestServer server;
  for (const char* bytes : {
           "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n"
           "\r\n0\r\n\r\n",
           "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
           "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: -3\r\n\r\n",
           "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
           "GET /hello HTTP/1.1\r\n\r\n",
           "GET /hello HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
           "GET hello HTTP/1.1\r\nHost: x\r\n\r\n",
           "GET /hello HTTP/9.9\r\nHost: x\r\n\r\n",
           "GET /hello HTTP/1.1\r\nHost : x\r\n\r\n",
           "\x16\x03\x01\x02",
           "hello\r\n\r\n",
           // What only looks as if there were no body (RFC 9112 sections 5.2 and 6.3).
           "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\nabc",
           "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
           "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
           "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity\r\n\r\nabc",
           "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n\r\nabc",
           "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n"
           "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           "POST /echo HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
           "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n\t3\r\n\r\nabc",
           "GET /hello HTTP/1.1\r\n Host: x\r\n\r\n",
           "GET /hello HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n",
           "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
           "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3, 3\r\n\r\nabc",
           "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\nabc",
           "GET /hello HTTP/1.1\r\nHost: x\r\nOrigin: http://a\r\nOrigin: http://b\r\n\r\n",
           "GET /hello HTTP/1.1\r\nHost: x\r\nA: b\rC: d\r\n\r\n",
           "GET /hello HTTP/1.1\nHost: x\n\n",
           "GET /hello HTTP/1.1\r\nHost: x\nTransfer-Encoding: chunked\r\n\r\n",
           "GET http://x/hello HTTP/1.1\r\nHost: x\r\n\r\n",
           "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
           "Origin: http://localhost\r\n\r\n",
           "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n-3\r\nabc\r\n0\r\n"
           "\r\n",
       }) {
    EXPECT_EQ(RawClient(server.port()).Send(bytes).Status(), 400) << bytes;
  }
}

TEST(HttpSessionTest, H19_ACodingThatNobodyHereKnowsIsSaidToBeSo) {
  HttpTestServer server;
  EXPECT_EQ(RawClient(server.port())
                .Send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n"
                      "\r\n0\r\n\r\n")
                .Status(),
            501);
}

TEST(HttpSessionTest, H19_AFoldedLineIsFoundHoweverItComes) {
  HttpTestServer server;
  const std::string request =
      "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n";
  for (size_t cut = 1; cut < request.find("chunked"); ++cut) {
    RawClient client(server.port());
    client.Send(request.substr(0, cut));
    // The server has had time to read the first part, or not: both must come to the same.
    server.Ask([](HttpService&) { return 0; });
    EXPECT_EQ(client.Send(request.substr(cut)).Status(), 400) << cut;
  }
  EXPECT_EQ(RawClient(server.port())
                .Send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"
                      "Connection: close\r\n\r\n\r\n x")
                .Status(),
            200)
      << "a body is no header";
}

TEST(HttpSessionTest, H2_AnEndlessChunkExtensionIsRefused) {
  HttpTestServer server;
  const int status = RawClient(server.port())
                         .Send(
                             "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
                             "\r\n5;" +
                             std::string(1'000'000, 'x'))
                         .Status();
  EXPECT_EQ(status, 431);
}

TEST(HttpSessionTest, H1_SilentConnectionsGiveTheirPlacesToOthers) {
  HttpTestServer server;
  // As many as the server takes, in each state in which it waits for the client.
  std::list<RawClient> waiting;
  for (int i = 0; i < 100; ++i) {
    RawClient& client = waiting.emplace_back(server.port());
    if (i % 3 == 1) client.Send("GET /hello HTT");
    if (i % 3 == 2) client.Send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab");
  }
  for (int i = 0; i < 200; ++i) {
    ASSERT_EQ(RawClient(server.port()).Send(kHello).Status(), 200) << i;
  }
  EXPECT_GT(server.Ask([](HttpService& service) { return service.connections.displaced(); }), 0u);
}

TEST(HttpSessionTest, F6_ABusyPortIsNamedWithAHint) {
  HttpTestServer server;
  HttpCounters counters;
  Router router(counters);
  ConnectionLimiter connections(1, 1);
  Log log({earshot::LogLevel::kError, LogFormat::kText});
  HttpService service{router, connections, log};
  boost::asio::io_context io;
  const auto second = HttpListener::Open(io, "listen", {"127.0.0.1", server.port()}, service);
  ASSERT_FALSE(second.ok());
  const std::string& message = second.error().message;
  EXPECT_NE(message.find("listen: cannot listen on 127.0.0.1"), std::string::npos) << message;
  EXPECT_NE(message.find("another process"), std::string::npos) << message;

  const auto foreign = HttpListener::Open(io, "admin", {"192.0.2.1", 0}, service);
  ASSERT_FALSE(foreign.ok());
  EXPECT_NE(foreign.error().message.find("no interface"), std::string::npos);
}

}  // namespace
}  // namespace earshotd
