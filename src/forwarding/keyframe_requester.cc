#include "forwarding/keyframe_requester.h"

#include <algorithm>

namespace earshot {

void KeyframeRequester::Want(Timestamp now) {
  if (wanted_) return;
  wanted_ = true;
  requests_ = 0;
  next_deadline_ = std::max(now, last_request_ + kMinInterval);
}

void KeyframeRequester::HandleKeyframe() {
  wanted_ = false;
  next_deadline_ = Timestamp::Never();
}

bool KeyframeRequester::TakeDue(Timestamp now) {
  if (next_deadline_ > now) return false;
  last_request_ = now;
  wanted_ = ++requests_ < kMaxRequests;
  next_deadline_ = wanted_ ? now + kMinInterval : Timestamp::Never();
  return true;
}

}  // namespace earshot
