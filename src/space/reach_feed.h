#pragma once

// When one client is told where it would be heard: at once after a while without, at most four
// times a second, and only when it is another than it was told. One thread.

#include <algorithm>
#include <vector>

#include "base/bytes.h"
#include "earshot/units.h"

namespace earshot {

class ReachFeed {
 public:
  /// To find out takes microseconds, and who walks cannot tell the difference.
  static constexpr Duration kInterval = Duration::Millis(250);

  /// It may be another. Whether the next deadline has become one.
  bool MayHaveChanged(Timestamp now) {
    if (!due_.IsNever()) return false;
    due_ = std::max(now, looked_at_ + kInterval);
    return true;
  }
  Timestamp NextDeadline() const { return due_; }

  /// It is as the record says: whether that is news.
  bool IsNews(ByteView record, Timestamp now) {
    due_ = Timestamp::Never();
    looked_at_ = now;
    if (std::equal(record.begin(), record.end(), told_.begin(), told_.end())) return false;
    told_.assign(record.begin(), record.end());
    return true;
  }
  /// The client knows nothing any more.
  void Forget() { told_.clear(); }

 private:
  Timestamp due_ = Timestamp::Never();
  Timestamp looked_at_ = Timestamp::LongAgo();
  std::vector<uint8_t> told_;
};

}  // namespace earshot
