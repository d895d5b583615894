#include "demo_tokens.h"

#include <openssl/rand.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base64url.h"

namespace earshotd {
namespace {

constexpr char kIssuer[] = "earshot-demo";
constexpr char kAudience[] = "earshot";
/// The browser joins right after it got the token; the rest is for slow permission dialogs.
constexpr int64_t kLifetimeSeconds = 300;

std::string RandomBytes(size_t size) {
  std::string bytes(size, '\0');
  // Without randomness every token could be forged; there is no way to go on.
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(size)) != 1) {
    std::abort();
  }
  return bytes;
}

}  // namespace

DemoTokens::DemoTokens() : secret_(Base64UrlEncode(RandomBytes(32))) {}

TokenKey DemoTokens::MakeKey() const { return std::move(*TokenKey::FromSecret(secret_)); }

IssuerKey DemoTokens::MakeIssuerKey() const { return {kIssuer, kAudience, "", MakeKey()}; }

std::string DemoTokens::Mint(std::string_view name, std::string_view space, DemoRole role,
                             int64_t now) const {
  nlohmann::json payload = {{"iss", kIssuer},
                            {"aud", kAudience},
                            {"sub", "guest-" + Base64UrlEncode(RandomBytes(12))},
                            {"name", name},
                            {"space", space},
                            {"iat", now},
                            {"exp", now + kLifetimeSeconds}};
  if (role == DemoRole::kClerk) payload["roles"] = {"clerk"};
  if (role == DemoRole::kChair) payload["grants"] = {{"moderator", true}, {"megaphone", true}};
  const std::string signed_text =
      Base64UrlEncode(R"({"alg":"HS256","typ":"JWT"})") + "." + Base64UrlEncode(payload.dump());
  return signed_text + "." + Base64UrlEncode(MakeKey().Sign(signed_text));
}

}  // namespace earshotd
