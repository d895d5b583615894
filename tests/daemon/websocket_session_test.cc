#include "websocket_session.h"

#include <gtest/gtest.h>

#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <optional>

#include "clock.h"
#include "http_test_server.h"
#include "websocket_client.h"

namespace earshotd {
namespace {

using earshot::Duration;
using earshot::Timestamp;

/// Sends every text back; on "flood" more than any queue holds, on "throw" it fails.
class EchoHandler : public ClientHandler {
 public:
  void HandleOpen(ClientLink& link) override { link_ = &link; }
  void HandleText(std::string_view text) override {
    if (text == "throw") throw std::runtime_error("echo");
    if (text == "bye") return link_->Close(4321, "bye");
    // Two plans one after the other.
    for (int i = 0; text == "plan" && i < 2; ++i) {
      link_->SendText(std::string(3'000'000, i == 0 ? 'a' : 'b'));
    }
    for (int i = 0; text == "flood" && i < 100'000; ++i) link_->SendText(std::string(1000, 'x'));
    link_->SendText(std::string(text));
  }
  void HandleLost() override {}
  void HandleDeadline(Timestamp) override {}
  Timestamp NextDeadline() const override { return Timestamp::Never(); }

 private:
  ClientLink* link_ = nullptr;
};

void Echo(HttpService& service) {
  service.make_client = [](std::string, const auto&) { return std::make_shared<EchoHandler>(); };
}

TEST(WebSocketSessionTest, CarriesTextsBothWays) {
  HttpTestServer server(Echo);
  WebSocketClient client(server.port());
  client.Send("hello");
  EXPECT_EQ(client.Read(), "hello");
  client.Send("");
  EXPECT_EQ(client.Read(), "");
}

TEST(WebSocketSessionTest, APlanThatIsLargerThanTheQueueReachesWhoReads) {
  HttpTestServer server(Echo);
  WebSocketClient client(server.port());
  client.Send("plan");
  EXPECT_EQ(client.Read(), std::string(3'000'000, 'a'));
  EXPECT_EQ(client.Read(), std::string(3'000'000, 'b'));
  EXPECT_EQ(client.Read(), "plan");
}

TEST(WebSocketSessionTest, H3_MessagesAreBoundedAt64KiB) {
  HttpTestServer server(Echo);
  WebSocketClient client(server.port());
  client.Send(std::string(64 * 1024, 'x'));
  EXPECT_EQ(client.Read()->size(), 64u * 1024);
  client.Send(std::string(64 * 1024 + 1, 'x'));
  EXPECT_EQ(client.Read(), std::nullopt);
  EXPECT_EQ(client.close_code(), 1009);
}

TEST(WebSocketSessionTest, H3_FragmentsCountTogether) {
  HttpTestServer server(Echo);
  WebSocketClient client(server.port());
  client.SendFragments(std::string(10'000, 'x'), 8);
  EXPECT_EQ(client.Read(), std::nullopt);
  EXPECT_EQ(client.close_code(), 1009);
}

TEST(WebSocketSessionTest, H3_CompressionIsNeverAgreedOn) {
  HttpTestServer server(Echo);
  WebSocketClient client(server.port(), {.offer_compression = true});
  EXPECT_EQ(client.response()[http::field::sec_websocket_extensions], "");
  client.Send("hello");
  EXPECT_EQ(client.Read(), "hello");
}

TEST(WebSocketSessionTest, H5_PingsAndPongsAreBounded) {
  for (const bool pings : {true, false}) {
    HttpTestServer server(Echo);
    WebSocketClient client(server.port());
    client.Send("open");
    EXPECT_EQ(client.Read(), "open");
    client.SendControlFrames(pings, 1000);
    EXPECT_EQ(client.Read(), std::nullopt);
    EXPECT_EQ(client.close_code(), 1008) << pings;
  }
}

TEST(WebSocketSessionTest, H5_AFewPingsOfAClientAreAnswered) {
  HttpTestServer server(Echo);
  WebSocketClient client(server.port());
  client.SendControlFrames(true, 20);
  client.Send("still here");
  EXPECT_EQ(client.Read(), "still here");
}

TEST(WebSocketSessionTest, H5_FramesWithoutAPayloadAreNotFree) {
  HttpTestServer server([](HttpService& service) {
    Echo(service);
    service.inbound_limits = {.burst = 64 * 1024, .bytes_per_second = 1024};
  });
  WebSocketClient client(server.port());
  client.Send("open");
  EXPECT_EQ(client.Read(), "open");
  // A text that begins and goes on without end, masked with zeros.
  client.SendRaw(std::string_view("\x01\x80\0\0\0\0", 6));
  std::string flood;
  for (int i = 0; i < 100'000; ++i) flood.append("\0\x80\0\0\0\0", 6);
  // Before it waits for more, a server that reads all of it takes any amount.
  constexpr size_t kMost = 64 * 1024 * 1024;
  EXPECT_LT(client.SendUntilStalled(flood, kMost), kMost);
  WebSocketClient other(server.port());
  other.Send("not held up");
  EXPECT_EQ(other.Read(), "not held up");
}

TEST(WebSocketSessionTest, BinaryFramesAreRefused) {
  HttpTestServer server(Echo);
  WebSocketClient client(server.port());
  client.SendBinary("hello");
  EXPECT_EQ(client.Read(), std::nullopt);
  EXPECT_EQ(client.close_code(), 1003);
}

TEST(WebSocketSessionTest, H4_AFrameThatIsWrongWhileTheConnectionClosesLeavesNothing) {
  for (const bool at_once : {true, false}) {
    HttpTestServer server(Echo);
    {
      WebSocketClient client(server.port());
      client.Send("open");
      EXPECT_EQ(client.Read(), "open");
      // Ends by a close of the server: a binary frame, or a text that asks for it. Then a frame
      // with reserved bits, which ends in another one.
      const std::string end =
          at_once ? std::string("\x82\x81\0\0\0\0x", 7) : std::string("\x81\x83\0\0\0\0bye", 9);
      client.SendRaw(end + std::string("\xf1\x81\0\0\0\0x", 7));
      client.Cut();
    }
    // Only a fault takes that long.
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    const auto count = [&server] {
      return server.Ask([](HttpService& service) { return service.connections.total(); });
    };
    while (count() > 0 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
    EXPECT_EQ(count(), 0u) << at_once;
  }
}

TEST(WebSocketSessionTest, TextsThatAreNotUtf8Close1007) {
  HttpTestServer server(Echo);
  WebSocketClient client(server.port());
  client.Send("\xff");
  EXPECT_EQ(client.Read(), std::nullopt);
  EXPECT_EQ(client.close_code(), 1007);
}

TEST(WebSocketSessionTest, TheHandlerChoosesTheCloseCode) {
  HttpTestServer server(Echo);
  WebSocketClient client(server.port());
  client.Send("bye");
  EXPECT_EQ(client.Read(), std::nullopt);
  EXPECT_EQ(client.close_code(), 4321);
}

TEST(WebSocketSessionTest, AnExceptionEndsItsClientOnly) {
  HttpTestServer server(Echo);
  WebSocketClient client(server.port()), other(server.port());
  client.Send("throw");
  EXPECT_EQ(client.Read(), std::nullopt);
  EXPECT_EQ(client.close_code(), 1011);
  other.Send("still here");
  EXPECT_EQ(other.Read(), "still here");
}

TEST(WebSocketSessionTest, AQueueThatNobodyReadsIsCut) {
  HttpTestServer server(Echo);
  WebSocketClient client(server.port());
  client.Send("flood");
  while (client.Read()) {
  }
  EXPECT_EQ(client.close_code(), 0) << "cut, not closed";
}

TEST(WebSocketSessionTest, H7_ADeadPeerIsDropped) {
  HttpTestServer server([](HttpService& service) {
    Echo(service);
    service.websocket_limits.ping_interval = Duration::Millis(20);
    service.websocket_limits.dead_after = Duration::Millis(100);
  });
  WebSocketClient client(server.port());
  client.Send("open");
  EXPECT_EQ(client.Read(), "open");
  // Does not read any more, so it answers no ping.
  while (server.Ask([](HttpService& service) { return service.open_websockets; }) > 0) {
    std::this_thread::yield();
  }
  while (client.Read()) {
  }
  EXPECT_EQ(client.close_code(), 0);
}

TEST(WebSocketSessionTest, H7_PingsOfThoseWhoCameApartGoOutTogether) {
  const Duration interval = Duration::Millis(16'000);
  const auto second = [](int64_t n) { return Timestamp::Millis(n * 1000); };
  EXPECT_EQ(NextPing(second(100), interval), second(116));
  EXPECT_EQ(NextPing(second(100) + Duration::Millis(1), interval), second(116));
  EXPECT_EQ(NextPing(second(100) + Duration::Millis(999), interval), second(116));
  EXPECT_EQ(NextPing(second(101), interval), second(117));
  // However short the interval: later than now, and no division by nothing.
  EXPECT_EQ(NextPing(second(100), Duration::Micros(1)), second(100) + Duration::Micros(1));
}

TEST(WebSocketSessionTest, H22_WhereTooManyBadTokensComeFromIsRefusedForAMoment) {
  // As if one in a hundred seconds were admitted, so that none comes in while the test runs.
  TokenFailures failures(0.01, 3, 100);
  HttpTestServer server([&failures](HttpService& service) {
    Echo(service);
    service.token_failures = &failures;
  });
  const auto key = ConnectionLimiter::KeyOf(boost::asio::ip::address_v4::loopback());
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(WebSocketClient(server.port()).status(), 101);
    server.Ask([&](HttpService&) { return failures.Admit(key, Now()); });
  }
  const WebSocketClient refused(server.port());
  EXPECT_EQ(refused.status(), 429);
  EXPECT_EQ(refused.response()["Retry-After"], "1");
  // Pages are served all the same.
  EXPECT_EQ(RawClient(server.port())
                .Send("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                .Status(),
            200);
}

TEST(WebSocketSessionTest, H6_TheUpgradeIsRefusedToForeignPages) {
  HttpTestServer server(Echo);
  EXPECT_EQ(WebSocketClient(server.port(), {.origin = "https://evil.example"}).status(), 403);
  EXPECT_EQ(WebSocketClient(server.port(), {.origin = ""}).status(), 403);
  EXPECT_EQ(WebSocketClient(server.port(), {.origin = "", .token = "x"}).status(), 101);
  EXPECT_EQ(WebSocketClient(server.port(), {.subprotocol = "chat"}).status(), 400);
  EXPECT_EQ(RawClient(server.port()).Send("GET /v1/connect HTTP/1.1\r\nHost: x\r\n\r\n").Status(),
            426);
}

}  // namespace
}  // namespace earshotd
