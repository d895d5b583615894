#pragma once

// What both halves of the comparison carry: everybody sends to everybody.

#include <cstddef>
#include <cstdint>

#include "earshot/media.h"

namespace earshot {

struct Load {
  static constexpr size_t kPeople = 20;

  MediaKind kind = MediaKind::kVideo;
  /// Frames, each of another person, that wait in the server's socket when it looks: one on an idle
  /// server, more on a busy one.
  size_t frames_per_turn = 1;

  size_t packets_per_frame() const { return kind == MediaKind::kVideo ? 4 : 1; }
  /// Makes packets of about 1200 and 160 bytes on the wire.
  size_t payload_size() const { return kind == MediaKind::kVideo ? 1150 : 115; }
  uint64_t forwarded_per_turn() const {
    return frames_per_turn * packets_per_frame() * (kPeople - 1);
  }
};

/// The CPU time of the server's half alone.
struct Cost {
  double seconds = 0;
  uint64_t forwarded = 0;
  double per_packet() const { return seconds / static_cast<double>(forwarded); }
  Cost operator-(const Cost& before) const {
    return {seconds - before.seconds, forwarded - before.forwarded};
  }
};

}  // namespace earshot
