// earshot-load: reads the command line and the scenario, runs it and reports. Exit codes are those
// of sysexits.h where they fit.

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "command_line.h"
#include "descriptors.h"
#include "generator.h"

namespace {

using earshot::load::CommandLine;
using earshot::load::Results;
using earshot::load::Scenario;

constexpr int kFailed = 1;
constexpr int kScenarioWrong = 78;

int Fail(const std::string& message) {
  std::fprintf(stderr, "earshot-load: %s\n", message.c_str());
  return kFailed;
}

int Report(const Results& results, const std::string& json_file) {
  std::fputs(earshot::load::ResultsAsTable(results).c_str(), stdout);
  if (!json_file.empty()) {
    std::ofstream file(json_file);
    file << earshot::load::ResultsAsJson(results) << std::flush;
    if (!file) return Fail("Cannot write " + json_file + ".");
  }
  const std::string failure = earshot::load::FailureOf(results);
  return failure.empty() ? 0 : Fail(failure);
}

int Run(const CommandLine& command_line, const Scenario& scenario) {
  const auto too_few = earshot::load::ReserveDescriptors(scenario.people);
  if (too_few) return Fail(too_few->message);
  earshot::load::GeneratorOptions options;
  options.target = command_line.target;
  options.usage = command_line.usage;
  options.shows_progress = command_line.progress || isatty(STDOUT_FILENO) != 0;
  if (!command_line.token.secret_file.empty()) {
    auto mint = earshot::load::TokenMint::Open(command_line.token);
    if (!mint) return Fail(mint.error().message);
    options.mint = std::move(*mint);
  }
  auto results = earshot::load::RunScenario(scenario, options);
  if (!results) return Fail(results.error().message);
  results->scenario = std::filesystem::path(command_line.scenario_file).stem().native();
  return Report(*results, command_line.json_file);
}

}  // namespace

int main(int argc, char** argv) {
  const CommandLine command_line = earshot::load::ParseCommandLine(argc, argv);
  if (command_line.exit_code) return *command_line.exit_code;
  Scenario scenario;
  earshotd::ConfigLog log;
  earshot::load::ReadScenarioFile(command_line.scenario_file, scenario, log);
  if (!log.problems.empty()) {
    std::fputs(earshotd::ProblemsAsText(command_line.scenario_file, log.problems).c_str(), stderr);
    return kScenarioWrong;
  }
  if (command_line.people) scenario = Scaled(scenario, *command_line.people);
  if (!command_line.spaces.empty()) scenario.spaces = command_line.spaces;
  if (command_line.seconds) scenario.measure = earshot::Duration::Seconds(*command_line.seconds);
  return Run(command_line, scenario);
}
