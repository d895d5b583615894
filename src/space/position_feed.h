#pragma once

// Which people's positions one viewer is due to be told: whoever moved, at most ten times a second,
// and some repeats after they stopped, because the channel may lose messages. One thread.

#include <vector>

#include "earshot/media.h"
#include "earshot/units.h"

namespace earshot {

class PositionFeed {
 public:
  static constexpr Duration kInterval = Duration::Millis(100);
  static constexpr Duration kRepeatInterval = Duration::Seconds(1);
  static constexpr int kRepeats = 3;

  /// Whether the next deadline has become another.
  bool PersonMoved(ParticipantId person, Timestamp now);
  void Forget(ParticipantId person);
  /// Appends whose positions to send now, in the order of their ids; nothing before the deadline.
  void TakeDue(Timestamp now, std::vector<ParticipantId>& out);
  Timestamp NextDeadline() const { return next_deadline_; }

 private:
  struct Entry {
    ParticipantId person;
    Timestamp due;
    int repeats_left;
  };
  std::vector<Entry>::iterator PlaceOf(ParticipantId person);
  void FileMoved(Timestamp now);

  // In the order of their ids.
  std::vector<Entry> people_;
  // Since the last message, some more than once: a step is noted for everybody who sees it, so that
  // is all that it does.
  std::vector<ParticipantId> moved_;
  Timestamp last_sent_ = Timestamp::LongAgo();
  Timestamp next_deadline_ = Timestamp::Never();
};

}  // namespace earshot
