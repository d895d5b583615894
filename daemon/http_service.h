#pragma once

// What the connections of one listener share. The control thread.

#include <boost/asio/ssl/context.hpp>
#include <cstdint>

#include "client_handler.h"
#include "config.h"
#include "connection_limiter.h"
#include "log.h"
#include "memory_guard.h"
#include "origin_rules.h"
#include "rate_table.h"
#include "router.h"
#include "tcp_stream.h"

namespace earshotd {

struct WebSocketLimits {
  size_t max_message_size = 64 * 1024;
  /// What a client that does not read may leave in our memory.
  size_t max_queued_bytes = 256 * 1024;
  /// Pings and pongs that a client may send; ours need four answers a minute.
  double control_frames_per_second = 10;
  double control_frame_burst = 100;
  earshot::Duration ping_interval = earshot::Duration::Seconds(15);
  earshot::Duration dead_after = earshot::Duration::Seconds(45);
};

struct HttpLimits {
  earshot::Duration header_timeout = earshot::Duration::Seconds(5);
  earshot::Duration body_timeout = earshot::Duration::Seconds(10);
  earshot::Duration write_timeout = earshot::Duration::Seconds(30);
  uint32_t max_header_size = 8 * 1024;
  uint32_t max_header_fields = 64;
  size_t max_target_size = 2 * 1024;
  uint64_t max_body_size = 64 * 1024;
};

/// Bad join tokens by address (threat H22).
using TokenFailures = RateTable<ConnectionLimiter::AddressKey>;

/// Outlives every connection.
struct HttpService {
  Router& router;
  ConnectionLimiter& connections;
  Log& log;
  HttpLimits limits = {};
  WebSocketLimits websocket_limits = {};
  InboundLimits inbound_limits = {};
  /// Unset: no memory is too little, as for operators, who are few.
  MemoryGuard* memory = nullptr;
  const OriginRules* origins = nullptr;
  /// Unset: where bad tokens come from does not matter.
  const TokenFailures* token_failures = nullptr;
  /// Unset on a listener without a WebSocket.
  ClientHandlerFactory make_client = {};
  /// Unset: plain HTTP.
  boost::asio::ssl::context* tls = nullptr;
  uint64_t open_websockets = 0;
};

}  // namespace earshotd
