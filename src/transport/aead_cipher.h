#pragma once

// AES-GCM with one fixed key (NIST SP 800-38D, 12-byte nonce, 16-byte tag) behind a small
// interface, so that the processor decides which library does it. The caller guards nonces and
// replays. Keys are wiped when destroyed. One thread per cipher.

#include <array>
#include <memory>
#include <string_view>

#include "base/bytes.h"

namespace earshot {

enum class AeadBackend : uint8_t {
  kIpsecMb,  // amd64 with AES-NI and carry-less multiplication; several times quicker
  kOpenSsl,  // everywhere
};

class AeadCipher {
 public:
  static constexpr size_t kNonceSize = 12;
  static constexpr size_t kTagSize = 16;
  using Nonce = std::array<uint8_t, kNonceSize>;

  /// The quickest backend that this build and this processor have.
  static AeadBackend BestBackend();
  static std::string_view BackendName(AeadBackend backend);

  /// The key has 16 or 32 bytes. Null for another size and for a backend that is not there.
  static std::unique_ptr<AeadCipher> Create(AeadBackend backend, ByteView key);
  virtual ~AeadCipher() = default;
  /// Whether Seal changes nothing in it, so that several threads may call it at once.
  virtual bool SealsUnchanged() const { return false; }

  /// Writes ciphertext and tag to `out`, which has room for plaintext.size() + kTagSize bytes. The
  /// plaintext either starts at out.data() or does not overlap `out`.
  [[nodiscard]] virtual bool Seal(const Nonce& nonce, ByteView associated_data, ByteView plaintext,
                                  ByteSpan out) = 0;
  /// `sealed` is ciphertext and tag, decrypted in place; the tag is left. False when it was not
  /// made with this key, nonce and data: the bytes are unspecified then and must not be used.
  [[nodiscard]] virtual bool Open(const Nonce& nonce, ByteView associated_data,
                                  ByteSpan sealed) = 0;
};

}  // namespace earshot
