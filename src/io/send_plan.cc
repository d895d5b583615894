#include "io/send_plan.h"

#include <bit>

#include "absl/hash/hash.h"

namespace earshot {

// Where the peer's first datagram stands in the table, or is to stand.
uint32_t* SendPlan::FindPeer(const DatagramList& datagrams, const SocketAddress& peer) {
  const size_t mask = table_.size() - 1;
  size_t position = absl::HashOf(peer) & mask;
  while (table_[position] != kNone && datagrams[table_[position]].peer != peer) {
    position = (position + 1) & mask;
  }
  return &table_[position];
}

// Brings each peer's datagrams together, the peers in the order of their first.
void SendPlan::Group(const DatagramList& datagrams) {
  const auto count = static_cast<uint32_t>(datagrams.size());
  table_.assign(std::bit_ceil(size_t{2} * count), kNone);
  places_.assign(count, {});
  for (uint32_t i = 0; i < count; ++i) {
    uint32_t* first = FindPeer(datagrams, datagrams[i].peer);
    if (*first == kNone) {
      *first = i;
    } else {
      places_[places_[*first].last].next = i;
    }
    places_[*first].last = i;
  }
  order_.clear();
  for (uint32_t first = 0; first < count; ++first) {
    if (places_[first].last == kNone) continue;
    for (uint32_t i = first; i != kNone; i = places_[i].next) order_.push_back(i);
  }
}

std::span<const SendPlan::Run> SendPlan::Make(const DatagramList& datagrams, bool in_runs) {
  runs_.clear();
  if (datagrams.empty()) return runs_;
  Group(datagrams);
  const std::span<const uint32_t> order(order_);
  for (size_t first = 0; first < order.size();) {
    const Datagram head = datagrams[order[first]];
    const size_t size = head.bytes.size();
    size_t bytes = size;
    size_t count = 1;
    bool is_open = in_runs && size > 0;
    while (is_open && first + count < order.size() && count < kMaxSegments) {
      const Datagram next = datagrams[order[first + count]];
      const size_t next_size = next.bytes.size();
      if (next.peer != head.peer || next_size == 0 || next_size > size ||
          bytes + next_size > kMaxBytes) {
        break;
      }
      bytes += next_size;
      ++count;
      is_open = next_size == size;
    }
    runs_.push_back({order.subspan(first, count), size});
    first += count;
  }
  return runs_;
}

}  // namespace earshot
