#include "token_verifier.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "base64url.h"
#include "json_guard.h"
#include "text_rules.h"

namespace earshotd {
namespace {

using earshot::SourceKind;
using earshot::SourceSet;
using nlohmann::json;

constexpr size_t kMaxTokenSize = 8 * 1024;
constexpr size_t kMaxAudiences = 16;
constexpr size_t kMaxRoles = 16;
/// A join token is for joining now; a long-lived one is worth stealing.
constexpr double kMaxLifetimeSeconds = 600;

struct TokenParts {
  std::string_view signed_text;
  std::string_view header, payload, signature;
};

/// The three parts of the compact form (RFC 7515 section 7.1).
std::optional<TokenParts> Split(std::string_view token) {
  const size_t first = token.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const size_t second = token.find('.', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  return TokenParts{token.substr(0, second), token.substr(0, first),
                    token.substr(first + 1, second - first - 1), token.substr(second + 1)};
}

std::optional<json> DecodeObject(std::string_view part) {
  const std::optional<std::string> text = Base64UrlDecode(part);
  if (!text) return std::nullopt;
  auto parsed = ParseJson(*text);
  json* object = std::get_if<json>(&parsed);
  if (object == nullptr || !object->is_object()) return std::nullopt;
  return std::move(*object);
}

/// The string member `name`; nothing if it is missing or something else.
const std::string* StringMember(const json& object, const char* name) {
  const auto member = object.find(name);
  return member == object.end() ? nullptr : member->get_ptr<const std::string*>();
}

/// A NumericDate (RFC 7519 section 2): seconds since 1970, in a range that no honest clock leaves.
std::optional<double> DateMember(const json& object, const char* name) {
  const auto member = object.find(name);
  if (member == object.end() || !member->is_number()) return std::nullopt;
  const double seconds = member->get<double>();
  if (!std::isfinite(seconds) || seconds < 0 || seconds > 1e11) return std::nullopt;
  return seconds;
}

bool IsAbsent(const json& object, const char* name) { return !object.contains(name); }

/// Header rules. Embedded or referenced keys (jwk, jku, x5c, x5u) are never looked at.
bool AlgorithmFits(const json& header, TokenAlgorithm algorithm) {
  const std::string* name = StringMember(header, "alg");
  return name != nullptr && *name == TokenAlgorithmName(algorithm);
}
bool HeaderFits(const json& header) {
  // RFC 7515 section 4.1.11: an extension in `crit` that is not understood makes the JWS invalid.
  // None is understood here.
  if (!IsAbsent(header, "crit")) return false;
  if (IsAbsent(header, "typ")) return true;
  const std::string* type = StringMember(header, "typ");
  return type != nullptr && (*type == "JWT" || *type == "jwt");
}

bool AudienceFits(const json& payload, const std::string& audience) {
  const auto member = payload.find("aud");
  if (member == payload.end()) return false;
  if (member->is_string()) return *member == audience;
  if (!member->is_array() || member->size() > kMaxAudiences) return false;
  const bool all_strings = std::all_of(member->begin(), member->end(),
                                       [](const json& entry) { return entry.is_string(); });
  return all_strings && std::find(member->begin(), member->end(), audience) != member->end();
}

/// Nothing if all dates hold. When a token was issued is no reason to refuse it (RFC 7519 section
/// 4.1.6 gives no such meaning to "iat"), so it only has to be a date.
std::optional<TokenProblem> CheckDates(const json& payload, double now, double skew) {
  const std::optional<double> expiry = DateMember(payload, "exp");
  const std::optional<double> start = DateMember(payload, "nbf");
  if (!expiry || (!start && !IsAbsent(payload, "nbf"))) return TokenProblem::kDate;
  if (!DateMember(payload, "iat") && !IsAbsent(payload, "iat")) return TokenProblem::kDate;
  if (!StringMember(payload, "jti") && !IsAbsent(payload, "jti")) return TokenProblem::kDate;
  if (*expiry > now + kMaxLifetimeSeconds + skew) return TokenProblem::kLifetime;
  if (*expiry + skew <= now) return TokenProblem::kExpired;
  if (start && *start > now + skew) return TokenProblem::kNotYetValid;
  return std::nullopt;
}

std::optional<SourceKind> SourceKindOf(std::string_view name) {
  constexpr std::array<std::string_view, earshot::kSourceKindCount> kNames = {
      "mic", "camera", "screen", "screenAudio"};
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<SourceKind>(found - kNames.begin());
}

/// What the list of sources allows to publish; nothing if it is malformed. A kind that we do not
/// know is malformed: better no entry than one with other rights than the portal meant.
std::optional<SourceSet> ReadPublish(const json& grants) {
  const auto publish = grants.find("publish");
  if (publish == grants.end()) return SourceSet::All();
  if (!publish->is_array() || publish->size() > earshot::kSourceKindCount) return std::nullopt;
  SourceSet allowed;
  for (const json& entry : *publish) {
    const auto* name = entry.get_ptr<const std::string*>();
    const std::optional<SourceKind> kind = name ? SourceKindOf(*name) : std::nullopt;
    if (!kind) return std::nullopt;
    allowed.Set(*kind, true);
  }
  return allowed;
}

/// A member that is a boolean or absent, which means false.
bool ReadSwitch(const json& object, const char* name, bool& value) {
  const auto member = object.find(name);
  if (member == object.end()) return true;
  if (!member->is_boolean()) return false;
  value = member->get<bool>();
  return true;
}

/// Without grants, everything may be published. A key that we do not know may have been meant to
/// take that away ("publishes"), so it is malformed.
bool ReadGrants(const json& payload, JoinClaims& claims) {
  const auto grants = payload.find("grants");
  if (grants == payload.end()) return true;
  constexpr std::array<std::string_view, 4> kKeys = {"publish", "moderator", "megaphone", "beam"};
  if (!grants->is_object()) return false;
  for (const auto& [key, value] : grants->items()) {
    if (std::find(kKeys.begin(), kKeys.end(), key) == kKeys.end()) return false;
  }
  const std::optional<SourceSet> publish = ReadPublish(*grants);
  if (!publish) return false;
  claims.publish = *publish;
  return ReadSwitch(*grants, "moderator", claims.grants.moderator) &&
         ReadSwitch(*grants, "megaphone", claims.grants.megaphone) &&
         ReadSwitch(*grants, "beam", claims.grants.beam);
}

bool ReadRoles(const json& payload, JoinClaims& claims) {
  const auto roles = payload.find("roles");
  if (roles == payload.end()) return true;
  if (!roles->is_array() || roles->size() > kMaxRoles) return false;
  for (const json& role : *roles) {
    const auto* text = role.get_ptr<const std::string*>();
    if (text == nullptr || !IsDisplayText(*text, kMaxNameCharacters)) return false;
    claims.roles.push_back(*text);
  }
  return true;
}

/// The claims of this protocol; `claims.issuer` is set already.
std::optional<TokenProblem> ReadClaims(const json& payload, JoinClaims& claims) {
  const std::string* subject = StringMember(payload, "sub");
  if (subject == nullptr || !IsDisplayText(*subject, kMaxNameCharacters)) {
    return TokenProblem::kSubject;
  }
  const std::string* name = StringMember(payload, "name");
  if (name == nullptr || !IsDisplayText(*name, kMaxNameCharacters)) return TokenProblem::kName;
  const std::string* space = StringMember(payload, "space");
  if (space == nullptr || !earshot::IsSpaceId(*space)) return TokenProblem::kSpace;
  claims.subject = *subject;
  claims.name = *name;
  claims.space = *space;
  if (!ReadGrants(payload, claims)) return TokenProblem::kGrants;
  if (!ReadRoles(payload, claims)) return TokenProblem::kRoles;
  return std::nullopt;
}

/// The parts of a token, decoded.
struct DecodedToken {
  std::string_view signed_text;
  json header, payload;
  std::string signature;
};

std::optional<DecodedToken> Decode(std::string_view token) {
  if (token.size() > kMaxTokenSize) return std::nullopt;
  const std::optional<TokenParts> parts = Split(token);
  if (!parts) return std::nullopt;
  std::optional<json> header = DecodeObject(parts->header);
  std::optional<json> payload = DecodeObject(parts->payload);
  std::optional<std::string> signature = Base64UrlDecode(parts->signature);
  if (!header || !payload || !signature) return std::nullopt;
  return DecodedToken{parts->signed_text, std::move(*header), std::move(*payload),
                      std::move(*signature)};
}

/// The issuer's key that the token names, or what is wrong with the name.
std::variant<const IssuerKey*, TokenProblem> FindKey(const std::vector<IssuerKey>& keys,
                                                     const DecodedToken& token) {
  const std::string* issuer = StringMember(token.payload, "iss");
  const auto is_of_issuer = [issuer](const IssuerKey& key) { return key.issuer == *issuer; };
  if (issuer == nullptr || std::none_of(keys.begin(), keys.end(), is_of_issuer)) {
    return TokenProblem::kIssuer;
  }
  const std::string* key_id = StringMember(token.header, "kid");
  const bool absent = IsAbsent(token.header, "kid");
  // An empty one would stand for none.
  if (!absent && (key_id == nullptr || key_id->empty())) return TokenProblem::kKeyId;
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const IssuerKey& key) {
    return is_of_issuer(key) && key.key_id == (absent ? std::string() : *key_id);
  });
  if (found == keys.end()) return TokenProblem::kKeyId;
  return &*found;
}

}  // namespace

