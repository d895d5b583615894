#include "transport/dtls_traffic_keys.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>
#include <memory>

namespace earshot {
namespace {

constexpr std::string_view kLabel = "key expansion";
constexpr size_t kMaxKeyBlock = 2 * (32 + DtlsTrafficKey::kSaltSize);

struct KdfDeleter {
  void operator()(EVP_KDF* kdf) const { EVP_KDF_free(kdf); }
  void operator()(EVP_KDF_CTX* context) const { EVP_KDF_CTX_free(context); }
};

size_t KeySizeOf(const SSL_CIPHER* cipher) {
  switch (cipher == nullptr ? NID_undef : SSL_CIPHER_get_cipher_nid(cipher)) {
    case NID_aes_128_gcm:
      return 16;
    case NID_aes_256_gcm:
      return 32;
    default:
      return 0;
  }
}

// The PRF of TLS 1.2 (RFC 5246 section 5) with the hash of the cipher suite.
bool ExpandSecret(SSL* ssl, ByteSpan secret, ByteSpan out) {
  std::array<uint8_t, kLabel.size() + 2 * SSL3_RANDOM_SIZE> seed{};
  std::ranges::copy(kLabel, seed.begin());
  uint8_t* const randoms = seed.data() + kLabel.size();
  SSL_get_server_random(ssl, randoms, SSL3_RANDOM_SIZE);
  SSL_get_client_random(ssl, randoms + SSL3_RANDOM_SIZE, SSL3_RANDOM_SIZE);
  const EVP_MD* digest = SSL_CIPHER_get_handshake_digest(SSL_get_current_cipher(ssl));
  const std::unique_ptr<EVP_KDF, KdfDeleter> kdf(EVP_KDF_fetch(nullptr, "TLS1-PRF", nullptr));
  const std::unique_ptr<EVP_KDF_CTX, KdfDeleter> context(EVP_KDF_CTX_new(kdf.get()));
  if (digest == nullptr || context == nullptr) return false;
  const std::array<OSSL_PARAM, 4> parameters = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST,
                                       const_cast<char*>(EVP_MD_get0_name(digest)), 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SECRET, secret.data(), secret.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, seed.data(), seed.size()),
      OSSL_PARAM_construct_end()};
  return EVP_KDF_derive(context.get(), out.data(), out.size(), parameters.data()) == 1;
}

}  // namespace

std::optional<DtlsTrafficKeys> ExportTrafficKeys(SSL* ssl, DtlsRole role) {
  const size_t key_size = KeySizeOf(SSL_get_current_cipher(ssl));
  if (key_size == 0) return std::nullopt;
  std::array<uint8_t, SSL_MAX_MASTER_KEY_LENGTH> secret{};
  const size_t secret_size =
      SSL_SESSION_get_master_key(SSL_get_session(ssl), secret.data(), secret.size());
  std::array<uint8_t, kMaxKeyBlock> block{};
  const ByteSpan used = ByteSpan(block).first(2 * (key_size + DtlsTrafficKey::kSaltSize));
  const bool expanded = ExpandSecret(ssl, ByteSpan(secret).first(secret_size), used);
  OPENSSL_cleanse(secret.data(), secret.size());
  if (!expanded) return std::nullopt;

  // RFC 5246 section 6.3: client key, server key, client salt, server salt; AEAD has no MAC keys.
  DtlsTrafficKeys keys;
  DtlsTrafficKey& client = role == DtlsRole::kClient ? keys.local : keys.remote;
  DtlsTrafficKey& server = role == DtlsRole::kClient ? keys.remote : keys.local;
  ByteReader reader(used);
  client.size = server.size = key_size;
  std::ranges::copy(reader.Take(key_size), client.key.begin());
  std::ranges::copy(reader.Take(key_size), server.key.begin());
  std::ranges::copy(reader.Take(DtlsTrafficKey::kSaltSize), client.salt.begin());
  std::ranges::copy(reader.Take(DtlsTrafficKey::kSaltSize), server.salt.begin());
  OPENSSL_cleanse(block.data(), block.size());
  return keys;
}

}  // namespace earshot
