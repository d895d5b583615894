#pragma once

// The keys that join tokens are verified with (RFC 7518 sections 3.2 and 3.4): the only daemon
// file, with its .cc, that includes OpenSSL's EVP. A key knows its one algorithm, so that a token
// cannot choose (RFC 8725 section 3.1). Immutable, any thread.

#include <memory>
#include <string>
#include <string_view>

#include "earshot/result.h"
#include "earshot/units.h"

struct evp_pkey_st;

namespace earshotd {

/// Of clocks that somebody looks after, with room for one that nobody does.
inline constexpr earshot::Duration kDefaultClockSkew = earshot::Duration::Seconds(60);

enum class TokenAlgorithm { kHs256, kEs256 };

/// The `alg` value: "HS256".
std::string_view TokenAlgorithmName(TokenAlgorithm algorithm);

class TokenKey {
 public:
  /// At least 32 bytes, not all alike and no PEM file; a line end after them does not count. Errors
  /// never hold the secret.
  static earshot::Result<TokenKey> FromSecret(std::string_view secret);
  /// A PEM public key (SubjectPublicKeyInfo) on the curve P-256.
  static earshot::Result<TokenKey> FromPublicKeyPem(std::string_view pem);

  TokenAlgorithm algorithm() const { return algorithm_; }
  bool Verifies(std::string_view signed_text, std::string_view signature) const;
  /// HMAC-SHA-256 of `text`; only for HS256 keys.
  std::string Sign(std::string_view text) const;

 private:
  struct FreeKey {
    void operator()(evp_pkey_st* key) const;
  };
  explicit TokenKey(TokenAlgorithm algorithm) : algorithm_(algorithm) {}

  TokenAlgorithm algorithm_;
  std::string secret_;
  std::unique_ptr<evp_pkey_st, FreeKey> public_key_;
};

}  // namespace earshotd
