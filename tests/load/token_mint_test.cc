#include "token_mint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/temporary_files.h"
#include "token_verifier.h"

namespace earshot::load {
namespace {

using testing::HasSubstr;

constexpr int64_t kNow = 1'800'000'000;
constexpr char kSecret[] = "0123456789abcdef0123456789abcdef\n";

TEST(TokenMintTest, TheServersVerifierTakesItsTokens) {
  earshotd::TemporaryFolder folder;
  TokenOptions options{folder.Write("secret", kSecret, 0600), "city", "office", "key-1"};
  const auto mint = TokenMint::Open(options);
  ASSERT_TRUE(mint.ok());
  std::vector<earshotd::IssuerKey> keys;
  keys.push_back({"city", "office", "key-1", std::move(*earshotd::TokenKey::FromSecret(kSecret))});
  const earshotd::TokenVerifier verifier(std::move(keys));
  const auto claims = verifier.Verify(mint->Mint("load-1", "hall", kNow), kNow);
  EXPECT_TRUE(std::holds_alternative<earshotd::JoinClaims>(claims));
}

TEST(TokenMintTest, AMissingOrWeakSecretIsNamed) {
  EXPECT_THAT(TokenMint::Open({.secret_file = "/nowhere/secret"}).error().message,
              HasSubstr("/nowhere/secret"));
  earshotd::TemporaryFolder folder;
  const auto weak = TokenMint::Open({.secret_file = folder.Write("weak", "short")});
  ASSERT_FALSE(weak.ok());
  EXPECT_THAT(weak.error().message, HasSubstr("weak: "));
}

}  // namespace
}  // namespace earshot::load
