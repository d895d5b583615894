#include "signalling.h"

#include <algorithm>
#include <type_traits>

namespace earshotd {
namespace {

using earshot::Timestamp;

/// Codes above 4000 are ours to define (RFC 6455 section 7.4.2).
constexpr uint16_t kNormalClosure = 1000, kGoingAway = 1001, kNotTheTypeOfData = 1007,
                   kPolicyViolation = 1008, kInternalError = 1011, kTokenRefused = 4401,
                   kSpaceUnknown = 4404, kJoinTimeout = 4408, kLimitReached = 4429;

struct ErrorText {
  std::string_view code;
  std::string_view text;
  /// Zero: the connection stays.
  uint16_t close_code;
};

/// What can end a join. The texts are constant, so that nothing of the client's returns in them;
/// only "offer-invalid" brings its own, which names the line.
constexpr ErrorText kJoinErrors[] = {
    {"token-invalid", "The join token is not valid here. Ask the portal for a new one.",
     kTokenRefused},
    {"token-expired", "The join token has expired. Ask the portal for a new one.", kTokenRefused},
    {"space-unknown", "This server has no such space.", kSpaceUnknown},
    {"limit-reached", "This place is full. Try again later.", kLimitReached},
    {"rate-limited", "You join too often. Try again in a moment.", kPolicyViolation},
    {"offer-invalid", "", 0},
    {"internal", "The server could not do this. Try again later.", kInternalError},
};

const ErrorText& FindJoinError(std::string_view code) {
  const auto* found = std::find_if(std::begin(kJoinErrors), std::end(kJoinErrors),
                                   [code](const ErrorText& error) { return error.code == code; });
  return found == std::end(kJoinErrors) ? *(std::end(kJoinErrors) - 1) : *found;
}

struct ClosedText {
  std::string_view code;
  std::string_view text;
  uint16_t close_code;
};
constexpr ClosedText kClosedTexts[] = {
    {"left", "You have left the space.", kNormalClosure},
    {"consent-expired", "The media connection was lost.", kNormalClosure},
    {"connect-timeout", "No media connection came about.", kNormalClosure},
    {"dtls-failed", "The encrypted media connection failed.", kNormalClosure},
    {"fingerprint-mismatch", "The media connection is not from the one who joined.",
     kNormalClosure},
    {"replaced", "You have joined again from elsewhere.", kNormalClosure},
    {"shutting-down", "The server is stopping. Connect again in a moment.", kGoingAway},
    {"internal", "The server had to end this connection.", kInternalError},
};

const ClosedText& FindClosedText(std::string_view code) {
  const auto* found = std::find_if(std::begin(kClosedTexts), std::end(kClosedTexts),
                                   [code](const ClosedText& text) { return text.code == code; });
  return found == std::end(kClosedTexts) ? *(std::end(kClosedTexts) - 1) : *found;
}

}  // namespace

Signalling::Signalling(const SignallingLimits& limits, const TokenVerifier& tokens,
                       std::string header_token, Timestamp now)
    : limits_(limits),
      tokens_(tokens),
      header_token_(std::move(header_token)),
      message_rate_(limits.messages_per_second, limits.message_burst),
      restart_rate_(limits.restarts_per_second, limits.restart_burst),
      deadline_(now + limits.join_timeout) {}

void Signalling::HandleText(std::string_view text, const Moment& moment, SignallingOutput& out) {
  if (state_ == State::kClosed) return;
  if (!message_rate_.Admit(moment.now)) {
    Reply("", "rate-limited", "Too many messages.", out);
    return Close(out, kPolicyViolation, "rate-limited");
  }
  auto parsed = ParseClientMessage(text, limits_.max_message_size);
  if (const auto* problem = std::get_if<MessageProblem>(&parsed)) {
    Reply(problem->id, problem->code, problem->message, out);
    if (!problem->is_json) Close(out, kNotTheTypeOfData, problem->code);
    return;
  }
  auto& message = std::get<ClientMessage>(parsed);
  std::visit(
      [&](auto& body) {
        using Body = std::remove_reference_t<decltype(body)>;
        if constexpr (std::is_same_v<Body, JoinMessage>) HandleJoin(message.id, body, moment, out);
        if constexpr (std::is_same_v<Body, IceRestartMessage>) {
          HandleIceRestart(message.id, body, moment.now, out);
        }
        if constexpr (std::is_same_v<Body, LeaveMessage>) HandleLeave(out);
      },
      message.body);
}

void Signalling::HandleJoin(std::string_view id, JoinMessage& message, const Moment& moment,
                            SignallingOutput& out) {
  if (state_ != State::kWaiting) {
    return Reply(id, "state-invalid", "You have joined already.", out);
  }
  const std::string& token = message.token.empty() ? header_token_ : message.token;
  auto verified = tokens_.Verify(token, moment.unix_seconds);
  if (const auto* problem = std::get_if<TokenProblem>(&verified)) {
    const ErrorText& error =
        FindJoinError(IsAboutTime(*problem) ? "token-expired" : "token-invalid");
    out.join_result = error.code;
    out.token_problem = *problem;
    Reply(id, error.code, error.text, out);
    return Close(out, error.close_code, error.code);
  }
  claims_ = std::get<JoinClaims>(std::move(verified));
  join_id_ = id;
  state_ = State::kJoining;
  deadline_ = Timestamp::Never();
  JoinCommand command;
  identities_ = claims_.roles;
  identities_.push_back(claims_.subject);
  command.request = {claims_.space,
                     claims_.name,
                     claims_.publish,
                     std::move(message.offer),
                     std::move(message.track_mids),
                     identities_,
                     claims_.grants,
                     std::move(message.from)};
  // No claim can hold a line end, so the three cannot run into each other.
  command.identity = claims_.issuer + "\n" + claims_.subject + "\n" + claims_.space;
  out.commands.emplace_back(std::move(command));
}

void Signalling::HandleJoinResult(const earshot::Result<earshot::Joined>& result, Timestamp now,
                                  SignallingOutput& out) {
  if (state_ != State::kJoining) return;
  if (result.ok()) {
    state_ = State::kJoined;
    out.join_result = "ok";
    const JoinedMessage message{join_id_,       claims_.name, claims_.space,    claims_.publish,
                                claims_.grants, identities_,  limits_.max_speed};
    out.frames.push_back(WriteJoined(message, *result));
    out.frames.push_back(WriteAnswer(join_id_, result->answer));
    return;
  }
  const ErrorText& error = FindJoinError(result.error().code);
  out.join_result = error.code;
  Reply(join_id_, error.code, error.text.empty() ? result.error().message : error.text, out);
  if (error.close_code != 0) return Close(out, error.close_code, error.code);
  state_ = State::kWaiting;
  deadline_ = now + limits_.join_timeout;
}

void Signalling::HandlePlan(std::string_view space, const earshot::FloorPlan& plan,
                            std::string_view written, SignallingOutput& out) {
  if (state_ != State::kJoined || space != claims_.space) return;
  out.frames.push_back(WritePlanReplaced(plan, written, identities_));
}

void Signalling::HandleIceRestart(std::string_view id, IceRestartMessage& message, Timestamp now,
                                  SignallingOutput& out) {
  if (state_ != State::kJoined) {
    return Reply(id, "state-invalid", "Join first; then the connection can be restarted.", out);
  }
  if (restart_id_) return Reply(id, "state-invalid", "A restart is under way.", out);
  if (!restart_rate_.Admit(now)) {
    return Reply(id, "rate-limited", "The connection is restarted too often.", out);
  }
  restart_id_ = id;
  out.commands.emplace_back(RestartCommand{std::move(message.offer)});
}

void Signalling::HandleRestartResult(const earshot::Result<std::string>& result,
                                     SignallingOutput& out) {
  if (state_ != State::kJoined || !restart_id_) return;
  const std::string id = *restart_id_;
  restart_id_.reset();
  if (result.ok()) {
    out.frames.push_back(WriteAnswer(id, *result));
  } else if (result.error().code == "offer-invalid") {
    Reply(id, "offer-invalid", result.error().message, out);
  } else {
    Reply(id, "state-invalid", "The participant is gone.", out);
  }
}

void Signalling::HandleLeave(SignallingOutput& out) {
  if (state_ == State::kJoined || state_ == State::kJoining) {
    out.commands.emplace_back(LeaveCommand{});
  }
  HandleClosed("left", out);
}

void Signalling::HandleClosed(std::string_view code, SignallingOutput& out) {
  if (state_ == State::kClosed) return;
  const ClosedText& closed = FindClosedText(code);
  out.frames.push_back(WriteClosed(closed.code, closed.text));
  Close(out, closed.close_code, closed.code);
}

void Signalling::HandleDeadline(Timestamp now, SignallingOutput& out) {
  if (state_ == State::kClosed || now < deadline_) return;
  Reply("", "join-timeout", "No join came in time.", out);
  Close(out, kJoinTimeout, "join-timeout");
}

void Signalling::Reply(std::string_view id, std::string_view code, std::string_view text,
                       SignallingOutput& out) {
  out.frames.push_back(WriteError(id, code, text));
}

void Signalling::Close(SignallingOutput& out, uint16_t code, std::string_view reason) {
  state_ = State::kClosed;
  deadline_ = Timestamp::Never();
  out.close = {code, reason};
}

}  // namespace earshotd
