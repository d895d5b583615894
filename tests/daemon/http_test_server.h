#pragma once

// A listener on a free port with its io_context on a thread of its own, and a raw TCP client that
// blocks: what a hostile client would do, byte by byte. Test code only.

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <future>
#include <string>
#include <string_view>
#include <thread>

#include "http_listener.h"
#include "router.h"

namespace earshotd {

class HttpTestServer {
 public:
  /// `set_up` may change limits, routes and the handler factory before the first connection.
  explicit HttpTestServer(const std::function<void(HttpService&)>& set_up = {}) {
    router_.Add(http::verb::get, "/hello", [](const HttpRequest&) {
      return MakeResponse(http::status::ok, "text/plain", "hello");
    });
    router_.Add(http::verb::post, "/echo", [](const HttpRequest& request) {
      return MakeResponse(http::status::ok, "text/plain", request.body());
    });
    service_.origins = &origins_;
    if (set_up) set_up(service_);
    listener_ = std::move(*HttpListener::Open(io_, "listen", {"127.0.0.1", 0}, service_));
    thread_ = std::thread([this] { io_.run(); });
  }
  ~HttpTestServer() {
    io_.stop();
    thread_.join();
  }
  uint16_t port() const { return listener_->port(); }
  /// Runs `question` on the server's thread.
  template <typename Question>
  auto Ask(Question question) {
    std::promise<decltype(question(service_))> answer;
    boost::asio::post(io_, [&] { answer.set_value(question(service_)); });
    return answer.get_future().get();
  }

 private:
  Log log_{{earshot::LogLevel::kError, LogFormat::kText}};
  HttpCounters counters_;
  Router router_{counters_};
  ConnectionLimiter connections_{100, 100};
  OriginRules origins_{{}, false};
  HttpService service_{router_, connections_, log_};
  boost::asio::io_context io_;
  std::unique_ptr<HttpListener> listener_;
  std::thread thread_;
};

class RawClient {
 public:
  explicit RawClient(uint16_t port) : socket_(io_) {
    socket_.connect({boost::asio::ip::address_v4::loopback(), port});
  }
  /// Errors are what some tests provoke; they show in the answer.
  RawClient& Send(std::string_view bytes) {
    boost::system::error_code ignored;
    boost::asio::write(socket_, boost::asio::buffer(bytes), ignored);
    return *this;
  }
  /// Everything until the server ends the connection.
  std::string ReadAll() {
    std::string bytes;
    boost::system::error_code end;
    boost::asio::read(socket_, boost::asio::dynamic_buffer(bytes), end);
    return bytes;
  }
  /// The status of the one response that comes, or 0.
  int Status() {
    const std::string bytes = ReadAll();
    return bytes.starts_with("HTTP/1.1 ") ? std::stoi(bytes.substr(9, 3)) : 0;
  }

 private:
  boost::asio::io_context io_;
  boost::asio::ip::tcp::socket socket_;
};

}  // namespace earshotd
