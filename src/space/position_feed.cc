#include "space/position_feed.h"

#include <algorithm>

namespace earshot {

bool PositionFeed::PersonMoved(ParticipantId person, Timestamp now) {
  const Timestamp due = std::max(now, last_sent_ + kInterval);
  people_[person] = {due, kRepeats};
  if (due >= next_deadline_) return false;
  next_deadline_ = due;
  return true;
}

void PositionFeed::TakeDue(Timestamp now, std::vector<ParticipantId>& out) {
  if (next_deadline_ > now) return;
  last_sent_ = now;
  const auto first = static_cast<ptrdiff_t>(out.size());
  next_deadline_ = Timestamp::Never();
  for (auto it = people_.begin(); it != people_.end();) {
    const auto current = it++;
    Entry& entry = current->second;
    if (entry.due <= now) {
      out.push_back(current->first);
      if (entry.repeats_left-- == 0) {
        people_.erase(current);
        continue;
      }
      entry.due = now + kRepeatInterval;
    }
    next_deadline_ = std::min(next_deadline_, entry.due);
  }
  next_deadline_ = std::max(next_deadline_, now + kInterval);  // repeats wait for company, too
  // Where everybody stands still, not even the room for them is kept.
  if (people_.empty()) people_ = {};
  std::sort(out.begin() + first, out.end());  // the table's order differs from run to run
}

}  // namespace earshot
