#include "token_key.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>

#include <cstdint>
#include <set>

namespace earshotd {
namespace {

/// RFC 7518 section 3.2: "A key of the same size as the hash output [...] or larger MUST be used".
constexpr size_t kMinSecretSize = 32;
/// Fewer different bytes than this in 32 or more is no random secret: "aaaa...", "12121212...".
constexpr size_t kMinDifferentBytes = 8;
/// RFC 7518 section 3.4: R and S as 32-byte big-endian integers, one behind the other.
constexpr size_t kEs256SignatureSize = 64;

template <auto free_function>
struct Freer {
  template <typename T>
  void operator()(T* object) const {
    free_function(object);
  }
};
using Bio = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using Signature = std::unique_ptr<ECDSA_SIG, Freer<ECDSA_SIG_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freer<EVP_MD_CTX_free>>;

const uint8_t* Bytes(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

earshot::Error KeyError(std::string message) { return {"key-unusable", std::move(message)}; }

/// The ASN.1 form that OpenSSL verifies; empty if `raw` is not R and S.
std::string ToDer(std::string_view raw) {
  if (raw.size() != kEs256SignatureSize) return "";
  const Signature signature(ECDSA_SIG_new());
  BIGNUM* r = BN_bin2bn(Bytes(raw), kEs256SignatureSize / 2, nullptr);
  BIGNUM* s =
      BN_bin2bn(Bytes(raw.substr(kEs256SignatureSize / 2)), kEs256SignatureSize / 2, nullptr);
  if (ECDSA_SIG_set0(signature.get(), r, s) != 1) {
    BN_free(r);
    BN_free(s);
    return "";
  }
  uint8_t* der = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &der);
  if (size <= 0) return "";
  std::string result(reinterpret_cast<const char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  return result;
}

bool IsOnP256(const EVP_PKEY* key) {
  char group[32] = {};
  size_t size = 0;
  return EVP_PKEY_is_a(key, "EC") == 1 &&
         EVP_PKEY_get_group_name(key, group, sizeof(group), &size) == 1 &&
         std::string_view(group, size) == "prime256v1";
}

}  // namespace

std::string_view TokenAlgorithmName(TokenAlgorithm algorithm) {
  return algorithm == TokenAlgorithm::kHs256 ? "HS256" : "ES256";
}

void TokenKey::FreeKey::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }

earshot::Result<TokenKey> TokenKey::FromSecret(std::string_view secret) {
  while (!secret.empty() && (secret.back() == '\n' || secret.back() == '\r')) {
    secret.remove_suffix(1);
  }
  if (secret.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return KeyError("the secret is empty");
  }
  if (secret.size() < kMinSecretSize) return KeyError("the secret is shorter than 32 bytes");
  // A public key used as an HMAC secret is the classic algorithm confusion.
  if (secret.find("-----BEGIN ") != std::string_view::npos) {
    return KeyError("this is a PEM file, not a secret");
  }
  if (std::set<char>(secret.begin(), secret.end()).size() < kMinDifferentBytes) {
    return KeyError("the secret repeats itself; use 32 random bytes");
  }
  TokenKey key(TokenAlgorithm::kHs256);
  key.secret_ = secret;
  return key;
}

earshot::Result<TokenKey> TokenKey::FromPublicKeyPem(std::string_view pem) {
  if (pem.find("PRIVATE KEY-----") != std::string_view::npos) {
    return KeyError("this holds a private key; only the issuer may have that");
  }
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  TokenKey key(TokenAlgorithm::kEs256);
  key.public_key_.reset(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  if (!key.public_key_) return KeyError("this is not a PEM public key");
  if (!IsOnP256(key.public_key_.get())) return KeyError("ES256 needs a key on the curve P-256");
  return key;
}

bool TokenKey::Verifies(std::string_view signed_text, std::string_view signature) const {
  if (algorithm_ == TokenAlgorithm::kHs256) {
    const std::string expected = Sign(signed_text);
    return signature.size() == expected.size() &&
           CRYPTO_memcmp(signature.data(), expected.data(), expected.size()) == 0;
  }
  const std::string der = ToDer(signature);
  const DigestContext context(EVP_MD_CTX_new());
  const bool good =
      !der.empty() &&
      EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, public_key_.get()) == 1 &&
      EVP_DigestVerify(context.get(), Bytes(der), der.size(), Bytes(signed_text),
                       signed_text.size()) == 1;
  ERR_clear_error();
  return good;
}

std::string TokenKey::Sign(std::string_view text) const {
  std::string result(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  HMAC(EVP_sha256(), secret_.data(), static_cast<int>(secret_.size()), Bytes(text), text.size(),
       reinterpret_cast<uint8_t*>(result.data()), &size);
  result.resize(size);
  return result;
}

}  // namespace earshotd
