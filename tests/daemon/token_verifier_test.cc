#include "token_verifier.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "token_fixtures.h"

namespace earshotd {
namespace {

using earshot::SourceKind;
using earshot::SourceSet;
using nlohmann::json;

class TokenVerifierTest : public testing::Test {
 protected:
  /// "portal" signs with a secret, "city" with an EC key, "rotating" with two secrets.
  TokenVerifierTest() : verifier_(MakeKeys(city_key_)) {}

  static std::vector<IssuerKey> MakeKeys(const EcKey& city_key) {
    std::vector<IssuerKey> keys;
    keys.push_back({"portal", "earshot", "", std::move(*TokenKey::FromSecret(kSecret))});
    keys.push_back(
        {"city", "earshot", "", std::move(*TokenKey::FromPublicKeyPem(city_key.PublicPem()))});
    keys.push_back({"rotating", "earshot", "old", std::move(*TokenKey::FromSecret(kSecret))});
    keys.push_back({"rotating", "earshot", "new", std::move(*TokenKey::FromSecret(kOther))});
    return keys;
  }
  static json With(const char* claim, json value) {
    json claims = GoodClaims();
    claims[claim] = std::move(value);
    return claims;
  }
  static json Without(const char* claim) {
    json claims = GoodClaims();
    claims.erase(claim);
    return claims;
  }
  static std::string Hs256(const json& claims) { return SignHs256(kHs256Header, claims.dump()); }

  /// "ok", or the rule that it broke.
  std::string Rule(const std::string& token, int64_t now = kNow) const {
    const auto result = verifier_.Verify(token, now);
    if (std::holds_alternative<JoinClaims>(result)) return "ok";
    return std::string(TokenProblemName(std::get<TokenProblem>(result)));
  }
  /// "ok", "invalid" or "expired": what a client is told.
  std::string Verdict(const std::string& token, int64_t now = kNow) const {
    const auto result = verifier_.Verify(token, now);
    if (std::holds_alternative<JoinClaims>(result)) return "ok";
    return IsAboutTime(std::get<TokenProblem>(result)) ? "expired" : "invalid";
  }
  void ExpectAllInvalid(const std::map<std::string, std::string>& tokens) const {
    for (const auto& [name, token] : tokens) EXPECT_EQ(Verdict(token), "invalid") << name;
  }

