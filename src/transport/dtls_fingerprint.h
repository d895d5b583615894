#pragma once

// Certificate fingerprints (RFC 8122): from a certificate to its SDP text, and from SDP text to a
// constant-time comparison. Decides nothing about handshakes. Stateless; any thread.

#include <openssl/x509.h>

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "transport/dtls.h"

namespace earshot {

/// A fingerprint that was well-formed and of an accepted hash.
struct FingerprintDigest {
  const EVP_MD* hash = nullptr;
  size_t size = 0;
  std::array<uint8_t, EVP_MAX_MD_SIZE> bytes{};

  /// Threat row D12: nothing for md5, sha-1, unknown hashes, lower-case digits or a wrong length.
  static std::optional<FingerprintDigest> Parse(const Fingerprint& fingerprint);
};

/// The usable ones among those signalled, at most eight: one per hash and key is what peers send.
std::vector<FingerprintDigest> ParseFingerprints(std::span<const Fingerprint> fingerprints);

/// "sha-256" over the DER form, as a=fingerprint wants it; nothing when OpenSSL refuses.
std::optional<Fingerprint> FingerprintOf(const X509& certificate);

/// Whether one of `expected` is this certificate's.
bool MatchesAny(const X509& certificate, std::span<const FingerprintDigest> expected);

}  // namespace earshot
