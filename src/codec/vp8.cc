#include "codec/vp8.h"

namespace earshot {
namespace {

// RFC 7741 section 4.2.
constexpr uint8_t kExtendedBit = 0x80;       // X
constexpr uint8_t kStartBit = 0x10;          // S: the start of a partition
constexpr uint8_t kPartitionMask = 0x07;     // PID
constexpr uint8_t kPictureIdBit = 0x80;      // I
constexpr uint8_t kTl0PicIdxBit = 0x40;      // L
constexpr uint8_t kTemporalIdBit = 0x20;     // T
constexpr uint8_t kKeyIndexBit = 0x10;       // K
constexpr uint8_t kLongPictureIdBit = 0x80;  // M
// RFC 7741 section 4.3, P: zero for a key frame.
constexpr uint8_t kInterFrameBit = 0x01;

void ReadPictureId(ByteReader& reader, Vp8Descriptor& descriptor) {
  descriptor.picture_id_offset = static_cast<uint8_t>(reader.position());
  const uint8_t first = reader.U8();
  if (first & kLongPictureIdBit) {
    descriptor.picture_id_bits = 15;
    descriptor.picture_id = static_cast<uint16_t>((first & 0x7f) << 8 | reader.U8());
  } else {
    descriptor.picture_id_bits = 7;
    descriptor.picture_id = first;
  }
}

void ReadExtensions(ByteReader& reader, Vp8Descriptor& descriptor) {
  const uint8_t present = reader.U8();
  if (present & kPictureIdBit) ReadPictureId(reader, descriptor);
  if (present & kTl0PicIdxBit) {
    descriptor.tl0_pic_idx_offset = static_cast<uint8_t>(reader.position());
    descriptor.tl0_pic_idx = reader.U8();
  }
  if (present & (kTemporalIdBit | kKeyIndexBit)) {
    const uint8_t layer_and_key = reader.U8();
    if (present & kTemporalIdBit) descriptor.temporal_layer = layer_and_key >> 6;
  }
}

}  // namespace

std::optional<FrameInfo> ParseVp8(ByteView payload) {
  ByteReader reader(payload);
  const uint8_t first = reader.U8();
  Vp8Descriptor descriptor;
  if (first & kExtendedBit) ReadExtensions(reader, descriptor);
  descriptor.size = static_cast<uint8_t>(reader.position());
  const uint8_t payload_header = reader.U8();
  if (!reader.ok()) return std::nullopt;
  FrameInfo info;
  info.starts_frame = (first & kStartBit) && (first & kPartitionMask) == 0;
  info.starts_keyframe = info.starts_frame && !(payload_header & kInterFrameBit);
  info.vp8 = descriptor;
  return info;
}

void PatchVp8(const Vp8Descriptor& where, uint16_t picture_id, uint8_t tl0_pic_idx,
              ByteSpan payload) {
  if (payload.size() < where.size) return;
  if (where.picture_id_bits == 15) {
    StoreBigEndian(payload.data() + where.picture_id_offset,
                   static_cast<uint16_t>(kLongPictureIdBit << 8 | (picture_id & 0x7fff)));
  } else if (where.picture_id_bits == 7) {
    payload[where.picture_id_offset] = static_cast<uint8_t>(picture_id & 0x7f);
  }
  if (where.tl0_pic_idx_offset != Vp8Descriptor::kAbsent) {
    payload[where.tl0_pic_idx_offset] = tl0_pic_idx;
  }
}

}  // namespace earshot
