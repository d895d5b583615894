#include "file_reader.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "temporary_files.h"

namespace earshotd {
namespace {

TEST(FileReaderTest, ReadsAWholeFile) {
  TemporaryFolder folder;
  const auto read =
      ReadWholeFile(folder.Write("a", std::string("x\0y", 3)), 3, FileSecrecy::kPublic);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(*read, std::string("x\0y", 3));
}

TEST(FileReaderTest, F5_WhatIsNoSmallRegularFileIsRefusedByName) {
  TemporaryFolder folder;
  const std::string pipe = folder.path() + "/pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const std::string big = folder.Write("big", "1234");
  for (const std::string& path : {folder.path() + "/missing", folder.path(), pipe, big,
                                  std::string("/dev/zero"), std::string()}) {
    const auto read = ReadWholeFile(path, 3, FileSecrecy::kPublic);
    ASSERT_FALSE(read.ok()) << path;
    EXPECT_NE(read.error().message.find("\"" + path + "\""), std::string::npos);
  }
}

TEST(FileReaderTest, F5_SecretsOfOthersAreRefusedUnlessAllowed) {
  TemporaryFolder folder;
  const std::string open = folder.Write("open", "x", 0604);
  EXPECT_FALSE(ReadWholeFile(open, 9, FileSecrecy::kSecret).ok());
  EXPECT_TRUE(ReadWholeFile(open, 9, FileSecrecy::kSecretAnyPermissions).ok());
  EXPECT_TRUE(ReadWholeFile(folder.Write("own", "x", 0600), 9, FileSecrecy::kSecret).ok());
}

}  // namespace
}  // namespace earshotd
