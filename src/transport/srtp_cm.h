#pragma once

// AES128_CM_HMAC_SHA1_80 (RFC 3711), for peers that offer nothing better, over CmCipher. Starts
// from session keys, so that the RFC's vectors apply. One thread.

#include <array>
#include <memory>
#include <optional>

#include "transport/cm_cipher.h"
#include "transport/srtp.h"

namespace earshot {

/// Wiped when destroyed.
struct CmSessionKey {
  using Salt = std::array<uint8_t, 14>;

  CmSessionKey() = default;
  CmSessionKey(const CmSessionKey&) = default;
  CmSessionKey& operator=(const CmSessionKey&) = default;
  ~CmSessionKey();

  CmCipher::Key key{};
  CmCipher::AuthenticationKey authentication{};
  Salt salt{};
};

struct CmSessionKeys {
  static std::optional<CmSessionKeys> Derive(const SrtpMasterKey& master);

  CmSessionKey rtp;
  CmSessionKey rtcp;
};

/// Null without keys.
std::unique_ptr<SrtpSealer> CreateCmSealer(const std::optional<CmSessionKeys>& keys);
std::unique_ptr<SrtpOpener> CreateCmOpener(const std::optional<CmSessionKeys>& keys,
                                           size_t max_ssrcs = SrtpOpener::kMaxSsrcs);

}  // namespace earshot
