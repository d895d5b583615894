#pragma once

// AES-128 in counter mode and HMAC-SHA1 cut to 80 bits, with one fixed pair of keys: what
// AES128_CM_HMAC_SHA1_80 is made of (RFC 3711 sections 4.1.1 and 4.2.1). The caller guards counters
// and replays. Keys are wiped when destroyed. One thread per cipher.

#include <array>
#include <memory>

#include "base/bytes.h"

namespace earshot {

class CmCipher {
 public:
  static constexpr size_t kKeySize = 16;
  static constexpr size_t kAuthenticationKeySize = 20;
  static constexpr size_t kTagSize = 10;
  using Key = std::array<uint8_t, kKeySize>;
  using AuthenticationKey = std::array<uint8_t, kAuthenticationKeySize>;
  using Counter = std::array<uint8_t, 16>;
  using Tag = std::array<uint8_t, kTagSize>;

  /// Null when OpenSSL has no memory left.
  static std::unique_ptr<CmCipher> Create(const Key& key, const AuthenticationKey& authentication);
  CmCipher(const CmCipher&) = delete;
  CmCipher& operator=(const CmCipher&) = delete;
  ~CmCipher();

  /// Encrypts or decrypts, which is the same, from the block that `counter` names. `out` has the
  /// size of `in` and either starts where `in` does or does not overlap it.
  [[nodiscard]] bool Crypt(const Counter& counter, ByteView in, ByteSpan out);
  /// Over both, one behind the other.
  Tag Authenticate(ByteView packet, ByteView trailer) const;

 private:
  struct State;
  explicit CmCipher(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace earshot
