#pragma once

// The lexer: a session description as numbered lines of the form <letter>=<value> (RFC 8866
// section 5), with its size limits. Every error about a description is made here, so that each
// names its line and none repeats what the client wrote. Stateless.

#include <cstddef>
#include <string_view>
#include <vector>

#include "earshot/result.h"

namespace earshot::sdp {

struct Line {
  size_t number = 0;  // from 1
  char type = 0;
  std::string_view value;  // points into the text
};

/// "Line 12: <problem>"; with line 0, which stands for the whole text, only the problem.
Error LineError(std::string_view code, size_t line, std::string_view problem);

/// Lines end with CRLF or LF; there is at least one, and blank ones stand at the end only. Control
/// characters are refused, so that no later copy of a value can start a line of its own (threat row
/// H18).
Result<std::vector<Line>> SplitLines(std::string_view text, std::string_view error_code);

}  // namespace earshot::sdp
