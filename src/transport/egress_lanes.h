#pragma once

// Which listeners' media other threads seal and send, and the batches that go to them. Listeners
// are in 256 shards by their ids, so that a share of them can change lanes and the others stay. The
// engine's thread.

#include <array>
#include <cstdint>
#include <vector>

#include "earshot/media.h"
#include "transport/sealing_batch.h"

namespace earshot {

class EgressLanes {
 public:
  static constexpr size_t kShards = 256;
  /// Of a shard: the engine's own thread.
  static constexpr uint8_t kHome = 0xff;

  EgressLanes() { lane_of_.fill(kHome); }

  /// Null for who is served at home, as is everybody whose lane has no batch at the moment.
  SealingBatch* BatchFor(ParticipantId listener) {
    const uint8_t lane = lane_of_[ShardOf(listener)];
    return lane == kHome ? nullptr : batches_[lane];
  }
  void BeginPayload() {
    for (SealingBatch* batch : batches_) {
      if (batch != nullptr) batch->BeginPayload();
    }
  }

  /// At most 255.
  void AddLane() { batches_.push_back(nullptr); }
  /// Null: none for now.
  void SetBatch(size_t lane, SealingBatch* batch) { batches_[lane] = batch; }
  std::array<uint8_t, kShards>& lane_of() { return lane_of_; }

 private:
  // Ids follow one another; neighbours must not share a shard.
  static size_t ShardOf(ParticipantId listener) {
    return (static_cast<uint32_t>(listener) * 0x9e3779b1u) >> 24;
  }

  std::array<uint8_t, kShards> lane_of_;
  std::vector<SealingBatch*> batches_;
};

}  // namespace earshot
