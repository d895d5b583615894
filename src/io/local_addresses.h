#pragma once

// The addresses of this host that peers have sent to, numbered, so that a byte says where an answer
// has to leave from. Of the sockets at one port, those of one thread fill it; sockets of other
// threads look up what they were told.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "earshot/units.h"

namespace earshot {

class LocalAddresses {
 public:
  /// In network order; IPv4 as ::ffff:a.b.c.d.
  using Host = std::array<uint8_t, 16>;
  /// Of 4 or 16 bytes.
  static Host ToHost(std::span<const uint8_t> bytes);

  /// A host has a few; but a whole network may be routed to it, and temporary addresses come and
  /// go. One that nobody has sent to for so long makes room: nobody's consent lasts that long.
  /// Without room the answer is zero, for which the kernel chooses.
  static constexpr size_t kMaxNumber = 255;
  static constexpr Duration kForgottenAfter = Duration::Seconds(300);

  uint8_t NumberOf(const Host& host, Timestamp now);
  /// Of a number that was given out; not zero.
  Host At(uint8_t number) const;

 private:
  struct Entry {
    // Both halves may only be torn by whoever asks for an address that nobody uses any more.
    std::atomic<uint64_t> first{0};
    std::atomic<uint64_t> second{0};
  };
  bool Holds(size_t index, const Host& host) const;
  std::optional<size_t> FindOrAdd(const Host& host, Timestamp now);

  // Number n is at n - 1. What every datagram writes is apart from what other threads read.
  std::array<Entry, kMaxNumber> entries_;
  std::array<Timestamp, kMaxNumber> heard_;
  size_t count_ = 0;
  size_t last_ = 0;  // most often it is that one again
};

}  // namespace earshot
