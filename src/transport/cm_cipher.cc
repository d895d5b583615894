#include "transport/cm_cipher.h"

#include <openssl/evp.h>

#include <algorithm>
#include <utility>

#include "base/hmac_sha1.h"

namespace earshot {
namespace {

struct CipherContextFree {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

}  // namespace

// The cipher's context keeps the expanded key, and freeing it wipes it; per packet only the counter
// is set.
struct CmCipher::State {
  explicit State(const AuthenticationKey& key) : authentication(key) {}
  std::unique_ptr<EVP_CIPHER_CTX, CipherContextFree> cipher;
  HmacSha1 authentication;
};

std::unique_ptr<CmCipher> CmCipher::Create(const Key& key,
                                           const AuthenticationKey& authentication) {
  auto state = std::make_unique<State>(authentication);
  state->cipher.reset(EVP_CIPHER_CTX_new());
  if (state->cipher == nullptr || EVP_EncryptInit_ex(state->cipher.get(), EVP_aes_128_ctr(),
                                                     nullptr, key.data(), nullptr) != 1) {
    return nullptr;
  }
  return std::unique_ptr<CmCipher>(new CmCipher(std::move(state)));
}

CmCipher::CmCipher(std::unique_ptr<State> state) : state_(std::move(state)) {}
CmCipher::~CmCipher() = default;

bool CmCipher::Crypt(const Counter& counter, ByteView in, ByteSpan out) {
  EVP_CIPHER_CTX* cipher = state_->cipher.get();
  int written = 0;
  return EVP_EncryptInit_ex(cipher, nullptr, nullptr, nullptr, counter.data()) == 1 &&
         (in.empty() || EVP_EncryptUpdate(cipher, out.data(), &written, in.data(),
                                          static_cast<int>(in.size())) == 1);
}

CmCipher::Tag CmCipher::Authenticate(ByteView packet, ByteView trailer) const {
  const HmacSha1::Digest digest = state_->authentication.Compute({packet, trailer});
  Tag tag;
  std::copy_n(digest.begin(), tag.size(), tag.begin());
  return tag;
}

}  // namespace earshot
