// earshotd: reads the command line and the configuration, then runs the daemon. Exit codes are
// those of sysexits.h where they fit.

#include <sys/prctl.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "command_line.h"
#include "config_files.h"
#include "config_reader.h"
#include "daemon.h"
#include "memory_reserve.h"

namespace {

constexpr int kStartFailed = 1;
constexpr int kConfigWrong = 78;
/// Enough for all that is under way when memory runs out, until nobody new is let in.
constexpr size_t kMemoryReserve = 8 * 1024 * 1024;

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

/// The configuration with its keys; what is wrong with them is in `log`.
earshotd::LoadedConfig Load(const earshotd::CommandLine& command_line, earshotd::ConfigLog& log) {
  earshotd::LoadedConfig loaded;
  earshotd::ReadConfigFile(command_line.config_file, loaded.config, log);
  if (log.problems.empty()) loaded.keys = earshotd::ReadIssuerKeys(loaded.config, log);
  if (!command_line.web_root.empty()) loaded.config.web_root = command_line.web_root;
  loaded.fields = log.fields;
  return loaded;
}

earshot::Result<earshotd::LoadedConfig> Reload(const earshotd::CommandLine& command_line) {
  earshotd::ConfigLog log;
  auto loaded = Load(command_line, log);
  if (log.problems.empty()) return loaded;
  return earshot::Error{"config-invalid",
                        earshotd::ProblemsAsText(command_line.config_file, log.problems)};
}

int Check(const earshotd::CommandLine& command_line) {
  earshotd::ConfigLog log;
  const earshotd::LoadedConfig loaded = Load(command_line, log);
  std::vector<std::string> advice;
  if (log.problems.empty()) {
    earshotd::CheckFiles(loaded.config, log);
    advice = earshotd::AdviceOn(loaded.config, std::thread::hardware_concurrency());
  }
  std::fputs(earshotd::ProblemsAsJson(command_line.config_file, log.problems, advice).c_str(),
             stdout);
  return log.problems.empty() ? 0 : kConfigWrong;
}

int Run(const earshotd::CommandLine& command_line) {
  earshotd::ConfigLog log;
  earshotd::LoadedConfig loaded = Load(command_line, log);
  if (!log.problems.empty()) {
    std::fputs(earshotd::ProblemsAsText(command_line.config_file, log.problems).c_str(), stderr);
    return kConfigWrong;
  }
  const bool demo = loaded.config.demo;
  RaiseDescriptorLimit();
  earshotd::InstallMemoryReserve(kMemoryReserve);
  // A client that goes away while we write must be an error code, not a signal.
  std::signal(SIGPIPE, SIG_IGN);
  auto daemon =
      earshotd::Daemon::Start(std::move(loaded), [command_line] { return Reload(command_line); });
  if (!daemon.ok()) {
    std::fprintf(stderr, "earshotd: %s\n", daemon.error().message.c_str());
    return kStartFailed;
  }
  if (demo) {
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
  return command_line.check_config ? Check(command_line) : Run(command_line);
}
