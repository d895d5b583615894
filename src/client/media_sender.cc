#include "client/media_sender.h"

#include <algorithm>

#include "base/clock_units.h"

namespace earshot {
namespace {

constexpr size_t kKeyframePackets = 3;
constexpr size_t kKeyframePayload = 700;
constexpr size_t kDeltaPayload = 250;
constexpr size_t kMorePerLayer = 150;
// Of a frame of the given rate.
constexpr int64_t kKeyframeFactor = 3;
constexpr uint16_t kPictureIdMask = 0x7fff;

uint64_t ToNtp(Timestamp now) {
  const auto micros = static_cast<uint64_t>(now.micros());
  return (micros / 1000000) << 32 | ((micros % 1000000) << 32) / 1000000;
}

}  // namespace

MediaSender::MediaSender(const SentStream& stream, const ClientNumbers& numbers,
                         uint64_t first_index, Random& random, const MediaShape& shape)
    : stream_(stream),
      numbers_(numbers),
      shape_(shape),
      timestamp_base_(random.U32()),
      next_index_(first_index),
      next_rtx_index_(random.Below(0x7fff)),
      picture_id_(static_cast<uint16_t>(random.U32() & kPictureIdMask)),
      tl0_pic_idx_(static_cast<uint8_t>(random.U32())) {}

void MediaSender::Start(SourceId source, Timestamp now) {
  source_ = source;
  if (is_on()) return;
  wants_keyframe_ = true;
  next_deadline_ = now;
}

void MediaSender::SetAudioLevel(AudioLevel level) {
  level_ = level;
  if (is_on() && !is_video() && !rests()) {
    next_deadline_ = std::min(next_deadline_, last_turn_ + kAudioInterval);
  }
}

Duration MediaSender::interval() const {
  if (is_video()) return shape_.frame_interval;
  return rests() ? kSilenceInterval : kAudioInterval;
}

MediaSender::FrameCut MediaSender::CutFrame(bool keyframe) const {
  if (shape_.video_rate == DataRate()) {
    const size_t packets = keyframe ? kKeyframePackets : 1 + picture_id_ % 2u;
    return {packets, (keyframe ? kKeyframePayload : kDeltaPayload) + stream_.layer * kMorePerLayer};
  }
  const int64_t bits = shape_.video_rate.bits_per_second() * shape_.frame_interval.micros() /
                       1000000 * (keyframe ? kKeyframeFactor : 1);
  const size_t bytes = std::max(static_cast<size_t>(bits / 8), kMinSyntheticPayload);
  const size_t packets = (bytes + shape_.video_payload - 1) / shape_.video_payload;
  return {packets, std::max((bytes + packets - 1) / packets, kMinSyntheticPayload)};
}

uint32_t MediaSender::TimestampAt(Timestamp now) const {
  return timestamp_base_ + ClockUnits(now, is_video() ? 90000 : 48000);
}

void MediaSender::HandleDeadline(Timestamp now, ClientTransport& transport, DatagramList& out) {
  if (now < next_deadline_) return;
  // A caller that was late does not make up for what it missed.
  next_deadline_ = std::max(next_deadline_ + interval(), now + interval() / 2);
  last_turn_ = now;
  if (is_video()) {
    SendFrame(now, transport, out);
  } else {
    SendAudio(now, transport, out);
  }
}

void MediaSender::SendAudio(Timestamp now, ClientTransport& transport, DatagramList& out) {
  Packet packet;
  packet.index = next_index_++;
  packet.timestamp = TimestampAt(now);
  packet.payload.codec = Codec::kOpus;
  packet.payload.size = rests() ? kMinSyntheticPayload : shape_.opus_payload;
  packet.payload.tag = {source_, static_cast<uint32_t>(sent_), now};
  Send(packet, transport, out);
}

void MediaSender::SendFrame(Timestamp now, ClientTransport& transport, DatagramList& out) {
  const bool keyframe = std::exchange(wants_keyframe_, false);
  picture_id_ = static_cast<uint16_t>((picture_id_ + 1) & kPictureIdMask);
  ++tl0_pic_idx_;
  const FrameCut cut = CutFrame(keyframe);
  for (size_t i = 0; i < cut.packets; ++i) {
    Packet packet;
    packet.index = next_index_++;
    packet.timestamp = TimestampAt(now);
    packet.marker = i + 1 == cut.packets;
    packet.payload.codec = Codec::kVp8;
    packet.payload.size = cut.payload;
    packet.payload.tag = {source_, static_cast<uint32_t>(sent_), now};
    packet.payload.starts_frame = i == 0;
    packet.payload.keyframe = keyframe;
    packet.payload.picture_id = picture_id_;
    packet.payload.tl0_pic_idx = tl0_pic_idx_;
    if (history_.empty()) history_.resize(kHistory);
    history_[packet.index % kHistory] = packet;
    Send(packet, transport, out);
  }
}

void MediaSender::Send(const Packet& packet, ClientTransport& transport, DatagramList& out) {
  std::array<uint8_t, kMaxPayload> payload;
  const size_t size = WriteSyntheticPayload(packet.payload, payload);
  RtpHeader header;
  header.marker = packet.marker;
  header.payload_type = is_video() ? numbers_.vp8_payload_type : numbers_.opus_payload_type;
  header.sequence_number = static_cast<uint16_t>(packet.index);
  header.timestamp = packet.timestamp;
  header.ssrc = stream_.ssrc;
  header.mid = stream_.mid;
  header.rid = stream_.rid;
  if (!is_video()) header.audio_level = level_;
  transport.SendRtp(
      [&](ByteSpan room) { return WriteRtpHeader(header, numbers_.extensions, room); },
      ByteView(payload).first(size), {header.ssrc, packet.index}, out);
  ++sent_;
  octets_ += static_cast<uint32_t>(size);
}

void MediaSender::HandleNack(std::span<const uint16_t> sequence_numbers, ClientTransport& transport,
                             DatagramList& out) {
  if (history_.empty()) return;
  for (const uint16_t sequence_number : sequence_numbers) {
    const Packet& packet = history_[sequence_number % kHistory];
    const bool known = packet.payload.size != 0 && packet.index % 0x10000 == sequence_number;
    if (known) SendRepair(packet, transport, out);
  }
}

void MediaSender::SendRepair(const Packet& packet, ClientTransport& transport, DatagramList& out) {
  // RFC 4588 section 4: the original sequence number precedes the original payload.
  std::array<uint8_t, kMaxPayload + 2> payload;
  StoreBigEndian(payload.data(), static_cast<uint16_t>(packet.index));
  const size_t size = 2 + WriteSyntheticPayload(packet.payload, ByteSpan(payload).subspan(2));
  RtpHeader header;
  header.marker = packet.marker;
  header.payload_type = numbers_.vp8_rtx_payload_type;
  const uint64_t index = next_rtx_index_++;
  header.sequence_number = static_cast<uint16_t>(index);
  header.timestamp = packet.timestamp;
  header.ssrc = stream_.rtx_ssrc;
  header.mid = stream_.mid;
  header.repaired_rid = stream_.rid;
  transport.SendRtp(
      [&](ByteSpan room) { return WriteRtpHeader(header, numbers_.extensions, room); },
      ByteView(payload).first(size), {header.ssrc, index}, out);
}

std::optional<SenderReport> MediaSender::MakeReport(Timestamp now) const {
  if (sent_ == 0) return std::nullopt;
  SenderReport report;
  report.sender_ssrc = stream_.ssrc;
  report.ntp_time = ToNtp(now);
  report.rtp_timestamp = TimestampAt(now);
  report.packet_count = static_cast<uint32_t>(sent_);
  report.octet_count = octets_;
  return report;
}

}  // namespace earshot
