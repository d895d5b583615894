#pragma once

// Who may still come while memory runs short (threat E2). From a soft share of the limit on, nobody
// joins and no WebSocket opens any more; from a hard one on, no connection is taken. What those who
// are there may claim is bounded for each, and the rest is for them. Nobody is sent away: what they
// leave behind may never be the system's again, and then it would end with an empty office. Decides
// only. The control thread.

#include <cstdint>
#include <deque>
#include <functional>

#include "config.h"
#include "earshot/units.h"
#include "memory_probe.h"

namespace earshotd {

enum class MemoryPressure : uint8_t { kNone, kSoft, kHard };

class MemoryGuard {
 public:
  using Reader = std::function<MemoryUse()>;
  MemoryGuard(const MemoryOptions& options, Reader read)
      : options_(options), read_(std::move(read)) {}

  /// Reads anew, unless that was done a moment ago.
  MemoryPressure Measure(earshot::Timestamp now);
  /// Whether one more participant may join. If so, room is kept for what it will need soon.
  bool AdmitJoin(earshot::Timestamp now);
  /// Whether one more WebSocket may open.
  bool AdmitWebSocket(earshot::Timestamp now);
  /// Whether one more TCP connection may be taken.
  bool AdmitConnection(earshot::Timestamp now);
  /// Memory that was asked for could not be had: hard pressure for the next seconds.
  void NoteFailure(earshot::Timestamp now);

  MemoryUse last_use() const { return use_; }
  uint64_t refused_joins() const { return refused_joins_; }
  uint64_t refused_connections() const { return refused_connections_; }

 private:
  bool Admit(MemoryPressure refused_from, uint64_t& refusals, earshot::Timestamp now);

  const MemoryOptions options_;
  const Reader read_;
  MemoryUse use_;
  earshot::Timestamp measured_ = earshot::Timestamp::LongAgo();
  earshot::Timestamp failed_ = earshot::Timestamp::LongAgo();
  /// When those came whose memory is not all in use yet. What they are kept counts as used, so
  /// there are at most limit / kRoomOfNewcomer of them.
  std::deque<earshot::Timestamp> newcomers_;
  uint64_t refused_joins_ = 0;
  uint64_t refused_connections_ = 0;
};

}  // namespace earshotd
