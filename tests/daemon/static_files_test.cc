#include "static_files.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "temporary_files.h"

namespace earshotd {
namespace {

class StaticFilesTest : public testing::Test {
 protected:
  StaticFilesTest() {
    folder_.Write("index.html", "<title>x</title>");
    folder_.Write("earshot.js", "export {};");
    folder_.Write("i18n/de.json", "{}");
    folder_.Write(".secret.js", "x");
    folder_.Write(".git/config.txt", "x");
    folder_.Write("notes.md", "x");
    std::filesystem::create_symlink("/etc/passwd", folder_.path() + "/passwd.txt");
    files_ = std::move(*StaticFiles::Load(folder_.path()));
  }
  static HttpRequest Get() { return HttpRequest(http::verb::get, "/", 11); }

  TemporaryFolder folder_;
  StaticFiles files_;
};

TEST_F(StaticFilesTest, FilesAreServedWithTypeTagAndSafeHeaders) {
  const HttpResponse response = files_.Serve("/", Get());
  EXPECT_EQ(response.result_int(), 200u);
  EXPECT_EQ(response.body(), "<title>x</title>");
  EXPECT_EQ(response[http::field::content_type], "text/html; charset=utf-8");
  EXPECT_EQ(response["X-Content-Type-Options"], "nosniff");
  EXPECT_EQ(response["Cache-Control"], "no-cache");
  EXPECT_NE(response["Content-Security-Policy"].find("default-src 'none'"), std::string::npos);
  EXPECT_NE(response["Permissions-Policy"].find("microphone=(self)"), std::string::npos);
  EXPECT_EQ(files_.Serve("/earshot.js", Get())[http::field::content_type],
            "text/javascript; charset=utf-8");
  EXPECT_TRUE(files_.Has("/i18n/de.json"));
}

TEST_F(StaticFilesTest, OnlyWhatWasInTheFolderAtStartExists) {
  EXPECT_EQ(files_.size(), 3u);
  for (const char* path : {"/.secret.js", "/.git/config.txt", "/notes.md", "/passwd.txt",
                           "/../etc/passwd", "/%2e%2e/etc/passwd", "/i18n/../index.html", "/i18n",
                           "/i18n/", "//index.html", "", "index.html", "/index.html/"}) {
    EXPECT_FALSE(files_.Has(path)) << path;
  }
}

TEST_F(StaticFilesTest, AKnownVersionIsNotSentAgain) {
  HttpRequest request = Get();
  request.set(http::field::if_none_match, files_.Serve("/", Get())[http::field::etag]);
  const HttpResponse response = files_.Serve("/", request);
  EXPECT_EQ(response.result_int(), 304u);
  EXPECT_TRUE(response.body().empty());
  EXPECT_EQ(files_.Serve("/earshot.js", request).result_int(), 200u);
}

TEST_F(StaticFilesTest, AFolderWithoutAPageIsAnError) {
  TemporaryFolder empty;
  EXPECT_FALSE(StaticFiles::Load(empty.path()).ok());
  EXPECT_FALSE(StaticFiles::Load(empty.path() + "/missing").ok());
}

}  // namespace
}  // namespace earshotd
