#include "text_rules.h"

#include <algorithm>
#include <cstdint>

namespace earshotd {
namespace {

struct Character {
  uint32_t value;
  size_t length;
};

bool IsContinuation(char byte) { return (static_cast<uint8_t>(byte) & 0xc0u) == 0x80u; }

/// The first character of a non-empty text; nothing if it is not well-formed (RFC 3629 section 4:
/// no overlong forms, no surrogates, nothing above U+10FFFF).
std::optional<Character> FirstCharacter(std::string_view text) {
  const auto lead = static_cast<uint8_t>(text[0]);
  if (lead < 0x80) return Character{lead, 1};
  const size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return std::nullopt;
  uint32_t value = lead & (0xffu >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    if (!IsContinuation(text[i])) return std::nullopt;
    value = value << 6 | (static_cast<uint8_t>(text[i]) & 0x3fu);
  }
  constexpr uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kSmallest[length] || value > 0x10ffff) return std::nullopt;
  if (value >= 0xd800 && value <= 0xdfff) return std::nullopt;
  return Character{value, length};
}

/// Unicode Standard Annex 9 names the bidirectional controls.
bool DisturbsSurroundings(uint32_t character) {
  return character < 0x20 || (character >= 0x7f && character <= 0x9f) ||
         (character >= 0x202a && character <= 0x202e) ||
         (character >= 0x2066 && character <= 0x2069) || character == 0x2028 ||
         character == 0x2029 || character == 0xfeff;
}

bool IsBlank(uint32_t character) {
  return character == ' ' || character == 0xa0 || character == 0x3000 ||
         (character >= 0x2000 && character <= 0x200f);
}

}  // namespace

std::optional<size_t> CountCharacters(std::string_view text) {
  size_t count = 0;
  while (!text.empty()) {
    const std::optional<Character> character = FirstCharacter(text);
    if (!character) return std::nullopt;
    text.remove_prefix(character->length);
    ++count;
  }
  return count;
}

bool IsDisplayText(std::string_view text, size_t max_characters) {
  size_t count = 0;
  bool visible = false;
  while (!text.empty()) {
    const std::optional<Character> character = FirstCharacter(text);
    if (!character || DisturbsSurroundings(character->value)) return false;
    if (++count > max_characters) return false;
    visible = visible || !IsBlank(character->value);
    text.remove_prefix(character->length);
  }
  return visible;
}

std::string EscapeText(std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string escaped;
  escaped.reserve(text.size());
  while (!text.empty()) {
    const std::optional<Character> character = FirstCharacter(text);
    const size_t length = character ? character->length : 1;
    if (!character) {
      escaped += "\xef\xbf\xbd";
    } else if (character->value == '"' || character->value == '\\') {
      escaped += {'\\', text[0]};
    } else if (DisturbsSurroundings(character->value)) {
      escaped += "\\u";
      for (int shift = 12; shift >= 0; shift -= 4) escaped += kHex[character->value >> shift & 15u];
    } else {
      escaped += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  return escaped;
}

}  // namespace earshotd
