#pragma once

// The words that SDP lines are made of (RFC 8866 section 9, RFC 8839 section 5.4): what may stand
// in each, and how to take a line apart. Does not know what a line means. Stateless.

#include <charconv>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace earshot::sdp {

/// RFC 8866 "token", of 1 to `max_size` characters.
bool IsToken(std::string_view text, size_t max_size);
/// Letters, digits, "+" and "/", of `min_size` to 256 characters.
bool IsIceChars(std::string_view text, size_t min_size);
/// The id of an encoding, 1 to 16 letters, digits, "-" and "_" (RFC 8851 section 10): as many as a
/// one-byte header extension holds.
bool IsRid(std::string_view text);
/// Printable ASCII including the space, of 1 to `max_size` characters.
bool IsPrintable(std::string_view text, size_t max_size);
/// Printable ASCII without the space, of 1 to `max_size` characters.
bool IsVisible(std::string_view text, size_t max_size);

bool EqualsIgnoringCase(std::string_view a, std::string_view b);
std::string ToLower(std::string_view text);
std::string ToUpper(std::string_view text);

/// What stands before the first `separator`; `rest` becomes what stands behind it.
std::string_view TakeUntil(std::string_view& rest, char separator);
inline std::string_view TakeWord(std::string_view& rest) { return TakeUntil(rest, ' '); }

/// Decimal digits and nothing else; nothing when the value does not fit.
template <std::unsigned_integral T>
std::optional<T> ParseNumber(std::string_view text) {
  T value{};
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return value;
}

}  // namespace earshot::sdp
