#pragma once

// Decides whether a join token is good: a small JOSE verifier (RFC 7515, 7519) with the rules of
// RFC 8725. The issuer's configuration fixes key and algorithm; nothing in the token can change
// them. Written here because the packaged cpp-jwt 1.4 accepts tokens without exp, ignores `crit`,
// knows no audience lists and reads the clock itself. Immutable after construction, any thread.

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "earshot/interaction.h"
#include "earshot/media.h"
#include "token_key.h"

namespace earshotd {

/// A key of an issuer. An issuer may have several, told apart by `key_id`.
struct IssuerKey {
  std::string issuer;
  std::string audience;
  /// What the token's `kid` must say. Empty: the token must not have one.
  std::string key_id;
  TokenKey key;
};

struct JoinClaims {
  std::string issuer;
  std::string subject;
  std::string name;
  std::string space;
  earshot::SourceSet publish = earshot::SourceSet::All();
  std::vector<std::string> roles = {};
  earshot::Grants grants = {};
};

/// All that a client is told; which rule a token broke stays between us and the tests.
enum class TokenProblem { kInvalid, kExpired };

class TokenVerifier {
 public:
  explicit TokenVerifier(std::vector<IssuerKey> keys) : keys_(std::move(keys)) {}

  /// `now` in seconds since 1970 (UTC).
  std::variant<JoinClaims, TokenProblem> Verify(std::string_view token, int64_t now) const;

 private:
  const IssuerKey* FindKey(std::string_view issuer, std::string_view key_id) const;

  std::vector<IssuerKey> keys_;
};

}  // namespace earshotd
