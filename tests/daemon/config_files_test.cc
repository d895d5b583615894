#include "config_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "certificates.h"
#include "temporary_files.h"

namespace earshotd {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class ConfigFilesTest : public testing::Test {
 protected:
  ConfigFilesTest() {
    const TestCertificate certificate = MakeTestCertificate("EC");
    folder_.Write("web/index.html", "page");
    config_.web_root = folder_.path() + "/web";
    config_.tls = {folder_.Write("cert.pem", certificate.certificate_pem),
                   folder_.Write("key.pem", certificate.key_pem, 0600)};
    config_.admin.tls = config_.tls;
    config_.admin.token_file = folder_.Write("token", "0123456789abcdef0123456789abcdef\n", 0600);
  }
  std::string Problems() const {
    ConfigLog log;
    CheckFiles(config_, log);
    return ProblemsAsText("f", log.problems);
  }

  TemporaryFolder folder_;
  Config config_;
};

TEST_F(ConfigFilesTest, F9_GoodFilesAreFine) {
  EXPECT_EQ(Problems(), "");
  EXPECT_EQ(*ReadAdminToken(config_), "0123456789abcdef0123456789abcdef");
}

TEST_F(ConfigFilesTest, F9_AMissingPageIsNamed) {
  config_.web_root = folder_.path() + "/nothing";
  EXPECT_THAT(Problems(), HasSubstr("f: web_root: "));
  config_.web_root = folder_.path();
  EXPECT_THAT(Problems(), HasSubstr("index.html")) << "a folder without the page";
}

TEST_F(ConfigFilesTest, F9_MissingAndForeignKeysAreNamed) {
  config_.tls.key = folder_.Write("other.pem", MakeTestCertificate("EC").key_pem, 0600);
  EXPECT_THAT(Problems(), HasSubstr("f: listen.tls: listen.tls.key_file: "));
  config_.admin.tls.certificate = folder_.path() + "/nothing.pem";
  EXPECT_THAT(Problems(), HasSubstr("admin.tls.certificate_file: "));
  config_.tls.certificate = folder_.Write("bad.pem", "hello");
  EXPECT_THAT(Problems(), HasSubstr("listen.tls.certificate_file: "));
}

TEST_F(ConfigFilesTest, F4_AWeakAdminTokenIsRefusedUnprinted) {
  for (const char* token : {"", "hunter2", "hunter2 hunter2 hunter2 hunter2 hunter2",
                            "11111111111111111111111111111111"}) {
    config_.admin.token_file = folder_.Write("weak", token, 0600);
    EXPECT_THAT(Problems(), HasSubstr("f: admin.token_file: ")) << token;
    EXPECT_THAT(Problems(), testing::Not(HasSubstr("hunter2")));
  }
  config_.admin.token_file = folder_.Write("open", "0123456789abcdef0123456789abcdef", 0644);
  EXPECT_THAT(Problems(), HasSubstr("everybody"));
}

TEST(ConfigAdviceTest, WhatIsAllowedAndRarelyMeantIsTold) {
  Config config;
  EXPECT_THAT(AdviceOn(config, 2), IsEmpty());
  config.demo = true;
  EXPECT_THAT(AdviceOn(config, 2), IsEmpty()) << "on loopback";
  config.listen.address = "0.0.0.0";
  EXPECT_THAT(AdviceOn(config, 2), SizeIs(2)) << "no TLS, and the demo";
  config.tls = {"cert", "key"};
  config.demo = false;
  EXPECT_THAT(AdviceOn(config, 2), IsEmpty());
  config.server.workers = 64;
  EXPECT_THAT(AdviceOn(config, 2), testing::ElementsAre(HasSubstr("media.workers is 64")));
  EXPECT_THAT(AdviceOn(config, 0), IsEmpty()) << "nobody knows how many there are";
  config.server.workers = 2;
  config.admin.endpoint.address = "::";
  EXPECT_THAT(AdviceOn(config, 2), testing::ElementsAre(HasSubstr("admin.tls")));
}

}  // namespace
}  // namespace earshotd
