#include <algorithm>

#include "sdp/description.h"

namespace earshot::sdp {
namespace {

bool IsBundled(const ParsedDescription& description, const ParsedSection& section) {
  return std::find(description.bundle.begin(), description.bundle.end(), section.media.mid) !=
         description.bundle.end();
}

std::optional<Error> CheckGroup(const ParsedDescription& description, std::string_view error_code) {
  for (auto mid = description.bundle.begin(); mid != description.bundle.end(); ++mid) {
    if (std::find(description.bundle.begin(), mid, *mid) != mid) {
      return LineError(error_code, description.bundle_line, "a=group lists a mid twice");
    }
  }
  return std::nullopt;
}

// RFC 8843 section 7.2.1: the first of the group. Who lists a rejected one first means the next.
std::optional<size_t> FindTagged(const ParsedDescription& description) {
  for (const std::string& mid : description.bundle) {
    for (size_t i = 0; i < description.sections.size(); ++i) {
      const MediaSection& media = description.sections[i].media;
      if (media.mid == mid && !media.rejected) return i;
    }
  }
  return std::nullopt;
}

static_assert(kSctpPort == 5000, "the sentence below says so");

std::string_view WhyUnusable(const ParsedDescription& description, const ParsedSection& section,
                             bool has_data) {
  if (!section.media.unusable.empty()) return section.media.unusable;
  if (section.media.mid.empty()) return "the media section has no a=mid";
  if (!IsBundled(description, section)) {
    return "the media section is not in the BUNDLE group, and all must be";
  }
  if (section.media.kind != SectionKind::kData) {
    return section.has_rtcp_mux ? "" : "the media section has no a=rtcp-mux";
  }
  if (has_data) return "only one application section is allowed";
  if (section.media.sctp_port == 0) return "the application section has no a=sctp-port";
  // Packets of another would be dropped, and the channels never open.
  return section.media.sctp_port == kSctpPort ? "" : "the SCTP port must be 5000";
}

}  // namespace

Result<TransportAttributes> SharedTransport(const ParsedDescription& description,
                                            std::string_view error_code) {
  const ParsedSection& tagged = description.sections[description.bundle_tag];
  const TransportAttributes& session = description.transport;
  TransportAttributes shared = tagged.transport;
  if (shared.ice_ufrag.empty()) shared.ice_ufrag = session.ice_ufrag;
  if (shared.ice_password.empty()) shared.ice_password = session.ice_password;
  if (shared.setup.empty()) shared.setup = session.setup;
  if (!shared.has_fingerprint) {
    shared.has_fingerprint = session.has_fingerprint;
    shared.fingerprints = session.fingerprints;
  }
  if (shared.ice_ufrag.empty() || shared.ice_password.empty()) {
    return LineError(error_code, tagged.line, "a=ice-ufrag and a=ice-pwd are missing");
  }
  if (!shared.has_fingerprint) {
    return LineError(error_code, tagged.line, "a=fingerprint is missing");
  }
  if (shared.fingerprints.empty()) {
    return LineError(error_code, tagged.line,
                     "no usable a=fingerprint: sha-256, sha-384 and sha-512 are allowed");
  }
  if (shared.setup.empty()) return LineError(error_code, tagged.line, "a=setup is missing");
  return shared;
}

std::optional<Error> CheckBundle(ParsedDescription& description, std::string_view error_code) {
  if (auto error = CheckGroup(description, error_code)) return error;
  bool has_data = false;
  bool has_usable = false;
  const ParsedSection* first = nullptr;  // of those that cannot be used
  for (ParsedSection& section : description.sections) {
    MediaSection& media = section.media;
    if (media.rejected) continue;
    media.unusable = WhyUnusable(description, section, has_data);
    if (media.is_usable()) {
      has_usable = true;
      has_data |= media.kind == SectionKind::kData;
    } else if (first == nullptr) {
      first = &section;
    }
  }
  const auto tagged = FindTagged(description);
  if (!has_usable || !tagged) {
    if (first != nullptr) return LineError(error_code, first->line, first->media.unusable);
    return LineError(error_code, 0, "all media sections have port 0 without a=bundle-only");
  }
  description.bundle_tag = *tagged;
  return std::nullopt;
}

}  // namespace earshot::sdp
