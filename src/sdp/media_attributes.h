#pragma once

// The attributes of a media section, one function each: from the value behind "a=<name>:" into the
// section. Each returns what is wrong as a sentence without the value, or an empty text. Stateless.

#include <string_view>

#include "sdp/description.h"

namespace earshot::sdp {

/// Empty when all is well; otherwise what is allowed.
using Problem = std::string_view;

/// The value of an m= line. A section of a kind or protocol that WebRTC does not have is unusable.
Problem ReadMediaLine(std::string_view value, ParsedSection& section);

Problem ReadRtpmap(std::string_view value, ParsedSection& section);
Problem ReadFmtp(std::string_view value, ParsedSection& section);
Problem ReadRtcpFeedback(std::string_view value, ParsedSection& section);
Problem ReadExtmap(std::string_view value, ParsedSection& section);
Problem ReadSsrc(std::string_view value, ParsedSection& section);
Problem ReadSsrcGroup(std::string_view value, ParsedSection& section);
/// What is sent; what would be received is passed over.
Problem ReadRid(std::string_view value, ParsedSection& section);
Problem ReadSimulcast(std::string_view value, ParsedSection& section);
/// Of data sections from before RFC 8841.
Problem ReadSctpmap(std::string_view value, ParsedSection& section);
Problem ReadSctpPort(std::string_view value, ParsedSection& section);
Problem ReadMaxMessageSize(std::string_view value, ParsedSection& section);
/// Keeps UDP host candidates with literal addresses and passes over all others: names are never
/// resolved (threat row S17).
Problem ReadCandidate(std::string_view value, ParsedSection& section);

/// Drops codecs that no a=rtpmap named, and repair references that lead nowhere.
void CompleteCodecs(MediaSection& media);
/// Encodings without an a=rid line of their own are none (RFC 8853 section 5.1).
void CompleteEncodings(ParsedSection& section);

}  // namespace earshot::sdp
