#pragma once

// How everybody has stood of late, so that somebody who comes into earshot may get what was said
// just before: as far back as nothing but distance has kept the two apart. One thread.

#include <array>
#include <vector>

#include "spatial/audibility.h"

namespace earshot {

class Trails {
 public:
  /// Nothing older than this is of use.
  static constexpr Duration kReach = Duration::Millis(100);

  /// The person stands like this from now on. A newcomer has no past.
  void Begin(Timestamp now, const Standing& standing);
  void Note(Timestamp now, const Standing& standing);
  /// Doors or the plan are different from now on: nothing is known of before.
  void Break(Timestamp now) { broken_at_ = now; }

  /// Since when, within the reach, the listener has been warm towards the speaker by
  /// AudibilityRules::IsWarm without a break; `now` if it is not.
  Timestamp WarmSince(const AudibilityRules& rules, Timestamp now, PersonIndex listener,
                      PersonIndex speaker) const;

 private:
  struct Stand {
    Timestamp since;
    Standing standing;
  };
  // As many steps as clients take within the reach, and one more.
  static constexpr size_t kLength = 4;
  struct Trail {
    std::array<Stand, kLength> stands;
    uint8_t newest = 0;
    uint8_t count = 0;

    /// `age` counts from the newest; must be below the count.
    const Stand& At(size_t age) const { return stands[(newest + kLength - age) % kLength]; }
  };

  std::vector<Trail> trails_;  // by person
  Timestamp broken_at_ = Timestamp::LongAgo();
};

}  // namespace earshot
