#pragma once

// Bounds-checked reading and writing of network-order (and, for our own messages, little-endian)
// integers. Every parser goes through these, so the advance is in one place. A reader or writer
// that ran out of room stays failed: check ok() once at the end.

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace earshot {

using ByteView = std::span<const uint8_t>;
using ByteSpan = std::span<uint8_t>;

/// With its bytes the other way round. As an instruction: compilers do not see it in a loop.
template <std::unsigned_integral T>
T SwapBytes(T value) {
  if constexpr (sizeof(T) == 1) return value;
  if constexpr (sizeof(T) == 2) return __builtin_bswap16(value);
  if constexpr (sizeof(T) == 4) return __builtin_bswap32(value);
  if constexpr (sizeof(T) == 8) return __builtin_bswap64(value);
}

template <std::unsigned_integral T>
T LoadBigEndian(const uint8_t* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof(T));
  return std::endian::native == std::endian::big ? value : SwapBytes(value);
}

template <std::unsigned_integral T>
void StoreBigEndian(uint8_t* bytes, T value) {
  if (std::endian::native != std::endian::big) value = SwapBytes(value);
  std::memcpy(bytes, &value, sizeof(T));
}

class ByteReader {
 public:
  explicit ByteReader(ByteView bytes) : bytes_(bytes) {}

  bool ok() const { return ok_; }
  size_t remaining() const { return ok_ ? bytes_.size() - position_ : 0; }
  size_t position() const { return position_; }

  uint8_t U8() { return Integer<uint8_t>(); }
  uint16_t U16() { return Integer<uint16_t>(); }
  uint32_t U32() { return Integer<uint32_t>(); }
  uint64_t U64() { return Integer<uint64_t>(); }
  uint32_t U24() {
    const ByteView three = Take(3);
    return ok_ ? static_cast<uint32_t>(three[0] << 16 | three[1] << 8 | three[2]) : 0;
  }
  /// Little-endian, for Earshot's own messages, which browsers read with DataView.
  uint16_t U16Le() { return SwapBytes(U16()); }
  uint32_t U32Le() { return SwapBytes(U32()); }
  float F32Le() { return std::bit_cast<float>(U32Le()); }

  /// The next `count` bytes; empty and failed when there are not as many.
  ByteView Take(size_t count) {
    if (!ok_ || bytes_.size() - position_ < count) {
      ok_ = false;
      return {};
    }
    ByteView taken = bytes_.subspan(position_, count);
    position_ += count;
    return taken;
  }
  ByteView TakeRest() { return Take(remaining()); }

 private:
  template <std::unsigned_integral T>
  T Integer() {
    const ByteView raw = Take(sizeof(T));
    return ok_ ? LoadBigEndian<T>(raw.data()) : T{0};
  }

  ByteView bytes_;
  size_t position_ = 0;
  bool ok_ = true;
};

class ByteWriter {
 public:
  explicit ByteWriter(ByteSpan room) : room_(room) {}

  bool ok() const { return ok_; }
  size_t size() const { return position_; }
  ByteView written() const { return room_.first(position_); }

  void U8(uint8_t value) { Integer(value); }
  void U16(uint16_t value) { Integer(value); }
  void U32(uint32_t value) { Integer(value); }
  void U64(uint64_t value) { Integer(value); }
  void U24(uint32_t value) {
    U8(static_cast<uint8_t>(value >> 16));
    U16(static_cast<uint16_t>(value));
  }
  void U16Le(uint16_t value) {
    U8(static_cast<uint8_t>(value));
    U8(static_cast<uint8_t>(value >> 8));
  }
  void U32Le(uint32_t value) {
    U16Le(static_cast<uint16_t>(value));
    U16Le(static_cast<uint16_t>(value >> 16));
  }
  void F32Le(float value) { U32Le(std::bit_cast<uint32_t>(value)); }
  void Bytes(ByteView bytes) {
    if (!Fits(bytes.size())) return;
    if (!bytes.empty()) std::memcpy(room_.data() + position_, bytes.data(), bytes.size());
    position_ += bytes.size();
  }
  void Zeros(size_t count) {
    if (!Fits(count)) return;
    std::memset(room_.data() + position_, 0, count);
    position_ += count;
  }
  /// For a value that the format cannot carry: the message then counts as not having fitted.
  void Fail() { ok_ = false; }
  /// Overwrites two bytes written earlier, for lengths known only afterwards.
  void PatchU16(size_t position, uint16_t value) {
    if (position + 2 <= position_) StoreBigEndian(room_.data() + position, value);
  }

 private:
  bool Fits(size_t count) {
    if (!ok_ || room_.size() - position_ < count) ok_ = false;
    return ok_;
  }
  template <std::unsigned_integral T>
  void Integer(T value) {
    if (!Fits(sizeof(T))) return;
    StoreBigEndian(room_.data() + position_, value);
    position_ += sizeof(T);
  }

  ByteSpan room_;
  size_t position_ = 0;
  bool ok_ = true;
};

}  // namespace earshot
