#include "token_mint.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "base64url.h"
#include "file_reader.h"

namespace earshot::load {
namespace {

constexpr size_t kMaxSecretSize = 64 * 1024;
constexpr int64_t kLifetimeSeconds = 300;

}  // namespace

int64_t UnixSeconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

Result<TokenMint> TokenMint::Open(const TokenOptions& options) {
  const auto secret = earshotd::ReadWholeFile(options.secret_file, kMaxSecretSize,
                                              earshotd::FileSecrecy::kSecretAnyPermissions);
  if (!secret) return Error{"token-key-invalid", secret.error().message};
  auto key = earshotd::TokenKey::FromSecret(*secret);
  if (!key) {
    return Error{"token-key-invalid", options.secret_file + ": " + key.error().message};
  }
  return TokenMint(options, std::move(*key));
}

std::string TokenMint::Mint(std::string_view name, std::string_view space, int64_t now) const {
  nlohmann::json header = {{"alg", "HS256"}, {"typ", "JWT"}};
  if (!options_.key_id.empty()) header["kid"] = options_.key_id;
  const nlohmann::json claims = {
      {"iss", options_.issuer}, {"aud", options_.audience}, {"sub", name},
      {"name", name},           {"space", space},           {"exp", now + kLifetimeSeconds}};
  const std::string text =
      earshotd::Base64UrlEncode(header.dump()) + "." + earshotd::Base64UrlEncode(claims.dump());
  return text + "." + earshotd::Base64UrlEncode(key_.Sign(text));
}

}  // namespace earshot::load
