#pragma once

// Who is due when: a parent files each child's next deadline here and asks only for the earliest.
// Re-filing a key replaces its old deadline. Neither filing nor asking costs more the more keys
// there are. Knows no clock: callers say what time it is. One thread.
//
// A hierarchical timer wheel (Varghese and Lauck, "Hashed and Hierarchical Timing Wheels", 1987)
// whose tick is the microsecond, so that nothing is rounded. Times are read as numbers of base 64.
// A deadline belongs to the highest digit in which it differs from the wheel's time, its level, and
// there to that digit's value, its slot:
//
//   level 0: 1 us a slot   1: 64 us   2: 4 ms   3: 0.26 s   4: 17 s   5: 18 min   6: 19 h ... 10
//
// So all of a lower level are earlier than all of a higher one, and where a deadline is filed
// follows from it alone. When something in a slot is due, a few are looked through. A crowd is
// filed anew, at lower levels, and only then the wheel's time goes on: at most ten times for each
// time that a deadline was set, and most are moved long before.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "earshot/units.h"

namespace earshot {

template <typename Key>
class TimerWheel {
 public:
  /// Files, moves or (with Never) removes the key's deadline. One that has passed is due at once.
  void Set(const Key& key, Timestamp deadline) {
    if (deadline.IsNever()) {
      Remove(key);
      return;
    }
    const auto [it, is_new] = by_key_.try_emplace(key, kNone);
    if (is_new) {
      it->second = NewNode(key, deadline);
      Link(it->second, PlaceOf(deadline));
    } else if (nodes_[it->second].deadline != deadline) {
      Move(it->second, deadline);
    }
  }
  void Remove(const Key& key) {
    const auto it = by_key_.find(key);
    if (it == by_key_.end()) return;
    Discard(it->second);
    by_key_.erase(it);
  }

  /// Never later than the earliest deadline, and after a PopDue that returned false later than its
  /// `now`. Exact unless the first slot has more than kFew deadlines of which the earliest was
  /// moved away: to look for the next takes longer the more there are, and most often all will have
  /// been moved before time comes near.
  Timestamp Next() const {
    const size_t level = FirstLevel();
    return level < levels_.size() ? levels_[level].slots.front().earliest : Timestamp::Never();
  }

  bool IsDue(const Key& key, Timestamp now) const {
    const auto it = by_key_.find(key);
    return it != by_key_.end() && nodes_[it->second].deadline <= now;
  }

  /// Takes out one key that is due at `now`, the longest overdue first; false if none is.
  bool PopDue(Timestamp now, Key& key) {
    for (size_t level = FirstLevel(); level < levels_.size(); level = FirstLevel()) {
      Slot& slot = levels_[level].slots.front();
      if (slot.earliest > now) break;
      const bool is_crowded = slot.size > kFew;
      if (is_crowded && level > 0) {
        Spread(level, now);
        continue;
      }
      // In a crowd of level 0 all are due, unless time has gone back.
      const uint32_t due = FirstBy(is_crowded ? now : slot.earliest, slot);
      if (due == kNone) {
        slot.earliest = EarliestOf(slot);
        continue;
      }
      key = nodes_[due].key;
      by_key_.erase(key);
      Discard(due);
      return true;
    }
    return false;
  }

 private:
  static constexpr size_t kDigitBits = 6;
  static constexpr uint64_t kDigitMask = (uint64_t{1} << kDigitBits) - 1;
  static constexpr uint32_t kNone = UINT32_MAX;
  // In a slot of no more all are looked through for the earliest, when that one leaves.
  static constexpr uint32_t kFew = 8;

  struct Node {
    Timestamp deadline;
    Key key;
    uint32_t previous;  // in the slot's ring
    uint32_t next;      // likewise; of those out of use, the next one out of use
  };
  struct Slot {
    Timestamp earliest;  // or before that: see Next
    uint32_t head;
    uint32_t size;
  };
  // Only slots in use take memory, since most wheels are small: a space has several.
  struct Level {
    uint64_t used = 0;        // one bit for each slot
    std::vector<Slot> slots;  // those in use, in order
  };
  struct Place {
    size_t level;
    uint64_t slot;
    bool operator==(const Place&) const = default;
  };

  Place PlaceOf(Timestamp deadline) const {
    // What has passed, even before time began, stands where the present does.
    const auto at = static_cast<uint64_t>(std::max(deadline, time_).micros());
    const uint64_t difference = at ^ static_cast<uint64_t>(time_.micros());
    const size_t level = (std::bit_width(difference | 1) - 1) / kDigitBits;
    return {level, at >> level * kDigitBits & kDigitMask};
  }
  static uint64_t Bit(Place place) { return uint64_t{1} << place.slot; }
  bool IsUsed(Place place) const { return (levels_[place.level].used & Bit(place)) != 0; }
  // Where the slot stands, or would, among those in use.
  size_t RankOf(Place place) const {
    return static_cast<size_t>(std::popcount(levels_[place.level].used & (Bit(place) - 1)));
  }
  Slot& At(Place place) { return levels_[place.level].slots[RankOf(place)]; }

