#include "log.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>

#include "clock.h"
#include "text_rules.h"

namespace earshotd {
namespace {

using earshot::LogLevel;

constexpr uint64_t kLinesPerSecond = 10;

std::string_view LevelName(LogLevel level) {
  constexpr std::array<std::string_view, 4> kNames = {"debug", "info", "warning", "error"};
  return kNames[static_cast<size_t>(level)];
}

/// The time of day in UTC: "2026-11-24T09:30:00.123Z".
std::string TimeText() {
  using std::chrono::duration_cast;
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  const auto millis = duration_cast<std::chrono::milliseconds>(since_1970).count();
  const std::time_t seconds = millis / 1000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 32> text{};
  const size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &utc);
  std::snprintf(text.data() + size, text.size() - size, ".%03dZ", static_cast<int>(millis % 1000));
  return text.data();
}

void AppendField(LogFormat format, std::string_view key, std::string_view value,
                 std::string& line) {
  if (format == LogFormat::kJson) {
    line += ",\"" + std::string(key) + "\":\"" + EscapeText(value) + "\"";
    return;
  }
  const bool plain = value.find_first_of(" =\"") == std::string_view::npos && !value.empty();
  line += " " + std::string(key) + "=";
  line += plain ? EscapeText(value) : "\"" + EscapeText(value) + "\"";
}

/// What every line begins with.
std::string BeginLine(LogFormat format, LogLevel level, std::string_view event) {
  const bool json = format == LogFormat::kJson;
  std::string line = (json ? R"({"time":")" : "") + TimeText();
  line += json ? R"(","level":")" : " ";
  line += LevelName(level);
  line += json ? R"(","event":")" : " ";
  line += event;
  if (json) line += '"';
  return line;
}

std::string EndLine(LogFormat format, std::string line) {
  return line + (format == LogFormat::kJson ? "}\n" : "\n");
}

std::string LossNotice(LogFormat format, uint64_t lost) {
  std::string line = BeginLine(format, LogLevel::kWarning, "log-lines-lost");
  AppendField(format, "count", std::to_string(lost), line);
  return EndLine(format, std::move(line));
}

}  // namespace

std::optional<uint64_t> LogLimiter::Admit(std::string_view event, earshot::Timestamp now) {
  auto found = windows_.find(event);
  if (found == windows_.end()) found = windows_.emplace(std::string(event), Window{}).first;
  Window& window = found->second;
  if (now - window.start >= earshot::Duration::Seconds(1)) {
    window.start = now;
    window.lines = 0;
  }
  if (window.lines >= kLinesPerSecond) {
    ++window.left_out;
    return std::nullopt;
  }
  ++window.lines;
  return std::exchange(window.left_out, 0);
}

Log::Log(const LogOptions& options, int descriptor)
    : options_(options), writer_(descriptor, [format = options.format](uint64_t lost) {
        return LossNotice(format, lost);
      }) {}

void Log::Write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (level < options_.level) return;
  const std::lock_guard<std::mutex> lock(mutex_);
  const std::optional<uint64_t> left_out = limiter_.Admit(event, Now());
  if (!left_out) return;
  std::string line = BeginLine(options_.format, level, event);
  for (const LogField& field : fields) {
    AppendField(options_.format, field.key, field.value, line);
  }
  if (*left_out > 0) {
    AppendField(options_.format, "left_out", std::to_string(*left_out), line);
  }
  writer_.Write(EndLine(options_.format, std::move(line)));
}

}  // namespace earshotd
