#include "base/hmac_sha1.h"

// A digest of EVP allocates whenever a state is copied or a key is set, which takes longer than to
// hash what STUN and audio have to hash. These functions, deprecated since OpenSSL 3.0, work on a
// struct.
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <bit>

namespace earshot {
namespace {

using Block = std::array<uint8_t, SHA_CBLOCK>;

HmacSha1::Digest Hash(SHA_CTX& context, std::initializer_list<ByteView> parts) {
  for (const ByteView part : parts) SHA1_Update(&context, part.data(), part.size());
  HmacSha1::Digest digest;
  SHA1_Final(digest.data(), &context);
  return digest;
}

// Filled up with zeros; of one longer than a block, the hash stands for it.
Block KeyBlock(ByteView key) {
  Block block{};
  if (key.size() <= block.size()) {
    std::copy(key.begin(), key.end(), block.begin());
  } else {
    SHA_CTX context;
    SHA1_Init(&context);
    HmacSha1::Digest digest = Hash(context, {key});
    std::copy(digest.begin(), digest.end(), block.begin());
    OPENSSL_cleanse(digest.data(), digest.size());
    OPENSSL_cleanse(&context, sizeof(context));
  }
  return block;
}

template <typename State>
State Absorb(Block block, uint8_t pad) {
  static_assert(sizeof(State) == sizeof(SHA_CTX) && alignof(State) >= alignof(SHA_CTX));
  for (uint8_t& byte : block) byte ^= pad;
  SHA_CTX context;
  SHA1_Init(&context);
  SHA1_Update(&context, block.data(), block.size());
  OPENSSL_cleanse(block.data(), block.size());
  return std::bit_cast<State>(context);
}

}  // namespace

HmacSha1::HmacSha1(ByteView key) {
  Block block = KeyBlock(key);
  inner_ = Absorb<State>(block, 0x36);
  outer_ = Absorb<State>(block, 0x5c);
  OPENSSL_cleanse(block.data(), block.size());
}

HmacSha1::~HmacSha1() {
  OPENSSL_cleanse(&inner_, sizeof(inner_));
  OPENSSL_cleanse(&outer_, sizeof(outer_));
}

HmacSha1::Digest HmacSha1::Compute(std::initializer_list<ByteView> parts) const {
  auto inner = std::bit_cast<SHA_CTX>(inner_);
  const Digest digest = Hash(inner, parts);
  auto outer = std::bit_cast<SHA_CTX>(outer_);
  return Hash(outer, {digest});
}

}  // namespace earshot
