#include "transport/srtp_packet.h"

namespace earshot {
namespace {

constexpr size_t kRtpFixedHeaderSize = 12;
constexpr size_t kExtensionHeaderSize = 4;

bool IsVersion2(ByteView packet) { return packet[0] >> 6 == 2; }

}  // namespace

std::optional<RtpPrefix> ParseRtpPrefix(ByteView packet) {
  if (packet.size() < kRtpFixedHeaderSize || !IsVersion2(packet)) return std::nullopt;
  const bool has_extension = (packet[0] & 0x10) != 0;
  size_t header_size = kRtpFixedHeaderSize + 4 * size_t{packet[0] & 0x0fu};
  if (has_extension) {
    if (packet.size() < header_size + kExtensionHeaderSize) return std::nullopt;
    const size_t words = LoadBigEndian<uint16_t>(packet.data() + header_size + 2);
    header_size += kExtensionHeaderSize + 4 * words;
  }
  if (packet.size() < header_size) return std::nullopt;
  return RtpPrefix{.ssrc = LoadBigEndian<uint32_t>(packet.data() + 8),
                   .sequence_number = LoadBigEndian<uint16_t>(packet.data() + 2),
                   .header_size = header_size};
}

std::optional<uint32_t> ParseRtcpSender(ByteView packet) {
  if (packet.size() < kRtcpHeaderSize || !IsVersion2(packet)) return std::nullopt;
  return LoadBigEndian<uint32_t>(packet.data() + 4);
}

uint64_t EstimateRtpPacketIndex(uint64_t highest, uint16_t sequence_number) {
  constexpr uint16_t kHalf = 0x8000;
  const auto highest_sequence = static_cast<uint16_t>(highest);
  uint64_t rollovers = highest >> 16;
  if (highest_sequence < kHalf) {
    if (sequence_number - highest_sequence > kHalf && rollovers > 0) --rollovers;
  } else if (highest_sequence - kHalf > sequence_number) {
    ++rollovers;
  }
  return rollovers << 16 | sequence_number;
}

std::optional<RtpPrefix> ParseSealable(ByteView out, size_t header_size, size_t added_size,
                                       const RtpIndex& index) {
  const size_t room = out.size() < kMaxSrtpPacketSize ? out.size() : kMaxSrtpPacketSize;
  if (header_size > room || added_size > room - header_size) return std::nullopt;
  if (index.value > kMaxRtpPacketIndex) return std::nullopt;
  const std::optional<RtpPrefix> prefix = ParseRtpPrefix(out.first(header_size));
  if (!prefix || prefix->header_size != header_size || prefix->ssrc != index.ssrc) {
    return std::nullopt;
  }
  if (prefix->sequence_number != static_cast<uint16_t>(index.value)) return std::nullopt;
  return prefix;
}

}  // namespace earshot
