#pragma once

// What forwarding must know of a payload, read once per packet at its source. Stateless.

#include <optional>
#include <string_view>

#include "base/bytes.h"

namespace earshot {

enum class Codec : uint8_t { kOpus, kVp8, kH264 };
/// As in SDP: "opus", "VP8", "H264".
std::string_view CodecName(Codec codec);
constexpr uint32_t ClockRate(Codec codec) { return codec == Codec::kOpus ? 48000 : 90000; }

/// Where the rewritable fields of a VP8 payload descriptor lie (RFC 7741 section 4.2).
struct Vp8Descriptor {
  static constexpr uint8_t kAbsent = 0;
  uint16_t picture_id = 0;
  uint8_t picture_id_bits = kAbsent;    // 7 or 15, or absent
  uint8_t picture_id_offset = kAbsent;  // from the start of the payload; never 0 when present
  uint8_t tl0_pic_idx = 0;
  uint8_t tl0_pic_idx_offset = kAbsent;
  uint8_t temporal_layer = 0;
  uint8_t size = 0;  // of the whole descriptor
};

struct FrameInfo {
  /// The first packet of a frame that can be decoded without any other.
  bool starts_keyframe = false;
  bool starts_frame = false;
  std::optional<Vp8Descriptor> vp8;
};

/// Nothing for a malformed payload descriptor (threat row R10). An Opus payload is never looked
/// into: every packet starts a frame that stands alone.
std::optional<FrameInfo> ParseFrameInfo(Codec codec, ByteView payload);

/// Writes other ids of the same width over those of the descriptor, in place.
void PatchVp8(const Vp8Descriptor& where, uint16_t picture_id, uint8_t tl0_pic_idx,
              ByteSpan payload);

}  // namespace earshot
