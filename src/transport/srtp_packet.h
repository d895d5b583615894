#pragma once

// The few fields of RTP and RTCP packets that SRTP needs before anything is decrypted, and the
// estimate of the 48-bit packet index (RFC 3711 section 3.3.1). Stateless; full parsing happens
// in wire/, on the decrypted packet.

#include <optional>

#include "base/bytes.h"
#include "transport/used_indices.h"

namespace earshot {

/// No packet that fits an Ethernet frame is longer (threat row P2); nothing longer reaches a
/// cipher.
inline constexpr size_t kMaxSrtpPacketSize = 1500;
inline constexpr size_t kRtcpHeaderSize = 8;  // fixed part with the SSRC of the sender
inline constexpr size_t kSrtcpIndexSize = 4;  // E flag and 31-bit index
inline constexpr uint32_t kSrtcpEncrypted = 0x80000000;
inline constexpr uint64_t kMaxRtpPacketIndex = (uint64_t{1} << 48) - 1;
/// Threat row R2; RFC 3711 section 3.3.2 asks for at least 64.
inline constexpr size_t kRtpReplayWindow = 1024;
inline constexpr size_t kRtcpReplayWindow = 128;

struct RtpPrefix {
  uint32_t ssrc;
  uint16_t sequence_number;
  /// With CSRCs and header extension: what SRTP authenticates but does not encrypt.
  size_t header_size;
};

/// Nothing for another version than 2 and for a header that does not end inside the packet.
std::optional<RtpPrefix> ParseRtpPrefix(ByteView packet);

/// The SSRC of the first sender; nothing for another version than 2 and below 8 bytes.
std::optional<uint32_t> ParseRtcpSender(ByteView packet);

/// Appendix A of RFC 3711: the index nearest to the highest one received so far that has this
/// sequence number. Never below zero: before the first wrap, the sender's first packet may be any.
uint64_t EstimateRtpPacketIndex(uint64_t highest, uint16_t sequence_number);

/// The prefix of the packet that is to be sealed, if everything is in order: the header at the
/// start of `out` has exactly this size and the index's SSRC and sequence number, and header and
/// the added payload and tag fit.
std::optional<RtpPrefix> ParseSealable(ByteView out, size_t header_size, size_t added_size,
                                       const RtpIndex& index);

}  // namespace earshot
