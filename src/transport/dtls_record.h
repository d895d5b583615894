#pragma once

// DTLS record headers and the framing of plaintext handshake messages (RFC 6347 sections 4.1 and
// 4.2.2), read before OpenSSL sees a byte, so that what an association can never need does not
// reach it. Knows no keys. Stateless.

#include <optional>

#include "base/bytes.h"

namespace earshot {

enum class DtlsContentType : uint8_t {
  kChangeCipherSpec = 20,
  kAlert = 21,
  kHandshake = 22,
  kApplicationData = 23,
};

struct DtlsRecord {
  static constexpr size_t kHeaderSize = 13;
  static constexpr uint16_t kVersion = 0xfefd;  // DTLS 1.2
  /// Explicit nonce and tag of AES-GCM (RFC 5288): no protected record of ours is shorter.
  static constexpr size_t kMinProtectedSize = 8 + 16;
  /// RFC 6347 section 4.1: 2^14 bytes of plaintext and at most 2048 of expansion.
  static constexpr size_t kMaxBodySize = (1 << 14) + 2048;

  DtlsContentType type;
  uint16_t epoch;
  uint64_t sequence_number;  // 48 bits
  ByteView bytes;            // header and body
  ByteView body;

  /// The record at the start of `datagram`; nothing when it is none of DTLS 1.2's.
  static std::optional<DtlsRecord> Parse(ByteView datagram);
};

/// What the messages (or fragments) in an epoch-0 handshake record are.
struct DtlsHandshakeContent {
  bool has_client_hello = false;
  bool has_other = false;
  uint16_t last_message_number = 0;

  /// Nothing unless the body is framed as the messages of one handshake can be: whole fragments,
  /// lengths that agree, no message beyond what OpenSSL may buffer (threat row D8).
  static std::optional<DtlsHandshakeContent> Parse(ByteView body);
};

}  // namespace earshot
