#include "client/media_sender.h"

#include <algorithm>

namespace earshot {
namespace {

constexpr size_t kOpusPayload = 80;
constexpr size_t kKeyframePackets = 3;
constexpr size_t kKeyframePayload = 700;
constexpr size_t kDeltaPayload = 250;
constexpr size_t kMorePerLayer = 150;
constexpr uint16_t kPictureIdMask = 0x7fff;

// Frames of one and of two packets take turns, so that marker bits and frame starts differ.
size_t PacketsOf(bool keyframe, uint16_t picture_id) {
  return keyframe ? kKeyframePackets : 1 + picture_id % 2u;
}

uint64_t ToNtp(Timestamp now) {
  const auto micros = static_cast<uint64_t>(now.micros());
  return (micros / 1000000) << 32 | ((micros % 1000000) << 32) / 1000000;
}

}  // namespace

MediaSender::MediaSender(const SentStream& stream, const ClientNumbers& numbers,
                         uint64_t first_index, Random& random)
    : stream_(stream),
      numbers_(numbers),
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

uint32_t MediaSender::TimestampAt(Timestamp now) const {
  const int64_t rate = is_video() ? 90000 : 48000;
  return timestamp_base_ + static_cast<uint32_t>(now.micros() * rate / 1000000);
}

void MediaSender::HandleDeadline(Timestamp now, ClientTransport& transport, DatagramList& out) {
  if (now < next_deadline_) return;
  // A caller that was late does not make up for what it missed.
  const Duration interval = is_video() ? kVideoInterval : kAudioInterval;
  next_deadline_ = std::max(next_deadline_ + interval, now + interval / 2);
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
  packet.payload.size = kOpusPayload;
  packet.payload.tag = {source_, static_cast<uint32_t>(sent_)};
  Send(packet, transport, out);
}

void MediaSender::SendFrame(Timestamp now, ClientTransport& transport, DatagramList& out) {
  const bool keyframe = std::exchange(wants_keyframe_, false);
  picture_id_ = static_cast<uint16_t>((picture_id_ + 1) & kPictureIdMask);
  ++tl0_pic_idx_;
  const size_t count = PacketsOf(keyframe, picture_id_);
  for (size_t i = 0; i < count; ++i) {
    Packet packet;
    packet.index = next_index_++;
    packet.timestamp = TimestampAt(now);
    packet.marker = i + 1 == count;
    packet.payload.codec = Codec::kVp8;
    packet.payload.size =
        (keyframe ? kKeyframePayload : kDeltaPayload) + stream_.layer * kMorePerLayer;
    packet.payload.tag = {source_, static_cast<uint32_t>(sent_)};
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
      ByteView(payload).first(size), packet.index, out);
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
      ByteView(payload).first(size), index, out);
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
