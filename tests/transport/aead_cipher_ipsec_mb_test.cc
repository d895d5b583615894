#include "transport/aead_cipher_ipsec_mb.h"

#include <gtest/gtest.h>

#include "transport/srtp_test_packets.h"

namespace earshot {
namespace {

class AeadCipherIpsecMbTest : public testing::TestWithParam<size_t> {
 protected:
  void SetUp() override {
    if (!HasIpsecMb()) GTEST_SKIP() << "no libipsec-mb in this build or for this processor";
  }
};

INSTANTIATE_TEST_SUITE_P(KeySizes, AeadCipherIpsecMbTest, testing::Values(16, 32));

TEST_P(AeadCipherIpsecMbTest, AgreesWithOpenSslOnRandomPackets) {
  SeededRandom random(GetParam());
  Bytes key(GetParam());
  random.Fill(key);
  const auto ours = CreateIpsecMbCipher(key);
  const auto reference = AeadCipher::Create(AeadBackend::kOpenSsl, key);
  for (int i = 0; i < 10000; ++i) {
    Bytes plaintext(random.Below(1480)), associated(random.Below(120));
    AeadCipher::Nonce nonce;
    random.Fill(plaintext);
    random.Fill(associated);
    random.Fill(nonce);
    Bytes sealed(plaintext.size() + AeadCipher::kTagSize);
    Bytes expected(sealed.size());
    ASSERT_TRUE(ours->Seal(nonce, associated, plaintext, sealed));
    ASSERT_TRUE(reference->Seal(nonce, associated, plaintext, expected));
    ASSERT_EQ(sealed, expected);
    ASSERT_TRUE(ours->Open(nonce, associated, sealed));
    sealed.resize(plaintext.size());
    ASSERT_EQ(sealed, plaintext);
  }
}

TEST_P(AeadCipherIpsecMbTest, IsTheBackendOfChoiceWhereItExists) {
  EXPECT_EQ(AeadCipher::BestBackend(), AeadBackend::kIpsecMb);
}

}  // namespace
}  // namespace earshot
