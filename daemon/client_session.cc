#include "client_session.h"

#include <type_traits>
#include <utility>

#include "clock.h"

namespace earshotd {

using earshot::kNoParticipant;

ClientSession::ClientSession(ClientContext& context, std::string header_token,
                             const ConnectionLimiter::AddressKey& address)
    : context_(context),
      address_(address),
      signalling_(context.limits, context.tokens, std::move(header_token), Now()) {}

void ClientSession::HandleOpen(ClientLink& link) {
  link_ = &link;
  context_.registry.AddClient(*this);
}

void ClientSession::HandleText(std::string_view text) {
  SignallingOutput output;
  signalling_.HandleText(text, CurrentMoment(), output);
  Apply(output);
}

void ClientSession::HandleLost() {
  link_ = nullptr;
  if (participant_ != kNoParticipant) context_.registry.LoseSignalling(participant_);
  context_.registry.RemoveClient(*this);
}

void ClientSession::HandleDeadline(earshot::Timestamp now) {
  SignallingOutput output;
  signalling_.HandleDeadline(now, output);
  Apply(output);
}

void ClientSession::HandleJoinResult(const earshot::Result<earshot::Joined>& result) {
  if (result.ok()) participant_ = result->participant;
  SignallingOutput output;
  signalling_.HandleJoinResult(result, Now(), output);
  Apply(output);
}

void ClientSession::HandlePlan(std::string_view space, const earshot::FloorPlan& plan,
                               std::string_view written) {
  SignallingOutput output;
  signalling_.HandlePlan(space, plan, written, output);
  Apply(output);
}

void ClientSession::HandleRestartResult(const earshot::Result<std::string>& result) {
  SignallingOutput output;
  signalling_.HandleRestartResult(result, output);
  Apply(output);
}

void ClientSession::HandleClosed(std::string_view code) {
  // The registry has let go of the participant, or the whole server stops.
  participant_ = kNoParticipant;
  SignallingOutput output;
  signalling_.HandleClosed(code, output);
  Apply(output);
}

void ClientSession::Apply(SignallingOutput& output) {
  if (output.join_result) CountJoin(*output.join_result, output.token_problem);
  for (SignallingCommand& command : output.commands) Execute(command);
  for (std::string& frame : output.frames) {
    if (link_ != nullptr) link_->SendText(std::move(frame));
  }
  if (output.close && link_ != nullptr) link_->Close(output.close->code, output.close->reason);
}

void ClientSession::Execute(SignallingCommand& command) {
  if (auto* join = std::get_if<JoinCommand>(&command)) {
    if (!context_.memory.AdmitJoin(Now())) {
      return HandleJoinResult(earshot::Error{"limit-reached", ""});
    }
    if (!context_.join_rates.Admit(join->identity, Now())) {
      return HandleJoinResult(earshot::Error{"rate-limited", ""});
    }
    context_.registry.Join(std::move(*join), shared_from_this());
  } else if (auto* restart = std::get_if<RestartCommand>(&command)) {
    context_.registry.RestartIce(participant_, std::move(restart->offer), shared_from_this());
  } else {
    left_ = true;
    context_.registry.Leave(std::exchange(participant_, kNoParticipant));
  }
}

void ClientSession::CountJoin(const std::string& result,
                              const std::optional<TokenProblem>& token_problem) {
  ++context_.joins[result];
  if (result == "token-invalid" || result == "token-expired") {
    context_.token_failures.Admit(address_, Now());
  }
  // Neither who nor where to: the count by reason is what an operator needs.
  if (token_problem) {
    ++context_.refused_tokens[static_cast<size_t>(*token_problem)];
    const std::string rule(TokenProblemName(*token_problem));
    context_.log.Info("join-refused", {{"code", result}, {"rule", rule}});
  } else if (result == "ok") {
    context_.log.Info("joined");
  } else {
    context_.log.Info("join-refused", {{"code", result}});
  }
}

}  // namespace earshotd
