#include "sdp/tokens.h"

#include <algorithm>

namespace earshot::sdp {
namespace {

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// RFC 8866 section 9: token-char, which is visible ASCII without what is used as a delimiter.
bool IsTokenChar(char c) {
  return IsAlphanumeric(c) || std::string_view("!#$%&'*+-.^_`{|}~").find(c) != std::string::npos;
}

template <typename Predicate>
bool Consists(std::string_view text, size_t max_size, Predicate predicate) {
  return !text.empty() && text.size() <= max_size &&
         std::all_of(text.begin(), text.end(), predicate);
}

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
char Upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

}  // namespace

bool IsToken(std::string_view text, size_t max_size) {
  return Consists(text, max_size, IsTokenChar);
}

bool IsIceChars(std::string_view text, size_t min_size) {
  return text.size() >= min_size &&
         Consists(text, 256, [](char c) { return IsAlphanumeric(c) || c == '+' || c == '/'; });
}

bool IsPrintable(std::string_view text, size_t max_size) {
  return Consists(text, max_size, [](char c) { return c >= 0x20 && c < 0x7f; });
}

bool IsVisible(std::string_view text, size_t max_size) {
  return Consists(text, max_size, [](char c) { return c > 0x20 && c < 0x7f; });
}

bool IsRid(std::string_view text) {
  return Consists(text, 16, [](char c) { return IsAlphanumeric(c) || c == '-' || c == '_'; });
}

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return Lower(x) == Lower(y); });
}

std::string ToLower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), Lower);
  return lower;
}

std::string ToUpper(std::string_view text) {
  std::string upper(text);
  std::transform(upper.begin(), upper.end(), upper.begin(), Upper);
  return upper;
}

std::string_view TakeUntil(std::string_view& rest, char separator) {
  const size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view taken = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return taken;
}

}  // namespace earshot::sdp
