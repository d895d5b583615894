#pragma once

// What an SCTP packet must look like before usrsctp sees it (RFC 9260 section 3, threat row T2):
// our ports, a right checksum, chunks that are known, whole and alone where they must be alone.
// Knows no association: verification tags are only checked for being zero or not. Any thread.

#include <cstdint>

#include "base/bytes.h"

namespace earshot {

/// No DTLS record that fits an Ethernet frame carries more.
inline constexpr size_t kMaxInboundSctpPacketSize = 2048;

/// CRC32c (RFC 9260 appendix A) over a packet whose checksum field counts as zero. At least the
/// common header of 12 bytes must be there.
uint32_t SctpChecksum(ByteView packet);
/// Fills in the checksum field.
void WriteSctpChecksum(ByteSpan packet);

/// The verification tag that a packet carries; zero with an INIT.
uint32_t SctpVerificationTag(ByteView packet);
/// A packet with one HEARTBEAT, of kSctpHeartbeatSize bytes.
inline constexpr size_t kSctpHeartbeatSize = 12 + 4 + 4 + 4;
void WriteSctpHeartbeat(uint32_t verification_tag, ByteSpan packet);

/// Whether usrsctp may see this packet. Everything that a data channel peer sends passes; packet
/// types of extensions that we never negotiate, and addresses of further paths, do not.
bool IsAcceptableSctpPacket(ByteView packet);

}  // namespace earshot
