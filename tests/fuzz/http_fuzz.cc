// A connection of the public listener over a pair of sockets. The first byte chooses plain bytes or
// a WebSocket whose frames are made of the rest; how the bytes are cut into pieces is chosen, too.
// Whatever comes, all that is answered begins like HTTP, messages are those that a client may send,
// and when the client is gone so is everything of it.

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <string>

#include "fuzz_check.h"
#include "fuzz_input.h"
#include "http_session.h"
#include "router.h"

namespace earshotd {
namespace {

using earshot::FuzzInput;

constexpr size_t kMaxPieces = 200;
constexpr std::string_view kUpgrade =
    "GET /v1/connect HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
    "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Protocol: earshot.v1\r\nOrigin: http://localhost\r\n\r\n";

/// Answers everything, and closes or fails when it is told to.
class Echo : public ClientHandler {
 public:
  explicit Echo(int& open) : open_(open) { ++open_; }
  void HandleOpen(ClientLink& link) override { link_ = &link; }
  void HandleText(std::string_view text) override {
    FUZZ_CHECK(link_ != nullptr && text.size() <= WebSocketLimits().max_message_size);
    if (text.starts_with("fail")) throw std::runtime_error("asked for");
    if (text.starts_with("bye")) return link_->Close(4000, "bye");
    link_->SendText(std::string(text));
  }
  void HandleLost() override {
    FUZZ_CHECK(link_ != nullptr);
    link_ = nullptr;
    --open_;
  }
  void HandleDeadline(earshot::Timestamp) override {}
  earshot::Timestamp NextDeadline() const override { return earshot::Timestamp::Never(); }

 private:
  int& open_;
  ClientLink* link_ = nullptr;
};

class Connection {
 public:
  Connection() {
    router_.Add(http::verb::get, "/hello", [](const HttpRequest&) {
      return MakeResponse(http::status::ok, "text/plain", "hello");
    });
    router_.Add(http::verb::post, "/echo", [](const HttpRequest& request) {
      return MakeResponse(http::status::ok, "text/plain", request.body());
    });
    service_.origins = &origins_;
    service_.make_client = [this](std::string, const ConnectionLimiter::AddressKey&) {
      return std::make_shared<Echo>(clients_);
    };
    std::array<int, 2> pair;
    FUZZ_CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair.data()) == 0);
    client_ = pair[0];
    boost::asio::ip::tcp::socket socket(io_);
    socket.assign(boost::asio::ip::tcp::v4(), pair[1]);
    auto slot = connections_.Admit(boost::asio::ip::address_v4::loopback());
    StartHttpSession(std::move(socket), std::move(*slot), service_);
  }

  void Send(std::string_view bytes) {
    while (!bytes.empty() && !is_over_) {
      const ssize_t sent = send(client_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent > 0) bytes.remove_prefix(static_cast<size_t>(sent));
      // Who has let its peer wait for so long is not read from any more.
      const bool progressed = io_.poll() > 0;
      Receive();
      if (sent < 0 && !progressed) break;
    }
  }
  /// The client is gone, and everything of it after that.
  void End() {
    Receive();
    FUZZ_CHECK(received_.empty() || std::string_view("HTTP/1.1 ").starts_with(received_) ||
               received_.starts_with("HTTP/1.1 "));
    close(client_);
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(8);
    while (connections_.total() > 0 && std::chrono::steady_clock::now() < patience) {
      io_.run_one_for(std::chrono::seconds(1));
    }
    FUZZ_CHECK(connections_.total() == 0 && service_.open_websockets == 0 && clients_ == 0);
  }

 private:
  void Receive() {
    std::array<char, 4096> buffer;
    ssize_t size = 0;
    while ((size = recv(client_, buffer.data(), buffer.size(), 0)) > 0) {
      if (received_.size() < 64) received_.append(buffer.data(), static_cast<size_t>(size));
    }
    is_over_ = size == 0;
  }

  Log log_{{earshot::LogLevel::kError, LogFormat::kText}};
  HttpCounters counters_;
  Router router_{counters_};
  ConnectionLimiter connections_{1, 1};
  OriginRules origins_{{"http://localhost"}, false};
  HttpService service_{router_, connections_, log_};
  int clients_ = 0;
  boost::asio::io_context io_;
  int client_ = -1;
  std::string received_;
  bool is_over_ = false;
};

// A frame with any opcode and flags, of a length that is told truly or not, masked or not.
std::string Frame(FuzzInput& input) {
  std::string frame;
  frame.push_back(static_cast<char>(input.Byte()));
  const uint8_t what = input.Byte();
  const std::vector<uint8_t> payload = input.Bytes();
  const bool is_masked = (what & 0x0f) != 0;
  const auto mask_bit = static_cast<char>(is_masked ? 0x80 : 0);
  if ((what & 0xf0) == 0xf0) {
    frame.push_back(static_cast<char>(mask_bit | 127));
    for (int i = 0; i < 8; ++i) frame.push_back(static_cast<char>(input.Byte()));
  } else {
    frame.push_back(static_cast<char>(mask_bit | 126));
    frame.push_back(0);
    frame.push_back(static_cast<char>(payload.size()));
  }
  if (is_masked) frame.append(4, '\0');
  frame.append(payload.begin(), payload.end());
  return frame;
}

}  // namespace
}  // namespace earshotd

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace earshotd;
  FuzzInput input(data, size);
  const uint8_t kind = input.Byte() % 3;
  Connection connection;
  if (kind != 0) connection.Send(kUpgrade);
  for (size_t piece = 0; piece < kMaxPieces && !input.empty(); ++piece) {
    if (kind == 1) {
      connection.Send(Frame(input));
      continue;
    }
    const std::vector<uint8_t> bytes = input.Bytes();
    connection.Send({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
  connection.End();
  return 0;
}
