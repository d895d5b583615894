#pragma once

// The receive slots of one kind of one listener, and the decision who replaces whom when they are
// short. Knows neither rights nor distances: scores come in as numbers. One thread.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "earshot/media.h"
#include "earshot/units.h"
#include "spatial/roster.h"
#include "spatial/routing.h"

namespace earshot {

/// What an occupied slot holds, but for the source.
struct SlotContent {
  PersonIndex speaker = kNobody;
  Timestamp since;
  /// What the client was last told.
  Audible told;
};

class SlotPool {
 public:
  /// At most kMaxSlotsPerKind.
  SlotPool() = default;
  explicit SlotPool(size_t count);

  size_t size() const { return slots_.size(); }
  size_t free_count() const { return free_count_; }
  SlotContent& operator[](size_t index) { return slots_[index]; }
  /// Empty: the slot is free.
  SourceId source(size_t index) const { return sources_[index]; }

  /// The free slot of the lowest index. There must be one.
  uint8_t FirstFree() const;
  /// Puts the source into the slot in place of what it held.
  void Put(uint8_t index, SourceId source, const SlotContent& content);
  /// The slot of the source; nothing if it has none.
  std::optional<uint8_t> Find(SourceId source) const;
  /// Frees the slot of the source and returns its index; nothing if the source has none.
  std::optional<uint8_t> Free(SourceId source);

 private:
  // Apart from the rest, for quick search.
  std::vector<SourceId> sources_;
  std::vector<SlotContent> slots_;
  size_t free_count_ = 0;
};

/// A source that waits for a slot.
struct Contender {
  float score = 0;
  SourceId source;
  PersonIndex speaker = kNobody;
};

/// Higher scores first; the id decides between equals, so that runs repeat.
bool RanksBefore(const Contender& a, const Contender& b);

/// A source in a slot that it keeps at least until `held_until`.
struct Incumbent {
  float score = 0;
  uint8_t slot = 0;
  Timestamp held_until;
};

struct Replacement {
  uint8_t slot = 0;
  Contender newcomer;
};

/// A newcomer must beat the source it replaces by this factor, or near equals would take turns.
inline constexpr float kReplacementMargin = 1.3f;

/// Matches the best contenders with the weakest incumbents whose hold is over, as long as the
/// newcomer wins by the margin. `contenders` come in order of rank; `incumbents` get sorted.
/// Returns when a hold ends that stood in a winner's way; Never if none did.
Timestamp DecideReplacements(std::span<const Contender> contenders, std::span<Incumbent> incumbents,
                             Timestamp now, std::vector<Replacement>& out);

}  // namespace earshot
