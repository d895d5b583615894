#include "transport/cm_cipher.h"

// A digest of EVP allocates whenever a state is copied, and takes half as long again for an audio
// packet. These functions, deprecated since OpenSSL 3.0, work on a struct.
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <utility>

namespace earshot {
namespace {

struct CipherContextFree {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

// RFC 2104: the hash of the key, filled up to a block and combined with a pad, is the same for all
// packets.
SHA_CTX AbsorbKey(const CmCipher::AuthenticationKey& key, uint8_t pad) {
  std::array<uint8_t, SHA_CBLOCK> block;
  block.fill(pad);
  for (size_t i = 0; i < key.size(); ++i) block[i] ^= key[i];
  SHA_CTX context;
  SHA1_Init(&context);
  SHA1_Update(&context, block.data(), block.size());
  OPENSSL_cleanse(block.data(), block.size());
  return context;
}

}  // namespace

// The cipher's context keeps the expanded key, and freeing it wipes it; per packet only the counter
// is set.
struct CmCipher::State {
  ~State() {
    OPENSSL_cleanse(&inner, sizeof(inner));
    OPENSSL_cleanse(&outer, sizeof(outer));
  }
  std::unique_ptr<EVP_CIPHER_CTX, CipherContextFree> cipher;
  SHA_CTX inner;
  SHA_CTX outer;
};

std::unique_ptr<CmCipher> CmCipher::Create(const Key& key,
                                           const AuthenticationKey& authentication) {
  auto state = std::make_unique<State>();
  state->cipher.reset(EVP_CIPHER_CTX_new());
  if (state->cipher == nullptr || EVP_EncryptInit_ex(state->cipher.get(), EVP_aes_128_ctr(),
                                                     nullptr, key.data(), nullptr) != 1) {
    return nullptr;
  }
  state->inner = AbsorbKey(authentication, 0x36);
  state->outer = AbsorbKey(authentication, 0x5c);
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
  std::array<uint8_t, SHA_DIGEST_LENGTH> digest;
  SHA_CTX context = state_->inner;
  SHA1_Update(&context, packet.data(), packet.size());
  SHA1_Update(&context, trailer.data(), trailer.size());
  SHA1_Final(digest.data(), &context);
  context = state_->outer;
  SHA1_Update(&context, digest.data(), digest.size());
  SHA1_Final(digest.data(), &context);
  Tag tag;
  std::copy_n(digest.begin(), tag.size(), tag.begin());
  return tag;
}

}  // namespace earshot
