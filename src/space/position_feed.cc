#include "space/position_feed.h"

#include <algorithm>

namespace earshot {

bool PositionFeed::PersonMoved(ParticipantId person, Timestamp now) {
  if (moved_.empty() || moved_.back() != person) moved_.push_back(person);
  const Timestamp due = std::max(now, last_sent_ + kInterval);
  if (due >= next_deadline_) return false;
  next_deadline_ = due;
  return true;
}

void PositionFeed::Forget(ParticipantId person) {
  std::erase(moved_, person);
  const auto place = PlaceOf(person);
  if (place != people_.end() && place->person == person) people_.erase(place);
}

void PositionFeed::TakeDue(Timestamp now, std::vector<ParticipantId>& out) {
  if (next_deadline_ > now) return;
  last_sent_ = now;
  FileMoved(now);
  next_deadline_ = Timestamp::Never();
  auto kept = people_.begin();
  for (Entry& entry : people_) {
    if (entry.due <= now) {
      out.push_back(entry.person);
      if (entry.repeats_left-- == 0) continue;
      entry.due = now + kRepeatInterval;
    }
    next_deadline_ = std::min(next_deadline_, entry.due);
    *kept++ = entry;
  }
  people_.erase(kept, people_.end());
  next_deadline_ = std::max(next_deadline_, now + kInterval);  // repeats wait for company, too
  // Where everybody stands still, not even the room for them is kept.
  if (people_.empty()) {
    people_ = {};
    moved_ = {};
  }
}

std::vector<PositionFeed::Entry>::iterator PositionFeed::PlaceOf(ParticipantId person) {
  return std::lower_bound(
      people_.begin(), people_.end(), person,
      [](const Entry& entry, ParticipantId wanted) { return entry.person < wanted; });
}

void PositionFeed::FileMoved(Timestamp now) {
  for (const ParticipantId person : moved_) {
    const auto place = PlaceOf(person);
    if (place != people_.end() && place->person == person) {
      *place = {person, now, kRepeats};
    } else {
      people_.insert(place, {person, now, kRepeats});
    }
  }
  moved_.clear();
}

}  // namespace earshot
