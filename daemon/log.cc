#include "log.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "clock.h"
#include "text_rules.h"

namespace earshotd {
namespace {

using earshot::LogLevel;

constexpr uint64_t kLinesPerSecond = 10;

spdlog::level::level_enum LevelOf(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
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

Log::Log(const LogOptions& options)
    : options_(options),
      logger_(std::make_shared<spdlog::logger>("earshotd",
                                               std::make_shared<spdlog::sinks::stdout_sink_mt>())) {
  const bool json = options.format == LogFormat::kJson;
  logger_->set_formatter(std::make_unique<spdlog::pattern_formatter>(
      json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})" : "%Y-%m-%dT%H:%M:%S.%eZ %l %v",
      spdlog::pattern_time_type::utc));
  logger_->set_level(LevelOf(options.level));
  logger_->flush_on(spdlog::level::debug);
}

Log::~Log() = default;

void Log::Write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (level < options_.level) return;
  const std::lock_guard<std::mutex> lock(mutex_);
  const std::optional<uint64_t> left_out = limiter_.Admit(event, Now());
  if (!left_out) return;
  std::string line = options_.format == LogFormat::kJson
                         ? "\"event\":\"" + std::string(event) + "\""
                         : std::string(event);
  for (const LogField& field : fields) {
    AppendField(options_.format, field.key, field.value, line);
  }
  if (*left_out > 0) {
    AppendField(options_.format, "left_out", std::to_string(*left_out), line);
  }
  logger_->log(LevelOf(level), spdlog::string_view_t(line));
}

}  // namespace earshotd
