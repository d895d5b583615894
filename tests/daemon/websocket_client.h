#pragma once

// A WebSocket client that blocks, for tests: a browser by its headers, and as rude as wanted. Test
// code only.

#include <poll.h>
#include <sys/socket.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace earshotd {

struct WebSocketClientOptions {
  /// "same" stands for the server's own; empty for none.
  std::string origin = "same";
  std::string token = {};
  std::string subprotocol = "earshot.v1";
  bool offer_compression = false;
};

class WebSocketClient {
 public:
  explicit WebSocketClient(uint16_t port, const WebSocketClientOptions& options = {})
      : socket_(io_) {
    namespace websocket = boost::beast::websocket;
    const std::string host = "localhost:" + std::to_string(port);
    socket_.next_layer().connect({boost::asio::ip::address_v4::loopback(), port});
    socket_.set_option(websocket::stream_base::decorator([&](websocket::request_type& request) {
      namespace http = boost::beast::http;
      if (!options.origin.empty()) {
        request.set(http::field::origin,
                    options.origin == "same" ? "http://" + host : options.origin);
      }
      if (!options.token.empty()) {
        request.set(http::field::authorization, "Bearer " + options.token);
      }
      request.set(http::field::sec_websocket_protocol, options.subprotocol);
      if (options.offer_compression) {
        request.set(http::field::sec_websocket_extensions, "permessage-deflate");
      }
    }));
    boost::system::error_code error;
    socket_.handshake(response_, host, "/v1/connect", error);
  }

  int status() const { return static_cast<int>(response_.result_int()); }
  const boost::beast::websocket::response_type& response() const { return response_; }

  void Send(std::string_view text) {
    socket_.text(true);
    Write(text);
  }
  void SendBinary(std::string_view bytes) {
    socket_.binary(true);
    Write(bytes);
  }
  void SendFragments(std::string_view part, int count) {
    boost::system::error_code ignored;
    for (int i = 0; i < count; ++i) {
      socket_.write_some(i == count - 1, boost::asio::buffer(part), ignored);
    }
  }
  void SendControlFrames(bool pings, int count) {
    boost::system::error_code error;
    for (int i = 0; i < count && !error; ++i)
      pings ? socket_.ping({}, error) : socket_.pong({}, error);
  }
  /// Past all framing.
  void SendRaw(std::string_view bytes) {
    boost::system::error_code ignored;
    boost::asio::write(socket_.next_layer(), boost::asio::buffer(bytes), ignored);
  }
  /// Sends these bytes again and again, past all framing, until the server takes no more of them
  /// for half a second or has taken `most`; returns how many went out.
  size_t SendUntilStalled(std::string_view bytes, size_t most) {
    size_t sent = 0;
    const int descriptor = socket_.next_layer().native_handle();
    while (sent < most) {
      pollfd writable{descriptor, POLLOUT, 0};
      if (poll(&writable, 1, 500) <= 0) break;
      const size_t offset = sent % bytes.size();
      const ssize_t count = send(descriptor, bytes.data() + offset, bytes.size() - offset,
                                 MSG_DONTWAIT | MSG_NOSIGNAL);
      if (count <= 0) break;
      sent += static_cast<size_t>(count);
    }
    return sent;
  }
  /// The next text; nothing once the server has closed.
  std::optional<std::string> Read() {
    boost::beast::flat_buffer buffer;
    boost::system::error_code error;
    socket_.read(buffer, error);
    if (error) return std::nullopt;
    return boost::beast::buffers_to_string(buffer.data());
  }
  /// What the server gave as its reason, or 0.
  int close_code() const { return socket_.reason().code; }
  void Cut() { socket_.next_layer().close(); }

 private:
  void Write(std::string_view bytes) {
    boost::system::error_code ignored;
    socket_.write(boost::asio::buffer(bytes), ignored);
  }

  boost::asio::io_context io_;
  boost::beast::websocket::stream<boost::asio::ip::tcp::socket> socket_;
  boost::beast::websocket::response_type response_;
};

}  // namespace earshotd
