#pragma once

// H.264 RTP payloads in packetization modes 0 and 1 (RFC 6184): single NAL units, STAP-A and FU-A.
// Stateless; used through frame_info.h.

#include <optional>

#include "codec/frame_info.h"

namespace earshot {

/// H.264 does not mark where a frame starts: `starts_frame` means that the packet may be the first
/// of one. When parameter sets travel in packets of their own, more than one packet of a frame says
/// so; all of them have the same RTP timestamp.
std::optional<FrameInfo> ParseH264(ByteView payload);

}  // namespace earshot
