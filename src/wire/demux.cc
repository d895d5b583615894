#include "wire/demux.h"

namespace earshot {

PacketKind ClassifyPacket(ByteView packet) {
  if (packet.empty()) return PacketKind::kUnknown;
  const uint8_t first = packet[0];
  if (first <= 3) return PacketKind::kStun;
  if (first >= 20 && first <= 63) return PacketKind::kDtls;
  if (first < 128 || first > 191 || packet.size() < 2) return PacketKind::kUnknown;
  // RTCP packet types 192 to 223 are RTP payload types 64 to 95 with the marker bit, which
  // RFC 5761 section 4 keeps free for this purpose.
  const uint8_t second = packet[1];
  return second >= 192 && second <= 223 ? PacketKind::kRtcp : PacketKind::kRtp;
}

}  // namespace earshot
