#include "sdp/lines.h"

#include <algorithm>
#include <string>

#include "sdp/session.h"
#include "sdp/tokens.h"

namespace earshot::sdp {
namespace {

// Bytes above ASCII are let through: they can only stand in lines that nobody reads, such as s=.
bool HasControlCharacter(std::string_view value) {
  return std::any_of(value.begin(), value.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
  });
}

}  // namespace

Error LineError(std::string_view code, size_t line, std::string_view problem) {
  std::string message;
  if (line != 0) message = "Line " + std::to_string(line) + ": ";
  message.append(problem);
  return Error{std::string(code), std::move(message)};
}

Result<std::vector<Line>> SplitLines(std::string_view text, std::string_view error_code) {
  // Some writers end with a blank line.
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  if (text.empty()) return LineError(error_code, 0, "the session description is empty");
  if (text.size() > kMaxSize) {
    return LineError(
        error_code, 0,
        "the session description is larger than " + std::to_string(kMaxSize) + " bytes");
  }
  std::vector<Line> lines;
  while (!text.empty()) {
    const size_t number = lines.size() + 1;
    if (number > kMaxLines) {
      return LineError(error_code, number,
                       "at most " + std::to_string(kMaxLines) + " lines are allowed");
    }
    std::string_view line = TakeUntil(text, '\n');
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (HasControlCharacter(line)) {
      return LineError(error_code, number, "control characters are not allowed");
    }
    if (line.size() < 2 || line[0] < 'a' || line[0] > 'z' || line[1] != '=') {
      return LineError(error_code, number, "a line must look like <lower-case letter>=<value>");
    }
    lines.push_back({number, line[0], line.substr(2)});
  }
  return lines;
}

}  // namespace earshot::sdp
