#pragma once

// The one offer and the one answer of a connection as values, and their text (RFC 8866, RFC 9429
// as far as browsers produce it). The offer is what an untrusted client wrote: everything is
// bounded and checked, and the error names the line (threat row H18). Nothing of an offer's free
// text is ever copied into an answer except what was validated token by token. Stateless.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/media.h"
#include "earshot/result.h"
#include "earshot/socket_address.h"

namespace earshot::sdp {

/// A pool of 64 + 64 slots with trimmed codecs is 200 KB, 6000 lines and 133 sections in Chromium.
inline constexpr size_t kMaxSize = 256 * 1024;
inline constexpr size_t kMaxLines = 8000;
inline constexpr size_t kMaxMediaSections = 160;
/// RFC 8841 section 5: what every WebRTC endpoint uses. There is no other here.
inline constexpr uint16_t kSctpPort = 5000;
/// Of one media section; a browser's simulcast with RTX has six.
inline constexpr size_t kMaxSsrcs = 16;
inline constexpr size_t kMaxFingerprints = 8;
/// Of one codec.
inline constexpr size_t kMaxFeedback = 16;
inline constexpr size_t kMaxCandidates = 64;  // threat row S17
/// Simulcast encodings of one media section that count; more are not answered.
inline constexpr size_t kMaxEncodings = kMaxLayers;
/// MID travels in a one-byte header extension, which holds 16 bytes (RFC 8285 section 4.2).
inline constexpr size_t kMaxMidSize = 16;

/// Codec names as in SDP: "opus", "VP8", "H264", "rtx", ...
struct CodecDescription {
  uint8_t payload_type = 0;
  std::string name;
  uint32_t clock_rate = 0;
  uint8_t channels = 1;
  /// The a=fmtp parameters as written, such as "minptime=10;useinbandfec=1".
  std::string parameters;
  std::vector<std::string> feedback;  // "nack", "nack pli", "ccm fir", "transport-cc", ...
  /// For rtx: the payload type it repairs (RFC 4588 apt=).
  std::optional<uint8_t> repairs;
};

enum class Direction : uint8_t { kSendRecv, kSendOnly, kRecvOnly, kInactive };

struct HeaderExtension {
  uint8_t id = 0;
  std::string uri;
  /// As the offerer wrote it ("2/recvonly"); an answer turns it around (RFC 8285 section 8).
  Direction direction = Direction::kSendRecv;
};

enum class SectionKind : uint8_t { kAudio, kVideo, kData, kOther };

/// Media, protocol and formats of an m= line as written. An answer repeats them (RFC 3264 section
/// 6, RFC 9429 section 5.1.2): several protocols mean the same to WebRTC, and what is not
/// understood has to be rejected in its own words.
struct MediaLine {
  std::string media;
  std::string protocol;
  std::string formats;
};

struct MediaSection {
  SectionKind kind = SectionKind::kAudio;
  /// Empty in a section that is written by its kind alone.
  MediaLine line = {};
  std::string mid;  // empty in no section that can be used
  Direction direction = Direction::kInactive;
  bool rejected = false;  // by the offerer: port 0 and not bundle-only
  /// Why nobody can use what is offered, as a sentence's part; empty if it can be used.
  std::string_view unusable = {};
  bool is_usable() const { return !rejected && unusable.empty(); }
  std::vector<CodecDescription> codecs;
  std::vector<HeaderExtension> extensions;
  /// Those of the a=ssrc lines in order, without repetition. The two of the first
  /// a=ssrc-group:FID stand before all others: the primary one and its `rtx_ssrc`.
  std::vector<uint32_t> ssrcs;
  std::optional<uint32_t> rtx_ssrc;
  /// The RIDs of the encodings that the offerer would send (RFC 8853 section 5.1) in its order, of
  /// each list of alternatives the first; empty without simulcast.
  std::vector<std::string> encodings;
  bool has_rtcp_rsize = true;
  // Data sections:
  uint16_t sctp_port = 0;
  uint32_t max_message_size = 0;  // zero: no limit (RFC 8841 section 6)
  /// Of before RFC 8841: the SCTP port stands in place of the format.
  bool HasLegacyFormat() const {
    return kind == SectionKind::kData && !line.media.empty() &&
           line.formats != "webrtc-datachannel";
  }
};

struct Offer {
  std::string ice_ufrag;
  std::string ice_password;
  std::string setup;  // "actpass", "active"
  struct Fingerprint {
    std::string algorithm;  // lower case
    std::string value;      // upper case hex with colons
  };
  std::vector<Fingerprint> fingerprints;
  bool allows_mixed_extensions = true;
  std::vector<MediaSection> media;
  /// The section whose transport is that of the whole bundle (the "offerer-tagged" one, RFC 8843
  /// section 7.2.1): an answer cannot reject it.
  size_t bundle_tag = 0;
};

/// The error's code is "offer-invalid" and its message names the line. Requires ICE credentials, at
/// least one usable fingerprint, and one section that can be used: of a known kind and protocol, in
/// the BUNDLE group, with rtcp-mux. Those that cannot be are `unusable`.
Result<Offer> ParseOffer(std::string_view text);

/// One m-line of the answer, in the order of the offer.
struct AnswerSection {
  const MediaSection* offered = nullptr;
  /// Not for the one that carries the bundle (RFC 8843 section 7.3.3: "the answerer cannot reject
  /// the "m=" section", and Chromium refuses such an answer). kInactive is always possible.
  bool rejected = false;
  Direction direction = Direction::kInactive;
  std::vector<CodecDescription> codecs;     // the accepted ones, with the offer's payload types
  std::vector<HeaderExtension> extensions;  // the accepted ones, with the offer's ids
  std::vector<std::string> encodings;       // the accepted ones; empty without simulcast
  /// For what the server sends: the slot's SSRCs, CNAME and stream id.
  std::optional<uint32_t> ssrc;
  std::optional<uint32_t> rtx_ssrc;
  std::string cname;
  std::string stream_id;
};

struct Answer {
  uint64_t session_id = 0;
  std::string ice_ufrag;
  std::string ice_password;
  std::string fingerprint_algorithm;
  std::string fingerprint;
  std::vector<SocketAddress> candidates;  // UDP host candidates, best first
  bool allows_mixed_extensions = true;    // only if the offer does (RFC 8285 section 6)
  std::vector<AnswerSection> media;
  size_t bundle_tag = 0;                  // the offer's
  uint32_t max_message_size = 64 * 1024;  // threat row T5
};

/// setup:passive, ice-lite, rtcp-mux, BUNDLE, end-of-candidates.
std::string WriteAnswer(const Answer& answer);

/// Client role (load generator, simulation, tests): an offer of the same shape as a browser's, and
/// what is needed of an answer.
struct OfferDescription {
  std::string ice_ufrag;
  std::string ice_password;
  std::string fingerprint_algorithm;
  std::string fingerprint;
  std::vector<MediaSection> media;
};
std::string WriteOffer(const OfferDescription& offer);

struct ParsedAnswer {
  std::string ice_ufrag;
  std::string ice_password;
  std::vector<Offer::Fingerprint> fingerprints;
  std::vector<SocketAddress> candidates;
  std::vector<MediaSection> media;
};
Result<ParsedAnswer> ParseAnswer(std::string_view text);

}  // namespace earshot::sdp
