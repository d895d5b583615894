#pragma once

// The way of batches from the worker whose listeners they are for to another one, which seals and
// sends them, and back for the next turn. Bounded: while all are under way, the first worker does
// everything itself. Two threads, one on each side.

#include <memory>

#include "base/spsc_queue.h"
#include "transport/sealing_batch.h"

namespace earshot {

class Lane {
 public:
  Lane() {
    for (size_t i = 0; i < kBatches; ++i) {
      auto batch = std::make_unique<SealingBatch>();
      empty_.TryPush(batch);
    }
  }

  // The side that fills them.

  /// The one to be filled; null while there is none.
  SealingBatch* Current() {
    if (current_ == nullptr) empty_.TryPop(current_);
    return current_.get();
  }
  /// Hands over what has been filled. Whether there was anything.
  bool Submit() {
    if (current_ == nullptr || current_->empty()) return false;
    return full_.TryPush(current_);
  }

  // The side that empties them.

  /// Null when nothing has come.
  std::unique_ptr<SealingBatch> Take() {
    std::unique_ptr<SealingBatch> batch;
    full_.TryPop(batch);
    return batch;
  }
  void GiveBack(std::unique_ptr<SealingBatch> batch) {
    batch->Clear();
    empty_.TryPush(batch);
  }

 private:
  static constexpr size_t kBatches = 32;

  SpscQueue<std::unique_ptr<SealingBatch>, kBatches> full_;
  SpscQueue<std::unique_ptr<SealingBatch>, kBatches> empty_;
  std::unique_ptr<SealingBatch> current_;
};

}  // namespace earshot
