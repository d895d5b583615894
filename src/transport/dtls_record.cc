#include "transport/dtls_record.h"

#include <algorithm>

namespace earshot {
namespace {

constexpr uint16_t kDtls10 = 0xfeff;  // first ClientHellos still carry it in the record header
constexpr uint8_t kClientHello = 1;

// Threat row D8: 16 KiB per message, and no message number that a handshake without renegotiation
// cannot reach (a client that was sent HelloVerifyRequest counts to 5, a server to 6).
constexpr uint32_t kMaxMessageSize = 16 * 1024;
constexpr uint16_t kMaxMessageNumber = 7;

}  // namespace

std::optional<DtlsRecord> DtlsRecord::Parse(ByteView datagram) {
  ByteReader reader(datagram);
  const uint8_t type = reader.U8();
  const uint16_t version = reader.U16();
  const uint16_t epoch = reader.U16();
  const uint64_t sequence_number = uint64_t{reader.U16()} << 32 | reader.U32();
  const uint16_t size = reader.U16();
  const ByteView body = reader.Take(size);
  if (!reader.ok()) return std::nullopt;
  if (type < static_cast<uint8_t>(DtlsContentType::kChangeCipherSpec) ||
      type > static_cast<uint8_t>(DtlsContentType::kApplicationData)) {
    return std::nullopt;
  }
  if (version != kDtls10 && version != DtlsRecord::kVersion) return std::nullopt;
  if (size == 0 || size > kMaxBodySize) return std::nullopt;
  return DtlsRecord{.type = static_cast<DtlsContentType>(type),
                    .epoch = epoch,
                    .sequence_number = sequence_number,
                    .bytes = datagram.first(kHeaderSize + size),
                    .body = body};
}

std::optional<DtlsHandshakeContent> DtlsHandshakeContent::Parse(ByteView body) {
  DtlsHandshakeContent content;
  ByteReader reader(body);
  while (reader.ok() && reader.remaining() > 0) {
    const bool is_client_hello = reader.U8() == kClientHello;
    const uint32_t message_size = reader.U24();
    const uint16_t message_number = reader.U16();
    const uint32_t fragment_offset = reader.U24();
    const uint32_t fragment_size = reader.U24();
    reader.Take(fragment_size);
    if (message_size > kMaxMessageSize || message_number > kMaxMessageNumber) return std::nullopt;
    if (fragment_offset + fragment_size > message_size) return std::nullopt;
    if (fragment_size == 0 && message_size != 0) return std::nullopt;
    content.has_client_hello |= is_client_hello;
    content.has_other |= !is_client_hello;
    content.last_message_number = std::max(content.last_message_number, message_number);
  }
  if (!reader.ok()) return std::nullopt;
  return content;
}

}  // namespace earshot
