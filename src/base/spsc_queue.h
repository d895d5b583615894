#pragma once

// A bounded queue from one thread to one other, without locks. What does not fit stays with the
// caller. Any one thread may push, any one thread may pop.

#include <array>
#include <atomic>
#include <cstddef>
#include <utility>

namespace earshot {

template <typename T, size_t kCapacity>
class SpscQueue {
 public:
  /// False if the queue is full; `item` is left as it was.
  bool TryPush(T& item) {
    const size_t tail = tail_.load(std::memory_order_relaxed);
    if (tail - head_.load(std::memory_order_acquire) == kCapacity) return false;
    slots_[tail % kCapacity] = std::move(item);
    tail_.store(tail + 1, std::memory_order_release);
    return true;
  }
  /// False if it is empty.
  bool TryPop(T& item) {
    const size_t head = head_.load(std::memory_order_relaxed);
    if (head == tail_.load(std::memory_order_acquire)) return false;
    item = std::move(slots_[head % kCapacity]);
    head_.store(head + 1, std::memory_order_release);
    return true;
  }

 private:
  // Apart, so that the two threads do not take each other's cache lines away.
  static constexpr size_t kCacheLine = 64;
  alignas(kCacheLine) std::atomic<size_t> head_{0};
  alignas(kCacheLine) std::atomic<size_t> tail_{0};
  alignas(kCacheLine) std::array<T, kCapacity> slots_{};
};

}  // namespace earshot
