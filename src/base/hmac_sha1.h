#pragma once

// HMAC-SHA1 (RFC 2104) with one fixed key, for STUN and for AES128_CM_HMAC_SHA1_80. Allocates
// nothing; the key is wiped when destroyed. The only file that includes openssl/sha.h is its .cc.

#include <array>
#include <initializer_list>

#include "base/bytes.h"

namespace earshot {

class HmacSha1 {
 public:
  static constexpr size_t kSize = 20;
  using Digest = std::array<uint8_t, kSize>;

  explicit HmacSha1(ByteView key);
  HmacSha1(const HmacSha1&) = delete;
  HmacSha1& operator=(const HmacSha1&) = delete;
  ~HmacSha1();

  /// Over all parts, one behind the other. From any thread.
  Digest Compute(std::initializer_list<ByteView> parts) const;

 private:
  // A SHA_CTX each. The hash of the key, filled up to a block and combined with a pad, is the same
  // for all messages.
  struct alignas(8) State {
    std::array<uint8_t, 96> bytes;
  };
  State inner_;
  State outer_;
};

}  // namespace earshot
