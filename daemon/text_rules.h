#pragma once

// What text from outside may look like: UTF-8 by RFC 3629, names fit to be shown to other people,
// space ids, and the escaping that keeps a log line one line. Pure functions, any thread.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace earshotd {

/// The longest name or subject that a token may carry, in characters (threat H23).
inline constexpr size_t kMaxNameCharacters = 128;

/// Unicode scalar values in `text`; nothing if it is not well-formed UTF-8.
std::optional<size_t> CountCharacters(std::string_view text);

/// Whether `text` holds 1 to `max_characters` characters, at least one of them to be seen, and none
/// that could reorder or break the text around it: controls, line separators and all that directs
/// bidirectional text.
bool IsDisplayText(std::string_view text, size_t max_characters);

/// `text` with every control character, quote and backslash escaped, and everything that is not
/// UTF-8 replaced, as JSON writes it; no quotes around it.
std::string EscapeText(std::string_view text);

}  // namespace earshotd
