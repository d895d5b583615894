#pragma once

// VP8 RTP payloads (RFC 7741). Stateless; used through frame_info.h.

#include <optional>

#include "codec/frame_info.h"

namespace earshot {

std::optional<FrameInfo> ParseVp8(ByteView payload);

}  // namespace earshot
