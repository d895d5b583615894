#pragma once

// What a client is told of who hears whom (daemon/PROTOCOL.md section 2.1). Bytes to values and
// back; stateless. Both the server and the client role use it.

#include <optional>

#include "base/bytes.h"
#include "earshot/media.h"
#include "earshot/voice_reach.h"

namespace earshot {

/// Of somebody in sight.
struct HearingMessage {
  ParticipantId participant = kNoParticipant;
  /// You hear the participant; it hears you.
  bool hears = false;
  bool is_heard = false;
  bool operator==(const HearingMessage&) const = default;
};

void Write(const HearingMessage& message, ByteWriter& out);
/// At most kMaxReachParts, and of each outline kMaxReachCorners.
void Write(const VoiceReach& reach, ByteWriter& out);

/// Nothing for a message of another type or length, or with a number that is none.
std::optional<HearingMessage> ParseHearing(ByteView message);
std::optional<VoiceReach> ParseReach(ByteView message);

}  // namespace earshot
