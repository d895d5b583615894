#pragma once

// What is counted while a scenario runs, and where it is kept until it is reported. Values only.
// One thread.

#include <array>
#include <cstdint>

#include "earshot/media.h"
#include "histogram.h"

namespace earshot::load {

struct Loss {
  uint64_t expected = 0;
  uint64_t lost = 0;
  void Add(const Loss& other) {
    expected += other.expected;
    lost += other.lost;
  }
  double Percent() const {
    return expected == 0 ? 0 : 100 * static_cast<double>(lost) / static_cast<double>(expected);
  }
};

/// Of the measured time, but for the joins.
struct Meter {
  uint64_t received = 0;  // media packets, duplicates and repairs included
  uint64_t repairs = 0;
  uint64_t duplicates = 0;
  std::array<Histogram, kMediaKindCount> latency;
  /// Slots that somebody was in all the time, and that not one packet came in.
  std::array<uint32_t, kMediaKindCount> silent_slots{};
  /// Of people who left meanwhile.
  Loss loss_of_departed;
  Histogram join_time;
  /// While one of them floods the server or some misbehave, and while nobody does.
  Histogram disturbed_latency;
  Histogram calm_latency;
  /// Since it was last taken.
  Histogram recent_latency;
  uint64_t flood_packets = 0;
  Histogram cut_in;
  uint64_t cut_ins_missed = 0;
  /// How late the generator itself came to what was due.
  Histogram lateness;
};

inline Histogram LatencyOfAll(const Meter& meter) {
  Histogram all;
  for (const Histogram& one : meter.latency) all.Add(one);
  return all;
}

}  // namespace earshot::load
