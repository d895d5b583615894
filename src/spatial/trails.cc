#include "spatial/trails.h"

#include <algorithm>

namespace earshot {

void Trails::Begin(Timestamp now, const Standing& standing) {
  if (trails_.size() <= standing.person) trails_.resize(standing.person + 1);
  trails_[standing.person] = {};
  Note(now, standing);
}

void Trails::Note(Timestamp now, const Standing& standing) {
  Trail& trail = trails_[standing.person];
  if (trail.count == 0 || trail.At(0).since != now) {
    trail.newest = static_cast<uint8_t>((trail.newest + 1) % kLength);
    trail.count = static_cast<uint8_t>(std::min<size_t>(trail.count + size_t{1}, kLength));
  }
  trail.stands[trail.newest] = {now, standing};
}

// Walks back through the moments at which either of the two began to stand otherwise.
Timestamp Trails::WarmSince(const AudibilityRules& rules, Timestamp now, PersonIndex listener,
                            PersonIndex speaker) const {
  const Trail& here = trails_[listener];
  const Trail& there = trails_[speaker];
  const Timestamp earliest = std::max(now - kReach, broken_at_);
  Timestamp since = now;
  size_t here_age = 0;
  size_t there_age = 0;
  while (here_age < here.count && there_age < there.count && since > earliest) {
    const Stand& a = here.At(here_age);
    const Stand& b = there.At(there_age);
    if (!rules.IsWarm(a.standing, b.standing)) break;
    since = std::max({a.since, b.since, earliest});
    if (a.since >= since) ++here_age;
    if (b.since >= since) ++there_age;
  }
  return since;
}

}  // namespace earshot
