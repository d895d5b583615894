#include "transport/dtls_srtp_keys.h"

#include <openssl/crypto.h>
#include <openssl/srtp.h>

#include <algorithm>
#include <array>

namespace earshot {
namespace {

std::optional<SrtpProfile> SelectedProfile(SSL* ssl) {
  const SRTP_PROTECTION_PROFILE* selected = SSL_get_selected_srtp_profile(ssl);
  if (selected == nullptr) return std::nullopt;
  switch (selected->id) {
    case SRTP_AEAD_AES_128_GCM:
      return SrtpProfile::kAeadAes128Gcm;
    case SRTP_AEAD_AES_256_GCM:
      return SrtpProfile::kAeadAes256Gcm;
    case SRTP_AES128_CM_SHA1_80:
      return SrtpProfile::kAes128CmHmacSha1_80;
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<DtlsSrtpKeys> ExportSrtpKeys(SSL* ssl, DtlsRole role) {
  static constexpr char kLabel[] = "EXTRACTOR-dtls_srtp";
  const std::optional<SrtpProfile> profile = SelectedProfile(ssl);
  if (!profile) return std::nullopt;
  const size_t key_size = MasterKeySize(*profile);
  const size_t salt_size = MasterSaltSize(*profile);
  std::array<uint8_t, 2 * (32 + 14)> material;
  const size_t total = 2 * (key_size + salt_size);
  if (SSL_export_keying_material(ssl, material.data(), total, kLabel, sizeof(kLabel) - 1, nullptr,
                                 0, 0) != 1) {
    return std::nullopt;
  }
  // RFC 5764 section 4.2: client key, server key, client salt, server salt.
  DtlsSrtpKeys keys{.profile = *profile, .local = {}, .remote = {}};
  SrtpMasterKey& client = role == DtlsRole::kClient ? keys.local : keys.remote;
  SrtpMasterKey& server = role == DtlsRole::kClient ? keys.remote : keys.local;
  ByteReader reader(ByteView(material).first(total));
  std::ranges::copy(reader.Take(key_size), client.key.begin());
  std::ranges::copy(reader.Take(key_size), server.key.begin());
  std::ranges::copy(reader.Take(salt_size), client.salt.begin());
  std::ranges::copy(reader.Take(salt_size), server.salt.begin());
  OPENSSL_cleanse(material.data(), material.size());
  return keys;
}

}  // namespace earshot
