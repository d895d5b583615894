#include "codec/frame_info.h"

#include "codec/h264.h"
#include "codec/vp8.h"

namespace earshot {

std::string_view CodecName(Codec codec) {
  switch (codec) {
    case Codec::kOpus:
      return "opus";
    case Codec::kVp8:
      return "VP8";
    case Codec::kH264:
      return "H264";
  }
  return {};
}

std::optional<FrameInfo> ParseFrameInfo(Codec codec, ByteView payload) {
  switch (codec) {
    case Codec::kOpus:
      return FrameInfo{.starts_keyframe = true, .starts_frame = true, .vp8 = std::nullopt};
    case Codec::kVp8:
      return ParseVp8(payload);
    case Codec::kH264:
      return ParseH264(payload);
  }
  return std::nullopt;
}

}  // namespace earshot
