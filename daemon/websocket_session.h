#pragma once

// One WebSocket (RFC 6455), with or without TLS: frames in and out, pings, limits and closing.
// Compression is off, so that no small frame can become a large message. What is said is its
// handler's. Keeps itself alive until the connection ends. The control thread.

#include <boost/beast/ssl/ssl_stream.hpp>

#include "http_message.h"
#include "http_service.h"
#include "tcp_stream.h"

namespace earshotd {

/// Takes over a connection whose `request` asks for the upgrade and was found good. `service` must
/// outlive it.
void StartWebSocketSession(TcpStream stream, ConnectionLimiter::Slot slot, HttpService& service,
                           const HttpRequest& request);
void StartWebSocketSession(boost::beast::ssl_stream<TcpStream> stream, ConnectionLimiter::Slot slot,
                           HttpService& service, const HttpRequest& request);

/// When to ping after `now`: on a stroke of a clock that all connections share, at most a sixteenth
/// of the interval early. To wake up for each of thousands of silent ones costs more than its ping.
earshot::Timestamp NextPing(earshot::Timestamp now, earshot::Duration interval);

}  // namespace earshotd
