#include "base/random.h"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>

namespace earshot {

uint32_t Random::U32() {
  std::array<uint8_t, 4> bytes;
  Fill(bytes);
  uint32_t value;
  std::memcpy(&value, bytes.data(), sizeof(value));
  return value;
}

uint64_t Random::U64() {
  const uint64_t high = U32();
  return high << 32 | U32();
}

uint32_t Random::Below(uint32_t bound) {
  // Lemire's multiply-shift; the bias of at most bound / 2^32 does not matter to any caller.
  return static_cast<uint32_t>((uint64_t{U32()} * bound) >> 32);
}

double Random::Unit() { return static_cast<double>(U32()) / 4294967296.0; }

std::string Random::IceChars(size_t length) {
  static constexpr char kAlphabet[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text(length, '\0');
  Fill({reinterpret_cast<uint8_t*>(text.data()), text.size()});
  for (char& c : text) c = kAlphabet[static_cast<uint8_t>(c) & 63u];
  return text;
}

void SecureRandom::Fill(std::span<uint8_t> out) {
  // Without a working generator no secret can be made: there is nothing sane to continue with.
  if (RAND_bytes(out.data(), static_cast<int>(out.size())) != 1) std::abort();
}

void SeededRandom::Fill(std::span<uint8_t> out) {
  while (!out.empty()) {
    state_ += 0x9e3779b97f4a7c15u;
    uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    z ^= z >> 31;
    const size_t count = std::min(out.size(), sizeof(z));
    std::memcpy(out.data(), &z, count);
    out = out.subspan(count);
  }
}

}  // namespace earshot
