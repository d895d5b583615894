#pragma once

// SRTP key derivation (RFC 3711 section 4.3, with the AES-CM PRF also for 256-bit keys as RFC 6188
// and RFC 7714 section 11 say). The key derivation rate is always zero, as DTLS-SRTP has it.
// Stateless; keeps no secret. Any thread.

#include "base/bytes.h"

namespace earshot {

enum class SrtpKeyLabel : uint8_t {
  kRtpEncryption = 0,
  kRtpAuthentication = 1,
  kRtpSalt = 2,
  kRtcpEncryption = 3,
  kRtcpAuthentication = 4,
  kRtcpSalt = 5,
};

/// Fills `out`, of at most 32 bytes, with the session key or salt of this label. The master key has
/// 16 or 32 bytes, the master salt 14 or 12. False, with `out` zero, when a size is another.
[[nodiscard]] bool DeriveSrtpKey(ByteView master_key, ByteView master_salt, SrtpKeyLabel label,
                                 ByteSpan out);

}  // namespace earshot
