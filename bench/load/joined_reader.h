#pragma once

// Reads what the server says on the WebSocket. Pure, any thread.

#include <optional>
#include <string>
#include <variant>

#include "signalling.h"

namespace earshot::load {

/// The text of an answer.
struct AnswerMessage {
  std::string sdp;
};
/// One that needs no answer.
struct OtherMessage {};

/// An Error for "error" and "closed", and for what is not a message of the protocol.
using ServerMessage = std::variant<JoinedReply, AnswerMessage, OtherMessage, Error>;
ServerMessage ReadServerMessage(const std::string& text);

/// The token in the demo's reply, or what the server said instead.
Result<std::string> ReadDemoToken(unsigned status, const std::string& body);

}  // namespace earshot::load
