#pragma once

// Which protocol a datagram belongs to, by its first byte (RFC 7983 section 7), and RTP apart from
// RTCP (RFC 5761 section 4). Stateless.

#include "base/bytes.h"

namespace earshot {

enum class PacketKind : uint8_t { kStun, kDtls, kRtp, kRtcp, kUnknown };

PacketKind ClassifyPacket(ByteView packet);

}  // namespace earshot
