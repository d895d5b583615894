#pragma once

// Where random bytes come from: an argument of every machine that needs them, so that a simulation
// replays from its seed. Production uses SecureRandom; nothing secret may come from SeededRandom.

#include <cstdint>
#include <span>
#include <string>

namespace earshot {

class Random {
 public:
  virtual ~Random() = default;
  virtual void Fill(std::span<uint8_t> out) = 0;

  uint32_t U32();
  uint64_t U64();
  /// Uniform in [0, bound); bound must not be zero.
  uint32_t Below(uint32_t bound);
  /// Uniform in [0, 1).
  double Unit();
  /// `length` characters of the base64 alphabet ("ice-char", RFC 8839 section 5.4), six random
  /// bits each.
  std::string IceChars(size_t length);
};

/// OpenSSL's CSPRNG. Any thread.
class SecureRandom final : public Random {
 public:
  void Fill(std::span<uint8_t> out) override;
};

/// Deterministic (splitmix64), for tests and simulation only.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(uint64_t seed) : state_(seed) {}
  void Fill(std::span<uint8_t> out) override;

 private:
  uint64_t state_;
};

}  // namespace earshot
