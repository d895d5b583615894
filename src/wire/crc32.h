#pragma once

// The CRC-32 of STUN's FINGERPRINT (RFC 8489 section 14.7, ITU V.42 polynomial). Not a protection
// against anybody: only tells STUN from what looks like it. Stateless.

#include <array>

#include "base/bytes.h"

namespace earshot {

inline constexpr std::array<uint32_t, 256> kCrc32Table = [] {
  std::array<uint32_t, 256> table{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t remainder = byte;
    for (int bit = 0; bit < 8; ++bit) {
      remainder = (remainder & 1u) ? (remainder >> 1) ^ 0xedb88320u : remainder >> 1;
    }
    table[byte] = remainder;
  }
  return table;
}();

constexpr uint32_t Crc32(ByteView bytes) {
  uint32_t crc = 0xffffffffu;
  for (const uint8_t byte : bytes) crc = (crc >> 8) ^ kCrc32Table[(crc ^ byte) & 0xffu];
  return ~crc;
}

}  // namespace earshot
