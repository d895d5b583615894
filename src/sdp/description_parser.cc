#include <algorithm>
#include <utility>

#include "sdp/description.h"
#include "sdp/media_attributes.h"
#include "sdp/tokens.h"

namespace earshot::sdp {
namespace {

enum class Level : uint8_t { kSession, kMedia, kBoth };

// Reads line by line; `section_` is the media section that the lines belong to, or nothing before
// the first m= line.
class DescriptionParser {
 public:
  explicit DescriptionParser(std::string_view error_code) : error_code_(error_code) {}

  Result<ParsedDescription> Parse(std::string_view text);

 private:
  struct Attribute {
    std::string_view name;
    Level level;
    Problem (DescriptionParser::*read)(std::string_view value);
  };
  static const Attribute kAttributes[];

  std::optional<Error> CheckSections();
  Problem ReadLine(const Line& line);
  Problem BeginSection(const Line& line);
  Problem Doubt(Problem problem);
  Problem ReadAttribute(const Line& line);

  Problem ReadGroup(std::string_view value);
  template <bool ParsedDescription::*flag>
  Problem ReadSessionFlag(std::string_view) {
    description_.*flag = true;
    return {};
  }
  Problem ReadIceUfrag(std::string_view value);
  Problem ReadIcePassword(std::string_view value);
  Problem ReadFingerprint(std::string_view value);
  Problem ReadSetup(std::string_view value);
  Problem ReadMid(std::string_view value);
  Problem SetDirection(Direction direction);
  template <Direction direction>
  Problem ReadDirection(std::string_view) {
    return SetDirection(direction);
  }
  template <bool ParsedSection::*flag>
  Problem ReadFlag(std::string_view) {
    section_->*flag = true;
    return {};
  }
  template <Problem (*read)(std::string_view, ParsedSection&)>
  Problem ReadMedia(std::string_view value) {
    return read(value, *section_);
  }

  TransportAttributes& transport() {
    return section_ != nullptr ? section_->transport : description_.transport;
  }

