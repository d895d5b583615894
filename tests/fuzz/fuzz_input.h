#pragma once

// The bytes of an input as decisions, for targets that drive something with a state: what is chosen
// is chosen by the bytes alone, so an input always does the same. Behind its end all bytes are
// zero.

#include <algorithm>
#include <vector>

#include "base/bytes.h"

namespace earshot {

class FuzzInput {
 public:
  FuzzInput(const uint8_t* data, size_t size) : rest_(data, size) {}

  bool empty() const { return rest_.empty(); }
  uint8_t Byte() {
    if (rest_.empty()) return 0;
    const uint8_t byte = rest_[0];
    rest_ = rest_.subspan(1);
    return byte;
  }
  /// `bound` is at most 256.
  size_t Below(size_t bound) { return Byte() % bound; }
  bool Flag() { return (Byte() & 1) != 0; }
  uint16_t U16() {
    const uint16_t high = Byte();
    return static_cast<uint16_t>(high << 8 | Byte());
  }
  /// As many bytes as the next one says, or as are left.
  std::vector<uint8_t> Bytes() {
    const size_t wanted = Byte();
    const size_t size = std::min(wanted, rest_.size());
    const std::vector<uint8_t> bytes(rest_.begin(), rest_.begin() + static_cast<ptrdiff_t>(size));
    rest_ = rest_.subspan(size);
    return bytes;
  }
  /// Changes one byte at a place of the input's choice.
  void Corrupt(std::vector<uint8_t>& bytes) {
    const size_t place = U16();
    const auto change = static_cast<uint8_t>(Byte() | 1);
    if (!bytes.empty()) bytes[place % bytes.size()] ^= change;
  }

 private:
  ByteView rest_;
};

}  // namespace earshot
