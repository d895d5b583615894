#include "server_usage.h"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <utility>

namespace earshot::load {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

Error Unknown(const std::string& reason) {
  return {"server-usage-unknown", "Cannot read what the server uses: " + reason};
}

Result<std::string> Fetch(const Url& url) {
  boost::asio::io_context io;
  boost::asio::ip::tcp::resolver resolver(io);
  beast::tcp_stream stream(io);
  error_code error;
  const auto endpoints = resolver.resolve(url.host, std::to_string(url.port), error);
  if (!error) stream.connect(endpoints, error);
  http::request<http::empty_body> request(http::verb::get, url.path, 11);
  request.set(http::field::host, url.Authority());
  http::response<http::string_body> response;
  beast::flat_buffer buffer;
  if (!error) http::write(stream, request, error);
  if (!error) http::read(stream, buffer, response, error);
  if (error) return Unknown(url.Authority() + ": " + error.message() + ".");
  if (response.result() != http::status::ok) {
    return Unknown(url.Authority() + url.path + " answers HTTP " +
                   std::to_string(response.result_int()) + ".");
  }
  return std::move(response.body());
}

std::string FirstLineOf(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// Of threads that end meanwhile nothing is known.
std::vector<ThreadUsage> ReadThreads(const std::string& process) {
  std::vector<ThreadUsage> threads;
  std::error_code error;
  std::filesystem::directory_iterator entry(process + "/task", error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const auto usage = ParseProcStat(FirstLineOf(entry->path() / "stat"));
    if (!usage) continue;
    threads.push_back({std::atoi(entry->path().filename().c_str()), usage->cpu_seconds});
  }
  return threads;
}

}  // namespace

std::optional<ServerUsage> ParseProcStat(const std::string& stat) {
  // The second field is the program's name in brackets, which may hold blanks.
  const size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream rest(stat.substr(name_end + 1));
  std::string word;
  for (int field = 3; field < 14; ++field) rest >> word;
  double user = 0;
  double system = 0;
  rest >> user >> system;
  for (int field = 16; field < 24; ++field) rest >> word;
  uint64_t pages = 0;
  if (!(rest >> pages)) return std::nullopt;
  return ServerUsage{.cpu_seconds = (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK)),
                     .resident_bytes = pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE))};
}

std::optional<double> MetricIn(const std::string& page, const std::string& name) {
  const size_t line = page.find("\n" + name + " ");
  if (line == std::string::npos) return std::nullopt;
  return std::strtod(page.c_str() + line + name.size() + 2, nullptr);
}

std::optional<ServerTimes> TimesIn(const std::string& page, const std::string& name) {
  const auto count = MetricIn(page, name + "_count");
  const auto sum = MetricIn(page, name + "_sum");
  if (!count || !sum) return std::nullopt;
  return ServerTimes{static_cast<uint64_t>(*count), *sum};
}

std::map<std::string, uint64_t> CountersIn(const std::string& page, const std::string& name) {
  std::map<std::string, uint64_t> counters;
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(name + "{")) continue;
    const size_t begin = line.find('"') + 1;
    const size_t end = line.find("\"} ", begin);
    if (begin == 0 || end == std::string::npos) continue;
    counters[line.substr(begin, end - begin)] = std::strtoull(line.c_str() + end + 3, nullptr, 10);
  }
  return counters;
}

std::vector<double> SecondsOfThreads(const ServerUsage& before, const ServerUsage& after) {
  std::vector<double> seconds;
  for (const ThreadUsage& thread : after.threads) {
    const auto earlier =
        std::find_if(before.threads.begin(), before.threads.end(),
                     [&thread](const ThreadUsage& other) { return other.id == thread.id; });
    const double used_before = earlier == before.threads.end() ? 0 : earlier->cpu_seconds;
    seconds.push_back(thread.cpu_seconds - used_before);
  }
  std::sort(seconds.begin(), seconds.end(), std::greater<>());
  return seconds;
}

std::optional<ServerUsage> ParseMetrics(const std::string& page) {
  const auto cpu = MetricIn(page, "process_cpu_seconds_total");
  const auto resident = MetricIn(page, "process_resident_memory_bytes");
  if (!cpu || !resident) return std::nullopt;
  return ServerUsage{.cpu_seconds = *cpu, .resident_bytes = static_cast<uint64_t>(*resident)};
}

Result<std::optional<ServerUsage>> ReadServerUsage(const ServerUsageSource& source) {
  auto page = source.metrics ? Fetch(*source.metrics) : std::string();
  if (!page) return page.error();
  std::optional<ServerUsage> usage;
  if (source.pid != 0) {
    const std::string process = "/proc/" + std::to_string(source.pid);
    usage = ParseProcStat(FirstLineOf(process + "/stat"));
    if (!usage) return Unknown(process + "/stat cannot be read; is the process there?");
    usage->threads = ReadThreads(process);
  } else if (source.metrics) {
    usage = ParseMetrics(*page);
    if (!usage) return Unknown("there are no process_* metrics on that page.");
  }
  if (usage) usage->metrics = std::move(*page);
  return usage;
}

}  // namespace earshot::load
