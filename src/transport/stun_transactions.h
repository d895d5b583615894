#pragma once

// The transaction ids of the last authenticated checks and where they came from. ICE has no replay
// protection, and which of two copies is the genuine one cannot be told by which comes first: so a
// copy may vouch neither for another address nor against one (threat row S11). One thread.

#include <array>
#include <cstddef>

#include "earshot/socket_address.h"
#include "wire/stun.h"

namespace earshot {

class StunTransactions {
 public:
  static constexpr size_t kMaxRemembered = 64;

  enum class Sighting : uint8_t {
    /// A sign of life from there.
    kFresh,
    /// It came from there before, so somebody may have kept it.
    kRepeated,
    /// It came from elsewhere before. A copy, or the client behind somebody who copies quicker than
    /// its packets travel.
    kFromElsewhere,
  };

  /// Remembers an id, for which the oldest one is forgotten. `is_proven`: DTLS or SRTP has shown
  /// that the peer is there, or media goes there. Then its own check counts there once, whoever
  /// else sent it before.
  Sighting See(const StunTransactionId& id, const SocketAddress& peer, bool is_proven) {
    for (Entry& entry : entries_) {
      if (!entry.first.IsSet() || entry.id != id) continue;
      if (entry.first == peer || entry.proven == peer) return Sighting::kRepeated;
      if (!is_proven) return Sighting::kFromElsewhere;
      // Of two proven addresses, only one can be the one that it was sent from.
      if (entry.proven.IsSet()) return Sighting::kRepeated;
      entry.proven = peer;
      return Sighting::kFresh;
    }
    entries_[next_] = {id, peer, SocketAddress()};
    next_ = (next_ + 1) % kMaxRemembered;
    return Sighting::kFresh;
  }

 private:
  struct Entry {
    StunTransactionId id{};
    SocketAddress first;
    SocketAddress proven;  // where it came from later and counted
  };
  std::array<Entry, kMaxRemembered> entries_;
  size_t next_ = 0;
};

}  // namespace earshot
