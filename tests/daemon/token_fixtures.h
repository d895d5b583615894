#pragma once

// Signs join tokens, good and bad, as a portal or an attacker would. Test code only.

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base64url.h"
#include "token_key.h"

namespace earshotd {

inline constexpr int64_t kNow = 1'800'000'000;
inline constexpr char kSecret[] = "0123456789abcdef0123456789abcdef";
inline constexpr char kHs256Header[] = R"({"alg":"HS256","typ":"JWT"})";
inline constexpr char kEs256Header[] = R"({"alg":"ES256","typ":"JWT"})";

/// The claims of a good token; tests change what they are about.
inline nlohmann::json GoodClaims() {
  return {{"iss", "portal"}, {"aud", "earshot"}, {"sub", "u-1"},
          {"name", "Ada"},   {"space", "hall"},  {"exp", kNow + 300}};
}

inline std::string SigningInput(std::string_view header, std::string_view payload) {
  return Base64UrlEncode(header) + "." + Base64UrlEncode(payload);
}

/// A compact token with an HMAC over exactly these texts.
inline std::string SignHs256(std::string_view header, std::string_view payload,
                             std::string_view secret = kSecret) {
  const std::string input = SigningInput(header, payload);
  return input + "." + Base64UrlEncode(TokenKey::FromSecret(secret)->Sign(input));
}
inline std::string GoodToken() { return SignHs256(kHs256Header, GoodClaims().dump()); }

/// An EC key pair on the named curve.
class EcKey {
 public:
  explicit EcKey(const char* curve = "P-256") : key_(EVP_EC_gen(curve)) {}
  ~EcKey() { EVP_PKEY_free(key_); }
  EcKey(const EcKey&) = delete;
  EcKey& operator=(const EcKey&) = delete;

  std::string PublicPem() const {
    BIO* bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PUBKEY(bio, key_);
    return Take(bio);
  }
  std::string PrivatePem() const {
    BIO* bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(bio, key_, nullptr, nullptr, 0, nullptr, nullptr);
    return Take(bio);
  }
  /// The DER form of an ECDSA signature with SHA-256.
  std::string SignDer(std::string_view text) const {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr, key_);
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    std::string der(256, '\0');
    size_t size = der.size();
    EVP_DigestSign(context, reinterpret_cast<unsigned char*>(der.data()), &size, bytes,
                   text.size());
    EVP_MD_CTX_free(context);
    der.resize(size);
    return der;
  }
  /// R and S of 32 bytes each, as JOSE wants them.
  std::string Sign(std::string_view text) const {
    const std::string der = SignDer(text);
    const auto* cursor = reinterpret_cast<const unsigned char*>(der.data());
    ECDSA_SIG* signature = d2i_ECDSA_SIG(nullptr, &cursor, static_cast<long>(der.size()));
    std::string raw(64, '\0');
    auto* out = reinterpret_cast<unsigned char*>(raw.data());
    BN_bn2binpad(ECDSA_SIG_get0_r(signature), out, 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(signature), out + 32, 32);
    ECDSA_SIG_free(signature);
    return raw;
  }
  std::string Token(std::string_view header, std::string_view payload) const {
    const std::string input = SigningInput(header, payload);
    return input + "." + Base64UrlEncode(Sign(input));
  }

 private:
  static std::string Take(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    std::string text(data, static_cast<size_t>(size));
    BIO_free(bio);
    return text;
  }
  EVP_PKEY* key_;
};

}  // namespace earshotd
