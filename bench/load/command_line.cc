#include "command_line.h"

#include <CLI/CLI.hpp>
#include <utility>

#include "scenario.h"

namespace earshot::load {
namespace {

constexpr int kUsage = 64;        // sysexits.h
constexpr int kMaxPid = 1 << 22;  // proc(5)

CLI::Validator UrlRule() {
  return {[](std::string& text) {
            const auto url = ParseUrl(text);
            return url ? std::string() : url.error().message;
          },
          "URL"};
}

}  // namespace

CommandLine ParseCommandLine(int argc, const char* const* argv) {
  CommandLine command_line;
  std::string target;
  std::string metrics;
  CLI::App app(
      "earshot-load has people join a running earshotd, walk and talk there, and measures what\n"
      "reaches them. Exit status: 0 measured, 1 could not measure or a total loss, 64 wrong use,\n"
      "78 wrong scenario.",
      "earshot-load");
  app.add_option("--target", target, "Where earshotd listens, such as http://localhost:8080")
      ->required()
      ->check(UrlRule());
  app.add_option("--scenario", command_line.scenario_file, "What the people do (YAML)")
      ->required()
      ->type_name("FILE");
  app.add_option(
         "--people", command_line.people,
         "In place of the scenario's number; its audience, meetings and churn in proportion")
      ->check(CLI::Range(1u, kMaxPeople));
  app.add_option("--space", command_line.spaces,
                 "In place of the scenario's; several with commas in between")
      ->type_name("ID")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_option("--seconds", command_line.seconds, "To measure, in place of the scenario's")
      ->check(CLI::Range(1u, 86400u));
  app.add_option("--json", command_line.json_file, "Also write the results there")
      ->type_name("FILE");
  app.add_flag("--progress", command_line.progress,
               "A line each second, even where the output is no terminal");
  app.add_option("--server-pid", command_line.usage.pid,
                 "The process of earshotd on this host, to measure what it uses")
      ->check(CLI::Range(1, kMaxPid));
  app.add_option("--metrics", metrics,
                 "earshotd's metrics, such as http://localhost:8081/metrics, for the same")
      ->check(UrlRule());
  app.add_option("--token-key", command_line.token.secret_file,
                 "The secret of an issuer; without it the server must be in demo mode")
      ->type_name("FILE");
  app.add_option("--token-issuer", command_line.token.issuer, "That issuer's name")
      ->capture_default_str();
  app.add_option("--token-audience", command_line.token.audience, "Its audience")
      ->capture_default_str();
  app.add_option("--token-key-id", command_line.token.key_id, "Its key id, if it has one");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    command_line.exit_code = app.exit(error) == 0 ? 0 : kUsage;
    return command_line;
  }
  command_line.target = *ParseUrl(target);
  if (!metrics.empty()) command_line.usage.metrics = *ParseUrl(metrics);
  return command_line;
}

}  // namespace earshot::load
