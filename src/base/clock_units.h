#pragma once

// How far a clock of some rate goes in a while: for RTP timestamps and the other counters of the
// wire that wrap. Exact after any uptime.

#include <cstdint>

#include "earshot/units.h"

namespace earshot {

/// Modulo 2^32. Of a time that is not negative, at a rate of at most 2^18.
constexpr uint32_t ClockUnits(Duration elapsed, uint32_t rate) {
  constexpr uint64_t kSecond = 1000000;
  const auto micros = static_cast<uint64_t>(elapsed.micros());
  if (micros >> 45 == 0) return static_cast<uint32_t>(micros * rate / kSecond);
  // After 407 days, second by second, as the product would overflow.
  return static_cast<uint32_t>(micros / kSecond * rate + micros % kSecond * rate / kSecond);
}
constexpr uint32_t ClockUnits(Timestamp now, uint32_t rate) {
  return ClockUnits(now - Timestamp(), rate);
}

}  // namespace earshot
