#pragma once

// How far a clock of some rate goes in a while: for RTP timestamps and the other counters of the
// wire that wrap. Exact after any uptime.

#include <cstdint>

#include "earshot/units.h"

namespace earshot {

/// Modulo 2^32.
constexpr uint32_t ClockUnits(Duration elapsed, uint32_t rate) {
  constexpr int64_t kSecond = 1000000;
  // Second by second: microseconds times a rate would overflow after some years, or a year.
  const int64_t seconds = elapsed.micros() / kSecond;
  const int64_t rest = elapsed.micros() % kSecond * rate / kSecond;
  return static_cast<uint32_t>(static_cast<uint64_t>(seconds) * rate + static_cast<uint64_t>(rest));
}
constexpr uint32_t ClockUnits(Timestamp now, uint32_t rate) {
  return ClockUnits(now - Timestamp(), rate);
}

}  // namespace earshot
