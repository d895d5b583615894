#pragma once

// One client: joins its signalling machine to its WebSocket and to the participant registry, and
// counts how its joins ended. The control thread.

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "client_handler.h"
#include "http_service.h"
#include "log.h"
#include "memory_guard.h"
#include "participant_registry.h"
#include "signalling.h"

namespace earshotd {

/// Ends of attempts to join, by "ok" or error code.
using JoinCounters = std::map<std::string, uint64_t>;
/// Refused tokens, by the rule that they broke.
using TokenCounters = std::array<uint64_t, kTokenProblemCount>;

/// What all clients share; outlives them.
struct ClientContext {
  ParticipantRegistry& registry;
  const TokenVerifier& tokens;
  Log& log;
  MemoryGuard& memory;
  SignallingLimits limits;
  JoinCounters joins = {};
  TokenCounters refused_tokens = {};
  /// By JoinCommand::identity, and so by token, as each belongs to one: reconnects need a few, and
  /// each costs a handshake and everybody in sight a message.
  RateTable<std::string> join_rates{0.5, 20, 20'000};
  TokenFailures token_failures{20, 200, 10'000};
};

class ClientSession : public ClientHandler, public std::enable_shared_from_this<ClientSession> {
 public:
  ClientSession(ClientContext& context, std::string header_token,
                const ConnectionLimiter::AddressKey& address);

  void HandleOpen(ClientLink& link) override;
  void HandleText(std::string_view text) override;
  void HandleLost() override;
  void HandleDeadline(earshot::Timestamp now) override;
  earshot::Timestamp NextDeadline() const override { return signalling_.NextDeadline(); }

  void HandleJoinResult(const earshot::Result<earshot::Joined>& result);
  void HandlePlan(std::string_view space, const earshot::FloorPlan& plan, std::string_view written);
  void HandleRestartResult(const earshot::Result<std::string>& result);
  /// `code` is one of the protocol's `closed` codes.
  void HandleClosed(std::string_view code);
  /// Whether the WebSocket is gone or the client has left.
  bool lost() const { return link_ == nullptr || left_; }

 private:
  void Apply(SignallingOutput& output);
  void Execute(SignallingCommand& command);
  void CountJoin(const std::string& result, const std::optional<TokenProblem>& token_problem);

  ClientContext& context_;
  const ConnectionLimiter::AddressKey address_;
  Signalling signalling_;
  ClientLink* link_ = nullptr;
  bool left_ = false;
  /// Set while this client has one.
  earshot::ParticipantId participant_ = earshot::kNoParticipant;
};

}  // namespace earshotd
