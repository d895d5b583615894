#include "token_key.h"

#include <gtest/gtest.h>

#include <vector>

#include "token_fixtures.h"

namespace earshotd {
namespace {

TEST(TokenKeyTest, MatchesTheHs256ExampleOfRfc7515) {
  // RFC 7515 appendix A.1: the key, the signing input and the signature.
  const auto secret = Base64UrlDecode(
      "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
  const std::string input =
      "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0"
      "dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
  const auto key = TokenKey::FromSecret(*secret);
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(Base64UrlEncode(key->Sign(input)), "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
}

TEST(TokenKeyTest, F4_WeakSecretsAreRefusedWithoutShowingThem) {
  const std::vector<std::string> kWeak = {
      "",
      "\n",
      "    \t   \r\n",
      std::string(40, ' '),
      "short-but-secret",
      "0123456789abcdef0123456789abcde",
      std::string(64, 'q'),
      "qwqwqwqwqwqwqwqwqwqwqwqwqwqwqwqwqwqwqwqw",
      EcKey().PublicPem(),
  };
  for (const std::string& secret : kWeak) {
    const auto key = TokenKey::FromSecret(secret);
    ASSERT_FALSE(key.ok()) << secret;
    EXPECT_EQ(key.error().message.find("secret-but"), std::string::npos);
    EXPECT_EQ(key.error().message.find("qwqw"), std::string::npos);
  }
}

TEST(TokenKeyTest, TheLineEndAfterASecretDoesNotCount) {
  const auto plain = TokenKey::FromSecret(kSecret);
  const auto with_line_end = TokenKey::FromSecret(std::string(kSecret) + "\r\n");
  ASSERT_TRUE(plain.ok() && with_line_end.ok());
  EXPECT_EQ(plain->Sign("x"), with_line_end->Sign("x"));
}

TEST(TokenKeyTest, OnlyPublicKeysOnP256AreTaken) {
  EXPECT_TRUE(TokenKey::FromPublicKeyPem(EcKey().PublicPem()).ok());
  EXPECT_FALSE(TokenKey::FromPublicKeyPem(EcKey("P-384").PublicPem()).ok());
  EXPECT_FALSE(TokenKey::FromPublicKeyPem(EcKey().PrivatePem()).ok());
  EXPECT_FALSE(TokenKey::FromPublicKeyPem("").ok());
  EXPECT_FALSE(TokenKey::FromPublicKeyPem(kSecret).ok());
}

}  // namespace
}  // namespace earshotd
