#pragma once

// The signalling state machine of one client (PROTOCOL.md section 1): messages and results in,
// frames, commands and at most one close out. Knows no socket, server or clock, so that every order
// of events can be tested. The control thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "earshot/result.h"
#include "earshot/server.h"
#include "messages.h"
#include "rate_limiter.h"
#include "token_verifier.h"

namespace earshotd {

/// One reading of both clocks.
struct Moment {
  earshot::Timestamp now;
  /// Seconds since 1970, for the dates in tokens.
  int64_t unix_seconds = 0;
};

/// What the machine wants done. The results come back through HandleJoinResult and
/// HandleRestartResult, one each, in order.
struct JoinCommand {
  earshot::JoinRequest request;
  /// Issuer, subject and space: who joins again replaces the participant of before.
  std::string identity;
};
struct RestartCommand {
  std::string offer;
};
struct LeaveCommand {};
using SignallingCommand = std::variant<JoinCommand, RestartCommand, LeaveCommand>;

struct SignallingOutput {
  struct Close {
    uint16_t code;
    std::string_view reason;
  };
  std::vector<std::string> frames;
  std::vector<SignallingCommand> commands;
  std::optional<Close> close;
  /// "ok" or an error code of the protocol, when an attempt to join ended: a metric label.
  std::optional<std::string> join_result;
  /// Which rule the token broke, if that was the end of it; not for the client.
  std::optional<TokenProblem> token_problem;
};

struct SignallingLimits {
  size_t max_message_size = 64 * 1024;
  double messages_per_second = 50;
  double message_burst = 200;
  /// Each has a whole offer read and answered.
  double restarts_per_second = 0.5;
  double restart_burst = 5;
  earshot::Duration join_timeout = earshot::Duration::Seconds(10);
  /// Told to clients: the speed limit of the media options.
  float max_speed = 0;
};

class Signalling {
 public:
  /// `header_token` is what the client gave in the Authorization header, or empty.
  Signalling(const SignallingLimits& limits, const TokenVerifier& tokens, std::string header_token,
             earshot::Timestamp now);

  void HandleText(std::string_view text, const Moment& moment, SignallingOutput& out);
  void HandleJoinResult(const earshot::Result<earshot::Joined>& result, earshot::Timestamp now,
                        SignallingOutput& out);
  /// The plan of a space has been replaced. `written` is its text (WritePlan).
  void HandlePlan(std::string_view space, const earshot::FloorPlan& plan, std::string_view written,
                  SignallingOutput& out);
  void HandleRestartResult(const earshot::Result<std::string>& result, SignallingOutput& out);
  /// The participant ended, or the server stops. `code` is one of the protocol's `closed` codes.
  void HandleClosed(std::string_view code, SignallingOutput& out);
  void HandleDeadline(earshot::Timestamp now, SignallingOutput& out);
  earshot::Timestamp NextDeadline() const { return deadline_; }

 private:
  enum class State { kWaiting, kJoining, kJoined, kClosed };

  void HandleJoin(std::string_view id, JoinMessage& message, const Moment& moment,
                  SignallingOutput& out);
  void HandleIceRestart(std::string_view id, IceRestartMessage& message, earshot::Timestamp now,
                        SignallingOutput& out);
  void HandleLeave(SignallingOutput& out);
  void Reply(std::string_view id, std::string_view code, std::string_view text,
             SignallingOutput& out);
  void Close(SignallingOutput& out, uint16_t code, std::string_view reason);

  const SignallingLimits limits_;
  const TokenVerifier& tokens_;
  const std::string header_token_;
  State state_ = State::kWaiting;
  RateLimiter message_rate_;
  RateLimiter restart_rate_;
  earshot::Timestamp deadline_;
  /// Of the join; set from then on.
  JoinClaims claims_;
  std::vector<std::string> identities_;
  std::string join_id_;
  /// Of the ice-restart under way, if there is one.
  std::optional<std::string> restart_id_;
};

}  // namespace earshotd
