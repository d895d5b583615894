#include "http_listener.h"

#include <boost/asio/ip/v6_only.hpp>
#include <exception>
#include <utility>

#include "http_session.h"

namespace earshotd {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

/// When descriptors or memory have run out, trying again at once would only burn the processor.
constexpr earshot::Duration kAcceptPause = earshot::Duration::Millis(100);

std::string Hint(error_code error, uint16_t port) {
  if (error == boost::asio::error::address_in_use) {
    return "; another process has this port: ss -ltnp 'sport = :" + std::to_string(port) + "'";
  }
  if (error == boost::asio::error::access_denied) {
    return "; ports below 1024 need CAP_NET_BIND_SERVICE";
  }
  if (error == boost::system::errc::address_not_available) {
    return "; no interface of this host has this address";
  }
  return "";
}

}  // namespace

earshot::Result<std::unique_ptr<HttpListener>> HttpListener::Open(boost::asio::io_context& io,
                                                                  std::string_view name,
                                                                  const Endpoint& endpoint,
                                                                  HttpService& service) {
  std::unique_ptr<HttpListener> listener(new HttpListener(io, service));
  const error_code error = listener->Bind(endpoint);
  if (error) {
    return earshot::Error{"bind-failed", std::string(name) + ": cannot listen on " +
                                             endpoint.address + " port " +
                                             std::to_string(endpoint.port) + ": " +
                                             error.message() + Hint(error, endpoint.port)};
  }
  listener->Accept();
  return listener;
}

error_code HttpListener::Bind(const Endpoint& endpoint) {
  error_code error;
  const auto address = boost::asio::ip::make_address(endpoint.address, error);
  if (error) return error;
  const tcp::endpoint local(address, endpoint.port);
  acceptor_.open(local.protocol(), error);
  if (error) return error;
  acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  // "::" takes IPv4 as well, as for media.
  if (address.is_v6()) acceptor_.set_option(boost::asio::ip::v6_only(false), error);
  acceptor_.bind(local, error);
  if (error) return error;
  acceptor_.listen(tcp::acceptor::max_listen_connections, error);
  if (error) return error;
  port_ = acceptor_.local_endpoint(error).port();
  return error;
}

void HttpListener::Stop() {
  error_code ignored;
  acceptor_.close(ignored);
  retry_timer_.Cancel();
}

void HttpListener::Accept() {
  acceptor_.async_accept([this](error_code error, tcp::socket socket) {
    if (error == boost::asio::error::operation_aborted) return;
    OnAccepted(error, std::move(socket));
  });
}

void HttpListener::OnAccepted(error_code error, tcp::socket socket) {
  if (!acceptor_.is_open()) return;
  if (error && error != boost::asio::error::connection_aborted) {
    service_.log.Warning("accept-failed", {{"error", error.message()}});
    return retry_timer_.Arm(Now() + kAcceptPause, [this] { Accept(); });
  }
  try {
    if (!error) Serve(std::move(socket));
  } catch (const std::exception&) {
    // That one is lost; the next ones are not.
    service_.log.Error("connection-failed");
  }
  Accept();
}

void HttpListener::Serve(tcp::socket socket) {
  if (service_.memory != nullptr && !service_.memory->AdmitConnection(Now())) return;
  error_code error;
  const tcp::endpoint remote = socket.remote_endpoint(error);
  if (error) return;
  socket.set_option(tcp::no_delay(true), error);
  std::optional<ConnectionLimiter::Slot> slot = service_.connections.Admit(remote.address());
  if (slot) StartHttpSession(std::move(socket), std::move(*slot), service_);
}

}  // namespace earshotd
