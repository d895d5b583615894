#pragma once

// What a DtlsCertificate holds of OpenSSL: the certificate with its key inside one SSL_CTX that
// serves both roles. Read-only after it was made, so that associations of any thread share it.

#include <openssl/ssl.h>

#include <memory>
#include <vector>

#include "transport/dtls_fingerprint.h"

namespace earshot {

struct SslDeleter {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using SslPointer = std::unique_ptr<SSL, SslDeleter>;
using SslContextPointer = std::unique_ptr<SSL_CTX, SslDeleter>;

struct DtlsCertificate::Handles {
  SslContextPointer context;
  Fingerprint fingerprint;
};

/// What OpenSSL's certificate callback looks at and sets: every SSL object made from the context
/// has one of these as its application data.
struct DtlsPeerCheck {
  std::vector<FingerprintDigest> expected;
  bool matches = false;
  bool refused = false;
};

}  // namespace earshot
