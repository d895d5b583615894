#include "transport/sctp_packet.h"

#include <algorithm>
#include <array>

#include "transport/sctp.h"

namespace earshot {
namespace {

constexpr size_t kCommonHeaderSize = 12;
constexpr size_t kChecksumOffset = 8;
constexpr size_t kChunkHeaderSize = 4;

enum class ChunkType : uint8_t {
  kData = 0,
  kInit = 1,
  kInitAck = 2,
  kSack = 3,
  kHeartbeat = 4,
  kHeartbeatAck = 5,
  kAbort = 6,
  kShutdown = 7,
  kShutdownAck = 8,
  kError = 9,
  kCookieEcho = 10,
  kCookieAck = 11,
  kShutdownComplete = 14,
  kReconfig = 130,    // RFC 6525
  kPad = 132,         // RFC 4820
  kForwardTsn = 192,  // RFC 3758
};

// Types of parameters in INIT and INIT ACK (RFC 9260 section 3.3.2.1).
constexpr uint16_t kIpv4AddressParameter = 5;
constexpr uint16_t kIpv6AddressParameter = 6;
constexpr uint16_t kStateCookieParameter = 7;
constexpr uint16_t kHostNameParameter = 11;
// Types of parameters in RE-CONFIG (RFC 6525 section 4).
constexpr uint16_t kFirstReconfigParameter = 13;
constexpr uint16_t kLastReconfigParameter = 18;

constexpr size_t kChecksumTables = 8;
using ChecksumTables = std::array<std::array<uint32_t, 256>, kChecksumTables>;

// Table k holds the effect of a byte that is followed by k zero bytes, so that eight bytes take
// eight independent look-ups.
constexpr ChecksumTables MakeChecksumTables() {
  constexpr uint32_t kReflectedPolynomial = 0x82f63b78;
  ChecksumTables tables{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (crc & 1 ? kReflectedPolynomial : 0);
    tables[0][byte] = crc;
  }
  for (uint32_t byte = 0; byte < 256; ++byte) {
    for (size_t k = 1; k < kChecksumTables; ++k) {
      const uint32_t previous = tables[k - 1][byte];
      tables[k][byte] = (previous >> 8) ^ tables[0][previous & 0xff];
    }
  }
  return tables;
}
constexpr ChecksumTables kTables = MakeChecksumTables();

uint32_t Extend(uint32_t crc, ByteView bytes) {
  while (bytes.size() >= 8) {
    uint32_t next = 0;
    for (size_t i = 0; i < 8; ++i) {
      const uint32_t mixed = i < 4 ? (crc >> (8 * i)) & 0xff : 0;
      next ^= kTables[7 - i][bytes[i] ^ mixed];
    }
    crc = next;
    bytes = bytes.subspan(8);
  }
  for (const uint8_t byte : bytes) crc = (crc >> 8) ^ kTables[0][(crc ^ byte) & 0xff];
  return crc;
}

// A type-length-value list as parameters and error causes are (RFC 9260 section 3.2.1): calls
// `accept(type, value)` for each. False when a length does not fit or an item is refused. Only the
// last item may lack its padding, which the chunk length then leaves out.
template <typename Accept>
bool ForEachParameter(ByteView bytes, Accept accept) {
  while (!bytes.empty()) {
    if (bytes.size() < 4) return false;
    const auto type = LoadBigEndian<uint16_t>(bytes.data());
    const size_t length = LoadBigEndian<uint16_t>(bytes.data() + 2);
    if (length < 4 || length > bytes.size()) return false;
    if (!accept(type, bytes.subspan(4, length - 4))) return false;
    bytes = bytes.subspan(std::min(bytes.size(), (length + 3) & ~size_t{3}));
  }
  return true;
}

bool IsAcceptableInit(ByteView value, bool is_ack) {
  constexpr size_t kFixedSize = 16;
  if (value.size() < kFixedSize) return false;
  ByteReader reader(value.first(kFixedSize));
  const uint32_t initiate_tag = reader.U32();
  const uint32_t receiver_window = reader.U32();
  const uint16_t outbound_streams = reader.U16();
  const uint16_t inbound_streams = reader.U16();
  // RFC 9260 section 3.3.2: a_rwnd of less than 1500 bytes is a protocol violation.
  if (initiate_tag == 0 || receiver_window < 1500) return false;
  if (outbound_streams == 0 || inbound_streams == 0) return false;
  bool has_cookie = false;
  const bool sound = ForEachParameter(value.subspan(kFixedSize), [&](uint16_t type, ByteView body) {
    // The only path is the DTLS association: other addresses can only be an attack (T1).
    if (type == kIpv4AddressParameter || type == kIpv6AddressParameter) return false;
    if (type == kHostNameParameter) return false;
    if (type == kStateCookieParameter) has_cookie = !body.empty();
    return true;
  });
  return sound && has_cookie == is_ack;
}

bool IsAcceptableSack(ByteView value) {
  constexpr size_t kFixedSize = 12;
  if (value.size() < kFixedSize) return false;
  const size_t gaps = LoadBigEndian<uint16_t>(value.data() + 8);
  const size_t duplicates = LoadBigEndian<uint16_t>(value.data() + 10);
  if (value.size() != kFixedSize + 4 * (gaps + duplicates)) return false;
  for (size_t i = 0; i < gaps; ++i) {
    const uint8_t* gap = value.data() + kFixedSize + 4 * i;
    const auto start = LoadBigEndian<uint16_t>(gap);
    const auto end = LoadBigEndian<uint16_t>(gap + 2);
    if (start == 0 || end < start) return false;
  }
  return true;
}

bool IsAcceptableReconfig(ByteView value) {
  size_t count = 0;
  const bool sound = ForEachParameter(value, [&](uint16_t type, ByteView body) {
    ++count;
    return type >= kFirstReconfigParameter && type <= kLastReconfigParameter && body.size() >= 4;
  });
  // RFC 6525 section 3.1: a RE-CONFIG chunk has one or two parameters.
  return sound && (count == 1 || count == 2);
}

constexpr uint16_t kHeartbeatInfo = 1;

bool IsAcceptableHeartbeat(ByteView value) {
  size_t count = 0;
  const bool sound = ForEachParameter(value, [&](uint16_t type, ByteView) {
    ++count;
    return type == kHeartbeatInfo;
  });
  return sound && count == 1;
}

bool HasAcceptableCauses(ByteView value) {
  return ForEachParameter(value, [](uint16_t, ByteView) { return true; });
}

bool IsAcceptableChunk(ChunkType type, ByteView value) {
  switch (type) {
    case ChunkType::kData:
      // RFC 9260 section 6.2: a DATA chunk without user data is a protocol violation.
      return value.size() > 12;
    case ChunkType::kInit:
      return IsAcceptableInit(value, false);
    case ChunkType::kInitAck:
      return IsAcceptableInit(value, true);
    case ChunkType::kSack:
      return IsAcceptableSack(value);
    case ChunkType::kHeartbeat:
    case ChunkType::kHeartbeatAck:
      return IsAcceptableHeartbeat(value);
    case ChunkType::kAbort:
    case ChunkType::kError:
      return HasAcceptableCauses(value);
    case ChunkType::kShutdown:
      return value.size() == 4;
    case ChunkType::kShutdownAck:
    case ChunkType::kCookieAck:
    case ChunkType::kShutdownComplete:
      return value.empty();
    case ChunkType::kCookieEcho:
      return !value.empty();
    case ChunkType::kReconfig:
      return IsAcceptableReconfig(value);
    case ChunkType::kForwardTsn:
      return value.size() >= 4 && value.size() % 4 == 0;
    case ChunkType::kPad:
      return true;
  }
  return false;
}

// RFC 9260 section 6.10: INIT, INIT ACK and SHUTDOWN COMPLETE are never bundled; section 5.1: data
// may follow COOKIE ECHO and COOKIE ACK, but these come first.
bool IsAcceptablePlace(ChunkType type, bool is_first, bool is_last) {
  switch (type) {
    case ChunkType::kInit:
    case ChunkType::kInitAck:
    case ChunkType::kShutdownComplete:
      return is_first && is_last;
    case ChunkType::kCookieEcho:
    case ChunkType::kCookieAck:
      return is_first;
    default:
      return true;
  }
}

bool AreChunksAcceptable(ByteView chunks, bool has_tag) {
  bool is_first = true;
  while (!chunks.empty()) {
    if (chunks.size() < kChunkHeaderSize) return false;
    const auto type = static_cast<ChunkType>(chunks[0]);
    const size_t length = LoadBigEndian<uint16_t>(chunks.data() + 2);
    const size_t padded = (length + 3) & ~size_t{3};
    if (length < kChunkHeaderSize || padded > chunks.size()) return false;
    // Section 8.5.1: the tag of a packet with an INIT is zero, and of no other packet.
    if (has_tag == (type == ChunkType::kInit)) return false;
    if (!IsAcceptablePlace(type, is_first, padded == chunks.size())) return false;
    if (!IsAcceptableChunk(type, chunks.subspan(kChunkHeaderSize, length - kChunkHeaderSize))) {
      return false;
    }
    chunks = chunks.subspan(padded);
    is_first = false;
  }
  return true;
}

}  // namespace

uint32_t SctpChecksum(ByteView packet) {
  static constexpr std::array<uint8_t, 4> kZeroField{};
  uint32_t crc = Extend(0xffffffff, packet.first(kChecksumOffset));
  crc = Extend(crc, kZeroField);
  return ~Extend(crc, packet.subspan(kCommonHeaderSize));
}

void WriteSctpChecksum(ByteSpan packet) {
  // The one little-endian field of the protocol: appendix A sends the register byte-swapped.
  ByteWriter(packet.subspan(kChecksumOffset, 4)).U32Le(SctpChecksum(packet));
}

uint32_t SctpVerificationTag(ByteView packet) {
  return packet.size() < kCommonHeaderSize ? 0 : LoadBigEndian<uint32_t>(packet.data() + 4);
}

void WriteSctpHeartbeat(uint32_t verification_tag, ByteSpan packet) {
  constexpr uint16_t kInfoSize = 8;
  ByteWriter writer(packet.first(kSctpHeartbeatSize));
  writer.U16(SctpAssociation::kPort);
  writer.U16(SctpAssociation::kPort);
  writer.U32(verification_tag);
  writer.U32(0);
  writer.U8(static_cast<uint8_t>(ChunkType::kHeartbeat));
  writer.U8(0);
  writer.U16(kChunkHeaderSize + kInfoSize);
  writer.U16(kHeartbeatInfo);
  writer.U16(kInfoSize);
  writer.U32(0);
  WriteSctpChecksum(packet.first(kSctpHeartbeatSize));
}

bool IsAcceptableSctpPacket(ByteView packet) {
  if (packet.size() < kCommonHeaderSize + kChunkHeaderSize) return false;
  if (packet.size() > kMaxInboundSctpPacketSize || packet.size() % 4 != 0) return false;
  ByteReader header(packet.first(kCommonHeaderSize));
  const uint16_t source_port = header.U16();
  const uint16_t destination_port = header.U16();
  const uint32_t verification_tag = header.U32();
  const uint32_t checksum = header.U32Le();
  if (source_port != SctpAssociation::kPort) return false;
  if (destination_port != SctpAssociation::kPort) return false;
  if (checksum != SctpChecksum(packet)) return false;
  return AreChunksAcceptable(packet.subspan(kCommonHeaderSize), verification_tag != 0);
}

}  // namespace earshot
