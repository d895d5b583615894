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
  bool has_rtcp_rsize = false;
  /// What is wrong with it; counts only if it can be used otherwise.
  std::string_view doubt;
  size_t doubt_line = 0;
};

struct ParsedDescription {
  TransportAttributes transport;
  std::optional<Direction> direction;
  size_t bundle_line = 0;
  std::vector<std::string> bundle;
  bool is_ice_lite = false;
  bool allows_mixed_extensions = false;
  std::vector<ParsedSection> sections;
  size_t bundle_tag = 0;  // index of the section; see Offer
};

Result<ParsedDescription> ParseDescription(std::string_view text, std::string_view error_code);

/// The transport of the bundle: what the section that carries it says, and session level stands in
/// for what it does not. What the others say of theirs is for who does not bundle: an offer may
/// have another port and other credentials for each (RFC 8843 section 7.2.1).
Result<TransportAttributes> SharedTransport(const ParsedDescription& description,
                                            std::string_view error_code);

/// Finds the section that carries the bundle, and what cannot be used because it is not in it, has
/// no rtcp-mux, or is a second data section. An error if nothing is left.
std::optional<Error> CheckBundle(ParsedDescription& description, std::string_view error_code);

}  // namespace earshot::sdp
