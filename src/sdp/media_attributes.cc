#include "sdp/media_attributes.h"

#include <algorithm>
#include <array>
#include <limits>

#include "sdp/tokens.h"

namespace earshot::sdp {
namespace {

constexpr size_t kMaxCodecNameSize = 32;
constexpr size_t kMaxParametersSize = 1024;
constexpr size_t kMaxFeedbackSize = 64;
constexpr size_t kMaxUriSize = 256;
constexpr size_t kMaxMediaNameSize = 32;
constexpr size_t kMaxProtocolSize = 64;
// All payload types, three digits and a space each.
constexpr size_t kMaxFormatsSize = 512;
constexpr uint8_t kMaxPayloadType = 127;

static_assert(kMaxSsrcs == 16, "the sentences below say so");

constexpr Problem kBadPayloadType = "a payload type must be a number from 0 to 127";
constexpr Problem kBadFmtp =
    "a=fmtp must be <payload type> <1 to 1024 printable characters>, in all its lines together";

// The codec of a payload type at the start of `value`, which is advanced behind it. Nothing in
// `codec` when the m= line does not list the type: Firefox writes a=rtcp-fb for codecs that
// setCodecPreferences removed.
Problem TakePayloadType(std::string_view& value, ParsedSection& section, CodecDescription*& codec) {
  codec = nullptr;
  const auto payload_type = ParseNumber<uint8_t>(TakeWord(value));
  if (!payload_type || *payload_type > kMaxPayloadType) return kBadPayloadType;
  auto& codecs = section.media.codecs;
  const auto found = std::find_if(codecs.begin(), codecs.end(), [&](const auto& candidate) {
    return candidate.payload_type == *payload_type;
  });
  if (found != codecs.end()) codec = &*found;
  return {};
}

Problem ReadPayloadTypes(std::string_view value, MediaSection& media) {
  while (!value.empty()) {
    const auto payload_type = ParseNumber<uint8_t>(TakeWord(value));
    if (!payload_type || *payload_type > kMaxPayloadType) return kBadPayloadType;
    const bool repeated = std::any_of(
        media.codecs.begin(), media.codecs.end(),
        [&](const CodecDescription& codec) { return codec.payload_type == *payload_type; });
    if (repeated) return "a payload type may be listed once only";
    media.codecs.emplace_back().payload_type = *payload_type;
  }
  return {};
}

std::optional<Direction> ParseDirection(std::string_view text) {
  if (text == "sendrecv") return Direction::kSendRecv;
  if (text == "sendonly") return Direction::kSendOnly;
  if (text == "recvonly") return Direction::kRecvOnly;
  if (text == "inactive") return Direction::kInactive;
  return std::nullopt;
}

std::optional<SectionKind> ParseKind(std::string_view text) {
  if (text == "audio") return SectionKind::kAudio;
  if (text == "video") return SectionKind::kVideo;
  if (text == "application") return SectionKind::kData;
  return std::nullopt;
}

void AddFeedback(std::string_view feedback, CodecDescription& codec) {
  auto& known = codec.feedback;
  if (std::find(known.begin(), known.end(), feedback) != known.end()) return;
  if (known.size() < kMaxFeedback) known.emplace_back(feedback);
}

// RFC 9429 section 5.1.2: each "MUST be accepted" and means the first, with DTLS-SRTP and feedback.
constexpr std::array<std::string_view, 8> kRtpProtocols = {
    "UDP/TLS/RTP/SAVPF", "UDP/TLS/RTP/SAVP", "TCP/DTLS/RTP/SAVPF", "TCP/DTLS/RTP/SAVP",
    "RTP/SAVPF",         "RTP/SAVP",         "RTP/AVPF",           "RTP/AVP"};
constexpr std::array<std::string_view, 3> kDataProtocols = {"UDP/DTLS/SCTP", "TCP/DTLS/SCTP",
                                                            "DTLS/SCTP"};
constexpr std::string_view kDataFormat = "webrtc-datachannel";

template <size_t size>
bool IsAmong(std::string_view text, const std::array<std::string_view, size>& words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

// Before RFC 8841, the format of a data section was its SCTP port.
Problem ReadDataFormat(std::string_view protocol, ParsedSection& section) {
  MediaSection& media = section.media;
  if (!IsAmong(protocol, kDataProtocols)) {
    media.unusable = "the protocol of an application section must be UDP/DTLS/SCTP";
    return {};
  }
  if (media.line.formats == kDataFormat) return {};
  const auto port = ParseNumber<uint16_t>(media.line.formats);
  if (port && *port != 0) {
    media.sctp_port = *port;
  } else {
    media.unusable = "the format of an application section must be webrtc-datachannel";
  }
  return {};
}

}  // namespace

Problem ReadMediaLine(std::string_view value, ParsedSection& section) {
  MediaSection& media = section.media;
  const std::string_view name = TakeWord(value);
  const auto port = ParseNumber<uint16_t>(TakeWord(value));
  const std::string_view protocol = TakeWord(value);
  if (!IsToken(name, kMaxMediaNameSize) || !IsVisible(protocol, kMaxProtocolSize) ||
      !IsPrintable(value, kMaxFormatsSize) || value.starts_with(' ')) {
    return "an m= line must be <media> <port> <protocol> <formats>";
  }
  if (!port) return "the port must be a number from 0 to 65535";
  section.is_port_zero = *port == 0;
  media.line = {std::string(name), std::string(protocol), std::string(value)};
  media.kind = ParseKind(name).value_or(SectionKind::kOther);
  if (media.kind == SectionKind::kData) return ReadDataFormat(protocol, section);
  if (media.kind == SectionKind::kOther) {
    media.unusable = "the kind of media must be audio, video or application";
  } else if (!IsAmong(protocol, kRtpProtocols)) {
    media.unusable = "the protocol must be UDP/TLS/RTP/SAVPF";
  }
  return media.unusable.empty() ? ReadPayloadTypes(value, media) : Problem();
}

Problem ReadRtpmap(std::string_view value, ParsedSection& section) {
  CodecDescription* codec = nullptr;
  if (const Problem problem = TakePayloadType(value, section, codec); !problem.empty()) {
    return problem;
  }
  const std::string_view name = TakeUntil(value, '/');
  const auto clock_rate = ParseNumber<uint32_t>(TakeUntil(value, '/'));
  const auto channels = value.empty() ? std::optional<uint8_t>(1) : ParseNumber<uint8_t>(value);
  if (!IsToken(name, kMaxCodecNameSize) || !clock_rate || *clock_rate == 0 || !channels ||
      *channels == 0) {
    return "a=rtpmap must be <payload type> <name>/<clock rate>[/<channels>]";
  }
  if (codec == nullptr) return {};
  if (!codec->name.empty()) return "a payload type may have one a=rtpmap only";
  codec->name = name;
  codec->clock_rate = *clock_rate;
  codec->channels = *channels;
  return {};
}

Problem ReadFmtp(std::string_view value, ParsedSection& section) {
  CodecDescription* codec = nullptr;
  if (const Problem problem = TakePayloadType(value, section, codec); !problem.empty()) {
    return problem;
  }
  if (!IsPrintable(value, kMaxParametersSize)) return kBadFmtp;
  if (codec == nullptr) return {};
  // RFC 8866 section 6.15 allows one line for each format; some write one for each parameter.
  if (!codec->parameters.empty()) codec->parameters.append(";");
  codec->parameters.append(value);
  if (codec->parameters.size() > kMaxParametersSize) return kBadFmtp;
  while (!value.empty()) {
    std::string_view parameter = TakeUntil(value, ';');
    while (parameter.starts_with(' ')) parameter.remove_prefix(1);
    if (!parameter.starts_with("apt=")) continue;
    codec->repairs = ParseNumber<uint8_t>(parameter.substr(4));
    if (!codec->repairs || *codec->repairs > kMaxPayloadType) return kBadPayloadType;
  }
  return {};
}

Problem ReadRtcpFeedback(std::string_view value, ParsedSection& section) {
  CodecDescription* codec = nullptr;
  while (value.ends_with(' ')) value.remove_suffix(1);  // pion writes "nack " for "nack"
  const bool for_all = value.starts_with("* ");
  if (for_all) {
    value.remove_prefix(2);
  } else if (const Problem problem = TakePayloadType(value, section, codec); !problem.empty()) {
    return problem;
  }
  if (!IsPrintable(value, kMaxFeedbackSize)) {
    return "a=rtcp-fb must be <payload type or *> <1 to 64 printable characters>";
  }
  if (codec != nullptr) AddFeedback(value, *codec);
  if (for_all) {
    for (CodecDescription& each : section.media.codecs) AddFeedback(value, each);
  }
  return {};
}

Problem ReadExtmap(std::string_view value, ParsedSection& section) {
  std::string_view entry = TakeWord(value);
  const auto id = ParseNumber<uint8_t>(TakeUntil(entry, '/'));
  const auto direction = entry.empty() ? Direction::kSendRecv : ParseDirection(entry);
  // Extension attributes may follow the URI; no extension that Earshot knows has any.
  const std::string_view uri = TakeWord(value);
  if (!id || *id == 0 || !direction || !IsVisible(uri, kMaxUriSize)) {
    return "a=extmap must be <1 to 255>[/<direction>] <URI of at most 256 characters>";
  }
  // RFC 8285 section 4.2: 15 is reserved for future use and must not be used as an identifier in
  // the one-byte form; a two-byte sender could use it, but no browser does.
  if (*id == 15) return "the extension id 15 is reserved";
  for (const HeaderExtension& known : section.media.extensions) {
    if (known.id == *id) return "an extension id may be used once in a media section";
  }
  section.media.extensions.push_back({*id, std::string(uri), *direction});
  return {};
}

constexpr Problem kTooManySsrcs = "a media section may have at most 16 SSRCs";

Problem ReadSsrc(std::string_view value, ParsedSection& section) {
  const auto ssrc = ParseNumber<uint32_t>(TakeWord(value));
  if (!ssrc) return "a=ssrc must begin with a number of 32 bits";
  auto& ssrcs = section.media.ssrcs;
  if (std::find(ssrcs.begin(), ssrcs.end(), *ssrc) != ssrcs.end()) return {};
  if (ssrcs.size() == kMaxSsrcs) return kTooManySsrcs;
  ssrcs.push_back(*ssrc);
  return {};
}

Problem ReadSsrcGroup(std::string_view value, ParsedSection& section) {
  if (TakeWord(value) != "FID") return {};
  const auto primary = ParseNumber<uint32_t>(TakeWord(value));
  const auto repair = ParseNumber<uint32_t>(value);
  if (!primary || !repair || *primary == *repair) {
    return "a=ssrc-group:FID must name two different SSRCs";
  }
  if (section.media.rtx_ssrc) return {};
  // The order of the a=ssrc lines says nothing (RFC 5576 section 4): this group says who is who.
  auto& ssrcs = section.media.ssrcs;
  std::erase_if(ssrcs, [&](uint32_t each) { return each == *primary || each == *repair; });
  if (ssrcs.size() + 2 > kMaxSsrcs) return kTooManySsrcs;
  ssrcs.insert(ssrcs.begin(), {*primary, *repair});
  section.media.rtx_ssrc = *repair;
  return {};
}

Problem ReadRid(std::string_view value, ParsedSection& section) {
  const std::string_view rid = TakeWord(value);
  if (!IsRid(rid)) return "a=rid must begin with an id of 1 to 16 letters, digits, - and _";
  if (TakeWord(value) != "send") return {};
  // Offers of browsers have three; what follows are restrictions, which are the sender's business.
  if (section.rids.size() < kMaxSsrcs) section.rids.emplace_back(rid);
  return {};
}

Problem ReadSimulcast(std::string_view value, ParsedSection& section) {
  while (!value.empty()) {
    const std::string_view direction = TakeWord(value);
    std::string_view streams = TakeWord(value);
    if (direction != "send") continue;
    while (!streams.empty()) {
      std::string_view alternatives = TakeUntil(streams, ';');
      std::string_view rid = TakeUntil(alternatives, ',');
      if (rid.starts_with('~')) rid.remove_prefix(1);  // paused at first
      if (!IsRid(rid)) return "a=simulcast must list ids of 1 to 16 letters, digits, - and _";
      auto& encodings = section.media.encodings;
      if (std::find(encodings.begin(), encodings.end(), rid) != encodings.end()) {
        return "a=simulcast may list an id once only";
      }
      if (encodings.size() < kMaxEncodings) encodings.emplace_back(rid);
    }
  }
  return {};
}

void CompleteEncodings(ParsedSection& section) {
  std::erase_if(section.media.encodings, [&section](const std::string& rid) {
    return std::find(section.rids.begin(), section.rids.end(), rid) == section.rids.end();
  });
}

Problem ReadSctpmap(std::string_view value, ParsedSection& section) {
  // Some write both forms of the attribute; what counts is that of the m= line.
  if (!section.media.HasLegacyFormat()) return {};
  const auto port = ParseNumber<uint16_t>(TakeWord(value));
  if (port != section.media.sctp_port || TakeWord(value) != kDataFormat) {
    section.media.unusable = "a=sctpmap must be <port of the m= line> webrtc-datachannel";
  }
  return {};
}

Problem ReadSctpPort(std::string_view value, ParsedSection& section) {
  const auto port = ParseNumber<uint16_t>(value);
  if (!port || *port == 0) return "a=sctp-port must be a number from 1 to 65535";
  section.media.sctp_port = *port;
  return {};
}

Problem ReadMaxMessageSize(std::string_view value, ParsedSection& section) {
  const auto size = ParseNumber<uint64_t>(value);
  if (!size) return "a=max-message-size must be a number";
  constexpr uint64_t kLargest = std::numeric_limits<uint32_t>::max();
  section.media.max_message_size = static_cast<uint32_t>(std::min(*size, kLargest));
  return {};
}

Problem ReadCandidate(std::string_view value, ParsedSection& section) {
  TakeWord(value);  // foundation
  const std::string_view component = TakeWord(value);
  const std::string_view protocol = TakeWord(value);
  TakeWord(value);  // priority
  const std::string_view host = TakeWord(value);
  const auto port = ParseNumber<uint16_t>(TakeWord(value));
  const bool is_host = TakeWord(value) == "typ" && TakeWord(value) == "host";
  if (component != "1" || !EqualsIgnoringCase(protocol, "udp") || !port || !is_host) return {};
  const auto address = SocketAddress::FromLiteral(host, *port);
  if (!address || !address->IsValidPeer()) return {};
  if (section.candidates.size() < kMaxCandidates) section.candidates.push_back(*address);
  return {};
}

void CompleteCodecs(MediaSection& media) {
  std::erase_if(media.codecs, [](const CodecDescription& codec) { return codec.name.empty(); });
  const auto is_listed = [&media](uint8_t payload_type) {
    return std::any_of(media.codecs.begin(), media.codecs.end(),
                       [&](const auto& codec) { return codec.payload_type == payload_type; });
  };
  for (CodecDescription& codec : media.codecs) {
    const bool is_repair = EqualsIgnoringCase(codec.name, "rtx");
    if (codec.repairs && (!is_repair || !is_listed(*codec.repairs))) codec.repairs.reset();
  }
}

}  // namespace earshot::sdp
