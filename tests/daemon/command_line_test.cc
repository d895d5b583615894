#include "command_line.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <vector>

namespace earshotd {
namespace {

CommandLine Parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "earshotd");
  return ParseCommandLine(static_cast<int>(arguments.size()), arguments.data());
}

TEST(CommandLineTest, OptionsAreRead) {
  const CommandLine line = Parse({"--config", "a.yaml", "--web-root", "web", "--check-config"});
  EXPECT_FALSE(line.exit_code);
  EXPECT_EQ(line.config_file, "a.yaml");
  EXPECT_EQ(line.web_root, "web");
  EXPECT_TRUE(line.check_config);
}

TEST(CommandLineTest, K1_CoreDumpsAreOffUnlessAskedFor) {
  EXPECT_FALSE(Parse({"--config", "a.yaml"}).core_dumps);
  EXPECT_TRUE(Parse({"--config", "a.yaml", "--core-dumps"}).core_dumps);
}

TEST(CommandLineTest, TheEnvironmentNamesTheFile) {
  setenv("EARSHOT_CONFIG", "b.yaml", 1);
  EXPECT_EQ(Parse({}).config_file, "b.yaml");
  EXPECT_EQ(Parse({"--config", "a.yaml"}).config_file, "a.yaml");
  unsetenv("EARSHOT_CONFIG");
}

TEST(CommandLineTest, HelpAndVersionEndWell) {
  EXPECT_EQ(Parse({"--help"}).exit_code, 0);
  EXPECT_EQ(Parse({"--version"}).exit_code, 0);
}

TEST(CommandLineTest, WrongUseHasItsOwnExitCode) {
  EXPECT_EQ(Parse({}).exit_code, 64);
  EXPECT_EQ(Parse({"--config"}).exit_code, 64);
  EXPECT_EQ(Parse({"--config", "a", "--cheque-config"}).exit_code, 64);
}

}  // namespace
}  // namespace earshotd
