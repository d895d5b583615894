#include "transport/dtls_fingerprint.h"

#include <gtest/gtest.h>

#include "transport/dtls_handles.h"
#include "transport/dtls_link.h"

namespace earshot {
namespace {

const X509& ServerX509() {
  return *SSL_CTX_get0_certificate(ServerCertificate().handles().context.get());
}

std::string Repeated(std::string_view pair, size_t count) {
  std::string text(pair);
  for (size_t i = 1; i < count; ++i) text.append(":").append(pair);
  return text;
}

TEST(DtlsFingerprintTest, TheTextOfACertificateMatchesIt) {
  const auto fingerprint = FingerprintOf(ServerX509());
  ASSERT_TRUE(fingerprint);
  const std::vector<FingerprintDigest> digests = ParseFingerprints({{*fingerprint}});
  ASSERT_EQ(digests.size(), 1u);
  EXPECT_TRUE(MatchesAny(ServerX509(), digests));
  EXPECT_FALSE(MatchesAny(ServerX509(), {}));
}

TEST(DtlsFingerprintTest, D12_OnlyStrongHashesOfTheirLengthAreParsed) {
  EXPECT_TRUE(FingerprintDigest::Parse({"sha-256", Repeated("A0", 32)}));
  EXPECT_TRUE(FingerprintDigest::Parse({"sha-384", Repeated("A0", 48)}));
  EXPECT_TRUE(FingerprintDigest::Parse({"sha-512", Repeated("A0", 64)}));
  EXPECT_FALSE(FingerprintDigest::Parse({"md5", Repeated("A0", 16)}));
  EXPECT_FALSE(FingerprintDigest::Parse({"sha-1", Repeated("A0", 20)}));
  EXPECT_FALSE(FingerprintDigest::Parse({"sha-256", Repeated("A0", 31)}));
  EXPECT_FALSE(FingerprintDigest::Parse({"sha-256", Repeated("A0", 33)}));
  EXPECT_FALSE(FingerprintDigest::Parse({"sha-256", Repeated("a0", 32)}));
  EXPECT_FALSE(FingerprintDigest::Parse({"sha-256", Repeated("G0", 32)}));
  EXPECT_FALSE(FingerprintDigest::Parse({"SHA-257", Repeated("A0", 32)}));
  EXPECT_FALSE(FingerprintDigest::Parse({"", ""}));
}

TEST(DtlsFingerprintTest, MoreFingerprintsThanPeersSendAreNotKept) {
  const std::vector<Fingerprint> many(1000, ServerCertificate().fingerprint());
  EXPECT_EQ(ParseFingerprints(many).size(), 8u);
}

}  // namespace
}  // namespace earshot
