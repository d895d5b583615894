#include "wire/stun_format.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <memory>

#include "wire/crc32.h"

namespace earshot::stun {
namespace {

struct MacDeleter {
  void operator()(EVP_MAC* mac) const { EVP_MAC_free(mac); }
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using MacContext = std::unique_ptr<EVP_MAC_CTX, MacDeleter>;

MacContext NewHmacSha1() {
  const std::unique_ptr<EVP_MAC, MacDeleter> mac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  if (!mac) return nullptr;
  MacContext context(EVP_MAC_CTX_new(mac.get()));
  char digest[] = "SHA1";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end()};
  if (!context || EVP_MAC_CTX_set_params(context.get(), parameters) != 1) return nullptr;
  return context;
}

}  // namespace

bool ComputeIntegrity(ByteView message, size_t offset, std::string_view password, Integrity& out) {
  // An empty key would mean "the key of the last call" to EVP_MAC_init.
  if (password.empty() || offset < kHeaderSize || offset > message.size()) return false;
  // Looking an algorithm up costs OpenSSL 3 more than the hash of a whole request, and anybody can
  // make a server compute one: so each thread does it once.
  static thread_local const MacContext context = NewHmacSha1();
  std::array<uint8_t, kLengthPosition + 2> head;
  std::memcpy(head.data(), message.data(), kLengthPosition);
  StoreBigEndian(
      head.data() + kLengthPosition,
      static_cast<uint16_t>(offset + kAttributeHeaderSize + kIntegritySize - kHeaderSize));
  const ByteView rest = message.subspan(head.size(), offset - head.size());
  size_t size = 0;
  return context &&
         EVP_MAC_init(context.get(), reinterpret_cast<const uint8_t*>(password.data()),
                      password.size(), nullptr) == 1 &&
         EVP_MAC_update(context.get(), head.data(), head.size()) == 1 &&
         EVP_MAC_update(context.get(), rest.data(), rest.size()) == 1 &&
         EVP_MAC_final(context.get(), out.data(), &size, out.size()) == 1 && size == out.size();
}

uint32_t ComputeFingerprint(ByteView before) { return Crc32(before) ^ kFingerprintMask; }

}  // namespace earshot::stun
