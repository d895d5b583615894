#include "admin_routes.h"

#include <gtest/gtest.h>

namespace earshotd {
namespace {

constexpr char kToken[] = "0123456789abcdef0123456789abcdef";

class AdminRoutesTest : public testing::Test {
 protected:
  unsigned Status(const std::string& token, const char* path, const std::string& authorization) {
    HttpCounters counters;
    Router router(counters);
    AddAdminRoutes(router, {.is_ready = [] { return true; },
                            .write_metrics = [] { return std::string("metrics"); },
                            .token = token});
    HttpRequest request(http::verb::get, path, 11);
    if (!authorization.empty()) request.set(http::field::authorization, authorization);
    return router.Handle(request).result_int();
  }
};

TEST_F(AdminRoutesTest, H24_WithATokenNothingIsToldWithoutIt) {
  for (const char* path : {"/metrics", "/livez", "/readyz"}) {
    EXPECT_EQ(Status(kToken, path, std::string("Bearer ") + kToken), 200u) << path;
    for (const std::string& wrong :
         {std::string(), std::string("Bearer "), std::string("Bearer x"), std::string(kToken),
          "Bearer " + std::string(kToken) + "0", "Bearer " + std::string(kToken).substr(1),
          "Basic " + std::string(kToken), "bearer" + std::string(kToken)}) {
      EXPECT_EQ(Status(kToken, path, wrong), 401u) << path << " " << wrong;
    }
  }
}

TEST_F(AdminRoutesTest, H24_OnLoopbackNoneIsNeeded) {
  EXPECT_EQ(Status("", "/metrics", ""), 200u);
  EXPECT_EQ(Status("", "/metrics", "Bearer whatever"), 200u);
}

}  // namespace
}  // namespace earshotd
