#pragma once

// The seam between a WebSocket and who speaks over it: frames go down the link, texts come up to
// the handler. The control thread.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "connection_limiter.h"
#include "earshot/units.h"

namespace earshotd {

/// An open WebSocket.
class ClientLink {
 public:
  virtual ~ClientLink() = default;
  virtual void SendText(std::string text) = 0;
  /// Closes once what was sent before has gone out.
  virtual void Close(uint16_t code, std::string_view reason) = 0;
};

class ClientHandler {
 public:
  virtual ~ClientHandler() = default;
  /// The WebSocket is open; `link` stays valid until HandleLost.
  virtual void HandleOpen(ClientLink& link) = 0;
  virtual void HandleText(std::string_view text) = 0;
  /// The WebSocket is gone, for whatever reason. Called once, and nothing after it.
  virtual void HandleLost() = 0;
  virtual void HandleDeadline(earshot::Timestamp now) = 0;
  virtual earshot::Timestamp NextDeadline() const = 0;
};

/// `token` is what the Authorization header brought, or empty; `address` where the client connects
/// from.
using ClientHandlerFactory = std::function<std::shared_ptr<ClientHandler>(
    std::string token, const ConnectionLimiter::AddressKey& address)>;

}  // namespace earshotd
