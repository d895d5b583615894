#include <algorithm>

#include "sdp/description.h"

namespace earshot::sdp {
namespace {

// Copies what the section says into `shared`; false when it contradicts what is there.
bool Agree(const std::string& said, std::string& shared) {
  if (said.empty()) return true;
  if (shared.empty()) shared = said;
  return shared == said;
}

bool SameFingerprints(const std::vector<Offer::Fingerprint>& a,
                      const std::vector<Offer::Fingerprint>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.algorithm == y.algorithm && x.value == y.value;
  });
}

std::string_view MergeSection(const TransportAttributes& said, TransportAttributes& shared) {
  if (!Agree(said.ice_ufrag, shared.ice_ufrag) || !Agree(said.ice_password, shared.ice_password)) {
    return "all media sections must have the same a=ice-ufrag and a=ice-pwd";
  }
  if (!Agree(said.setup, shared.setup)) return "all media sections must have the same a=setup";
  if (!said.has_fingerprint) return {};
  if (!shared.has_fingerprint) {
    shared.has_fingerprint = true;
    shared.fingerprints = said.fingerprints;
  }
  if (!SameFingerprints(said.fingerprints, shared.fingerprints)) {
    return "all media sections must have the same a=fingerprint";
  }
  return {};
}

bool IsBundled(const ParsedDescription& description, const ParsedSection& section) {
  return std::find(description.bundle.begin(), description.bundle.end(), section.media.mid) !=
         description.bundle.end();
}

// Session level stands in for what no section says.
void FillFromSession(const TransportAttributes& session, TransportAttributes& shared) {
  if (shared.ice_ufrag.empty()) shared.ice_ufrag = session.ice_ufrag;
  if (shared.ice_password.empty()) shared.ice_password = session.ice_password;
  if (shared.setup.empty()) shared.setup = session.setup;
  if (!shared.has_fingerprint) {
    shared.has_fingerprint = session.has_fingerprint;
    shared.fingerprints = session.fingerprints;
  }
}

}  // namespace

Result<TransportAttributes> SharedTransport(const ParsedDescription& description,
                                            std::string_view error_code) {
  TransportAttributes shared;
  size_t first_line = 0;
  for (const ParsedSection& section : description.sections) {
    if (section.media.rejected) continue;
    if (first_line == 0) first_line = section.line;
    const std::string_view problem = MergeSection(section.transport, shared);
    if (!problem.empty()) return LineError(error_code, section.line, problem);
  }
  FillFromSession(description.transport, shared);
  if (shared.ice_ufrag.empty() || shared.ice_password.empty()) {
    return LineError(error_code, first_line, "a=ice-ufrag and a=ice-pwd are missing");
  }
  if (!shared.has_fingerprint) {
    return LineError(error_code, first_line, "a=fingerprint is missing");
  }
  if (shared.fingerprints.empty()) {
    return LineError(error_code, first_line,
                     "no usable a=fingerprint: sha-256, sha-384 and sha-512 are allowed");
  }
  if (shared.setup.empty()) return LineError(error_code, first_line, "a=setup is missing");
  return shared;
}

std::optional<Error> CheckBundle(const ParsedDescription& description,
                                 std::string_view error_code) {
  bool has_data = false;
  bool has_accepted = false;
  for (const ParsedSection& section : description.sections) {
    if (section.media.rejected) continue;
    has_accepted = true;
    if (!IsBundled(description, section)) {
      return LineError(error_code, section.line,
                       "the media section is not in the BUNDLE group, and all must be");
    }
    if (section.media.kind != SectionKind::kData) {
      if (section.has_rtcp_mux) continue;
      return LineError(error_code, section.line, "the media section has no a=rtcp-mux");
    }
    if (has_data) {
      return LineError(error_code, section.line, "only one application section is allowed");
    }
    if (section.media.sctp_port == 0) {
      return LineError(error_code, section.line, "the application section has no a=sctp-port");
    }
    has_data = true;
  }
  if (!has_accepted) {
    return LineError(error_code, 0, "all media sections have port 0 without a=bundle-only");
  }
  for (size_t i = 0; i < description.bundle.size(); ++i) {
    const auto first = description.bundle.begin();
    if (std::find(first, first + static_cast<ptrdiff_t>(i), description.bundle[i]) !=
        first + static_cast<ptrdiff_t>(i)) {
      return LineError(error_code, description.bundle_line, "a=group lists a mid twice");
    }
  }
  return std::nullopt;
}

}  // namespace earshot::sdp
