#include "space/peer_addresses.h"

namespace earshot {

void PeerAddresses::Claim(const SocketAddress& address, ParticipantId id) {
  Claimants& claimants = by_address_[address];
  auto* const end = claimants.ids_.begin() + claimants.size_;
  auto* const at = std::find(claimants.ids_.begin(), end, id);
  if (at < claimants.ids_.begin() + claimants.confirmed_) return;
  if (at == end) {
    if (claimants.confirmed_ == kMaxClaimants) return;
    if (claimants.size_ < kMaxClaimants) ++claimants.size_;
    claimants.ids_[claimants.size_ - 1u] = id;
  }
  claimants.MoveTo(claimants.confirmed_, id);
}

void PeerAddresses::Confirm(const SocketAddress& address, ParticipantId id) {
  const auto it = by_address_.find(address);
  if (it == by_address_.end()) return;
  Claimants& claimants = it->second;
  auto* const end = claimants.ids_.begin() + claimants.size_;
  const auto index =
      static_cast<size_t>(std::find(claimants.ids_.begin(), end, id) - claimants.ids_.begin());
  if (index == claimants.size_) return;
  if (!claimants.IsConfirmed(index)) ++claimants.confirmed_;
  claimants.MoveTo(0, id);
}

void PeerAddresses::Release(const SocketAddress& address, ParticipantId id) {
  const auto it = by_address_.find(address);
  if (it == by_address_.end()) return;
  Claimants& claimants = it->second;
  auto* const end = claimants.ids_.begin() + claimants.size_;
  auto* const at = std::find(claimants.ids_.begin(), end, id);
  if (at == end) return;
  if (claimants.IsConfirmed(static_cast<size_t>(at - claimants.ids_.begin()))) {
    --claimants.confirmed_;
  }
  std::rotate(at, at + 1, end);
  if (--claimants.size_ == 0) by_address_.erase(it);
}

}  // namespace earshot
