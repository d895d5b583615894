#pragma once

// Datagrams that the kernel had no room for: the most important first, media for a moment only, and
// never more than so many (threat row P6). Copies into memory that it keeps and uses again. Knows
// no socket and no clock. One thread.

#include <array>
#include <deque>

#include "absl/container/flat_hash_map.h"
#include "base/counters.h"
#include "earshot/datagrams.h"
#include "earshot/units.h"

namespace earshot {

class SendQueue {
 public:
  static constexpr size_t kMaxPerPeer = 1024;
  /// Of all peers together: 24 MB.
  static constexpr size_t kMaxDatagrams = 16384;
  /// What is larger is dropped; nothing that fits an Ethernet frame is.
  static constexpr size_t kMaxSize = 1500;
  /// Media that comes later is worthless. What else there is repeats itself more slowly than this,
  /// so it stays.
  static constexpr Duration kMaxMediaAge = Duration::Millis(250);

  /// `counters` must outlive it.
  explicit SendQueue(Counters& counters) : counters_(counters) {}

  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }

  /// Where there is no room left, the oldest video gives way, then the oldest audio, then the
  /// oldest of the rest; but nothing gives way to what comes after it in precedence.
  void Push(const Datagram& datagram, Timestamp now);
  void DropStale(Timestamp now);
  /// What is to be sent next: of the first precedence the oldest. Not when empty. Valid until the
  /// next change.
  Datagram Front() const;
  void PopFront();

 private:
  static constexpr uint32_t kNone = UINT32_MAX;
  struct Link {
    uint32_t older = kNone;
    uint32_t newer = kNone;
  };
  struct Entry {
    SocketAddress peer;
    Precedence precedence = Precedence::kControl;
    uint16_t size = 0;
    Timestamp since;
    Link of_all;   // of the same precedence
    Link of_peer;  // likewise
    std::array<uint8_t, kMaxSize> bytes;
  };
  /// Entries in the order in which they came, by their index.
  struct Chain {
    uint32_t oldest = kNone;
    uint32_t newest = kNone;
  };
  using Chains = std::array<Chain, kPrecedenceCount>;
  struct Peer {
    Chains chains;
    size_t size = 0;
  };

  void Append(Chain& chain, uint32_t index, Link Entry::*link);
  void Unlink(Chain& chain, uint32_t index, Link Entry::*link);
  uint32_t FrontIndex() const;
  uint32_t TakeFree();
  void Remove(uint32_t index);
  bool MakeRoom(const Chains& chains, Precedence precedence);

  Counters& counters_;
  std::deque<Entry> entries_;  // grows to what was needed at most
  std::vector<uint32_t> free_;
  Chains chains_;
  absl::flat_hash_map<SocketAddress, Peer> peers_;  // that something waits for
  size_t size_ = 0;
};

}  // namespace earshot
