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

struct Characters {
  uint32_t first, last;
};

/// All of the Basic Multilingual Plane, as EscapeText writes four digits.
constexpr Characters kDisturbing[] = {
    {0x00, 0x1f},      // controls
    {0x7f, 0x9f},      // controls
    {0x61c, 0x61c},    // the bidirectional controls of Unicode Standard Annex 9: the Arabic mark,
    {0x200e, 0x200f},  // the other marks,
    {0x202a, 0x202e},  // embeddings and overrides,
    {0x2066, 0x2069},  // isolates,
    {0x206a, 0x206f},  // and those that are deprecated
    {0x2028, 0x2029},  // line and paragraph separators
    {0xfeff, 0xfeff},  // the byte order mark
    {0xfff9, 0xfffb},  // interlinear annotation
};

/// Of these alone nobody sees anything: White_Space and Default_Ignorable_Code_Point of the Unicode
/// Character Database, the blank of Braille and the empty note head of music. Many of them have
/// their place between others, in emoji and in scripts of Asia.
constexpr Characters kInvisible[] = {
    {0x20, 0x20},       {0xa0, 0xa0},       {0xad, 0xad},       {0x34f, 0x34f},
    {0x115f, 0x1160},   {0x1680, 0x1680},   {0x17b4, 0x17b5},   {0x180b, 0x180f},
    {0x2000, 0x200d},   {0x202f, 0x202f},   {0x205f, 0x2065},   {0x2800, 0x2800},
    {0x3000, 0x3000},   {0x3164, 0x3164},   {0xfe00, 0xfe0f},   {0xffa0, 0xffa0},
    {0xfff0, 0xfff8},   {0x1bca0, 0x1bca3}, {0x1d159, 0x1d159}, {0x1d173, 0x1d17a},
    {0xe0000, 0xe0fff},
};

template <size_t N>
bool IsOneOf(const Characters (&ranges)[N], uint32_t character) {
  return std::any_of(ranges, ranges + N, [character](const Characters& range) {
    return character >= range.first && character <= range.last;
  });
}

bool DisturbsSurroundings(uint32_t character) { return IsOneOf(kDisturbing, character); }
bool IsInvisible(uint32_t character) { return IsOneOf(kInvisible, character); }

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
    visible = visible || !IsInvisible(character->value);
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
