// The first byte chooses the codec, the rest is the payload. A keyframe start is a frame start, a
// VP8 descriptor lies within the payload, and patching its ids changes them and nothing else.

#include <algorithm>
#include <vector>

#include "codec/frame_info.h"
#include "fuzz_check.h"

namespace earshot {
namespace {

void CheckVp8(const FrameInfo& info, ByteView payload) {
  const Vp8Descriptor& before = *info.vp8;
  FUZZ_CHECK(before.size >= 1 && before.size <= 6 && before.size < payload.size());
  std::vector<uint8_t> patched(payload.begin(), payload.end());
  PatchVp8(before, before.picture_id, before.tl0_pic_idx, patched);
  FUZZ_CHECK(std::equal(patched.begin(), patched.end(), payload.begin()));
  PatchVp8(before, 0xabcd, 0x5a, patched);
  const auto again = ParseFrameInfo(Codec::kVp8, patched);
  FUZZ_CHECK(again && again->vp8);
  const Vp8Descriptor& after = *again->vp8;
  FUZZ_CHECK(after.size == before.size && after.picture_id_bits == before.picture_id_bits);
  FUZZ_CHECK(after.temporal_layer == before.temporal_layer);
  FUZZ_CHECK(again->starts_frame == info.starts_frame);
  FUZZ_CHECK(again->starts_keyframe == info.starts_keyframe);
  FUZZ_CHECK(after.picture_id == (0xabcd & ((1u << before.picture_id_bits) - 1)));
  FUZZ_CHECK(after.tl0_pic_idx == (before.tl0_pic_idx_offset != 0 ? 0x5a : 0));
  PatchVp8(before, before.picture_id, before.tl0_pic_idx, patched);
  FUZZ_CHECK(std::equal(patched.begin(), patched.end(), payload.begin()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const auto codec = static_cast<Codec>(data[0] % 3);
  const ByteView payload(data + 1, size - 1);
  const auto info = ParseFrameInfo(codec, payload);
  if (!info) return 0;
  FUZZ_CHECK(!info->starts_keyframe || info->starts_frame);
  FUZZ_CHECK(info->vp8.has_value() == (codec == Codec::kVp8));
  if (info->vp8) CheckVp8(*info, payload);
  return 0;
}

}  // namespace earshot
