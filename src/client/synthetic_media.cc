#include "client/synthetic_media.h"

namespace earshot {
namespace {

// RFC 6716 section 3.1: CELT, full band, 20 ms, mono, one frame.
constexpr uint8_t kOpusToc = 31 << 3;
constexpr size_t kOpusTagOffset = 1;
// RFC 7741 section 4.2: X and S; I, L and T; then two bytes of picture id, TL0PICIDX, TID.
constexpr uint8_t kExtended = 0x80;
constexpr uint8_t kStart = 0x10;
constexpr uint8_t kPresent = 0xe0;
constexpr uint16_t kLongPictureId = 0x8000;
constexpr size_t kVp8DescriptorSize = 6;
// RFC 7741 section 4.3: P is zero in a keyframe; show_frame is set.
constexpr uint8_t kKeyframeHeader = 0x10;
constexpr uint8_t kInterFrameHeader = 0x11;
constexpr size_t kVp8TagOffset = kVp8DescriptorSize + 1;
static_assert(kVp8TagOffset + 16 <= kMinSyntheticPayload);

}  // namespace

size_t WriteSyntheticPayload(const SyntheticPayload& payload, ByteSpan out) {
  if (payload.size < kMinSyntheticPayload || payload.size > out.size()) return 0;
  ByteWriter writer(out.first(payload.size));
  if (payload.codec == Codec::kOpus) {
    writer.U8(kOpusToc);
  } else {
    writer.U8(payload.starts_frame ? kExtended | kStart : kExtended);
    writer.U8(kPresent);
    writer.U16(payload.picture_id | kLongPictureId);
    writer.U8(payload.tl0_pic_idx);
    writer.U8(0);
    writer.U8(payload.keyframe ? kKeyframeHeader : kInterFrameHeader);
  }
  writer.U32(payload.tag.source.value());
  writer.U32(payload.tag.sequence);
  writer.U64(static_cast<uint64_t>(payload.tag.sent.micros()));
  writer.Zeros(payload.size - writer.size());
  return writer.size();
}

std::optional<PayloadTag> ReadPayloadTag(Codec codec, ByteView payload) {
  ByteReader reader(payload);
  reader.Take(codec == Codec::kOpus ? kOpusTagOffset : kVp8TagOffset);
  const uint32_t source = reader.U32();
  PayloadTag tag;
  tag.source = SourceId(ParticipantId{source >> 2}, static_cast<SourceKind>(source & 3u));
  tag.sequence = reader.U32();
  tag.sent = Timestamp::Micros(static_cast<int64_t>(reader.U64()));
  if (!reader.ok()) return std::nullopt;
  return tag;
}

}  // namespace earshot
