#pragma once

// One person's signalling: gets a token, opens the WebSocket, joins, and notices when the server
// ends it (daemon/PROTOCOL.md section 1). Nothing blocks; everything happens in turns of the
// io_context that it was given. One thread.

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "earshot/media.h"
#include "earshot/result.h"
#include "floor.h"

namespace earshot::load {

struct SignallingTarget {
  /// "localhost:8080", as the Host header says it.
  std::string authority;
  boost::asio::ip::tcp::endpoint endpoint;
};

struct SignallingRequest {
  std::string name;
  std::string space;
  /// Empty: the server's demo mode gives one.
  std::string token;
  std::string offer;
  std::array<std::optional<std::string>, kSourceKindCount> mids;
};

struct JoinedReply {
  ParticipantId participant = kNoParticipant;
  Pose pose;
  Floor floor;
  std::string answer;
  /// When the join was sent.
  Timestamp asked;
};

class Signalling {
 public:
  struct Handlers {
    /// Also for each later answer; then there is neither pose nor floor.
    std::function<void(const JoinedReply&)> joined;
    /// Once at most, before or after joined, and never after Leave. Code and message are the
    /// server's, where it said something.
    std::function<void(Error)> ended;
    /// Of who goes on whatever it is told: an "error" that ends nothing by itself. Without it, each
    /// is an end.
    std::function<void(const Error&)> refused = {};
  };

  Signalling(boost::asio::io_context& io, const SignallingTarget& target, SignallingRequest request,
             Handlers handlers);
  /// Drops the connection.
  ~Signalling();

  /// Any text, once joined. Dropped while kMaxWaiting wait.
  static constexpr size_t kMaxWaiting = 64;
  void Send(std::string text);

  /// Says good-bye; no handler is called any more.
  void Leave();

 private:
  class Session;
  std::shared_ptr<Session> session_;
};

}  // namespace earshot::load
