#pragma once

// The JSON messages of PROTOCOL.md section 1 as structs, both ways. Knows their shape, not when
// they are allowed. Pure functions, any thread.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "earshot/floor_plan.h"
#include "earshot/media.h"
#include "earshot/server.h"

namespace earshotd {

struct JoinMessage {
  /// Empty when the client gave it in the Authorization header instead.
  std::string token;
  std::string offer;
  std::array<std::optional<std::string>, earshot::kSourceKindCount> track_mids;
  /// The space that one comes from, or empty.
  std::string from;
};
struct IceRestartMessage {
  std::string offer;
};
struct LeaveMessage {};

struct ClientMessage {
  /// Repeated in the reply; empty if the client gave none.
  std::string id;
  std::variant<JoinMessage, IceRestartMessage, LeaveMessage> body;
};

/// Why a text is no message: what the `error` reply says.
struct MessageProblem {
  std::string id;
  std::string_view code;
  std::string message;
  /// RFC 6455 section 7.4.1 has 1007 for data that does not fit the type of the message.
  bool is_json = true;
};

std::variant<ClientMessage, MessageProblem> ParseClientMessage(std::string_view text,
                                                               size_t max_size);

struct JoinedMessage {
  std::string_view id;
  std::string_view name;
  std::string_view space;
  earshot::SourceSet publish;
  earshot::Grants grants;
  std::span<const std::string> identities;
  float max_speed = 0;
};

std::string WriteJoined(const JoinedMessage& message, const earshot::Joined& joined);
/// The plan as messages have it: the same for everybody, and large.
std::string WritePlan(const earshot::FloorPlan& plan, float max_speed);
/// Another plan from now on; `written` is its text, and which of its zones are whose own follows
/// from the identities.
std::string WritePlanReplaced(const earshot::FloorPlan& plan, std::string_view written,
                              std::span<const std::string> identities);
std::string WriteAnswer(std::string_view id, std::string_view answer);
std::string WriteClosed(std::string_view code, std::string_view text);
std::string WriteError(std::string_view id, std::string_view code, std::string_view text);

/// "mic", "camera", "screen", "screenAudio".
std::string_view SourceKindName(earshot::SourceKind kind);

}  // namespace earshotd
