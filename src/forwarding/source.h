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
#include "base/replay_window.h"
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
  /// Its SRTP index; once the stream had another SSRC before, counted on from far ahead of that.
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
  /// When a packet with either came; long ago as well after a BYE.
  Timestamp last_heard = Timestamp::LongAgo();
  Timestamp rtx_last_heard = Timestamp::LongAgo();

  /// What comes from now on has another SSRC, and so a numbering of its own.
  void BeginStream();

  /// A retransmission that carries nothing, or what is here already: browsers send such to learn
  /// how much the path can take.
  struct Padding {};
  using Handled = std::variant<SourcePacket, Padding, DropReason>;
  /// A plain packet with our SSRC or our RTX SSRC, and the index that authenticated it (RFC 3711
  /// section 3.3.1). Nothing is numbered in another way here: what SRTP takes for two packets must
  /// not be taken for one, nor the other way round.
  Handled HandlePacket(ByteSpan packet, const RtpView& view, uint64_t packet_index, Timestamp now);

  /// The format whose packets or repairs have this type, if any.
  const PayloadFormat* FindPayload(uint8_t payload_type) const;

  /// A listener that starts in the middle needs a keyframe; audio never does.
  void WantKeyframe(Timestamp now);
  bool TakeDueKeyframeRequest(Timestamp now) { return keyframes_.TakeDue(now); }
  NackTracker::Batch TakeDueNacks(Timestamp now);
  Timestamp NextDeadline() const;

  /// Nothing while no packet has come.
  std::optional<ReportBlock> MakeReport(Timestamp now);
  void HandleSenderReport(uint64_t ntp_time, Timestamp now);
  /// The sender may go on with another SSRC, or after a while with the same.
  void HandleBye(const Bye& bye);

  const RetransmissionCache::Entry* FindForRepair(int64_t extended_sequence, Timestamp now) const {
    return cache_.Find(extended_sequence, now);
  }
  /// For a source that has long been silent: what is kept is too old to repair anything.
  void ForgetPackets() { cache_.Clear(); }

 private:
  std::optional<uint64_t> IndexOfOriginal(uint16_t sequence_number) const;
  Handled HandleMedia(SourcePacket packet, bool is_repair, Timestamp now);

  SourceFormat format_;
  std::optional<uint64_t> highest_index_;  // of this SSRC
  int64_t offset_ = 0;                     // from its indices to extended sequence numbers
  // What is older than what is kept is of no use to anybody.
  ReplayWindow<RetransmissionCache::kCapacity> seen_;
  std::optional<uint32_t> newest_timestamp_;
  ReceiveStatistics statistics_;
  NackTracker nacks_;
  KeyframeRequester keyframes_;
  RetransmissionCache cache_;
};

}  // namespace earshot
