#pragma once

// What a server has counted since it started, as plain values for a metrics exporter. Carries no
// personal data: no participant, space or address appears. Any thread.

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "earshot/interaction.h"

namespace earshot {

struct HistogramStats {
  static constexpr double kUnbounded = std::numeric_limits<double>::infinity();
  struct Bucket {
    double upper_bound_seconds;
    uint64_t count;  // not cumulative
  };
  std::vector<Bucket> buckets;
  double sum_seconds = 0;
};

struct WorkerStats {
  struct Drop {
    std::string reason;
    uint64_t count;
  };
  std::vector<Drop> drops;
  uint64_t packets_in = 0, packets_out = 0, bytes_in = 0, bytes_out = 0;
  /// Datagrams that the kernel dropped because the worker was too slow to take them.
  uint64_t receive_queue_drops = 0;
  /// Datagrams that had to wait, as the kernel had no room for them.
  uint64_t sends_delayed = 0;
  /// Share of a core that the worker used lately, from 0 to 1.
  double busyness = 0;
  /// Of the 256 shards of its listeners, those that other workers seal and send for at the moment,
  /// and the packets that it has sealed for others' listeners itself.
  uint64_t shards_lent = 0, rtp_sealed_for_others = 0;
  uint64_t rtp_in = 0, rtp_forwarded = 0, rtp_retransmitted = 0;
  uint64_t nacks_in = 0, nacks_out = 0, keyframe_requests_in = 0, keyframe_requests_out = 0;
  uint64_t slot_switches = 0, position_updates = 0, invariant_violations = 0;
  /// What participants asked for besides walking, by Outcome.
  std::array<uint64_t, kOutcomeCount> acts{};
  uint64_t joins = 0, joins_refused = 0, participants_closed = 0;
  uint64_t participants = 0, audio_sources = 0, video_sources = 0;
  uint64_t audio_slots_in_use = 0, video_slots_in_use = 0;
  HistogramStats loop_lag, move_to_first_packet, join_time;
};

struct ServerStats {
  std::vector<WorkerStats> workers;
};

}  // namespace earshot
