#include "transport/aead_cipher.h"

#include <gtest/gtest.h>

#include "transport/srtp_test_packets.h"

namespace earshot {
namespace {

// Every backend that this build and this processor have.
std::vector<AeadBackend> Backends() {
  std::vector<AeadBackend> backends = {AeadBackend::kOpenSsl};
  if (AeadCipher::BestBackend() != AeadBackend::kOpenSsl) {
    backends.push_back(AeadCipher::BestBackend());
  }
  return backends;
}

class AeadCipherTest : public testing::TestWithParam<AeadBackend> {
 protected:
  std::unique_ptr<AeadCipher> Cipher(const Bytes& key) {
    return AeadCipher::Create(GetParam(), key);
  }
};

INSTANTIATE_TEST_SUITE_P(Backends, AeadCipherTest, testing::ValuesIn(Backends()),
                         [](const auto& param_info) {
                           return param_info.param == AeadBackend::kOpenSsl ? "OpenSsl" : "IpsecMb";
                         });

TEST_P(AeadCipherTest, MatchesTestCase4OfTheGcmSpecification) {
  const auto cipher = Cipher(FromHex("feffe9928665731c6d6a8f9467308308"));
  AeadCipher::Nonce nonce;
  const Bytes nonce_bytes = FromHex("cafebabefacedbaddecaf888");
  std::copy(nonce_bytes.begin(), nonce_bytes.end(), nonce.begin());
  const Bytes plaintext = FromHex(
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
      "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
  const Bytes associated = FromHex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  Bytes out(plaintext.size() + AeadCipher::kTagSize);
  ASSERT_TRUE(cipher->Seal(nonce, associated, plaintext, out));
  EXPECT_EQ(out, FromHex("42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
                         "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091"
                         "5bc94fbc3221a5db94fae95ae7121a47"));
}

TEST_P(AeadCipherTest, OpensWhatItSealedInPlace) {
  SeededRandom random(2);
  for (const size_t key_size : {16u, 32u}) {
    Bytes key(key_size);
    random.Fill(key);
    const auto cipher = Cipher(key);
    for (size_t size = 0; size < 300; ++size) {
      Bytes plaintext(size);
      random.Fill(plaintext);
      Bytes packet = plaintext;
      packet.resize(size + AeadCipher::kTagSize);
      AeadCipher::Nonce nonce;
      random.Fill(nonce);
      const Bytes associated(size % 40, 7);
      ASSERT_TRUE(cipher->Seal(nonce, associated, ByteView(packet).first(size), packet));
      ASSERT_TRUE(cipher->Open(nonce, associated, packet));
      packet.resize(size);
      ASSERT_EQ(packet, plaintext);
    }
  }
}

TEST_P(AeadCipherTest, SealingAndOpeningMayAlternateOnOneCipher) {
  const auto cipher = Cipher(Bytes(16, 9));
  const AeadCipher::Nonce nonce{};
  for (int i = 0; i < 3; ++i) {
    Bytes packet(50 + AeadCipher::kTagSize, 1);
    Bytes garbage(50 + AeadCipher::kTagSize, 2);
    EXPECT_FALSE(cipher->Open(nonce, {}, garbage));
    ASSERT_TRUE(cipher->Seal(nonce, {}, ByteView(packet).first(50), packet));
    EXPECT_TRUE(cipher->Open(nonce, {}, packet));
  }
}

TEST_P(AeadCipherTest, AChangedBitAnywhereFails) {
  const auto cipher = Cipher(Bytes(32, 9));
  AeadCipher::Nonce nonce{};
  Bytes associated(12, 3);
  Bytes sealed(40 + AeadCipher::kTagSize, 1);
  ASSERT_TRUE(cipher->Seal(nonce, associated, ByteView(sealed).first(40), sealed));
  for (size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    Bytes changed = sealed;
    changed[bit / 8] ^= static_cast<uint8_t>(1u << (bit % 8));
    EXPECT_FALSE(cipher->Open(nonce, associated, changed)) << bit;
  }
  Bytes copy = sealed;
  associated[11] ^= 1;
  EXPECT_FALSE(cipher->Open(nonce, associated, copy));
  associated[11] ^= 1;
  nonce[0] ^= 1;
  copy = sealed;
  EXPECT_FALSE(cipher->Open(nonce, associated, copy));
}

TEST_P(AeadCipherTest, SpansThatAreTooSmallAreRefused) {
  const auto cipher = Cipher(Bytes(16, 9));
  Bytes small(AeadCipher::kTagSize - 1);
  EXPECT_FALSE(cipher->Open({}, {}, small));
  EXPECT_FALSE(cipher->Open({}, {}, {}));
  EXPECT_FALSE(cipher->Seal({}, {}, {}, small));
}

TEST_P(AeadCipherTest, AcceptsOnlyKeysOf16And32Bytes) {
  for (size_t size = 0; size <= 33; ++size) {
    EXPECT_EQ(Cipher(Bytes(size)) != nullptr, size == 16 || size == 32) << size;
  }
}

}  // namespace
}  // namespace earshot
