#include "forwarding/receive_statistics.h"

#include <algorithm>
#include <cmath>

#include "base/clock_units.h"

namespace earshot {
namespace {

// Of the delay since the last sender report, which has 32 bits.
constexpr uint32_t kUnitsPerSecond = 65536;
constexpr Duration kMaxDelay = Duration::Seconds(65535);

}  // namespace

void ReceiveStatistics::HandlePacket(int64_t extended_sequence, uint32_t rtp_timestamp,
                                     Timestamp now) {
  if (received_ == 0) {
    first_sequence_ = highest_sequence_ = extended_sequence;
  } else {
    first_sequence_ = std::min(first_sequence_, extended_sequence);
    highest_sequence_ = std::max(highest_sequence_, extended_sequence);
    // RFC 3550 A.8: the difference of relative transit times, smoothed by 1/16.
    const double arrival_units = (now - last_arrival_).seconds() * clock_rate_;
    const double sent_units = TimestampDistance(last_rtp_timestamp_, rtp_timestamp);
    jitter_ += (std::abs(arrival_units - sent_units) - jitter_) / 16.0;
  }
  ++received_;
  last_rtp_timestamp_ = rtp_timestamp;
  last_arrival_ = now;
}

void ReceiveStatistics::HandleSenderReport(uint64_t ntp_time, Timestamp now) {
  last_sr_ = static_cast<uint32_t>(ntp_time >> 16);
  last_sr_arrival_ = now;
}

ReportBlock ReceiveStatistics::MakeReport(uint32_t ssrc, Timestamp now) {
  const int64_t expected = received_ == 0 ? 0 : highest_sequence_ - first_sequence_ + 1;
  const int64_t expected_interval = expected - expected_at_report_;
  const int64_t lost_interval = expected_interval - (received_ - received_at_report_);
  expected_at_report_ = expected;
  received_at_report_ = received_;

  ReportBlock block;
  block.ssrc = ssrc;
  if (expected_interval > 0 && lost_interval > 0) {
    block.fraction_lost =
        static_cast<uint8_t>(std::min<int64_t>(255, (lost_interval << 8) / expected_interval));
  }
  block.cumulative_lost =
      static_cast<int32_t>(std::clamp<int64_t>(expected - received_, -0x800000, 0x7fffff));
  block.extended_highest_sequence = static_cast<uint32_t>(highest_sequence_);
  block.jitter = static_cast<uint32_t>(std::min(jitter_, 4e9));
  if (last_sr_ != 0) {
    block.last_sr = last_sr_;
    block.delay_since_last_sr =
        ClockUnits(std::min(now - last_sr_arrival_, kMaxDelay), kUnitsPerSecond);
  }
  return block;
}

}  // namespace earshot
