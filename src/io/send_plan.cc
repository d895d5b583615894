#include "io/send_plan.h"

#include <algorithm>

#include "absl/hash/hash.h"

namespace earshot {

// By a hash of the peer, so that peers come together without comparing addresses; peers of the same
// hash are told apart below.
void SendPlan::Sort(const DatagramList& datagrams) {
  keys_.clear();
  for (uint32_t i = 0; i < datagrams.size(); ++i) {
    keys_.emplace_back(absl::HashOf(datagrams[i].peer), i);
  }
  std::sort(keys_.begin(), keys_.end());
  order_.clear();
  for (const auto& [hash, index] : keys_) order_.push_back(index);
}

std::span<const SendPlan::Run> SendPlan::Make(const DatagramList& datagrams, bool in_runs) {
  Sort(datagrams);
  runs_.clear();
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
