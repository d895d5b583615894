#pragma once

// What a publisher's packets look like to a Source, after SRTP.

#include <vector>

#include "forwarding/source.h"

namespace earshot {

inline constexpr uint8_t kOpusType = 111;
inline constexpr uint8_t kVp8Type = 96;
inline constexpr uint8_t kVp8RtxType = 97;
inline constexpr uint8_t kH264Type = 102;
inline constexpr uint8_t kH264RtxType = 103;
inline constexpr uint32_t kMediaSsrc = 0x1111;
inline constexpr uint32_t kRtxSsrc = 0x2222;
inline constexpr ParticipantId kPublisher{7};
inline constexpr ExtensionIds kPublisherIds{.mid = 4, .audio_level = 1, .abs_send_time = 2};

inline Source MakeCamera() {
  Source source({{kPublisher, SourceKind::kCamera},
                 "1",
                 {{Codec::kVp8, kVp8Type, kVp8RtxType}, {Codec::kH264, kH264Type, kH264RtxType}},
                 kPublisherIds});
  source.ssrc = kMediaSsrc;
  source.rtx_ssrc = kRtxSsrc;
  return source;
}

inline Source MakeMic() {
  Source source({{kPublisher, SourceKind::kMic},
                 "0",
                 {{Codec::kOpus, kOpusType, std::nullopt}},
                 kPublisherIds});
  source.ssrc = kMediaSsrc;
  return source;
}

using PacketBytes = std::vector<uint8_t>;

/// The first packet of a VP8 frame, with a picture id of 15 bits and TL0PICIDX (RFC 7741).
inline PacketBytes Vp8Payload(bool keyframe, uint16_t picture_id, uint8_t tl0_pic_idx,
                              size_t size = 100) {
  PacketBytes payload(size, 0x5a);
  payload[0] = 0x90;  // X, S
  payload[1] = 0xc0;  // I, L
  StoreBigEndian(payload.data() + 2, static_cast<uint16_t>(0x8000 | picture_id));
  payload[4] = tl0_pic_idx;
  payload[5] = keyframe ? 0x10 : 0x11;
  return payload;
}

/// A slice of an IDR or other picture (RFC 6184).
inline PacketBytes H264Payload(bool keyframe) {
  PacketBytes payload(100, 0x80);
  payload[0] = keyframe ? 0x65 : 0x41;
  return payload;
}

inline PacketBytes RtpPacket(const RtpHeader& header, ByteView payload) {
  PacketBytes packet(kMaxWrittenRtpHeaderSize);
  packet.resize(WriteRtpHeader(header, kPublisherIds, packet));
  packet.insert(packet.end(), payload.begin(), payload.end());
  return packet;
}

inline RtpHeader VideoHeader(uint16_t sequence_number, uint8_t payload_type = kVp8Type) {
  RtpHeader header;
  header.payload_type = payload_type;
  header.sequence_number = sequence_number;
  header.timestamp = sequence_number * 3000u;
  header.ssrc = kMediaSsrc;
  header.mid = "1";
  return header;
}

/// The retransmission of `original` (RFC 4588) with this sequence number of its own.
inline PacketBytes Rtx(const RtpHeader& original, ByteView payload, uint16_t sequence_number = 1) {
  RtpHeader header = original;
  header.ssrc = kRtxSsrc;
  header.payload_type = original.payload_type == kH264Type ? kH264RtxType : kVp8RtxType;
  header.sequence_number = sequence_number;
  PacketBytes with_original(2);
  StoreBigEndian(with_original.data(), original.sequence_number);
  with_original.insert(with_original.end(), payload.begin(), payload.end());
  return RtpPacket(header, with_original);
}

/// Of the second round of sequence numbers, so that there is something before the first.
inline constexpr uint64_t kFirstIndex = 65536;

/// As if SRTP had opened it with this index. The result's payload lies in `packet`.
inline Source::Handled Handle(Source& source, PacketBytes& packet, uint64_t packet_index,
                              Timestamp now) {
  const auto view = RtpView::Parse(packet);
  if (!view) return DropReason::kRtpMalformed;
  return source.HandlePacket(packet, *view, packet_index, now);
}
inline Source::Handled Handle(Source& source, PacketBytes& packet, Timestamp now) {
  const auto view = RtpView::Parse(packet);
  if (!view) return DropReason::kRtpMalformed;
  return source.HandlePacket(packet, *view, kFirstIndex + view->sequence_number(), now);
}

}  // namespace earshot
