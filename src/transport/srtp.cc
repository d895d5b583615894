#include "transport/srtp.h"

#include <openssl/crypto.h>

#include "transport/srtp_aead.h"
#include "transport/srtp_cm.h"
#include "transport/srtp_libsrtp.h"

namespace earshot {

size_t MasterKeySize(SrtpProfile profile) {
  return profile == SrtpProfile::kAeadAes256Gcm ? 32 : 16;
}

size_t MasterSaltSize(SrtpProfile profile) {
  return profile == SrtpProfile::kAes128CmHmacSha1_80 ? 14 : 12;
}

SrtpMasterKey::~SrtpMasterKey() {
  OPENSSL_cleanse(key.data(), key.size());
  OPENSSL_cleanse(salt.data(), salt.size());
}

bool HasSrtpBackend(SrtpBackend backend) {
  return backend == SrtpBackend::kBuiltIn || HasLibsrtp();
}

std::unique_ptr<SrtpSealer> SrtpSealer::Create(SrtpProfile profile, const SrtpMasterKey& key,
                                               SrtpBackend backend) {
  if (backend == SrtpBackend::kLibsrtp) return CreateLibsrtpSealer(profile, key);
  if (profile == SrtpProfile::kAes128CmHmacSha1_80) {
    return CreateCmSealer(CmSessionKeys::Derive(key));
  }
  return CreateAeadSealer(AeadCipher::BestBackend(), AeadSessionKeys::Derive(profile, key));
}

std::unique_ptr<SrtpOpener> SrtpOpener::Create(SrtpProfile profile, const SrtpMasterKey& key,
                                               size_t max_ssrcs, SrtpBackend backend) {
  if (backend == SrtpBackend::kLibsrtp) return CreateLibsrtpOpener(profile, key, max_ssrcs);
  if (profile == SrtpProfile::kAes128CmHmacSha1_80) {
    return CreateCmOpener(CmSessionKeys::Derive(key), max_ssrcs);
  }
  return CreateAeadOpener(AeadCipher::BestBackend(), AeadSessionKeys::Derive(profile, key),
                          max_ssrcs);
}

}  // namespace earshot
