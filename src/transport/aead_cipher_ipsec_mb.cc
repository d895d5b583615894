#include "transport/aead_cipher_ipsec_mb.h"

#if EARSHOT_HAVE_IPSEC_MB

#include <intel-ipsec-mb.h>
#include <openssl/crypto.h>

namespace earshot {
namespace {

// What is needed of an IMB_MGR. The direct GCM functions keep no state in the manager, so its
// 200 kB need not stay.
struct GcmFunctions {
  bool usable = false;
  aes_gcm_pre_t expand_128, expand_256;
  aes_gcm_enc_dec_t seal_128, seal_256, open_128, open_256;
};

GcmFunctions LoadGcmFunctions() {
  GcmFunctions functions{};
  IMB_MGR* manager = alloc_mb_mgr(0);
  if (manager == nullptr) return functions;
  init_mb_mgr_auto(manager, nullptr);
  constexpr uint64_t kNeeded = IMB_FEATURE_AESNI | IMB_FEATURE_PCLMULQDQ | IMB_FEATURE_SELF_TEST |
                               IMB_FEATURE_SELF_TEST_PASS;
  functions.usable = imb_get_errno(manager) == 0 && (manager->features & kNeeded) == kNeeded &&
                     manager->used_arch != IMB_ARCH_NOAESNI;
  functions.expand_128 = manager->gcm128_pre;
  functions.expand_256 = manager->gcm256_pre;
  functions.seal_128 = manager->gcm128_enc;
  functions.seal_256 = manager->gcm256_enc;
  functions.open_128 = manager->gcm128_dec;
  functions.open_256 = manager->gcm256_dec;
  free_mb_mgr(manager);
  return functions;
}

const GcmFunctions& Functions() {
  static const GcmFunctions functions = LoadGcmFunctions();
  return functions;
}

class IpsecMbCipher final : public AeadCipher {
 public:
  explicit IpsecMbCipher(ByteView key)
      : seal_(key.size() == 16 ? Functions().seal_128 : Functions().seal_256),
        open_(key.size() == 16 ? Functions().open_128 : Functions().open_256) {
    const auto expand = key.size() == 16 ? Functions().expand_128 : Functions().expand_256;
    expand(key.data(), &key_);
  }
  IpsecMbCipher(const IpsecMbCipher&) = delete;
  IpsecMbCipher& operator=(const IpsecMbCipher&) = delete;
  ~IpsecMbCipher() override { OPENSSL_cleanse(&key_, sizeof(key_)); }

  bool SealsUnchanged() const override { return true; }

  bool Seal(const Nonce& nonce, ByteView associated_data, ByteView plaintext,
            ByteSpan out) override {
    if (out.size() < plaintext.size() + kTagSize) return false;
    gcm_context_data scratch;
    seal_(&key_, &scratch, out.data(), plaintext.data(), plaintext.size(), nonce.data(),
          associated_data.data(), associated_data.size(), out.data() + plaintext.size(), kTagSize);
    return true;
  }

  bool Open(const Nonce& nonce, ByteView associated_data, ByteSpan sealed) override {
    if (sealed.size() < kTagSize) return false;
    const size_t size = sealed.size() - kTagSize;
    gcm_context_data scratch;
    std::array<uint8_t, kTagSize> tag{};
    open_(&key_, &scratch, sealed.data(), sealed.data(), size, nonce.data(), associated_data.data(),
          associated_data.size(), tag.data(), kTagSize);
    // The library only computes the tag; to compare it, in constant time, is up to us.
    return CRYPTO_memcmp(tag.data(), sealed.data() + size, kTagSize) == 0;
  }

 private:
  alignas(64) gcm_key_data key_;
  aes_gcm_enc_dec_t seal_;
  aes_gcm_enc_dec_t open_;
};

}  // namespace

bool HasIpsecMb() { return Functions().usable; }

std::unique_ptr<AeadCipher> CreateIpsecMbCipher(ByteView key) {
  if (!HasIpsecMb() || (key.size() != 16 && key.size() != 32)) return nullptr;
  return std::make_unique<IpsecMbCipher>(key);
}

}  // namespace earshot

#else

namespace earshot {

bool HasIpsecMb() { return false; }

std::unique_ptr<AeadCipher> CreateIpsecMbCipher(ByteView) { return nullptr; }

}  // namespace earshot

#endif
