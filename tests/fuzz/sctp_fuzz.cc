// The input is a packet behind the common header, whose ports and checksum are made right so that
// the chunks are reached. What passes the validator is walked once more: chunks tile the packet.

#include <algorithm>
#include <vector>

#include "fuzz_check.h"
#include "transport/sctp_packet.h"

namespace earshot {

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 4) return 0;
  std::vector<uint8_t> packet = {0x13, 0x88, 0x13, 0x88};
  packet.insert(packet.end(), data, data + 4);
  packet.resize(12);
  packet.insert(packet.end(), data + 4, data + size);
  WriteSctpChecksum(packet);
  if (!IsAcceptableSctpPacket(packet)) return 0;
  FUZZ_CHECK(packet.size() <= kMaxInboundSctpPacketSize);
  size_t position = 12;
  while (position < packet.size()) {
    const size_t length = LoadBigEndian<uint16_t>(packet.data() + position + 2);
    FUZZ_CHECK(length >= 4 && position + length <= packet.size());
    position += (length + 3) & ~size_t{3};
  }
  FUZZ_CHECK(position == packet.size());
  packet[8] ^= 1;
  FUZZ_CHECK(!IsAcceptableSctpPacket(packet));
  return 0;
}

}  // namespace earshot
