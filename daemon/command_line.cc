#include "command_line.h"

#include <CLI/CLI.hpp>

namespace earshotd {

CommandLine ParseCommandLine(int argc, const char* const* argv) {
  CommandLine command_line;
  CLI::App app(
      "earshotd forwards the audio and video of a virtual office to those who stand near.\n"
      "Exit status: 0 stopped as asked, 1 could not start, 64 wrong use, 78 wrong configuration.",
      "earshotd");
  app.set_version_flag("--version", "earshotd " EARSHOT_VERSION);
  app.add_option("--config", command_line.config_file, "Configuration file (YAML)")
      ->envname("EARSHOT_CONFIG")
      ->required()
      ->type_name("FILE");
  app.add_option("--web-root", command_line.web_root, "Folder of the page, instead of web_root")
      ->type_name("FOLDER");
  app.add_flag("--check-config", command_line.check_config,
               "Check the configuration and the files it names, print the result as JSON, and stop "
               "with 0 or 78");
  app.add_flag("--core-dumps", command_line.core_dumps,
               "Let the system write core dumps and debuggers attach; both reveal keys");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    constexpr int kUsage = 64;  // sysexits.h
    command_line.exit_code = app.exit(error) == 0 ? 0 : kUsage;
  }
  return command_line;
}

}  // namespace earshotd
