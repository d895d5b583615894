#include "io/shared_egress.h"

#include <algorithm>
#include <utility>

namespace earshot {
namespace {

// Of each lane and turn, so that the worker's own datagrams and timers get their share.
constexpr int kMaxBatches = 4;

}  // namespace

void SharedEgress::AddOutbound(std::shared_ptr<Lane> lane, std::function<void()> wake,
                               const Counter& busyness) {
  lanes_.AddLane();
  lanes_.SetBatch(outbound_.size(), lane->Current());
  outbound_.push_back({std::move(lane), std::move(wake), &busyness});
}

void SharedEgress::AddInbound(std::shared_ptr<Lane> lane, std::unique_ptr<UdpSocket> socket) {
  inbound_.push_back({std::move(lane), std::move(socket)});
}

void SharedEgress::Submit() {
  for (size_t i = 0; i < outbound_.size(); ++i) {
    if (outbound_[i].lane->Submit()) outbound_[i].wake();
    lanes_.SetBatch(i, outbound_[i].lane->Current());
  }
}

void SharedEgress::Balance() {
  busy_.clear();
  for (const Outbound& one : outbound_) busy_.push_back(one.busyness->value());
  auto& lane_of = lanes_.lane_of();
  BalanceLanes(counters_.busyness.value(), busy_, lane_of);
  const auto at_home = std::count(lane_of.begin(), lane_of.end(), EgressLanes::kHome);
  counters_.shards_lent.Set(EgressLanes::kShards - static_cast<size_t>(at_home));
}

bool SharedEgress::Serve() {
  bool is_flood = false;
  for (const Inbound& one : inbound_) {
    int taken = 0;
    while (taken < kMaxBatches) {
      std::unique_ptr<SealingBatch> batch = one.lane->Take();
      if (batch == nullptr) break;
      ++taken;
      batch->SealAll(sealed_);
      counters_.rtp_sealed_for_others.Add(sealed_.size());
      one.lane->GiveBack(std::move(batch));
      one.socket->Send(sealed_);
      sealed_.Clear();
    }
    is_flood = is_flood || taken == kMaxBatches;
  }
  return is_flood;
}

}  // namespace earshot
