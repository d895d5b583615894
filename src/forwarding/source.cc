#include "forwarding/source.h"

#include <algorithm>
#include <utility>

namespace earshot {
namespace {

// From one SSRC's numbers to those of the next: farther than a stream may jump and go on, and a
// multiple of the cycle, as the lowest bits are what is asked for again.
constexpr int64_t kStreamGap = 1 << 20;

ReceiveStatistics NewStatistics(SourceId id) {
  return ReceiveStatistics(MediaKindOf(id.kind()) == MediaKind::kAudio ? 48000 : 90000);
}

}  // namespace

Source::Source(SourceFormat format)
    : format_(std::move(format)), statistics_(NewStatistics(format_.id)) {}

void Source::BeginStream() {
  if (!highest_index_) return;
  offset_ += static_cast<int64_t>(*highest_index_ & ~uint64_t{0xffff}) + kStreamGap;
  highest_index_.reset();
  newest_timestamp_.reset();
  statistics_ = NewStatistics(id());
}

const PayloadFormat* Source::FindPayload(uint8_t payload_type) const {
  for (const PayloadFormat& payload : format_.payloads) {
    if (payload.payload_type == payload_type || payload.rtx_payload_type == payload_type) {
      return &payload;
    }
  }
  return nullptr;
}

// Packet path 6/11; next: Space::Forward.
Source::Handled Source::HandlePacket(ByteSpan packet, const RtpView& view, uint64_t packet_index,
                                     Timestamp now) {
  (view.ssrc() == rtx_ssrc ? rtx_last_heard : last_heard) = now;
  const PayloadFormat* payload = FindPayload(view.payload_type());
  if (payload == nullptr) return DropReason::kUnsignalledPayloadType;

  SourcePacket out;
  out.codec = payload->codec;
  out.marker = view.marker();
  out.timestamp = view.timestamp();
  out.payload = packet.subspan(view.header_size(), view.payload().size());
  const bool is_repair = payload->rtx_payload_type == view.payload_type();
  if (is_repair != (rtx_ssrc == view.ssrc())) return DropReason::kRtxUnmatched;
  if (is_repair) {
    // RFC 4588 section 4: the original sequence number precedes the original payload.
    if (out.payload.size() <= 2) return Padding();
    const auto original = IndexOfOriginal(LoadBigEndian<uint16_t>(out.payload.data()));
    if (!original) return DropReason::kRtxUnmatched;
    packet_index = *original;
    out.payload = out.payload.subspan(2);
  } else if (!highest_index_ || packet_index > *highest_index_) {
    highest_index_ = packet_index;
    newest_timestamp_ = out.timestamp;
  }
  out.extended_sequence = static_cast<int64_t>(packet_index) + offset_;
  out.is_late = out.timestamp != newest_timestamp_;
  if (const auto level = view.Extension(format_.extensions.audio_level)) {
    out.audio_level = ParseAudioLevel(*level);
  }
  return HandleMedia(out, is_repair, now);
}

// Only what was sent before the newest original can have been lost.
std::optional<uint64_t> Source::IndexOfOriginal(uint16_t sequence_number) const {
  if (!highest_index_) return std::nullopt;
  const auto behind =
      static_cast<uint16_t>(static_cast<uint16_t>(*highest_index_) - sequence_number);
  if (behind >= 0x8000 || behind > *highest_index_) return std::nullopt;
  return *highest_index_ - behind;
}

Source::Handled Source::HandleMedia(SourcePacket packet, bool is_repair, Timestamp now) {
  if (!seen_.Take(static_cast<uint64_t>(packet.extended_sequence))) {
    if (is_repair) return Padding();
    return DropReason::kRtxUnmatched;
  }
  if (is_video()) {
    const NackTracker::Arrival arrival = nacks_.HandlePacket(packet.extended_sequence, now);
    if (arrival.needs_keyframe) keyframes_.Want(now);
    if (arrival.duplicate) return DropReason::kRtxUnmatched;
  }
  // A repair came on an SSRC of its own; counted here, it would hide the loss from the sender.
  if (!is_repair) {
    statistics_.HandlePacket(packet.extended_sequence - offset_, packet.timestamp, now);
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

void Source::HandleBye(const Bye& bye) {
  for (const uint32_t one : bye.ssrcs) {
    if (one == ssrc) last_heard = Timestamp::LongAgo();
    if (one == rtx_ssrc) rtx_last_heard = Timestamp::LongAgo();
  }
}

}  // namespace earshot
