#pragma once

// Why a packet was not used: the one vocabulary of code, tests and metrics
// (`earshot_packets_dropped_total{reason="..."}`). A drop is counted once, where it is decided.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace earshot {

enum class DropReason : uint8_t {
  kDemux,          // first byte in no known range (RFC 7983)
  kEmpty,          // datagram of zero length
  kOversize,       // datagram above the size limit
  kTruncated,      // the kernel had no room for the whole datagram
  kInvalidSource,  // unspecified, multicast, broadcast, port zero, or our own
  kUnknownSource,  // not STUN, and the 4-tuple belongs to nobody
  kStunMalformed,
  kStunUnexpected,  // response, indication or method that nobody sends to a server
  kStunUnknownUfrag,
  kStunUnauthenticated,
  kStunRateLimited,
  kStunRoleConflict,
  kStunTableFull,
  kDtlsUnexpected,  // handshake record on an established association, or after failure
  kDtlsMalformed,
  kSrtpNotReady,  // media before the handshake ended
  kSrtpUnauthenticated,
  kSrtpReplayed,
  kSrtpTooManySsrcs,
  kRtpMalformed,
  kRtcpMalformed,
  kUnsignalledSsrc,
  kUnsignalledPayloadType,
  kUnsignalledMid,
  kRtxUnmatched,  // retransmission without or before its original, or an original after it
  kCodecMalformed,
  kSourceSwitchedOff,  // the participant said that this source is off
  kMediaRateLimited,   // more than the source, or all of the participant's, may send
  kRtcpRateLimited,
  kDataRateLimited,
  kSctpMalformed,
  kDataChannelViolation,
  kMessageMalformed,
  kMessageTooFrequent,
  kEgressIndexUsed,  // its SRTP index was sealed before: a fault of ours or an attack
  kEgressSendFailed,
  kEgressQueueFull,  // more waits for one peer, or for all, than may
  kEgressTooLate,    // waited for the kernel for too long
  kTransportClosed,
  kCount
};

inline constexpr size_t kDropReasonCount = static_cast<size_t>(DropReason::kCount);

/// The metric label: lower case with underscores.
std::string_view DropReasonName(DropReason reason);

}  // namespace earshot
