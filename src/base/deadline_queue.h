#pragma once

// Who is due when: a parent files each child's next deadline here and asks only for the earliest.
// O(log n) to re-file, O(1) to look; re-filing a key replaces its old deadline.

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "earshot/units.h"

namespace earshot {

template <typename Key>
class DeadlineQueue {
 public:
  /// Files, moves or (with Never) removes the key's deadline.
  void Set(const Key& key, Timestamp deadline) {
    if (deadline.IsNever()) {
      Remove(key);
      return;
    }
    auto [it, inserted] = current_.try_emplace(key, deadline);
    if (!inserted) {
      if (it->second == deadline) return;
      it->second = deadline;
    }
    heap_.push_back({deadline, key});
    std::push_heap(heap_.begin(), heap_.end(), Later);
    MaybeCompact();
  }
  void Remove(const Key& key) {
    current_.erase(key);
    DropStale();
  }

  Timestamp Next() const { return heap_.empty() ? Timestamp::Never() : heap_.front().first; }

  bool IsDue(const Key& key, Timestamp now) const {
    const auto it = current_.find(key);
    return it != current_.end() && it->second <= now;
  }

  /// Takes out one key that is due at `now`; false if none is.
  bool PopDue(Timestamp now, Key& key) {
    DropStale();
    if (heap_.empty() || heap_.front().first > now) return false;
    key = heap_.front().second;
    current_.erase(key);
    DropStale();
    return true;
  }

 private:
  using Entry = std::pair<Timestamp, Key>;
  static bool Later(const Entry& a, const Entry& b) { return a.first > b.first; }

  bool IsStale(const Entry& entry) const {
    const auto it = current_.find(entry.second);
    return it == current_.end() || it->second != entry.first;
  }
  void DropStale() {
    while (!heap_.empty() && IsStale(heap_.front())) {
      std::pop_heap(heap_.begin(), heap_.end(), Later);
      heap_.pop_back();
    }
  }
  // A key that is re-filed often leaves stale entries inside the heap; sweep them before they
  // outnumber the live ones, which keeps memory linear in keys.
  void MaybeCompact() {
    DropStale();
    if (heap_.size() <= 2 * current_.size() + 16) return;
    std::erase_if(heap_, [this](const Entry& entry) { return IsStale(entry); });
    std::make_heap(heap_.begin(), heap_.end(), Later);
  }

  absl::flat_hash_map<Key, Timestamp> current_;
  std::vector<Entry> heap_;
};

}  // namespace earshot
