#pragma once

// The daemon's log: one line per event on standard output, as text or JSON. An event is a fixed
// word with fields; each event may have ten lines a second, and the next line says how many were
// left out, so that no remote input can flood the log (threat E4). Values are escaped. Callers
// never pass tokens, names, addresses or SDP, and never wait for whoever reads the log. Any thread.

#include <initializer_list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "config.h"
#include "earshot/units.h"
#include "log_writer.h"

namespace earshotd {

/// Ten lines a second for each event.
class LogLimiter {
 public:
  /// Nothing if the line must be left out; else how many lines of this event were, before it.
  std::optional<uint64_t> Admit(std::string_view event, earshot::Timestamp now);

 private:
  struct Window {
    earshot::Timestamp start = earshot::Timestamp::LongAgo();
    uint64_t lines = 0;
    uint64_t left_out = 0;
  };
  // Events are words of the source, so there are few.
  std::map<std::string, Window, std::less<>> windows_;
};

struct LogField {
  std::string_view key;
  std::string value;
};

class Log {
 public:
  /// The lines go to `descriptor`; standard output by default.
  explicit Log(const LogOptions& options, int descriptor = 1);

  void Write(earshot::LogLevel level, std::string_view event,
             std::initializer_list<LogField> fields = {});
  void Info(std::string_view event, std::initializer_list<LogField> fields = {}) {
    Write(earshot::LogLevel::kInfo, event, fields);
  }
  void Warning(std::string_view event, std::initializer_list<LogField> fields = {}) {
    Write(earshot::LogLevel::kWarning, event, fields);
  }
  void Error(std::string_view event, std::initializer_list<LogField> fields = {}) {
    Write(earshot::LogLevel::kError, event, fields);
  }
  /// Lines that nobody took in time.
  uint64_t lost() const { return writer_.lost(); }

 private:
  const LogOptions options_;
  std::mutex mutex_;
  LogLimiter limiter_;
  LogWriter writer_;
};

}  // namespace earshotd
