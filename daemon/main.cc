// earshotd: reads the command line and the configuration, then runs the daemon. Exit codes are
// those of sysexits.h where they fit.

#include <sys/prctl.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdio>

#include "command_line.h"
#include "config_reader.h"
#include "daemon.h"

namespace {

constexpr int kStartFailed = 1;
constexpr int kConfigWrong = 78;

/// The soft limit is often 1024; every client needs a descriptor.
void RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

/// This memory holds keys and people's media. A limit of zero would not do: the kernel does not
/// apply it where a program such as systemd-coredump takes the dumps. Debuggers of other users than
/// root are kept out as well.
void ForbidCoreDumps() { prctl(PR_SET_DUMPABLE, 0); }

earshot::Result<std::vector<earshot::SpaceOptions>> ReadSpaces(const std::string& path) {
  earshotd::Config config;
  earshotd::ConfigLog log;
  earshotd::ReadConfigFile(path, config, log);
  if (!log.problems.empty()) {
    return earshot::Error{"config-invalid", earshotd::ProblemsAsText(path, log.problems)};
  }
  return std::move(config.server.spaces);
}

int Run(const earshotd::Config& config, std::vector<earshotd::IssuerKey> keys,
        const std::string& config_file) {
  RaiseDescriptorLimit();
  // A client that goes away while we write must be an error code, not a signal.
  std::signal(SIGPIPE, SIG_IGN);
  auto daemon = earshotd::Daemon::Start(config, std::move(keys),
                                        [config_file] { return ReadSpaces(config_file); });
  if (!daemon.ok()) {
    std::fprintf(stderr, "earshotd: %s\n", daemon.error().message.c_str());
    return kStartFailed;
  }
  if (config.demo) {
    std::printf("Earshot's demo office is open: %s\n", (*daemon)->Url().c_str());
    std::fflush(stdout);
  }
  (*daemon)->Run();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const earshotd::CommandLine command_line = earshotd::ParseCommandLine(argc, argv);
  if (command_line.exit_code) return *command_line.exit_code;

  if (!command_line.core_dumps) ForbidCoreDumps();
  earshotd::Config config;
  earshotd::ConfigLog log;
  earshotd::ReadConfigFile(command_line.config_file, config, log);
  std::vector<earshotd::IssuerKey> keys;
  if (log.problems.empty()) keys = earshotd::ReadIssuerKeys(config, log);
  if (!command_line.web_root.empty()) config.web_root = command_line.web_root;

  if (command_line.check_config) {
    std::fputs(earshotd::ProblemsAsJson(command_line.config_file, log.problems).c_str(), stdout);
    return log.problems.empty() ? 0 : kConfigWrong;
  }
  if (!log.problems.empty()) {
    std::fputs(earshotd::ProblemsAsText(command_line.config_file, log.problems).c_str(), stderr);
    return kConfigWrong;
  }
  return Run(config, std::move(keys), command_line.config_file);
}
