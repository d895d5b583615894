// Tokens of a forger, who has no key, and of a portal that signs nonsense. The forger's is never
// accepted. Behind a line feed, the input is a header and a payload that the portal signs: what is
// accepted of it obeys every rule that the verifier states, as read from the payload once more; and
// no character of such a token can be another.

#include <string>

#include "base64url.h"
#include "fuzz_check.h"
#include "json_guard.h"
#include "text_rules.h"
#include "token_verifier.h"

namespace earshotd {
namespace {

using nlohmann::json;

constexpr int64_t kNow = 1'800'000'000;
constexpr std::string_view kSecret = "0123456789abcdef0123456789abcdef";
// The curve's generator: a valid public key, whose private half nobody needs here.
constexpr std::string_view kPublicKey =
    "-----BEGIN PUBLIC KEY-----\n"
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt\n"
    "6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==\n"
    "-----END PUBLIC KEY-----\n";

const TokenKey& Secret() {
  static const auto key = TokenKey::FromSecret(kSecret);
  FUZZ_CHECK(key);
  return *key;
}

const TokenVerifier& Verifier() {
  static const TokenVerifier verifier = [] {
    auto public_key = TokenKey::FromPublicKeyPem(kPublicKey);
    FUZZ_CHECK(public_key);
    std::vector<IssuerKey> keys;
    keys.push_back({"portal", "earshot", "", std::move(*TokenKey::FromSecret(kSecret))});
    keys.push_back({"curve", "earshot", "k1", std::move(*public_key)});
    return TokenVerifier(std::move(keys));
  }();
  return verifier;
}

bool IsAccepted(std::string_view token) {
  return std::holds_alternative<JoinClaims>(Verifier().Verify(token, kNow));
}

bool IsText(const json& object, const char* name, std::string_view value) {
  const auto member = object.find(name);
  return member != object.end() && member->is_string() && *member == value;
}

void CheckClaims(const JoinClaims& claims, std::string_view header_text,
                 std::string_view payload_text) {
  const auto header = ParseJson(header_text);
  const auto payload = ParseJson(payload_text);
  FUZZ_CHECK(std::holds_alternative<json>(header) && std::holds_alternative<json>(payload));
  FUZZ_CHECK(IsText(std::get<json>(header), "alg", "HS256"));
  FUZZ_CHECK(!std::get<json>(header).contains("crit"));
  FUZZ_CHECK(!std::get<json>(header).contains("kid"));
  const json& object = std::get<json>(payload);
  FUZZ_CHECK(claims.issuer == "portal" && IsText(object, "iss", "portal"));
  FUZZ_CHECK(IsText(object, "sub", claims.subject) && IsText(object, "name", claims.name));
  FUZZ_CHECK(IsText(object, "space", claims.space) && earshot::IsSpaceId(claims.space));
  FUZZ_CHECK(IsDisplayText(claims.name, kMaxNameCharacters));
  FUZZ_CHECK(IsDisplayText(claims.subject, kMaxNameCharacters));
  FUZZ_CHECK(object.at("exp").is_number());
  const double expiry = object.at("exp").get<double>();
  FUZZ_CHECK(expiry > kNow - 30 && expiry <= kNow + 630);
  FUZZ_CHECK(!object.contains("nbf") || object.at("nbf").get<double>() <= kNow + 30);
  FUZZ_CHECK(object.at("aud").is_array() || IsText(object, "aud", "earshot"));
}

void CheckSigned(std::string_view header, std::string_view payload, size_t place) {
  const std::string input = Base64UrlEncode(header) + "." + Base64UrlEncode(payload);
  std::string token = input + "." + Base64UrlEncode(Secret().Sign(input));
  const auto result = Verifier().Verify(token, kNow);
  const auto* claims = std::get_if<JoinClaims>(&result);
  if (claims == nullptr) return;
  CheckClaims(*claims, header, payload);
  char& changed = token[place % token.size()];
  changed = changed == 'A' ? 'B' : 'A';
  FUZZ_CHECK(!IsAccepted(token));
}

}  // namespace
}  // namespace earshotd

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace earshotd;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (text.empty() || text[0] != '\n') {
    FUZZ_CHECK(!IsAccepted(text));
    return 0;
  }
  const size_t end = text.find('\n', 1);
  if (end == std::string_view::npos) return 0;
  size_t place = size;
  for (const char c : text) place = place * 31 + static_cast<uint8_t>(c);
  CheckSigned(text.substr(1, end - 1), text.substr(end + 1), place);
  return 0;
}
