#include "memory_guard.h"

namespace earshotd {
namespace {

using earshot::Duration;
using earshot::Timestamp;

/// To read takes some tens of microseconds; a hundred readings a second are not felt.
constexpr Duration kReadAgainAfter = Duration::Millis(10);
/// A handshake, the slots and the first seconds of a camera's repair history.
constexpr uint64_t kRoomOfNewcomer = 256 * 1024;
constexpr Duration kNewFor = Duration::Seconds(5);
/// Long enough that the next reading shows whether it was for a moment only.
constexpr Duration kFailureLasts = Duration::Seconds(5);

}  // namespace

MemoryPressure MemoryGuard::Measure(Timestamp now) {
  while (!newcomers_.empty() && now - newcomers_.front() >= kNewFor) newcomers_.pop_front();
  if (now - measured_ >= kReadAgainAfter) {
    measured_ = now;
    use_ = read_();
  }
  if (failed_ != Timestamp::LongAgo() && now - failed_ < kFailureLasts) {
    return MemoryPressure::kHard;
  }
  // Room that is kept is no reason to take no connection, who is then told why it may not join.
  if (use_.share() >= options_.hard) return MemoryPressure::kHard;
  const MemoryUse soon{use_.used + newcomers_.size() * kRoomOfNewcomer, use_.limit};
  return soon.share() >= options_.soft ? MemoryPressure::kSoft : MemoryPressure::kNone;
}

bool MemoryGuard::Admit(MemoryPressure refused_from, uint64_t& refusals, Timestamp now) {
  if (Measure(now) < refused_from) return true;
  ++refusals;
  return false;
}

bool MemoryGuard::AdmitJoin(Timestamp now) {
  if (!Admit(MemoryPressure::kSoft, refused_joins_, now)) return false;
  newcomers_.push_back(now);
  return true;
}

bool MemoryGuard::AdmitWebSocket(Timestamp now) {
  return Admit(MemoryPressure::kSoft, refused_connections_, now);
}

bool MemoryGuard::AdmitConnection(Timestamp now) {
  return Admit(MemoryPressure::kHard, refused_connections_, now);
}

void MemoryGuard::NoteFailure(Timestamp now) { failed_ = now; }

}  // namespace earshotd
