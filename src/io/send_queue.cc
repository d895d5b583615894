#include "io/send_queue.h"

#include <algorithm>

namespace earshot {

void SendQueue::Push(const Datagram& datagram, Timestamp now) {
  if (datagram.bytes.size() > kMaxSize) {
    counters_.Drop(DropReason::kEgressSendFailed);
    return;
  }
  DropStale(now);
  const auto peer = peers_.find(datagram.peer);
  const bool peer_is_full = peer != peers_.end() && peer->second.size == kMaxPerPeer;
  if ((peer_is_full && !MakeRoom(peer->second.chains, datagram.precedence)) ||
      (size_ == kMaxDatagrams && !MakeRoom(chains_, datagram.precedence))) {
    counters_.Drop(DropReason::kEgressQueueFull);
    return;
  }
  counters_.sends_delayed.Add();
  const uint32_t index = TakeFree();
  Entry& entry = entries_[index];
  entry.peer = datagram.peer;
  entry.precedence = datagram.precedence;
  entry.size = static_cast<uint16_t>(datagram.bytes.size());
  entry.since = now;
  std::ranges::copy(datagram.bytes, entry.bytes.begin());
  const auto precedence = static_cast<size_t>(datagram.precedence);
  Peer& owner = peers_[datagram.peer];
  Append(chains_[precedence], index, &Entry::of_all);
  Append(owner.chains[precedence], index, &Entry::of_peer);
  ++owner.size;
  ++size_;
}

void SendQueue::DropStale(Timestamp now) {
  for (const Precedence precedence : {Precedence::kAudio, Precedence::kVideo}) {
    const Chain& chain = chains_[static_cast<size_t>(precedence)];
    while (chain.oldest != kNone && now - entries_[chain.oldest].since > kMaxMediaAge) {
      counters_.Drop(DropReason::kEgressTooLate);
      Remove(chain.oldest);
    }
  }
}

Datagram SendQueue::Front() const {
  const Entry& entry = entries_[FrontIndex()];
  return {entry.peer, std::span(entry.bytes).first(entry.size), entry.precedence};
}

void SendQueue::PopFront() { Remove(FrontIndex()); }

uint32_t SendQueue::FrontIndex() const {
  size_t precedence = 0;
  while (chains_[precedence].oldest == kNone) ++precedence;
  return chains_[precedence].oldest;
}

// Drops the oldest of the last precedence that there is, if it does not come before this one.
bool SendQueue::MakeRoom(const Chains& chains, Precedence precedence) {
  for (size_t last = kPrecedenceCount; last-- > static_cast<size_t>(precedence);) {
    if (chains[last].oldest == kNone) continue;
    counters_.Drop(DropReason::kEgressQueueFull);
    Remove(chains[last].oldest);
    return true;
  }
  return false;
}

uint32_t SendQueue::TakeFree() {
  if (free_.empty()) {
    entries_.emplace_back();
    return static_cast<uint32_t>(entries_.size() - 1);
  }
  const uint32_t index = free_.back();
  free_.pop_back();
  return index;
}

void SendQueue::Remove(uint32_t index) {
  const Entry& entry = entries_[index];
  const auto precedence = static_cast<size_t>(entry.precedence);
  const auto peer = peers_.find(entry.peer);
  Unlink(chains_[precedence], index, &Entry::of_all);
  Unlink(peer->second.chains[precedence], index, &Entry::of_peer);
  if (--peer->second.size == 0) peers_.erase(peer);
  free_.push_back(index);
  --size_;
}

void SendQueue::Append(Chain& chain, uint32_t index, Link Entry::*link) {
  entries_[index].*link = {.older = chain.newest, .newer = kNone};
  if (chain.newest == kNone) {
    chain.oldest = index;
  } else {
    (entries_[chain.newest].*link).newer = index;
  }
  chain.newest = index;
}

void SendQueue::Unlink(Chain& chain, uint32_t index, Link Entry::*link) {
  const Link taken = entries_[index].*link;
  if (taken.older == kNone) {
    chain.oldest = taken.newer;
  } else {
    (entries_[taken.older].*link).newer = taken.newer;
  }
  if (taken.newer == kNone) {
    chain.newest = taken.older;
  } else {
    (entries_[taken.newer].*link).older = taken.older;
  }
}

}  // namespace earshot
