#pragma once

// One inbound media stream of a publisher (of simulcast: one layer): checks and reads each packet
// once, repairs losses, keeps what retransmissions need, and counts for reports. Knows nothing of
// listeners. One thread.

#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "absl/container/inlined_vector.h"
#include "base/drop_reason.h"
#include "base/sequence.h"
#include "codec/frame_info.h"
#include "earshot/media.h"
#include "earshot/units.h"
#include "forwarding/keyframe_requester.h"
#include "forwarding/nack_tracker.h"
#include "forwarding/receive_statistics.h"
#include "forwarding/retransmission_cache.h"
#include "wire/rtp_packet.h"

namespace earshot {

/// One negotiated payload type with its retransmission type (RFC 4588), if any.
struct PayloadFormat {
  Codec codec = Codec::kOpus;
  uint8_t payload_type = 0;
  std::optional<uint8_t> rtx_payload_type;
};
using PayloadFormats = absl::InlinedVector<PayloadFormat, 4>;

struct SourceFormat {
  SourceId id;
  std::string mid;
  PayloadFormats payloads;
  ExtensionIds extensions;
  /// Of one of several simulcast layers; otherwise empty.
  std::string rid = {};
};

/// A packet as forwarding sees it. The payload is the shared plaintext: a slot may patch its codec
/// descriptor just before sealing, as every slot writes the same bytes anew.
struct SourcePacket {
  Codec codec = Codec::kOpus;
  /// Of simulcast, lowest first.
  uint8_t layer = 0;
  bool marker = false;
  uint32_t timestamp = 0;
  int64_t extended_sequence = 0;
  /// A newer frame began before: this packet was overtaken, or lost and repaired.
  bool is_late = false;
  FrameInfo frame;
  std::optional<AudioLevel> audio_level;
  ByteSpan payload;
};

class Source {
 public:
  explicit Source(SourceFormat format);

  const SourceFormat& format() const { return format_; }
  SourceId id() const { return format_.id; }
  bool is_video() const { return MediaKindOf(id().kind()) == MediaKind::kVideo; }

  /// The stream is known by its SSRC once the offer or a packet's MID said so.
  std::optional<uint32_t> ssrc;
  std::optional<uint32_t> rtx_ssrc;

  using Handled = std::variant<SourcePacket, DropReason>;
  /// A plain packet with our SSRC or our RTX SSRC, authenticated and not replayed.
  Handled HandlePacket(ByteSpan packet, const RtpView& view, Timestamp now);

  /// A listener that starts in the middle needs a keyframe; audio never does.
  void WantKeyframe(Timestamp now);
  bool TakeDueKeyframeRequest(Timestamp now) { return keyframes_.TakeDue(now); }
  NackTracker::Batch TakeDueNacks(Timestamp now);
  Timestamp NextDeadline() const;

  /// Nothing while no packet has come.
  std::optional<ReportBlock> MakeReport(Timestamp now);
  void HandleSenderReport(uint64_t ntp_time, Timestamp now);

  const RetransmissionCache::Entry* FindForRepair(int64_t extended_sequence, Timestamp now) const {
    return cache_.Find(extended_sequence, now);
  }
  /// For a source that has long been silent: what is kept is too old to repair anything.
  void ForgetPackets() { cache_.Clear(); }

 private:
  Handled HandleMedia(SourcePacket packet, bool is_repair, Timestamp now);
  const PayloadFormat* FindPayload(uint8_t payload_type) const;

  SourceFormat format_;
  Unwrapper<uint16_t> sequence_;
  std::optional<uint32_t> newest_timestamp_;
  ReceiveStatistics statistics_;
  NackTracker nacks_;
  KeyframeRequester keyframes_;
  RetransmissionCache cache_;
};

}  // namespace earshot
