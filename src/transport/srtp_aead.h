#pragma once

// The AEAD profiles of SRTP (RFC 7714) over AeadCipher: nonces, associated data, replay windows and
// roll-over counters. Starts from session keys, so that the RFC's vectors apply. One thread.

#include <array>
#include <memory>

#include "transport/aead_cipher.h"
#include "transport/srtp.h"

namespace earshot {

/// Wiped when destroyed.
struct AeadSessionKey {
  AeadSessionKey() = default;
  AeadSessionKey(const AeadSessionKey&) = default;
  AeadSessionKey& operator=(const AeadSessionKey&) = default;
  ~AeadSessionKey();

  std::array<uint8_t, 32> key{};
  size_t key_size = 0;
  AeadCipher::Nonce salt{};
};

struct AeadSessionKeys {
  /// The sizes are zero, and no cipher comes of them, when the derivation failed.
  static AeadSessionKeys Derive(SrtpProfile profile, const SrtpMasterKey& master);

  AeadSessionKey rtp;
  AeadSessionKey rtcp;
};

/// Null when the backend is not there or a key has no valid size.
std::unique_ptr<SrtpSealer> CreateAeadSealer(AeadBackend backend, const AeadSessionKeys& keys);
std::unique_ptr<SrtpOpener> CreateAeadOpener(AeadBackend backend, const AeadSessionKeys& keys,
                                             size_t max_ssrcs = SrtpOpener::kMaxSsrcs);

}  // namespace earshot
