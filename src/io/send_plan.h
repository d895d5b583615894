#pragma once

// Which datagrams of a turn leave in one piece: runs to the same peer that the kernel, or the
// network card, cuts apart again (UDP_SEGMENT, generic segmentation offload). For one peer the
// order stays; between peers it may change. Decides only. One thread.

#include <cstdint>
#include <span>
#include <vector>

#include "earshot/datagrams.h"

namespace earshot {

class SendPlan {
 public:
  /// What the kernel cuts one piece into at most (UDP_MAX_SEGMENTS), and the size of a piece: an IP
  /// packet of at most 64 KiB, with its headers.
  static constexpr size_t kMaxSegments = 64;
  static constexpr size_t kMaxBytes = 65000;

  /// Datagrams to one peer, all of `segment_size` but for the last, which may be shorter.
  struct Run {
    std::span<const uint32_t> datagrams;  // indices into the list
    size_t segment_size = 0;
  };

  /// Without `in_runs`, each datagram is a run of its own. Valid until the next call.
  std::span<const Run> Make(const DatagramList& datagrams, bool in_runs);

 private:
  static constexpr uint32_t kNone = UINT32_MAX;
  // A peer's datagrams are a chain, held by its first.
  struct Place {
    uint32_t next = kNone;  // of the same peer
    uint32_t last = kNone;  // of the chain; set for its first only
  };

  void Group(const DatagramList& datagrams);
  uint32_t* FindPeer(const DatagramList& datagrams, const SocketAddress& peer);

  std::vector<uint32_t> table_;  // of each peer's first datagram, by the peer's hash
  std::vector<Place> places_;
  std::vector<uint32_t> order_;
  std::vector<Run> runs_;
};

}  // namespace earshot
