#pragma once

// earshotd as a process of its own, with a configuration and a folder for one test. Test code only.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "temporary_files.h"
#include "token_fixtures.h"

namespace earshotd {

/// False when `condition` does not come about within the time-out, which only a fault reaches.
template <typename Condition>
bool WaitUntil(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

/// Free when asked for; whoever binds them later may find them taken, which is rare.
struct DaemonPorts {
  uint16_t listen, admin, media;
};
inline DaemonPorts FindFreePorts() {
  using boost::asio::ip::tcp;
  using boost::asio::ip::udp;
  boost::asio::io_context io;
  const auto loopback = boost::asio::ip::address_v4::loopback();
  const tcp::acceptor listen(io, {loopback, 0}), admin(io, {loopback, 0});
  const udp::socket media(io, {loopback, 0});
  return {listen.local_endpoint().port(), admin.local_endpoint().port(),
          media.local_endpoint().port()};
}

/// The files that a daemon needs: configuration, secret and page.
class DaemonFolder {
 public:
  DaemonFolder() {
    folder_.Write("web/index.html", "page");
    folder_.Write("secret", kSecret, 0600);
    WriteConfig();
  }

  const std::string& path() const { return folder_.path(); }
  std::string config() const { return path() + "/earshotd.yaml"; }
  const DaemonPorts& ports() const { return ports_; }
  /// `more` is added at the end.
  void WriteConfig(const std::string& more = "", const std::string& plan = "{}") {
    const auto port = [](uint16_t value) { return std::to_string(value); };
    folder_.Write("earshotd.yaml",
                  "listen: {address: 127.0.0.1, port: " + port(ports_.listen) +
                      "}\nadmin: {address: 127.0.0.1, port: " + port(ports_.admin) +
                      "}\nmedia: {bind: 127.0.0.1, port: " + port(ports_.media) +
                      "}\nweb_root: web\n"
                      "issuers: [{name: portal, algorithm: HS256, secret_file: secret}]\n"
                      "spaces: [{id: hall, plan: " +
                      plan + "}]\n" + more);
  }
  void WriteSecret(const std::string& secret) { folder_.Write("secret", secret, 0600); }
  void TakePorts(const DaemonPorts& ports) {
    ports_ = ports;
    WriteConfig();
  }
  std::set<std::string> Files() const {
    std::set<std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path())) {
      files.insert(entry.path().native());
    }
    return files;
  }

 private:
  TemporaryFolder folder_;
  DaemonPorts ports_ = FindFreePorts();
};

struct ProcessOptions {
  std::vector<std::string> arguments = {};
  /// RLIMIT_NOFILE, or zero to leave it.
  rlim_t max_descriptors = 0;
  /// Standard output goes here, if it is a descriptor, in place of a file.
  int output = -1;
};

class DaemonProcess {
 public:
  explicit DaemonProcess(const DaemonFolder& folder, const ProcessOptions& options = {})
      : output_file_(folder.path() + "/../" + Unique("earshotd-output")) {
    std::vector<std::string> arguments = {EARSHOTD, "--config", folder.config()};
    arguments.insert(arguments.end(), options.arguments.begin(), options.arguments.end());
    std::vector<char*> pointers;
    for (std::string& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    const int output = open(output_file_.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    pid_ = fork();
    if (pid_ == 0) {
      dup2(options.output >= 0 ? options.output : output, STDOUT_FILENO);
      dup2(output, STDERR_FILENO);
      if (chdir(folder.path().c_str()) != 0) _exit(126);
      if (options.max_descriptors != 0) {
        const rlimit limit{options.max_descriptors, options.max_descriptors};
        setrlimit(RLIMIT_NOFILE, &limit);
      }
      const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
      setrlimit(RLIMIT_CORE, &unlimited);
      execv(EARSHOTD, pointers.data());
      _exit(127);
    }
    close(output);
  }
  ~DaemonProcess() {
    if (status_ < 0) {
      Signal(SIGKILL);
      Wait();
    }
    ExpectCleanLog();
    unlink(output_file_.c_str());
  }
  DaemonProcess(const DaemonProcess&) = delete;
  DaemonProcess& operator=(const DaemonProcess&) = delete;

  void Signal(int signal) const { kill(pid_, signal); }
  /// The status of waitpid.
  int Wait() {
    if (status_ < 0) waitpid(pid_, &status_, 0);
    return status_;
  }
  /// The exit code, or -1 for one that a signal ended.
  int ExitCode() { return WIFEXITED(Wait()) ? WEXITSTATUS(status_) : -1; }
  /// True once it serves; false if it ended instead.
  bool WaitUntilServing() {
    bool serving = false;
    EXPECT_TRUE(WaitUntil([&] {
      serving = Output().find(" started ") != std::string::npos;
      if (!serving && waitpid(pid_, &status_, WNOHANG) == 0) status_ = -1;
      return serving || status_ >= 0;
    })) << Output();
    return serving;
  }
  /// What it has written so far, standard error included.
  std::string Output() const { return ReadWholeText(output_file_).value_or(""); }
  bool WaitForOutput(const std::string& text) const {
    return WaitUntil([&] { return Output().find(text) != std::string::npos; });
  }
  rlim_t ResidentBytes() const {
    std::ifstream statm("/proc/" + std::to_string(pid_) + "/statm");
    rlim_t all = 0, resident = 0;
    statm >> all >> resident;
    return resident * static_cast<rlim_t>(sysconf(_SC_PAGESIZE));
  }
  /// Seconds of processor time used so far.
  double CpuSeconds() const {
    std::ifstream stat("/proc/" + std::to_string(pid_) + "/stat");
    std::string word;
    for (int field = 1; field < 14; ++field) stat >> word;
    double user = 0, system = 0;
    stat >> user >> system;
    return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
  }

 private:
  static std::string Unique(const std::string& name) {
    static int count = 0;
    return name + "-" + std::to_string(getpid()) + "-" + std::to_string(++count);
  }

  /// H12, in every test that starts a process: the log's lines, which begin with the year, hold no
  /// token, name, address or SDP.
  void ExpectCleanLog() const {
    std::istringstream lines(Output());
    for (std::string line; std::getline(lines, line);) {
      if (!line.starts_with("20")) continue;
      for (const char* secret : {"eyJ", "Ada", "u-1", "127.0.0.1", "a=", "v=0", "-----BEGIN"}) {
        EXPECT_EQ(line.find(secret), std::string::npos) << line;
      }
    }
  }

  std::string output_file_;
  pid_t pid_ = -1;
  int status_ = -1;
};

}  // namespace earshotd
