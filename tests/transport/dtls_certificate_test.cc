#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "transport/dtls.h"
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

}  // namespace
}  // namespace earshot
