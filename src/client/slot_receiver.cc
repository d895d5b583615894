#include "client/slot_receiver.h"

namespace earshot {

SlotReceiver::SlotReceiver(const SlotStream& stream, const ClientNumbers& numbers)
    : stream_(stream),
      payload_type_(is_video() ? numbers.vp8_payload_type : numbers.opus_payload_type),
      rtx_payload_type_(numbers.vp8_rtx_payload_type),
      statistics_(is_video() ? 90000 : 48000) {}

std::optional<ReceivedMedia> SlotReceiver::HandlePacket(ByteView packet, const RtpView& view,
                                                        Timestamp now) {
  ReceivedMedia media;
  media.is_repair = is_video() && view.ssrc() == stream_.rtx_ssrc;
  if (view.payload_type() != (media.is_repair ? rtx_payload_type_ : payload_type_)) {
    return std::nullopt;
  }
  ByteView payload = view.payload();
  uint16_t sequence_number = view.sequence_number();
  if (media.is_repair) {
    // RFC 4588 section 4. Nothing can be repaired before the first original.
    if (payload.size() <= 2 || !sequence_.highest()) return std::nullopt;
    sequence_number = LoadBigEndian<uint16_t>(payload.data());
    payload = payload.subspan(2);
  }
  const Codec codec = is_video() ? Codec::kVp8 : Codec::kOpus;
  const std::optional<FrameInfo> frame = ParseFrameInfo(codec, payload);
  if (!frame) return std::nullopt;
  media.slot = stream_.ref;
  media.extended_sequence = sequence_.Unwrap(sequence_number);
  media.timestamp = view.timestamp();
  media.marker = view.marker();
  media.frame = *frame;
  media.tag = ReadPayloadTag(codec, payload);
  media.packet = packet;
  if (view.csrc_count() > 0) {
    const uint32_t csrc = view.csrc(0);
    media.source = SourceId(ParticipantId{csrc >> 2}, static_cast<SourceKind>(csrc & 3u));
  }
  if (is_video()) {
    const NackTracker::Arrival arrival = nacks_.HandlePacket(media.extended_sequence, now);
    media.is_duplicate = arrival.duplicate;
    wants_keyframe_ |= arrival.needs_keyframe;
  }
  if (!media.is_duplicate) {
    ++received_;
    statistics_.HandlePacket(media.extended_sequence - Unwrapper<uint16_t>::kPeriod,
                             media.timestamp, now);
  }
  return media;
}

NackTracker::Batch SlotReceiver::TakeDueNacks(Timestamp now) {
  bool gave_up = false;
  NackTracker::Batch batch = nacks_.TakeDue(now, gave_up);
  wants_keyframe_ |= gave_up;
  return batch;
}

std::optional<ReportBlock> SlotReceiver::TakeReport(Timestamp now) {
  if (received_ == received_at_report_) return std::nullopt;
  received_at_report_ = received_;
  return statistics_.MakeReport(stream_.ssrc, now);
}

}  // namespace earshot
