#include "public_routes.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "clock.h"
#include "temporary_files.h"

namespace earshotd {
namespace {

using nlohmann::json;

class PublicRoutesTest : public testing::Test {
 protected:
  PublicRoutesTest() {
    folder_.Write("index.html", "page");
    files_ = std::move(*StaticFiles::Load(folder_.path()));
    AddPageRoutes(router_, files_);
  }
  void AddDemo() { AddDemoRoutes(router_, tokens_, origins_, {"hall", "annex"}); }

  HttpResponse Get(const std::string& target) {
    return router_.Handle(HttpRequest(http::verb::get, target, 11));
  }
  HttpResponse PostToken(const std::string& body, const char* origin = "http://localhost:8080",
                         const char* type = "application/json") {
    HttpRequest request(http::verb::post, "/v1/demo/token", 11);
    request.set(http::field::host, "localhost:8080");
    request.set(http::field::origin, origin);
    request.set(http::field::content_type, type);
    request.body() = body;
    return router_.Handle(request);
  }

  TemporaryFolder folder_;
  StaticFiles files_;
  DemoTokens tokens_;
  OriginRules origins_{{}, /*demo=*/true};
  HttpCounters counters_;
  Router router_{counters_};
};

TEST_F(PublicRoutesTest, OutsideDemoModeTheDemoPathsDoNotExist) {
  EXPECT_EQ(Get("/v1/demo").result_int(), 404u);
  EXPECT_EQ(PostToken(R"({"name":"Ada","space":"hall"})").result_int(), 404u);
}

TEST_F(PublicRoutesTest, TheDemoKnowsThreeRoles) {
  AddDemo();
  for (const char* role : {"citizen", "clerk", "chair"}) {
    const json body = {{"name", "Ada"}, {"space", "hall"}, {"role", role}};
    EXPECT_EQ(PostToken(body.dump()).result_int(), 200u) << role;
  }
  EXPECT_EQ(PostToken(R"({"name":"Ada","space":"hall","role":"mayor"})").result_int(), 400u);
  EXPECT_EQ(PostToken(R"({"name":"Ada","space":"hall","role":1})").result_int(), 400u);
}

TEST_F(PublicRoutesTest, TheDemoMintsTokensThatTheVerifierTakes) {
  AddDemo();
  EXPECT_EQ(json::parse(Get("/v1/demo").body())["spaces"], json({"hall", "annex"}));
  const json reply = json::parse(PostToken(R"({"name":"Ada","space":"annex"})").body());
  std::vector<IssuerKey> keys;
  keys.push_back(tokens_.MakeIssuerKey());
  const auto verified =
      TokenVerifier(std::move(keys))
          .Verify(reply["token"].get<std::string>(), CurrentMoment().unix_seconds);
  ASSERT_TRUE(std::holds_alternative<JoinClaims>(verified));
  EXPECT_EQ(std::get<JoinClaims>(verified).space, "annex");
}

TEST_F(PublicRoutesTest, H23_BadGuestNamesAreRefused) {
  AddDemo();
  for (const json& name : {json(""), json("  "), json(std::string(129, 'x')), json("a\nb"),
                           json("\u202ex"), json(7), json(nullptr), json::array()}) {
    EXPECT_EQ(PostToken(json({{"name", name}, {"space", "hall"}}).dump()).result_int(), 400u)
        << name;
  }
  for (const char* body :
       {"", "{", "[]", "{}", R"({"name":"Ada"})", R"({"name":"Ada","space":"nowhere"})",
        R"({"name":"Ada","name":"Bob","space":"hall"})"}) {
    EXPECT_EQ(PostToken(body).result_int(), 400u) << body;
  }
}

TEST_F(PublicRoutesTest, H6_ForeignPagesGetNoTokens) {
  AddDemo();
  const char* body = R"({"name":"Ada","space":"hall"})";
  EXPECT_EQ(PostToken(body, "https://evil.example").result_int(), 403u);
  EXPECT_EQ(PostToken(body, "http://localhost:8080", "text/plain").result_int(), 415u);
}

TEST_F(PublicRoutesTest, OtherMethodsAndPathsAreAnsweredByTheirStatus) {
  AddDemo();
  EXPECT_EQ(Get("/nothing").result_int(), 404u);
  EXPECT_EQ(Get("/?x=y").result_int(), 200u);
  const HttpResponse wrong = Get("/v1/demo/token");
  EXPECT_EQ(wrong.result_int(), 405u);
  EXPECT_EQ(wrong[http::field::allow], "POST");
  EXPECT_EQ(router_.Handle(HttpRequest(http::verb::delete_, "/", 11)).result_int(), 405u);
}

TEST_F(PublicRoutesTest, AnExceptionOfAHandlerIsA500) {
  router_.Add(http::verb::get, "/boom",
              [](const HttpRequest&) -> HttpResponse { throw std::runtime_error("detail"); });
  const HttpResponse response = Get("/boom");
  EXPECT_EQ(response.result_int(), 500u);
  EXPECT_EQ(response.body().find("detail"), std::string::npos);
}

TEST_F(PublicRoutesTest, E9_PathsOfClientsAreNoLabels) {
  for (int i = 0; i < 1000; ++i) Get("/nothing/" + std::to_string(i));
  for (int i = 0; i < 1000; ++i) {
    router_.Handle(HttpRequest(http::verb::trace, "/x" + std::to_string(i), 11));
  }
  EXPECT_EQ(counters_.values().size(), 2u);
}

}  // namespace
}  // namespace earshotd
