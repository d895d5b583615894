#include "transport/srtp_key_derivation.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>

namespace earshot {
namespace {

constexpr size_t kMaxDerivedSize = 32;
constexpr size_t kSaltSize = 14;
constexpr size_t kAeadSaltSize = 12;
// RFC 3711 section 4.3.1: key_id is the label in front of the 48-bit index divided by the rate,
// aligned to the end of the 14-byte salt.
constexpr size_t kLabelOffset = 7;

struct CipherContextFree {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

const EVP_CIPHER* CounterModeFor(size_t key_size) {
  if (key_size == 16) return EVP_aes_128_ctr();
  if (key_size == 32) return EVP_aes_256_ctr();
  return nullptr;
}

// AES-CM(k_master, x * 2^16) over zeros.
bool WriteKeystream(ByteView key, const std::array<uint8_t, 16>& counter, ByteSpan out) {
  const EVP_CIPHER* cipher = CounterModeFor(key.size());
  const std::unique_ptr<EVP_CIPHER_CTX, CipherContextFree> context(EVP_CIPHER_CTX_new());
  if (cipher == nullptr || context == nullptr) return false;
  constexpr std::array<uint8_t, kMaxDerivedSize> kZeros{};
  int written = 0;
  return EVP_EncryptInit_ex(context.get(), cipher, nullptr, key.data(), counter.data()) == 1 &&
         EVP_EncryptUpdate(context.get(), out.data(), &written, kZeros.data(),
                           static_cast<int>(out.size())) == 1 &&
         static_cast<size_t>(written) == out.size();
}

}  // namespace

bool DeriveSrtpKey(ByteView master_key, ByteView master_salt, SrtpKeyLabel label, ByteSpan out) {
  std::fill(out.begin(), out.end(), uint8_t{0});
  if (out.size() > kMaxDerivedSize) return false;
  if (master_salt.size() != kSaltSize && master_salt.size() != kAeadSaltSize) return false;
  // RFC 7714 section 11: a 96-bit salt takes the place of the leading bits; the rest is zero.
  std::array<uint8_t, 16> counter{};
  std::copy(master_salt.begin(), master_salt.end(), counter.begin());
  counter[kLabelOffset] ^= static_cast<uint8_t>(label);
  const bool derived = WriteKeystream(master_key, counter, out);
  OPENSSL_cleanse(counter.data(), counter.size());
  if (!derived) std::fill(out.begin(), out.end(), uint8_t{0});
  return derived;
}

}  // namespace earshot
