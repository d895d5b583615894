#pragma once

// Test data written as hexadecimal digits, with spaces wherever they help the reader.

#include <cstdint>
#include <string_view>
#include <vector>

namespace earshot {

inline std::vector<uint8_t> BytesFromHex(std::string_view hex) {
  std::vector<uint8_t> bytes;
  int high = -1;
  for (const char c : hex) {
    if (c == ' ' || c == '\n') continue;
    const int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
    if (high < 0) {
      high = digit;
    } else {
      bytes.push_back(static_cast<uint8_t>(high << 4 | digit));
      high = -1;
    }
  }
  return bytes;
}

}  // namespace earshot
