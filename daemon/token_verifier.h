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
  /// How far its clock may be from ours.
  earshot::Duration clock_skew = kDefaultClockSkew;
};

struct JoinClaims {
  std::string issuer = {};
  std::string subject = {};
  std::string name = {};
  std::string space = {};
  earshot::SourceSet publish = earshot::SourceSet::All();
  std::vector<std::string> roles = {};
  earshot::Grants grants = {};
};

/// The rule that a token broke: for the log and the metrics, so that portals can be mended. A
/// client is told no more than whether it was one of time, since its token may be somebody else's
/// guess.
enum class TokenProblem : uint8_t {
  kMalformed,  // not three parts of JSON in base64url, or too large
  kIssuer,     // no such "iss"
  kKeyId,      // the issuer has no key with this "kid", or none without one
  kAlgorithm,  // "alg" is not that of the key
  kHeader,     // "crit" or "typ"
  kSignature,
  kAudience,
  kSubject,
  kName,
  kSpace,
  kGrants,
  kRoles,
  kDate,      // "exp" is missing, or a date is no date, or "jti" no text
  kLifetime,  // longer than a join token may live
  kExpired,
  kNotYetValid,  // "nbf"
};
inline constexpr size_t kTokenProblemCount = 16;
/// A label: "issuer".
std::string_view TokenProblemName(TokenProblem problem);
/// Whether another token of the same kind may be good: it is early or late, no more.
bool IsAboutTime(TokenProblem problem);

class TokenVerifier {
 public:
  explicit TokenVerifier(std::vector<IssuerKey> keys) : keys_(std::move(keys)) {}

  /// `now` in seconds since 1970 (UTC).
  std::variant<JoinClaims, TokenProblem> Verify(std::string_view token, int64_t now) const;

 private:
  std::vector<IssuerKey> keys_;
};

}  // namespace earshotd
