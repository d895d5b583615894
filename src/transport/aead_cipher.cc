#include "transport/aead_cipher.h"

#include <openssl/evp.h>

#include "transport/aead_cipher_ipsec_mb.h"

namespace earshot {
namespace {

struct CipherContextFree {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, CipherContextFree>;

// The context keeps the expanded key; per packet only the nonce is set. Freeing it wipes it.
class OpenSslCipher final : public AeadCipher {
 public:
  explicit OpenSslCipher(CipherContext context) : context_(std::move(context)) {}

  bool Seal(const Nonce& nonce, ByteView associated_data, ByteView plaintext,
            ByteSpan out) override {
    if (out.size() < plaintext.size() + kTagSize) return false;
    return Start(Direction::kSeal, nonce, associated_data) &&
           Run(plaintext.data(), plaintext.size(), out.data()) && Finish() &&
           EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, kTagSize,
                               out.data() + plaintext.size()) == 1;
  }

  bool Open(const Nonce& nonce, ByteView associated_data, ByteSpan sealed) override {
    if (sealed.size() < kTagSize) return false;
    const size_t size = sealed.size() - kTagSize;
    return Start(Direction::kOpen, nonce, associated_data) &&
           Run(sealed.data(), size, sealed.data()) &&
           EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, kTagSize,
                               sealed.data() + size) == 1 &&
           Finish();
  }

 private:
  enum class Direction : int { kOpen = 0, kSeal = 1 };

  bool Start(Direction direction, const Nonce& nonce, ByteView associated_data) {
    if (EVP_CipherInit_ex(context_.get(), nullptr, nullptr, nullptr, nonce.data(),
                          static_cast<int>(direction)) != 1) {
      return false;
    }
    return Run(associated_data.data(), associated_data.size(), nullptr);
  }
  // Without an output, the input is associated data.
  bool Run(const uint8_t* in, size_t size, uint8_t* out) {
    int written = 0;
    return size == 0 ||
           EVP_CipherUpdate(context_.get(), out, &written, in, static_cast<int>(size)) == 1;
  }
  bool Finish() {
    // GCM writes nothing here, but OpenSSL wants room for a block.
    std::array<uint8_t, 16> nothing;
    int written = 0;
    return EVP_CipherFinal_ex(context_.get(), nothing.data(), &written) == 1;
  }

  CipherContext context_;
};

std::unique_ptr<AeadCipher> CreateOpenSslCipher(ByteView key) {
  if (key.size() != 16 && key.size() != 32) return nullptr;
  const EVP_CIPHER* cipher = key.size() == 16 ? EVP_aes_128_gcm() : EVP_aes_256_gcm();
  CipherContext context(EVP_CIPHER_CTX_new());
  if (context == nullptr ||
      EVP_EncryptInit_ex(context.get(), cipher, nullptr, key.data(), nullptr) != 1) {
    return nullptr;
  }
  return std::make_unique<OpenSslCipher>(std::move(context));
}

}  // namespace

AeadBackend AeadCipher::BestBackend() {
  return HasIpsecMb() ? AeadBackend::kIpsecMb : AeadBackend::kOpenSsl;
}

std::string_view AeadCipher::BackendName(AeadBackend backend) {
  return backend == AeadBackend::kIpsecMb ? "ipsec-mb" : "OpenSSL";
}

std::unique_ptr<AeadCipher> AeadCipher::Create(AeadBackend backend, ByteView key) {
  return backend == AeadBackend::kIpsecMb ? CreateIpsecMbCipher(key) : CreateOpenSslCipher(key);
}

}  // namespace earshot
