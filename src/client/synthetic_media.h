#pragma once

// Media without codecs: Opus and VP8 payloads that are valid as far as RTP goes, hold a tag that
// says where they come from, and are rebuilt from a few numbers at any time. Stateless.

#include <optional>

#include "base/bytes.h"
#include "codec/frame_info.h"
#include "earshot/media.h"
#include "earshot/units.h"

namespace earshot {

/// Lies in every synthetic payload, so that a receiver can tell what a server claims of a packet
/// from what its sender put into it.
struct PayloadTag {
  SourceId source;
  uint32_t sequence = 0;  // counts the sender's packets
  /// When it was first sent, by the sender's clock: a repair has the time of what it repairs.
  Timestamp sent = {};
  bool operator==(const PayloadTag&) const = default;
};

struct SyntheticPayload {
  Codec codec = Codec::kOpus;
  PayloadTag tag;
  size_t size = 0;  // at least kMinSyntheticPayload
  // VP8 only:
  bool starts_frame = false;
  bool keyframe = false;
  uint16_t picture_id = 0;  // 15 bits
  uint8_t tl0_pic_idx = 0;
};

inline constexpr size_t kMinSyntheticPayload = 24;

/// The size of the payload, or zero when it does not fit.
size_t WriteSyntheticPayload(const SyntheticPayload& payload, ByteSpan out);
/// Nothing for a payload that WriteSyntheticPayload did not make.
std::optional<PayloadTag> ReadPayloadTag(Codec codec, ByteView payload);

}  // namespace earshot
