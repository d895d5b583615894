#pragma once

// Who may be behind an address: the participants that have shown a check from it, in the order in
// which a datagram from there is offered to them. A check proves who wrote it, not where from
// (threat row S11), so it takes nothing away from whom DTLS or SRTP has shown to be there: the
// newcomer comes behind, and to the front when DTLS or SRTP shows the same of it. One thread.

#include <algorithm>
#include <array>
#include <cstdint>

#include "absl/container/flat_hash_map.h"
#include "earshot/media.h"
#include "earshot/socket_address.h"

namespace earshot {

class PeerAddresses {
 public:
  /// A NAT that gives a port on before the one who had it is given up makes two; more make it hard
  /// for who has several participants to crowd somebody out. It is also how often at most one
  /// datagram is tried.
  static constexpr size_t kMaxClaimants = 4;

  class Claimants {
   public:
    size_t size() const { return size_; }
    ParticipantId operator[](size_t index) const { return ids_[index]; }
    /// Whether DTLS or SRTP has shown that it is there.
    bool IsConfirmed(size_t index) const { return index < confirmed_; }

   private:
    friend class PeerAddresses;
    /// Puts the id there, behind which everybody moves back by one, up to where it was.
    void MoveTo(size_t index, ParticipantId id) {
      auto* const end = ids_.begin() + size_;
      auto* const at = std::find(ids_.begin(), end, id);
      std::rotate(ids_.begin() + index, at, at + 1);
    }
    // First the confirmed, who was confirmed last in front; then the others, who checked last in
    // front.
    std::array<ParticipantId, kMaxClaimants> ids_{};
    uint8_t size_ = 0;
    uint8_t confirmed_ = 0;
  };

  /// An authenticated check of the participant came from there. When there is no room, it takes
  /// that of the one whose check is the oldest; who is confirmed makes none.
  void Claim(const SocketAddress& address, ParticipantId id);
  /// DTLS or SRTP of the participant was authenticated there.
  void Confirm(const SocketAddress& address, ParticipantId id);
  void Release(const SocketAddress& address, ParticipantId id);

  /// A copy, so that what the datagram leads to may change the table.
  Claimants Find(const SocketAddress& address) const {
    const auto it = by_address_.find(address);
    return it == by_address_.end() ? Claimants() : it->second;
  }

 private:
  // Bounded by the tuples of all participants (threat row S12).
  absl::flat_hash_map<SocketAddress, Claimants> by_address_;
};

}  // namespace earshot
