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
/// Clocks of portal and server may differ by this much.
constexpr double kLeewaySeconds = 30;
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
bool HeaderFits(const json& header, TokenAlgorithm algorithm) {
  const std::string* named_algorithm = StringMember(header, "alg");
  if (named_algorithm == nullptr || *named_algorithm != TokenAlgorithmName(algorithm)) return false;
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

/// Nothing if all dates hold.
std::optional<TokenProblem> CheckDates(const json& payload, double now) {
  const std::optional<double> expiry = DateMember(payload, "exp");
  if (!expiry || *expiry > now + kMaxLifetimeSeconds + kLeewaySeconds) {
    return TokenProblem::kInvalid;
  }
  const std::optional<double> start = DateMember(payload, "nbf");
  if (!start && !IsAbsent(payload, "nbf")) return TokenProblem::kInvalid;
  const std::optional<double> issued = DateMember(payload, "iat");
  if (!issued && !IsAbsent(payload, "iat")) return TokenProblem::kInvalid;
  if (issued && *issued > now + kLeewaySeconds) return TokenProblem::kInvalid;
  if (*expiry + kLeewaySeconds <= now) return TokenProblem::kExpired;
  if (start && *start > now + kLeewaySeconds) return TokenProblem::kExpired;
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

bool ReadGrants(const json& payload, JoinClaims& claims) {
  const auto grants = payload.find("grants");
  if (grants == payload.end()) return true;
  if (!grants->is_object()) return false;
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

std::optional<JoinClaims> ReadClaims(const json& payload) {
  const std::string* subject = StringMember(payload, "sub");
  const std::string* name = StringMember(payload, "name");
  const std::string* space = StringMember(payload, "space");
  if (subject == nullptr || name == nullptr || space == nullptr) return std::nullopt;
  if (!IsDisplayText(*subject, kMaxNameCharacters)) return std::nullopt;
  if (!IsDisplayText(*name, kMaxNameCharacters)) return std::nullopt;
  if (!earshot::IsSpaceId(*space)) return std::nullopt;
  if (!IsAbsent(payload, "jti") && StringMember(payload, "jti") == nullptr) return std::nullopt;
  JoinClaims claims{"", *subject, *name, *space};
  if (!ReadGrants(payload, claims) || !ReadRoles(payload, claims)) return std::nullopt;
  return claims;
}

}  // namespace

const IssuerKey* TokenVerifier::FindKey(std::string_view issuer, std::string_view key_id) const {
  const auto found = std::find_if(keys_.begin(), keys_.end(), [&](const IssuerKey& key) {
    return key.issuer == issuer && key.key_id == key_id;
  });
  return found == keys_.end() ? nullptr : &*found;
}

std::variant<JoinClaims, TokenProblem> TokenVerifier::Verify(std::string_view token,
                                                             int64_t now) const {
  if (token.size() > kMaxTokenSize) return TokenProblem::kInvalid;
  const std::optional<TokenParts> parts = Split(token);
  if (!parts) return TokenProblem::kInvalid;
  const std::optional<json> header = DecodeObject(parts->header);
  const std::optional<json> payload = DecodeObject(parts->payload);
  const std::optional<std::string> signature = Base64UrlDecode(parts->signature);
  if (!header || !payload || !signature) return TokenProblem::kInvalid;

  const std::string* issuer = StringMember(*payload, "iss");
  const std::string* key_id = StringMember(*header, "kid");
  if (issuer == nullptr || (key_id == nullptr && !IsAbsent(*header, "kid"))) {
    return TokenProblem::kInvalid;
  }
  const IssuerKey* key = FindKey(*issuer, key_id != nullptr ? *key_id : std::string());
  if (key == nullptr || !HeaderFits(*header, key->key.algorithm())) return TokenProblem::kInvalid;
  if (!key->key.Verifies(parts->signed_text, *signature)) return TokenProblem::kInvalid;

  if (!AudienceFits(*payload, key->audience)) return TokenProblem::kInvalid;
  std::optional<JoinClaims> claims = ReadClaims(*payload);
  if (!claims) return TokenProblem::kInvalid;
  const std::optional<TokenProblem> problem = CheckDates(*payload, static_cast<double>(now));
  if (problem) return *problem;
  claims->issuer = *issuer;
  return std::move(*claims);
}

}  // namespace earshotd
