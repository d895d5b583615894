#pragma once

// The transaction ids of the last authenticated checks and where they came from, so that a copied
// check cannot vouch for another address (threat row S11; ICE itself has no replay protection).
// One thread.

#include <array>
#include <cstddef>

#include "earshot/socket_address.h"
#include "wire/stun.h"

namespace earshot {

class StunTransactions {
 public:
  static constexpr size_t kMaxRemembered = 64;

  enum class Origin : uint8_t { kNew, kSameAddress, kOtherAddress };

  /// Tells whether the id is new, and remembers it if so; the oldest one is forgotten for it.
  Origin Remember(const StunTransactionId& id, const SocketAddress& peer) {
    for (const Entry& entry : entries_) {
      if (!entry.peer.IsSet() || entry.id != id) continue;
      return entry.peer == peer ? Origin::kSameAddress : Origin::kOtherAddress;
    }
    entries_[next_] = {id, peer};
    next_ = (next_ + 1) % kMaxRemembered;
    return Origin::kNew;
  }

 private:
  struct Entry {
    StunTransactionId id{};
    SocketAddress peer;
  };
  std::array<Entry, kMaxRemembered> entries_;
  size_t next_ = 0;
};

}  // namespace earshot
