#include "demo_tokens.h"

#include <gtest/gtest.h>

#include "token_fixtures.h"

namespace earshotd {
namespace {

TokenVerifier VerifierOf(const DemoTokens& tokens) {
  std::vector<IssuerKey> keys;
  keys.push_back(tokens.MakeIssuerKey());
  return TokenVerifier(std::move(keys));
}

TEST(DemoTokensTest, GuestsAreAdmittedByTheirOwnServer) {
  const DemoTokens tokens;
  const auto result =
      VerifierOf(tokens).Verify(tokens.Mint("Ada \"A\"", "hall", DemoRole::kCitizen, kNow), kNow);
  ASSERT_TRUE(std::holds_alternative<JoinClaims>(result));
  EXPECT_EQ(std::get<JoinClaims>(result).name, "Ada \"A\"");
  EXPECT_EQ(std::get<JoinClaims>(result).space, "hall");
}

TEST(DemoTokensTest, AnotherServersTokensAreRefused) {
  const DemoTokens tokens, others;
  const auto result =
      VerifierOf(tokens).Verify(others.Mint("Ada", "hall", DemoRole::kCitizen, kNow), kNow);
  EXPECT_TRUE(std::holds_alternative<TokenProblem>(result));
}

TEST(DemoTokensTest, EveryGuestIsSomebodyElse) {
  const DemoTokens tokens;
  const TokenVerifier verifier = VerifierOf(tokens);
  const auto first = verifier.Verify(tokens.Mint("Ada", "hall", DemoRole::kCitizen, kNow), kNow);
  const auto second = verifier.Verify(tokens.Mint("Ada", "hall", DemoRole::kCitizen, kNow), kNow);
  EXPECT_NE(std::get<JoinClaims>(first).subject, std::get<JoinClaims>(second).subject);
}

TEST(DemoTokensTest, RolesBringWhatTheyPlay) {
  const DemoTokens tokens;
  const auto claims = [&](DemoRole role) {
    return std::get<JoinClaims>(
        VerifierOf(tokens).Verify(tokens.Mint("Ada", "hall", role, kNow), kNow));
  };
  EXPECT_TRUE(claims(DemoRole::kCitizen).roles.empty());
  EXPECT_FALSE(claims(DemoRole::kCitizen).grants.moderator);
  EXPECT_EQ(claims(DemoRole::kClerk).roles, std::vector<std::string>{"clerk"});
  EXPECT_FALSE(claims(DemoRole::kClerk).grants.moderator);
  EXPECT_TRUE(claims(DemoRole::kChair).grants.moderator);
  EXPECT_TRUE(claims(DemoRole::kChair).grants.megaphone);
  EXPECT_FALSE(claims(DemoRole::kChair).grants.beam);
}

}  // namespace
}  // namespace earshotd
