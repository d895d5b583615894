#pragma once

// The keys of the record layer that a finished handshake agreed on (RFC 5246 section 6.3), taken
// out of OpenSSL so that its connection object need not stay. Stateless.

#include <openssl/ssl.h>

#include <optional>

#include "transport/dtls.h"
#include "transport/dtls_protection.h"

namespace earshot {

/// Nothing unless the cipher suite is one with AES-GCM. `role` is ours.
std::optional<DtlsTrafficKeys> ExportTrafficKeys(SSL* ssl, DtlsRole role);

}  // namespace earshot
