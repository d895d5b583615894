#pragma once

// What one worker counts. Only the worker's thread writes, any thread may read for a scrape, so the
// cells are relaxed atomics that cost no more than plain integers on the write side.

#include <array>
#include <atomic>
#include <cstdint>

#include "base/drop_reason.h"
#include "earshot/interaction.h"
#include "earshot/media.h"
#include "earshot/stats.h"
#include "earshot/units.h"

namespace earshot {

/// A cell with one writer: the increment needs no locked instruction.
class Counter {
 public:
  void Add(uint64_t amount = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  void Subtract(uint64_t amount = 1) { Add(uint64_t{0} - amount); }
  void Set(uint64_t value) { value_.store(value, std::memory_order_relaxed); }
  uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

/// Fixed upper bounds; the last bucket is unbounded. Bounds must rise.
template <size_t N>
class HistogramCells {
 public:
  explicit HistogramCells(const std::array<Duration, N>& bounds) : bounds_(bounds) {}
  void Observe(Duration value) {
    size_t bucket = 0;
    while (bucket < N && value > bounds_[bucket]) ++bucket;
    cells_[bucket].Add();
    sum_micros_.Add(static_cast<uint64_t>(value.micros() < 0 ? 0 : value.micros()));
  }
  HistogramStats Snapshot() const {
    HistogramStats stats;
    for (size_t i = 0; i <= N; ++i) {
      stats.buckets.push_back(
          {i < N ? bounds_[i].seconds() : HistogramStats::kUnbounded, cells_[i].value()});
    }
    stats.sum_seconds = static_cast<double>(sum_micros_.value()) / 1e6;
    return stats;
  }

 private:
  std::array<Duration, N> bounds_;
  std::array<Counter, N + 1> cells_;
  Counter sum_micros_;
};

inline constexpr std::array<Duration, 12> kLatencyBounds = {
    Duration::Micros(100),  Duration::Micros(250), Duration::Micros(500), Duration::Millis(1),
    Duration::Micros(2500), Duration::Millis(5),   Duration::Millis(10),  Duration::Millis(20),
    Duration::Millis(50),   Duration::Millis(100), Duration::Millis(500), Duration::Seconds(2)};
inline constexpr std::array<Duration, 8> kJoinBounds = {
    Duration::Millis(50), Duration::Millis(100),  Duration::Millis(250), Duration::Millis(500),
    Duration::Seconds(1), Duration::Millis(2500), Duration::Seconds(5),  Duration::Seconds(10)};

struct Counters {
  std::array<Counter, kDropReasonCount> drops;
  Counter packets_in, packets_out, bytes_in, bytes_out;  // UDP datagrams of any protocol
  Counter receive_queue_drops;                           // by the kernel, before we saw them
  Counter sends_delayed;                                 // that the kernel had no room for at once
  Counter busyness;                                      // gauge: thousandths of a core, lately
  Counter shards_lent;                                   // gauge: of listeners, to other workers
  Counter rtp_sealed_for_others;                         // media packets of other workers
  Counter rtp_in, rtp_forwarded, rtp_retransmitted;      // media packets
  Counter nacks_in, nacks_out, keyframe_requests_in, keyframe_requests_out;
  Counter slot_switches;
  Counter position_updates;
  Counter invariant_violations;
  std::array<Counter, kOutcomeCount> acts;  // by Outcome
  Counter joins, joins_refused, participants_closed;
  Counter participants;                               // gauge
  std::array<Counter, kMediaKindCount> sources;       // gauge by MediaKind
  std::array<Counter, kMediaKindCount> slots_in_use;  // gauge by MediaKind
  HistogramCells<12> loop_lag{kLatencyBounds};
  HistogramCells<12> move_to_first_packet{kLatencyBounds};
  HistogramCells<8> join_time{kJoinBounds};

  void Drop(DropReason reason) { drops[static_cast<size_t>(reason)].Add(); }
};

}  // namespace earshot