  const std::string_view error_code_;
  size_t line_ = 0;
  ParsedDescription description_;
  ParsedSection* section_ = nullptr;
};

// What is not listed is passed over (RFC 8866 section 5.13: "If an attribute is received that is
// not understood, it MUST be ignored by the receiver").
const DescriptionParser::Attribute DescriptionParser::kAttributes[] = {
    {"group", Level::kSession, &DescriptionParser::ReadGroup},
    {"ice-lite", Level::kSession,
     &DescriptionParser::ReadSessionFlag<&ParsedDescription::is_ice_lite>},
    {"extmap-allow-mixed", Level::kBoth,
     &DescriptionParser::ReadSessionFlag<&ParsedDescription::allows_mixed_extensions>},
    {"ice-ufrag", Level::kBoth, &DescriptionParser::ReadIceUfrag},
    {"ice-pwd", Level::kBoth, &DescriptionParser::ReadIcePassword},
    {"fingerprint", Level::kBoth, &DescriptionParser::ReadFingerprint},
    {"setup", Level::kBoth, &DescriptionParser::ReadSetup},
    {"sendrecv", Level::kBoth, &DescriptionParser::ReadDirection<Direction::kSendRecv>},
    {"sendonly", Level::kBoth, &DescriptionParser::ReadDirection<Direction::kSendOnly>},
    {"recvonly", Level::kBoth, &DescriptionParser::ReadDirection<Direction::kRecvOnly>},
    {"inactive", Level::kBoth, &DescriptionParser::ReadDirection<Direction::kInactive>},
    {"mid", Level::kMedia, &DescriptionParser::ReadMid},
    {"bundle-only", Level::kMedia, &DescriptionParser::ReadFlag<&ParsedSection::is_bundle_only>},
    {"rtcp-mux", Level::kMedia, &DescriptionParser::ReadFlag<&ParsedSection::has_rtcp_mux>},
    {"rtcp-rsize", Level::kMedia, &DescriptionParser::ReadFlag<&ParsedSection::has_rtcp_rsize>},
    {"rtpmap", Level::kMedia, &DescriptionParser::ReadMedia<ReadRtpmap>},
    {"fmtp", Level::kMedia, &DescriptionParser::ReadMedia<ReadFmtp>},
    {"rtcp-fb", Level::kMedia, &DescriptionParser::ReadMedia<ReadRtcpFeedback>},
    {"extmap", Level::kMedia, &DescriptionParser::ReadMedia<ReadExtmap>},
    {"ssrc", Level::kMedia, &DescriptionParser::ReadMedia<ReadSsrc>},
    {"ssrc-group", Level::kMedia, &DescriptionParser::ReadMedia<ReadSsrcGroup>},
    {"rid", Level::kMedia, &DescriptionParser::ReadMedia<ReadRid>},
    {"simulcast", Level::kMedia, &DescriptionParser::ReadMedia<ReadSimulcast>},
    {"sctpmap", Level::kMedia, &DescriptionParser::ReadMedia<ReadSctpmap>},
    {"sctp-port", Level::kMedia, &DescriptionParser::ReadMedia<ReadSctpPort>},
    {"max-message-size", Level::kMedia, &DescriptionParser::ReadMedia<ReadMaxMessageSize>},
    {"candidate", Level::kMedia, &DescriptionParser::ReadMedia<ReadCandidate>},
};

Result<ParsedDescription> DescriptionParser::Parse(std::string_view text) {
  const Result<std::vector<Line>> lines = SplitLines(text, error_code_);
  if (!lines) return lines.error();
  if ((*lines)[0].type != 'v' || (*lines)[0].value != "0") {
    return LineError(error_code_, 1, "the first line must be v=0");
  }
  // Sections are referred to while they grow; see BeginSection.
  description_.sections.reserve(kMaxMediaSections);
  for (const Line& line : *lines) {
    line_ = line.number;
    const Problem problem = ReadLine(line);
    if (!problem.empty()) return LineError(error_code_, line.number, problem);
  }
  if (description_.sections.empty()) {
    return LineError(error_code_, 0, "there must be at least one media section");
  }
  if (auto error = CheckSections()) return *std::move(error);
  return std::move(description_);
}

std::optional<Error> DescriptionParser::CheckSections() {
  for (ParsedSection& section : description_.sections) {
    MediaSection& media = section.media;
    media.rejected = section.is_port_zero && !section.is_bundle_only;
    if (media.is_usable() && !section.doubt.empty()) {
      return LineError(error_code_, section.doubt_line, section.doubt);
    }
    media.has_rtcp_rsize = section.has_rtcp_rsize;
    media.direction =
        section.direction.value_or(description_.direction.value_or(Direction::kSendRecv));
    CompleteCodecs(media);
    CompleteEncodings(section);
  }
  return std::nullopt;
}

Problem DescriptionParser::ReadLine(const Line& line) {
  if (line.type == 'm') return BeginSection(line);
  if (line.type == 'a') return ReadAttribute(line);
  return {};
}

static_assert(kMaxMediaSections == 160 && kMaxFingerprints == 8, "the sentences below say so");

Problem DescriptionParser::BeginSection(const Line& line) {
  if (description_.sections.size() == kMaxMediaSections) {
    return "there may be at most 160 media sections";
  }
  section_ = &description_.sections.emplace_back();
  section_->line = line.number;
  return Doubt(ReadMediaLine(line.value, *section_));
}

// In a section that is rejected or cannot be used, nobody need understand what else it says; which
// of those with port 0 are rejected is known at the end.
Problem DescriptionParser::Doubt(Problem problem) {
  if (problem.empty() || section_ == nullptr) return problem;
  if (!section_->is_port_zero && section_->media.unusable.empty()) return problem;
  if (section_->doubt.empty()) {
    section_->doubt = problem;
    section_->doubt_line = line_;
  }
  return {};
}

Problem DescriptionParser::ReadAttribute(const Line& line) {
  std::string_view value = line.value;
  const std::string_view name = TakeUntil(value, ':');
  for (const Attribute& attribute : kAttributes) {
    if (attribute.name != name) continue;
    if (attribute.level == Level::kMedia && section_ == nullptr) {
      return "this attribute belongs into a media section";
    }
    if (attribute.level == Level::kSession && section_ != nullptr) {
      return "this attribute belongs before the first media section";
    }
    return Doubt((this->*attribute.read)(value));
  }
  return {};
}

Problem DescriptionParser::ReadGroup(std::string_view value) {
  if (TakeWord(value) != "BUNDLE") return {};
  if (description_.bundle_line != 0) return "only one BUNDLE group is allowed";
  description_.bundle_line = line_;
  while (!value.empty()) {
    const std::string_view mid = TakeWord(value);
    if (!IsToken(mid, kMaxMidSize)) return "a=group must list mids of 1 to 16 token characters";
    if (description_.bundle.size() == kMaxMediaSections) return "a=group lists too many mids";
    description_.bundle.emplace_back(mid);
  }
  return {};
}

Problem DescriptionParser::ReadIceUfrag(std::string_view value) {
  if (!IsIceChars(value, 4)) {
    return "a=ice-ufrag must be 4 to 256 letters, digits, + or / (RFC 8839)";
  }
  if (!transport().ice_ufrag.empty()) return "a=ice-ufrag may appear once only";
  transport().ice_ufrag = value;
  return {};
}

Problem DescriptionParser::ReadIcePassword(std::string_view value) {
  if (!IsIceChars(value, 22)) {
    return "a=ice-pwd must be 22 to 256 letters, digits, + or / (RFC 8839)";
  }
  if (!transport().ice_password.empty()) return "a=ice-pwd may appear once only";
  transport().ice_password = value;
  return {};
}

// The bytes of a hash that is strong enough (threat row D12), or zero.
size_t HashSize(std::string_view algorithm) {
  if (algorithm == "sha-256") return 32;
  if (algorithm == "sha-384") return 48;
  if (algorithm == "sha-512") return 64;
  return 0;
}

bool IsColonHex(std::string_view text, size_t bytes) {
  if (text.size() != bytes * 3 - 1) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool is_hex = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F');
    if (i % 3 == 2 ? c != ':' : !is_hex) return false;
  }
  return true;
}

Problem DescriptionParser::ReadFingerprint(std::string_view value) {
  const std::string algorithm = ToLower(TakeWord(value));
  const std::string hash = ToUpper(value);
  transport().has_fingerprint = true;
  const size_t size = HashSize(algorithm);
  if (size == 0) return {};  // RFC 8122 section 5: weaker hashes may stand beside a strong one
  if (!IsColonHex(hash, size)) {
    return "a=fingerprint must be <algorithm> <pairs of hex digits with colons> of its length";
  }
  auto& fingerprints = transport().fingerprints;
  if (fingerprints.size() == kMaxFingerprints) return "at most 8 a=fingerprint are allowed";
  fingerprints.push_back({algorithm, hash});
  return {};
}

Problem DescriptionParser::ReadSetup(std::string_view value) {
  if (value != "actpass" && value != "active" && value != "passive" && value != "holdconn") {
    return "a=setup must be actpass, active, passive or holdconn";
  }
  if (!transport().setup.empty()) return "a=setup may appear once only";
  transport().setup = value;
  return {};
}

Problem DescriptionParser::ReadMid(std::string_view value) {
  if (!IsToken(value, kMaxMidSize)) return "a=mid must be 1 to 16 token characters";
  if (!section_->media.mid.empty()) return "a media section may have one a=mid only";
  for (const ParsedSection& other : description_.sections) {
    if (other.media.mid == value) return "another media section has the same a=mid";
  }
  section_->media.mid = value;
  return {};
}

Problem DescriptionParser::SetDirection(Direction direction) {
  auto& place = section_ != nullptr ? section_->direction : description_.direction;
  if (place) return "a direction may appear once only";
  place = direction;
  return {};
}

}  // namespace

Result<ParsedDescription> ParseDescription(std::string_view text, std::string_view error_code) {
  return DescriptionParser(error_code).Parse(text);
}

}  // namespace earshot::sdp
