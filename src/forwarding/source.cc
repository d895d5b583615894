#include "forwarding/source.h"

#include <algorithm>
#include <utility>

namespace earshot {

Source::Source(SourceFormat format)
    : format_(std::move(format)),
      statistics_(MediaKindOf(format_.id.kind()) == MediaKind::kAudio ? 48000 : 90000) {}

const PayloadFormat* Source::FindPayload(uint8_t payload_type) const {
  for (const PayloadFormat& payload : format_.payloads) {
    if (payload.payload_type == payload_type || payload.rtx_payload_type == payload_type) {
      return &payload;
    }
  }
  return nullptr;
}

// Packet path 6/11; next: Space::Forward.
Source::Handled Source::HandlePacket(ByteSpan packet, const RtpView& view, Timestamp now) {
  const PayloadFormat* payload = FindPayload(view.payload_type());
  if (payload == nullptr) return DropReason::kUnsignalledPayloadType;

  SourcePacket out;
  out.codec = payload->codec;
  out.marker = view.marker();
  out.timestamp = view.timestamp();
  out.payload = packet.subspan(view.header_size(), view.payload().size());
  uint16_t sequence_number = view.sequence_number();
  const bool is_repair = payload->rtx_payload_type == view.payload_type();
  if (is_repair != (rtx_ssrc == view.ssrc())) return DropReason::kRtxUnmatched;
  if (is_repair) {
    // RFC 4588 section 4: the original sequence number precedes the original payload. Browsers
    // also send empty ones as padding, and nothing can be repaired before the first original.
    if (out.payload.size() <= 2 || !sequence_.highest()) return DropReason::kRtxUnmatched;
    sequence_number = LoadBigEndian<uint16_t>(out.payload.data());
    out.payload = out.payload.subspan(2);
    if (sequence_.Peek(sequence_number) > *sequence_.highest()) return DropReason::kRtxUnmatched;
  }
  out.extended_sequence = sequence_.Unwrap(sequence_number);
  if (out.extended_sequence == *sequence_.highest()) newest_timestamp_ = out.timestamp;
  out.is_late = out.timestamp != newest_timestamp_;
  if (const auto level = view.Extension(format_.extensions.audio_level)) {
    out.audio_level = ParseAudioLevel(*level);
  }
  return HandleMedia(out, is_repair, now);
}

Source::Handled Source::HandleMedia(SourcePacket packet, bool is_repair, Timestamp now) {
  if (is_video()) {
    const NackTracker::Arrival arrival = nacks_.HandlePacket(packet.extended_sequence, now);
    if (arrival.needs_keyframe) keyframes_.Want(now);
    if (arrival.duplicate) return DropReason::kRtxUnmatched;
  }
  // A repair came on an SSRC of its own; counted here, it would hide the loss from the sender.
  if (!is_repair) {
    statistics_.HandlePacket(packet.extended_sequence, packet.timestamp, now);
  }
  if (packet.payload.empty()) return packet;

  const std::optional<FrameInfo> frame = ParseFrameInfo(packet.codec, packet.payload);
  if (!frame) {
    if (is_video()) keyframes_.Want(now);
    return DropReason::kCodecMalformed;
  }
  packet.frame = *frame;
  if (is_video()) {
    if (frame->starts_keyframe) keyframes_.HandleKeyframe();
    cache_.Store(packet.extended_sequence, packet.payload, frame->vp8, now);
  }
  return packet;
}

void Source::WantKeyframe(Timestamp now) {
  if (is_video()) keyframes_.Want(now);
}

NackTracker::Batch Source::TakeDueNacks(Timestamp now) {
  bool gave_up = false;
  NackTracker::Batch batch = nacks_.TakeDue(now, gave_up);
  if (gave_up) keyframes_.Want(now);
  return batch;
}

Timestamp Source::NextDeadline() const {
  return std::min(nacks_.NextDeadline(), keyframes_.NextDeadline());
}

std::optional<ReportBlock> Source::MakeReport(Timestamp now) {
  if (!ssrc || !statistics_.has_packets()) return std::nullopt;
  return statistics_.MakeReport(*ssrc, now);
}

void Source::HandleSenderReport(uint64_t ntp_time, Timestamp now) {
  statistics_.HandleSenderReport(ntp_time, now);
}

}  // namespace earshot