  static constexpr char kOther[] = "fedcba9876543210fedcba9876543210";
  EcKey city_key_;
  TokenVerifier verifier_;
};

TEST_F(TokenVerifierTest, AGoodHs256TokenGivesItsClaims) {
  json claims = GoodClaims();
  claims["grants"] = {{"publish", {"mic", "screenAudio"}}};
  const auto result = verifier_.Verify(Hs256(claims), kNow);
  ASSERT_TRUE(std::holds_alternative<JoinClaims>(result));
  const auto& joined = std::get<JoinClaims>(result);
  EXPECT_EQ(joined.issuer, "portal");
  EXPECT_EQ(joined.subject, "u-1");
  EXPECT_EQ(joined.name, "Ada");
  EXPECT_EQ(joined.space, "hall");
  EXPECT_TRUE(joined.publish.Has(SourceKind::kMic));
  EXPECT_TRUE(joined.publish.Has(SourceKind::kScreenAudio));
  EXPECT_FALSE(joined.publish.Has(SourceKind::kCamera));
}

TEST_F(TokenVerifierTest, AGoodEs256TokenIsAccepted) {
  EXPECT_EQ(Verdict(city_key_.Token(kEs256Header, With("iss", "city").dump())), "ok");
}

TEST_F(TokenVerifierTest, H13_EachKeyOfARotatingIssuerCountsForItsKeyIdOnly) {
  const std::string claims = With("iss", "rotating").dump();
  const std::string header_new = R"({"alg":"HS256","kid":"new"})";
  EXPECT_EQ(Verdict(SignHs256(R"({"alg":"HS256","kid":"old"})", claims, kSecret)), "ok");
  EXPECT_EQ(Verdict(SignHs256(header_new, claims, kOther)), "ok");
  EXPECT_EQ(Verdict(SignHs256(header_new, claims, kSecret)), "invalid");
}

TEST_F(TokenVerifierTest, AbsentGrantsAllowEverythingAndEmptyOnesNothing) {
  const auto all = verifier_.Verify(GoodToken(), kNow);
  EXPECT_EQ(std::get<JoinClaims>(all).publish, SourceSet::All());
  const auto none = verifier_.Verify(Hs256(With("grants", {{"publish", json::array()}})), kNow);
  EXPECT_EQ(std::get<JoinClaims>(none).publish, SourceSet());
}

TEST_F(TokenVerifierTest, AudienceListsThatNameUsAreAccepted) {
  EXPECT_EQ(Verdict(Hs256(With("aud", {"other", "earshot"}))), "ok");
}

TEST_F(TokenVerifierTest, EmbeddedKeysAreIgnoredInAnOtherwiseGoodToken) {
  const std::string header = R"({"alg":"HS256","jku":"https://evil.example/keys","x5u":"x",)"
                             R"("jwk":{"kty":"oct","k":"AAAA"},"x5c":["AAAA"]})";
  EXPECT_EQ(Verdict(SignHs256(header, GoodClaims().dump())), "ok");
}

TEST_F(TokenVerifierTest, H9_TokensWithoutTheIssuersSignatureAreRefused) {
  const std::string claims = GoodClaims().dump();
  const std::string good = GoodToken();
  const std::string input = good.substr(0, good.rfind('.'));
  std::string tampered = good;
  tampered[input.size() / 2] = tampered[input.size() / 2] == 'A' ? 'B' : 'A';
  std::string truncated = good;
  truncated.resize(truncated.size() - 4);
  ExpectAllInvalid({
      {"alg none, no signature", SigningInput(R"({"alg":"none"})", claims) + "."},
      {"alg None", SigningInput(R"({"alg":"None"})", claims) + "."},
      {"alg NONE with a signature", SignHs256(R"({"alg":"NONE"})", claims)},
      {"alg none with a good HMAC", SignHs256(R"({"alg":"none"})", claims)},
      {"good header, no signature", input + "."},
      {"another secret", SignHs256(kHs256Header, claims, kOther)},
      {"tampered payload", tampered},
      {"truncated signature", truncated},
      {"longer signature", good + "AAAA"},
      {"signature of zeros", input + "." + Base64UrlEncode(std::string(32, '\0'))},
      {"empty signature twice", input + ".."},
  });
}

TEST_F(TokenVerifierTest, H9_AlgorithmsOtherThanTheIssuersAreRefused) {
  const std::string claims = GoodClaims().dump();
  std::map<std::string, std::string> tokens;
  for (const char* algorithm : {"HS384", "HS512", "RS256", "PS256", "ES256", "EdDSA", "hs256",
                                "HS256 ", "", "A128KW", "dir"}) {
    tokens[algorithm] = SignHs256(json({{"alg", algorithm}}).dump(), claims);
  }
  tokens["no alg"] = SignHs256(R"({"typ":"JWT"})", claims);
  tokens["alg a number"] = SignHs256(R"({"alg":256})", claims);
  tokens["alg a list"] = SignHs256(R"({"alg":["HS256"]})", claims);
  tokens["alg null"] = SignHs256(R"({"alg":null})", claims);
  tokens["ES256 for the HS256 issuer"] = city_key_.Token(kEs256Header, claims);
  ExpectAllInvalid(tokens);
}

TEST_F(TokenVerifierTest, H9_ThePublicKeyIsNoHmacSecret) {
  const std::string input = SigningInput(kHs256Header, With("iss", "city").dump());
  // FromSecret refuses PEM, so the attacker's HMAC is made by hand.
  const std::string pem = city_key_.PublicPem();
  std::string mac(EVP_MAX_MD_SIZE, '\0');
  size_t size = 0;
  EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA256", nullptr, pem.data(), pem.size(),
            reinterpret_cast<const unsigned char*>(input.data()), input.size(),
            reinterpret_cast<unsigned char*>(mac.data()), mac.size(), &size);
  mac.resize(size);
  EXPECT_EQ(Verdict(input + "." + Base64UrlEncode(mac)), "invalid");
}

TEST_F(TokenVerifierTest, H9_MalformedEcdsaSignaturesAreRefused) {
  const std::string input = SigningInput(kEs256Header, With("iss", "city").dump());
  const std::string good = city_key_.Sign(input);
  const EcKey stranger;
  const auto with = [&input](const std::string& signature) {
    return input + "." + Base64UrlEncode(signature);
  };
  ASSERT_EQ(Verdict(with(good)), "ok");
  ExpectAllInvalid({
      {"DER instead of R and S", with(city_key_.SignDer(input))},
      {"all zero (CVE-2022-21449)", with(std::string(64, '\0'))},
      {"R zero", with(std::string(32, '\0') + good.substr(32))},
      {"S zero", with(good.substr(0, 32) + std::string(32, '\0'))},
      {"all ones", with(std::string(64, '\xff'))},
      {"63 bytes", with(good.substr(1))},
      {"65 bytes", with(good + "x")},
      {"another key", with(stranger.Sign(input))},
      {"swapped halves", with(good.substr(32) + good.substr(0, 32))},
      {"empty", input + "."},
  });
}

TEST_F(TokenVerifierTest, H9_HeadersThatAskForMoreAreRefused) {
  const std::string claims = GoodClaims().dump();
  std::map<std::string, std::string> tokens;
  for (const char* header :
       {R"({"alg":"HS256","crit":["exp"]})", R"({"alg":"HS256","crit":[]})",
        R"({"alg":"HS256","crit":["b64"],"b64":false})", R"({"alg":"HS256","crit":"exp"})",
        R"({"alg":"HS256","kid":"unknown"})", R"({"alg":"HS256","kid":7})",
        R"({"alg":"HS256","kid":"../../dev/null"})", R"({"alg":"HS256","typ":"at+jwt"})",
        R"({"alg":"HS256","typ":7})", R"({"alg":"none","alg":"HS256"})",
        R"({"alg":"HS256","alg":"HS256"})", R"(["HS256"])", R"("HS256")", "{", "null", ""}) {
    tokens[header] = SignHs256(header, claims);
  }
  ExpectAllInvalid(tokens);
}

TEST_F(TokenVerifierTest, H9_EmbeddedKeysNeverVerifyAToken) {
  const EcKey attacker;
  const std::string header = R"({"alg":"ES256","jwk":{"kty":"EC","crv":"P-256"},"x5c":["AAAA"]})";
  EXPECT_EQ(Verdict(attacker.Token(header, With("iss", "city").dump())), "invalid");
}

TEST_F(TokenVerifierTest, H9_WhatIsNotACompactTokenIsRefused) {
  const std::string good = GoodToken();
  const size_t first = good.find('.');
  std::map<std::string, std::string> tokens = {
      {"empty", ""},
      {"one dot", "a.b"},
      {"dots only", ".."},
      {"four parts", good + ".x"},
      {"leading space", " " + good},
      {"line end", good + "\n"},
      {"padding", good.substr(0, first) + "=" + good.substr(first)},
      {"standard base64", "+/" + good},
      {"zero byte", good + std::string(1, '\0')},
      {"larger than 8 KiB", SignHs256(kHs256Header, With("pad", std::string(9000, 'x')).dump())},
      {"a JSON object", R"({"alg":"HS256"})"},
      {"payload not JSON", SignHs256(kHs256Header, "hello")},
      {"payload a list", SignHs256(kHs256Header, "[1]")},
      {"payload too deep",
       SignHs256(kHs256Header, "{\"a\":" + std::string(100, '[') + std::string(100, ']') + "}")},
      {"payload with a key twice", SignHs256(kHs256Header, R"({"iss":"x","iss":"portal"})")},
  };
  ExpectAllInvalid(tokens);
}

TEST_F(TokenVerifierTest, H10_EveryRequiredClaimIsRequired) {
  for (const char* claim : {"iss", "aud", "exp", "sub", "name", "space"}) {
    EXPECT_EQ(Verdict(Hs256(Without(claim))), "invalid") << claim;
  }
}

TEST_F(TokenVerifierTest, H10_ClaimsOfTheWrongTypeAreRefused) {
  const std::vector<json> kWrong = {nullptr,          true, 7, -1.5, json::array(), json::object(),
                                    json::array({7}), ""};
  for (const char* claim : {"iss", "aud", "sub", "name", "space"}) {
    for (const json& value : kWrong) {
      EXPECT_EQ(Verdict(Hs256(With(claim, value))), "invalid") << claim << " " << value;
    }
  }
  for (const char* claim : {"exp", "nbf", "iat"}) {
    for (const json& value : {json("1800000300"), json(nullptr), json(true), json(-1), json(1e300),
                              json::array({kNow}), json::object()}) {
      EXPECT_EQ(Verdict(Hs256(With(claim, value))), "invalid") << claim << " " << value;
    }
  }
  EXPECT_EQ(Verdict(Hs256(With("jti", 7))), "invalid");
}

TEST_F(TokenVerifierTest, H10_NumbersBeyondADoubleAreNotJson) {
  std::string claims = GoodClaims().dump();
  const std::string expiry = std::to_string(kNow + 300);
  claims.replace(claims.find(expiry), expiry.size(), "1e400");
  EXPECT_EQ(Verdict(SignHs256(kHs256Header, claims)), "invalid");
}

TEST_F(TokenVerifierTest, H10_IssuerAudienceAndSpaceMustFit) {
  EXPECT_EQ(Verdict(Hs256(With("iss", "stranger"))), "invalid");
  EXPECT_EQ(Verdict(Hs256(With("iss", "city"))), "invalid");
  EXPECT_EQ(Verdict(Hs256(With("aud", "other"))), "invalid");
  EXPECT_EQ(Verdict(Hs256(With("aud", "earshot "))), "invalid");
  EXPECT_EQ(Verdict(Hs256(With("space", "../hall"))), "invalid");
  EXPECT_EQ(Verdict(Hs256(With("space", "Hall"))), "invalid");
}

TEST_F(TokenVerifierTest, H10_ExpiryHasTheSkewOfTheIssuer) {
  EXPECT_EQ(Verdict(GoodToken(), kNow + 300 + 59), "ok");
  EXPECT_EQ(Verdict(GoodToken(), kNow + 300 + 60), "expired");
}

TEST_F(TokenVerifierTest, H10_LifetimesBeyondTenMinutesAreRefused) {
  EXPECT_EQ(Verdict(Hs256(With("exp", kNow + 660))), "ok");
  EXPECT_EQ(Rule(Hs256(With("exp", kNow + 661))), "lifetime");
}

TEST_F(TokenVerifierTest, H10_NotBeforeHasTheSkewOfTheIssuer) {
  EXPECT_EQ(Verdict(Hs256(With("nbf", kNow + 60))), "ok");
  EXPECT_EQ(Verdict(Hs256(With("nbf", kNow + 61))), "expired");
}

TEST_F(TokenVerifierTest, L5_AnIssuerWhoseClockIsAheadIsNoForger) {
  json claims = With("iat", kNow + 45);
  claims["exp"] = kNow + 645;
  EXPECT_EQ(Verdict(Hs256(claims)), "ok") << "ten minutes, by its own clock";
  EXPECT_EQ(Verdict(Hs256(With("iat", kNow + 86'400))), "ok") << "iat says nothing of validity";
}

TEST_F(TokenVerifierTest, L5_TheSkewIsTheIssuersOwn) {
  std::vector<IssuerKey> keys;
  const auto add = [&keys](const char* issuer, int64_t seconds) {
    keys.push_back({issuer, "earshot", "", std::move(*TokenKey::FromSecret(kSecret)),
                    earshot::Duration::Seconds(seconds)});
  };
  add("portal", 300);
  add("exact", 0);
  const TokenVerifier verifier(std::move(keys));
  const auto is_good = [&verifier](const json& claims, int64_t now) {
    return std::holds_alternative<JoinClaims>(verifier.Verify(Hs256(claims), now));
  };
  EXPECT_TRUE(is_good(GoodClaims(), kNow + 599));
  EXPECT_FALSE(is_good(GoodClaims(), kNow + 600));
  EXPECT_TRUE(is_good(With("iss", "exact"), kNow + 299));
  EXPECT_FALSE(is_good(With("iss", "exact"), kNow + 300));
}

TEST_F(TokenVerifierTest, H9_TheRuleThatATokenBrokeIsNamed) {
  const std::string claims = GoodClaims().dump();
  EXPECT_EQ(Rule("x.y.z"), "malformed");
  EXPECT_EQ(Rule(Hs256(With("iss", "stranger"))), "issuer");
  EXPECT_EQ(Rule(SignHs256(R"({"alg":"HS256","kid":"no"})", claims)), "key-id");
  EXPECT_EQ(Rule(SignHs256(R"({"alg":"HS512"})", claims)), "algorithm");
  EXPECT_EQ(Rule(SignHs256(R"({"alg":"HS256","crit":["exp"]})", claims)), "header");
  EXPECT_EQ(Rule(SignHs256(kHs256Header, claims, kOther)), "signature");
  EXPECT_EQ(Rule(Hs256(With("aud", "other"))), "audience");
  EXPECT_EQ(Rule(Hs256(Without("sub"))), "subject");
  EXPECT_EQ(Rule(Hs256(With("name", ""))), "name");
  EXPECT_EQ(Rule(Hs256(With("space", "Hall"))), "space");
  EXPECT_EQ(Rule(Hs256(With("grants", "all"))), "grants");
  EXPECT_EQ(Rule(Hs256(With("roles", "clerk"))), "roles");
  EXPECT_EQ(Rule(Hs256(With("iat", "now"))), "date");
  EXPECT_EQ(Rule(Hs256(With("exp", kNow - 61))), "expired");
  EXPECT_EQ(Rule(Hs256(With("nbf", kNow + 61))), "not-yet-valid");
}

TEST_F(TokenVerifierTest, H9_AnEmptyKeyIdIsNotAnAbsentOne) {
  EXPECT_EQ(Rule(SignHs256(R"({"alg":"HS256","kid":""})", GoodClaims().dump())), "key-id");
  EXPECT_EQ(Rule(SignHs256(R"({"alg":"HS256","kid":null})", GoodClaims().dump())), "key-id");
}

TEST_F(TokenVerifierTest, H10_AKeyOfGrantsThatNobodyKnowsMeansNoRights) {
  for (const json& grants : {json({{"publishes", {"mic"}}}), json({{"Publish", json::array()}}),
                             json({{"publish", {"mic"}}, {"admin", true}}), json({{"", 1}})}) {
    EXPECT_EQ(Rule(Hs256(With("grants", grants))), "grants") << grants;
  }
}

TEST_F(TokenVerifierTest, H10_MalformedGrantsAreRefused) {
  for (const json& grants :
       {json(nullptr), json("all"), json::array({"mic"}), json({{"publish", "mic"}}),
        json({{"publish", {"mic", "everything"}}}), json({{"publish", {7}}}),
        json({{"publish", {"mic", "mic", "mic", "mic", "mic"}}}), json({{"moderator", 1}}),
        json({{"megaphone", "yes"}}), json({{"beam", nullptr}})}) {
    EXPECT_EQ(Verdict(Hs256(With("grants", grants))), "invalid") << grants;
  }
}

TEST_F(TokenVerifierTest, GrantsAndRolesAreReadAndNothingIsGrantedUnasked) {
  json claims = GoodClaims();
  const auto plain = std::get<JoinClaims>(verifier_.Verify(Hs256(claims), kNow));
  EXPECT_FALSE(plain.grants.moderator || plain.grants.megaphone || plain.grants.beam);
  EXPECT_TRUE(plain.roles.empty());
  claims["grants"] = {{"moderator", true}, {"megaphone", false}, {"beam", true}};
  claims["roles"] = {"clerk", "b\u00fcrgerb\u00fcro"};
  const auto joined = std::get<JoinClaims>(verifier_.Verify(Hs256(claims), kNow));
  EXPECT_TRUE(joined.grants.moderator);
  EXPECT_FALSE(joined.grants.megaphone);
  EXPECT_TRUE(joined.grants.beam);
  EXPECT_EQ(joined.publish, earshot::SourceSet::All());
  EXPECT_EQ(joined.roles, (std::vector<std::string>{"clerk", "b\u00fcrgerb\u00fcro"}));
}

TEST_F(TokenVerifierTest, H10_MalformedRolesAreRefused) {
  for (const json& roles :
       {json("clerk"), json({{"clerk", true}}), json({7}), json({""}), json({"a\nb"}),
        json(std::vector<std::string>(17, "clerk")), json({std::string(129, 'x')})}) {
    EXPECT_EQ(Verdict(Hs256(With("roles", roles))), "invalid") << roles;
  }
}

TEST_F(TokenVerifierTest, H23_NamesThatCouldDisturbOthersAreRefused) {
  for (const std::string& name : {std::string(129, 'x'), std::string("a\nb"),
                                  std::string("a\0b", 3), std::string("\u202egnp.exe"),
                                  std::string("\u2066x"), std::string("  "), std::string("\x7f")}) {
    EXPECT_EQ(Verdict(Hs256(With("name", name))), "invalid") << name;
  }
  EXPECT_EQ(Verdict(Hs256(With("name", "<b>Ada</b> \u00c4\u00d6 \u674e"))), "ok");
}

}  // namespace
}  // namespace earshotd
