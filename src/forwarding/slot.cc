#include "forwarding/slot.h"

#include <utility>

namespace earshot {
Slot::Slot(SlotFormat format, Random& random)
    : format_(std::move(format)),
      origin_(RtpOrigin::Draw(random)),
      rtx_index_(random.Below(0x7fff)) {}

void Slot::Assign(SourceId source) {
  source_ = source;
  aim_ = 0;
  layer_.reset();
  if (source && stream_ == nullptr) stream_ = std::make_unique<Stream>(origin_);
  if (stream_ == nullptr) return;
  stream_->history.Invalidate();
  stream_->rewriter.BeginSource();
}

void Slot::AimAt(std::optional<uint8_t> layer) {
  aim_ = layer;
  if (!layer) layer_.reset();
}

// A layer is a stream of its own, with its own numbers: another begins as another source does.
bool Slot::FollowLayer(const SourcePacket& packet) {
  if (packet.layer == layer_) return true;
  const bool may_begin = packet.codec == Codec::kOpus || packet.frame.starts_keyframe;
  if (packet.layer != aim_ || packet.is_late || !may_begin) return false;
  // A source that comes back within a frame, whose first packet had been lost: the rest went
  // before.
  const bool was_here =
      source_ == stream_->written_source && packet.layer == stream_->written_layer;
  if (was_here && packet.extended_sequence <= stream_->written_sequence) return false;
  layer_ = packet.layer;
  stream_->rewriter.BeginSource();
  return true;
}

const PayloadFormat* Slot::FindPayload(Codec codec) const {
  for (const PayloadFormat& payload : format_.payloads) {
    if (payload.codec == codec) return &payload;
  }
  return nullptr;
}

RtpHeader Slot::MakeHeader(const PayloadFormat& payload, const OutboundPosition& position,
                           bool marker) const {
  RtpHeader header;
  header.marker = marker;
  header.payload_type = payload.payload_type;
  header.sequence_number = static_cast<uint16_t>(position.packet_index);
  header.timestamp = position.timestamp;
  header.ssrc = format_.ssrc;
  header.csrc = source_.value();
  header.mid = format_.mid;
  return header;
}

// Packet path 8/11; next: Participant::Send.
std::optional<OutboundPacket> Slot::Write(const SourcePacket& packet, Timestamp now) {
  const PayloadFormat* payload = FindPayload(packet.codec);
  if (stream_ == nullptr || payload == nullptr || !FollowLayer(packet)) return std::nullopt;
  Stream& stream = *stream_;
  if (packet.payload.empty() && stream.rewriter.Skip(packet.extended_sequence)) return std::nullopt;
  const auto position = stream.rewriter.Rewrite(
      {packet.extended_sequence, packet.timestamp, packet.codec, packet.frame, packet.is_late},
      now);
  if (!position) return std::nullopt;
  stream.codec = packet.codec;
  stream.written_source = source_;
  stream.written_layer = packet.layer;
  stream.written_sequence = packet.extended_sequence;

  if (packet.frame.vp8) {
    PatchVp8(*packet.frame.vp8, position->picture_id, position->tl0_pic_idx, packet.payload);
  }
  if (format_.ref.kind == MediaKind::kVideo) {
    stream.history.Store(static_cast<uint16_t>(position->packet_index),
                         {packet.extended_sequence, position->timestamp, position->picture_id,
                          position->tl0_pic_idx, packet.codec, packet.layer, packet.marker});
  }
  OutboundPacket out;
  out.header = MakeHeader(*payload, *position, packet.marker);
  out.header.audio_level = packet.audio_level;
  out.packet_index = position->packet_index;
  out.payload = packet.payload;
  out.starts_source = position->starts_source;
  return out;
}

std::optional<OutboundPacket> Slot::Repair(uint16_t sequence_number, std::span<const Source> layers,
                                           Timestamp now, std::vector<uint8_t>& scratch) {
  if (stream_ == nullptr || layers.empty() || layers.front().id() != source_) return std::nullopt;
  const auto sent = stream_->history.TakeForRepair(sequence_number, now);
  if (!sent || sent->layer >= layers.size()) return std::nullopt;
  const RetransmissionCache::Entry* entry =
      layers[sent->layer].FindForRepair(sent->source_sequence, now);
  const PayloadFormat* payload = FindPayload(sent->codec);
  if (entry == nullptr || payload == nullptr || !payload->rtx_payload_type) return std::nullopt;

  scratch.resize(2 + entry->payload.size());
  StoreBigEndian(scratch.data(), sequence_number);
  std::copy(entry->payload.begin(), entry->payload.end(), scratch.begin() + 2);
  if (entry->vp8) {
    PatchVp8(*entry->vp8, sent->picture_id, sent->tl0_pic_idx, ByteSpan(scratch).subspan(2));
  }
  OutboundPacket out;
  out.packet_index = ++rtx_index_;
  out.header = MakeHeader(*payload, {rtx_index_, sent->timestamp, 0, 0, false}, sent->marker);
  out.header.payload_type = *payload->rtx_payload_type;
  out.header.ssrc = format_.rtx_ssrc;
  out.payload = scratch;
  return out;
}

std::optional<SenderReport> Slot::MakeSenderReport(Timestamp now) const {
  if (stream_ == nullptr || stream_->packets_sent == 0) return std::nullopt;
  SenderReport report;
  report.sender_ssrc = format_.ssrc;
  // RFC 3550 section 6.4.1 lets the clock be any that runs evenly; only differences are used.
  const auto micros = static_cast<uint64_t>(now.micros());
  report.ntp_time = (micros / 1000000) << 32 | ((micros % 1000000) << 32) / 1000000;
  report.rtp_timestamp = stream_->rewriter.TimestampAt(now, ClockRate(stream_->codec));
  report.packet_count = stream_->packets_sent;
  report.octet_count = stream_->octets_sent;
  return report;
}

}  // namespace earshot
