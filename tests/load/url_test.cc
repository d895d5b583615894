#include "url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace earshot::load {
namespace {

using testing::HasSubstr;

TEST(UrlTest, HostPortAndPathAreTakenApart) {
  const auto url = ParseUrl("http://office.example:8081/metrics");
  ASSERT_TRUE(url.ok());
  EXPECT_EQ(url->host, "office.example");
  EXPECT_EQ(url->port, 8081);
  EXPECT_EQ(url->path, "/metrics");
  EXPECT_EQ(url->Authority(), "office.example:8081");
}

TEST(UrlTest, PortAndPathHaveDefaults) {
  const auto url = ParseUrl("http://localhost");
  ASSERT_TRUE(url.ok());
  EXPECT_EQ(url->port, 80);
  EXPECT_EQ(url->path, "/");
}

TEST(UrlTest, Ipv6StandsInBrackets) {
  const auto url = ParseUrl("http://[::1]:8080");
  ASSERT_TRUE(url.ok());
  EXPECT_EQ(url->host, "::1");
  EXPECT_EQ(url->port, 8080);
  EXPECT_EQ(url->Authority(), "[::1]:8080");
}

TEST(UrlTest, WhatIsWrongIsSaid) {
  const auto complaint = [](const char* text) {
    const auto url = ParseUrl(text);
    return url.ok() ? "" : url.error().message;
  };
  EXPECT_THAT(complaint("localhost:8080"), HasSubstr("must begin with http://"));
  EXPECT_THAT(complaint("https://localhost"), HasSubstr("is https"));
  EXPECT_THAT(complaint("http://:8080"), HasSubstr("names no host"));
  EXPECT_THAT(complaint("http://host:0"), HasSubstr("port from 1 to 65535"));
  EXPECT_THAT(complaint("http://host:70000"), HasSubstr("port from 1 to 65535"));
  EXPECT_THAT(complaint("http://host:x"), HasSubstr("port from 1 to 65535"));
  EXPECT_THAT(complaint("http://[::1:8080"), HasSubstr("without a ]"));
}

}  // namespace
}  // namespace earshot::load
