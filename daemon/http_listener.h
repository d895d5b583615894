#pragma once

// A TCP listener: accepts connections within the limits and starts an HTTP session for each. The
// control thread.

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>

#include "config.h"
#include "deadline_timer.h"
#include "earshot/result.h"
#include "http_service.h"

namespace earshotd {

class HttpListener {
 public:
  /// Binds and listens; the error names address and port, and who may be holding it. `name` is the
  /// configuration's key: "listen". `service` must outlive the io_context's handlers.
  static earshot::Result<std::unique_ptr<HttpListener>> Open(boost::asio::io_context& io,
                                                             std::string_view name,
                                                             const Endpoint& endpoint,
                                                             HttpService& service);

  uint16_t port() const { return port_; }
  /// Takes no more connections; those that exist go on.
  void Stop();

 private:
  HttpListener(boost::asio::io_context& io, HttpService& service)
      : acceptor_(io), retry_timer_(io.get_executor()), service_(service) {}
  boost::system::error_code Bind(const Endpoint& endpoint);
  void Accept();
  void OnAccepted(boost::system::error_code error, boost::asio::ip::tcp::socket socket);
  void Serve(boost::asio::ip::tcp::socket socket);

  boost::asio::ip::tcp::acceptor acceptor_;
  DeadlineTimer retry_timer_;
  HttpService& service_;
  uint16_t port_ = 0;
};

}  // namespace earshotd