  // Of the earliest slot, which is the first one there.
  size_t FirstLevel() const {
    size_t level = 0;
    while (level < levels_.size() && levels_[level].used == 0) ++level;
    return level;
  }

  uint32_t NewNode(const Key& key, Timestamp deadline) {
    if (unused_ == kNone) {
      nodes_.push_back({deadline, key, kNone, kNone});
      return static_cast<uint32_t>(nodes_.size() - 1);
    }
    const uint32_t node = unused_;
    unused_ = nodes_[node].next;
    nodes_[node].deadline = deadline;
    nodes_[node].key = key;
    return node;
  }
  void Discard(uint32_t node) {
    Unlink(node, PlaceOf(nodes_[node].deadline));
    nodes_[node].next = unused_;
    unused_ = node;
  }

  void Link(uint32_t node, Place place) {
    if (place.level >= levels_.size()) levels_.resize(place.level + 1);
    if (!IsUsed(place)) {
      AddSlot(place, {nodes_[node].deadline, node, 1});
      nodes_[node].previous = nodes_[node].next = node;
      return;
    }
    Slot& slot = At(place);
    const uint32_t tail = nodes_[slot.head].previous;
    nodes_[node].previous = tail;
    nodes_[node].next = slot.head;
    nodes_[tail].next = node;
    nodes_[slot.head].previous = node;
    slot.earliest = std::min(slot.earliest, nodes_[node].deadline);
    ++slot.size;
  }
  void Unlink(uint32_t node, Place place) {
    Slot& slot = At(place);
    if (slot.size == 1) {
      DropSlot(place);
      return;
    }
    const auto [deadline, key, previous, next] = nodes_[node];
    nodes_[previous].next = next;
    nodes_[next].previous = previous;
    if (slot.head == node) slot.head = next;
    --slot.size;
    if (deadline == slot.earliest || slot.size == kFew) Tighten(slot);
  }
  void Move(uint32_t node, Timestamp deadline) {
    const Place from = PlaceOf(nodes_[node].deadline);
    const Place to = PlaceOf(deadline);
    if (from != to) {
      Unlink(node, from);
      nodes_[node].deadline = deadline;
      Link(node, to);
      return;
    }
    Slot& slot = At(from);
    const bool was_earliest = nodes_[node].deadline == slot.earliest;
    nodes_[node].deadline = deadline;
    slot.earliest = std::min(slot.earliest, deadline);
    if (was_earliest) Tighten(slot);
  }

  void AddSlot(Place place, const Slot& slot) {
    Level& level = levels_[place.level];
    level.slots.insert(level.slots.begin() + static_cast<std::ptrdiff_t>(RankOf(place)), slot);
    level.used |= Bit(place);
  }
  void DropSlot(Place place) {
    Level& level = levels_[place.level];
    level.used &= ~Bit(place);
    level.slots.erase(level.slots.begin() + static_cast<std::ptrdiff_t>(RankOf(place)));
  }

  Timestamp EarliestOf(const Slot& slot) const {
    Timestamp earliest = Timestamp::Never();
    uint32_t node = slot.head;
    for (uint32_t i = 0; i < slot.size; ++i, node = nodes_[node].next) {
      earliest = std::min(earliest, nodes_[node].deadline);
    }
    return earliest;
  }
  void Tighten(Slot& slot) {
    if (slot.size <= kFew) slot.earliest = EarliestOf(slot);
  }

  uint32_t FirstBy(Timestamp latest, const Slot& slot) const {
    uint32_t node = slot.head;
    for (uint32_t i = 0; i < slot.size; ++i, node = nodes_[node].next) {
      if (nodes_[node].deadline <= latest) return node;
    }
    return kNone;
  }

  // Files anew what is in a slot that time has come to. The wheel's goes no further than to the
  // earliest deadline, which so comes to level 0 at once.
  void Spread(size_t level, Timestamp now) {
    const Slot slot = levels_[level].slots.front();
    DropSlot({level, static_cast<uint64_t>(std::countr_zero(levels_[level].used))});
    time_ = std::min(now, EarliestOf(slot));
    uint32_t node = slot.head;
    for (uint32_t i = 0; i < slot.size; ++i) {
      const uint32_t next = nodes_[node].next;
      Link(node, PlaceOf(nodes_[node].deadline));
      node = next;
    }
  }

  // Starts at zero, as clocks do. No deadline is earlier but in this very slot of level 0.
  Timestamp time_;
  std::vector<Level> levels_;  // up to the highest that was needed
  std::vector<Node> nodes_;
  uint32_t unused_ = kNone;
  absl::flat_hash_map<Key, uint32_t> by_key_;
};

}  // namespace earshot
