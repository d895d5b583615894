#include "websocket_upgrade.h"

#include <gtest/gtest.h>

namespace earshotd {
namespace {

HttpRequest GoodUpgrade() {
  HttpRequest request(http::verb::get, kConnectPath, 11);
  request.set(http::field::host, "office.example");
  request.set(http::field::origin, "https://office.example");
  request.set(http::field::connection, "Upgrade");
  request.set(http::field::upgrade, "websocket");
  request.set(http::field::sec_websocket_version, "13");
  request.set(http::field::sec_websocket_key, "dGhlIHNhbXBsZSBub25jZQ==");
  request.set(http::field::sec_websocket_protocol, kSubprotocol);
  return request;
}

unsigned Refusal(const HttpRequest& request) {
  const auto response = RefuseUpgrade(request, OriginRules({}, /*demo=*/false));
  return response ? response->result_int() : 0;
}

TEST(WebSocketUpgradeTest, AGoodRequestIsNotRefused) { EXPECT_EQ(Refusal(GoodUpgrade()), 0u); }

TEST(WebSocketUpgradeTest, APlainRequestIsToldToUpgrade) {
  HttpRequest request(http::verb::get, kConnectPath, 11);
  request.set(http::field::host, "office.example");
  EXPECT_EQ(Refusal(request), 426u);
}

TEST(WebSocketUpgradeTest, TheSubprotocolIsRequired) {
  HttpRequest request = GoodUpgrade();
  request.erase(http::field::sec_websocket_protocol);
  EXPECT_EQ(Refusal(request), 400u);
  request.set(http::field::sec_websocket_protocol, "earshot.v2");
  EXPECT_EQ(Refusal(request), 400u);
  request.set(http::field::sec_websocket_protocol, "earshot.v2, earshot.v1");
  EXPECT_EQ(Refusal(request), 0u);
}

TEST(WebSocketUpgradeTest, H6_ForeignOriginsAreRefusedEvenWithAuthorization) {
  HttpRequest request = GoodUpgrade();
  request.set(http::field::origin, "https://evil.example");
  EXPECT_EQ(Refusal(request), 403u);
  request.set(http::field::authorization, "Bearer x.y.z");
  EXPECT_EQ(Refusal(request), 403u);
}

TEST(WebSocketUpgradeTest, H6_NoOriginNeedsAuthorization) {
  HttpRequest request = GoodUpgrade();
  request.erase(http::field::origin);
  EXPECT_EQ(Refusal(request), 403u);
  request.set(http::field::authorization, "Basic x");
  EXPECT_EQ(Refusal(request), 403u);
  request.set(http::field::authorization, "Bearer x.y.z");
  EXPECT_EQ(Refusal(request), 0u);
}

}  // namespace
}  // namespace earshotd
