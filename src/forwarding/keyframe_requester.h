#pragma once

// When to ask a video sender for a keyframe. Many listeners may want one at once: they share one
// request (threat row R16), which is repeated until a keyframe arrives or nobody seems to be there
// to answer. Decides only. One thread.

#include "earshot/units.h"

namespace earshot {

class KeyframeRequester {
 public:
  /// At most one request goes upstream in this time.
  static constexpr Duration kMinInterval = Duration::Millis(500);
  /// After so many without an answer the source has stopped: silence must cost nothing. A listener
  /// that waits wants again with the next packet.
  static constexpr int kMaxRequests = 10;

  /// Somebody needs a keyframe.
  void Want(Timestamp now);
  /// A keyframe has begun: whoever waited has it.
  void HandleKeyframe();
  /// True when a request must go out now.
  bool TakeDue(Timestamp now);
  Timestamp NextDeadline() const { return next_deadline_; }

 private:
  bool wanted_ = false;
  int requests_ = 0;  // of the current wish
  Timestamp last_request_ = Timestamp::LongAgo();
  Timestamp next_deadline_ = Timestamp::Never();
};

}  // namespace earshot
