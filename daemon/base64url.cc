#include "base64url.h"

#include <cstdint>

namespace earshotd {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

}  // namespace

std::string Base64UrlEncode(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() * 4 + 2) / 3);
  uint32_t pending = 0;
  unsigned pending_bits = 0;
  for (const char byte : bytes) {
    pending = (pending << 8 | static_cast<uint8_t>(byte)) & 0xffffu;
    pending_bits += 8;
    while (pending_bits >= 6) {
      pending_bits -= 6;
      text += kAlphabet[pending >> pending_bits & 63u];
    }
  }
  if (pending_bits > 0) text += kAlphabet[pending << (6 - pending_bits) & 63u];
  return text;
}

std::optional<std::string> Base64UrlDecode(std::string_view text) {
  if (text.size() % 4 == 1) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() * 3 / 4);
  uint32_t pending = 0;
  unsigned pending_bits = 0;
  for (const char character : text) {
    const size_t value = kAlphabet.find(character);
    if (value == std::string_view::npos) return std::nullopt;
    pending = (pending << 6 | static_cast<uint32_t>(value)) & 0xffffu;
    pending_bits += 6;
    if (pending_bits >= 8) {
      pending_bits -= 8;
      bytes += static_cast<char>(pending >> pending_bits & 0xffu);
    }
  }
  if ((pending & ((1u << pending_bits) - 1)) != 0) return std::nullopt;
  return bytes;
}

}  // namespace earshotd
