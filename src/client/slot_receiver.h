#pragma once

// The receiving end of one slot: takes packets and retransmissions apart, knows what is missing,
// when to ask for it or for a keyframe, and what to report. One thread.

#include <optional>

#include "base/sequence.h"
#include "client/session.h"
#include "client/synthetic_media.h"
#include "forwarding/nack_tracker.h"
#include "forwarding/receive_statistics.h"
#include "wire/rtcp.h"

namespace earshot {

/// A packet that arrived in a slot, retransmissions undone.
struct ReceivedMedia {
  SlotRef slot;
  bool is_repair = false;
  /// Came before already.
  bool is_duplicate = false;
  /// What the CSRC says.
  SourceId source;
  int64_t extended_sequence = 0;  // of the original
  uint32_t timestamp = 0;
  bool marker = false;
  FrameInfo frame;
  std::optional<PayloadTag> tag;
  /// The plain packet as it came, in place of the datagram.
  ByteView packet;
};

class SlotReceiver {
 public:
  SlotReceiver(const SlotStream& stream, const ClientNumbers& numbers);

  const SlotStream& stream() const { return stream_; }
  /// Who is in it, as the server's message said.
  SourceId assigned;

  /// Nothing for a packet that cannot belong to the slot.
  std::optional<ReceivedMedia> HandlePacket(ByteView packet, const RtpView& view, Timestamp now);
  /// The sequence numbers to ask for now.
  NackTracker::Batch TakeDueNacks(Timestamp now);
  /// Whether the picture cannot go on without a keyframe; asked for once each time.
  bool TakeKeyframeRequest() { return std::exchange(wants_keyframe_, false); }
  Timestamp NextDeadline() const {
    return wants_keyframe_ ? Timestamp::LongAgo() : nacks_.NextDeadline();
  }
  void HandleSenderReport(const SenderReport& report, Timestamp now) {
    statistics_.HandleSenderReport(report.ntp_time, now);
  }
  /// Nothing when no packet came since the last one.
  std::optional<ReportBlock> TakeReport(Timestamp now);

  uint64_t packets_received() const { return received_; }

 private:
  bool is_video() const { return stream_.ref.kind == MediaKind::kVideo; }

  SlotStream stream_;
  uint8_t payload_type_;
  uint8_t rtx_payload_type_;
  Unwrapper<uint16_t> sequence_;
  NackTracker nacks_;
  ReceiveStatistics statistics_;
  bool wants_keyframe_ = false;
  uint64_t received_ = 0;
  uint64_t received_at_report_ = 0;
};

}  // namespace earshot
