#include "forwarding/sent_history.h"

namespace earshot {
namespace {

constexpr uint16_t kRepairIntervalMillis = 20;

// Milliseconds that wrap after a minute, long after what was sent has become too old to repair;
// never zero.
uint16_t RepairClock(Timestamp now) {
  constexpr int64_t kPeriod = 0xffff;
  return static_cast<uint16_t>(1 + now.millis() % kPeriod);
}

}  // namespace

std::optional<SentHistory::Sent> SentHistory::TakeForRepair(uint16_t sequence_number,
                                                            Timestamp now) {
  if (entries_.empty()) return std::nullopt;
  Entry& entry = entries_[sequence_number % kCapacity];
  if (!entry.is_there || entry.sequence_number != sequence_number) return std::nullopt;
  const uint16_t clock = RepairClock(now);
  const bool was_repaired = entry.repaired != kNotRepaired;
  if (was_repaired && static_cast<uint16_t>(clock - entry.repaired) < kRepairIntervalMillis) {
    return std::nullopt;
  }
  entry.repaired = clock;
  const auto behind =
      static_cast<int32_t>(static_cast<uint32_t>(newest_source_sequence_) - entry.source_sequence);
  return Sent{.source_sequence = newest_source_sequence_ - behind,
              .timestamp = entry.timestamp,
              .picture_id = entry.picture_id,
              .tl0_pic_idx = entry.tl0_pic_idx,
              .codec = entry.codec,
              .layer = entry.layer,
              .marker = entry.marker};
}

}  // namespace earshot
