#pragma once

// Loss and jitter of one inbound RTP stream as a receiver reports them (RFC 3550 sections 6.4.1,
// A.3 and A.8). One thread.

#include <cstdint>

#include "base/sequence.h"
#include "earshot/units.h"
#include "wire/rtcp.h"

namespace earshot {

class ReceiveStatistics {
 public:
  explicit ReceiveStatistics(uint32_t clock_rate) : clock_rate_(clock_rate) {}

  /// `extended_sequence` as RFC 3550 extends it, by the number of cycles; neither duplicates nor
  /// retransmissions must be given.
  void HandlePacket(int64_t extended_sequence, uint32_t rtp_timestamp, Timestamp now);
  void HandleSenderReport(uint64_t ntp_time, Timestamp now);
  /// The block for the next report; the loss fraction covers the time since the previous call.
  ReportBlock MakeReport(uint32_t ssrc, Timestamp now);
  bool has_packets() const { return received_ > 0; }

 private:
  uint32_t clock_rate_;
  int64_t first_sequence_ = 0;
  int64_t highest_sequence_ = 0;
  int64_t received_ = 0;
  int64_t expected_at_report_ = 0;
  int64_t received_at_report_ = 0;
  uint32_t last_rtp_timestamp_ = 0;
  Timestamp last_arrival_;
  double jitter_ = 0;
  uint32_t last_sr_ = 0;
  Timestamp last_sr_arrival_;
};

}  // namespace earshot
