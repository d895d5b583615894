#pragma once

// The SRTP profile and master keys that a finished handshake agreed on (RFC 5764 sections 4.1 and
// 4.2). Whether the peer is the right one has been decided before. Stateless.

#include <openssl/ssl.h>

#include <optional>

#include "transport/dtls.h"

namespace earshot {

/// Nothing when there is no common profile. `role` is ours.
std::optional<DtlsSrtpKeys> ExportSrtpKeys(SSL* ssl, DtlsRole role);

}  // namespace earshot
