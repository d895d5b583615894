#pragma once

// One connection of an HTTP listener (RFC 9112), with or without TLS: reads requests within the
// limits of threats H1 and H2, has the router answer them, and hands the connection over when it
// becomes a WebSocket. Keeps itself alive until the connection ends. The control thread.

#include <boost/asio/ip/tcp.hpp>

#include "connection_limiter.h"
#include "http_service.h"

namespace earshotd {

/// Takes over an accepted connection; `service` must outlive it.
void StartHttpSession(boost::asio::ip::tcp::socket socket, ConnectionLimiter::Slot slot,
                      HttpService& service);

}  // namespace earshotd
