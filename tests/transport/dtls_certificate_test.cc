#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <array>

#include "transport/dtls.h"
#include "transport/dtls_handles.h"
#include "transport/dtls_link.h"
#include "transport/dtls_raw_client.h"

namespace earshot {
namespace {

TEST(DtlsCertificateTest, D15_WeakCipherSuitesAreRefused) {
  for (const char* suite :
       {"ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-ECDSA-AES128-SHA256"}) {
    DtlsAssociation server = MakeServer();
    RawDtlsClient client({.srtp_profiles = kAllProfiles, .cipher_suites = suite});
    EXPECT_FALSE(client.HandshakeWith(server, Timestamp::Seconds(1))) << suite;
  }
}

TEST(DtlsCertificateTest, D16_EveryCertificateIsNew) {
  const auto first = DtlsCertificate::Make();
  const auto second = DtlsCertificate::Make();
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->fingerprint().algorithm, "sha-256");
  EXPECT_THAT(first->fingerprint().value, testing::MatchesRegex("([0-9A-F][0-9A-F]:)+[0-9A-F]+"));
  EXPECT_NE(first->fingerprint().value, second->fingerprint().value);
}

TEST(DtlsCertificateTest, D16_TheKeyIsOnP256) {
  const auto certificate = DtlsCertificate::Make();
  ASSERT_TRUE(certificate);
  const X509* x509 = SSL_CTX_get0_certificate(certificate->handles().context.get());
  std::array<char, 32> group{};
  size_t size = 0;
  EXPECT_EQ(EVP_PKEY_get_base_id(X509_get0_pubkey(x509)), EVP_PKEY_EC);
  ASSERT_EQ(EVP_PKEY_get_group_name(X509_get0_pubkey(x509), group.data(), group.size(), &size), 1);
  EXPECT_STREQ(group.data(), "prime256v1");
}

}  // namespace
}  // namespace earshot