std::string_view TokenProblemName(TokenProblem problem) {
  constexpr std::array<std::string_view, kTokenProblemCount> kNames = {
      "malformed", "issuer",   "key-id",  "algorithm",    "header", "signature",
      "audience",  "subject",  "name",    "space",        "grants", "roles",
      "date",      "lifetime", "expired", "not-yet-valid"};
  return kNames[static_cast<size_t>(problem)];
}

bool IsAboutTime(TokenProblem problem) {
  return problem == TokenProblem::kExpired || problem == TokenProblem::kNotYetValid;
}

std::variant<JoinClaims, TokenProblem> TokenVerifier::Verify(std::string_view token,
                                                             int64_t now) const {
  const std::optional<DecodedToken> decoded = Decode(token);
  if (!decoded) return TokenProblem::kMalformed;
  const auto found = FindKey(keys_, *decoded);
  if (const auto* problem = std::get_if<TokenProblem>(&found)) return *problem;
  const IssuerKey& key = *std::get<const IssuerKey*>(found);

  if (!AlgorithmFits(decoded->header, key.key.algorithm())) return TokenProblem::kAlgorithm;
  if (!HeaderFits(decoded->header)) return TokenProblem::kHeader;
  if (!key.key.Verifies(decoded->signed_text, decoded->signature)) return TokenProblem::kSignature;
  if (!AudienceFits(decoded->payload, key.audience)) return TokenProblem::kAudience;
  JoinClaims claims{.issuer = key.issuer};
  if (const auto problem = ReadClaims(decoded->payload, claims)) return *problem;
  const auto problem =
      CheckDates(decoded->payload, static_cast<double>(now), key.clock_skew.seconds());
  if (problem) return *problem;
  return claims;
}

}  // namespace earshotd
