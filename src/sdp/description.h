#pragma once

// What offers and answers have in common: a session description as bounded, checked values, before
// anybody asks whether it makes a usable offer or answer. Stateless.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/result.h"
#include "earshot/socket_address.h"
#include "sdp/lines.h"
#include "sdp/session.h"

namespace earshot::sdp {

/// What may stand on session level for all sections, or in each section.
struct TransportAttributes {
  std::string ice_ufrag;
  std::string ice_password;
  std::string setup;
  std::vector<Offer::Fingerprint> fingerprints;  // the usable ones
  bool has_fingerprint = false;                  // whether usable or not
};

struct ParsedSection {
  size_t line = 0;  // of the m= line
  MediaSection media;
  TransportAttributes transport;
  std::vector<SocketAddress> candidates;
  std::vector<std::string> rids;  // of the a=rid lines for sending
  std::optional<Direction> direction;
  bool is_port_zero = false;
  bool is_bundle_only = false;
  bool has_rtcp_mux = false;
};

struct ParsedDescription {
  TransportAttributes transport;
  std::optional<Direction> direction;
  size_t bundle_line = 0;
  std::vector<std::string> bundle;
  bool is_ice_lite = false;
  std::vector<ParsedSection> sections;
};

Result<ParsedDescription> ParseDescription(std::string_view text, std::string_view error_code);

/// The one transport that all bundled sections share: what the sections say has to agree, and
/// section level wins over session level (RFC 8843 section 7.1.3).
Result<TransportAttributes> SharedTransport(const ParsedDescription& description,
                                            std::string_view error_code);

/// All sections that are not rejected are in the one BUNDLE group, RTP ones with rtcp-mux.
std::optional<Error> CheckBundle(const ParsedDescription& description, std::string_view error_code);

}  // namespace earshot::sdp
