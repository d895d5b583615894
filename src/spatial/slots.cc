#include "spatial/slots.h"

#include <algorithm>
#include <tuple>

namespace earshot {

SlotPool::SlotPool(size_t count)
    : sources_(std::min(count, kMaxSlotsPerKind)),
      slots_(sources_.size()),
      free_count_(sources_.size()) {}

uint8_t SlotPool::FirstFree() const {
  return static_cast<uint8_t>(std::find(sources_.begin(), sources_.end(), SourceId()) -
                              sources_.begin());
}

void SlotPool::Put(uint8_t index, SourceId source, const SlotContent& content) {
  if (!sources_[index]) --free_count_;
  sources_[index] = source;
  slots_[index] = content;
}

std::optional<uint8_t> SlotPool::Find(SourceId source) const {
  const auto it = std::find(sources_.begin(), sources_.end(), source);
  if (it == sources_.end()) return std::nullopt;
  return static_cast<uint8_t>(it - sources_.begin());
}

std::optional<uint8_t> SlotPool::Free(SourceId source) {
  const std::optional<uint8_t> slot = Find(source);
  if (!slot) return std::nullopt;
  sources_[*slot] = {};
  slots_[*slot] = {};
  ++free_count_;
  return slot;
}

bool RanksBefore(const Contender& a, const Contender& b) {
  if (a.score != b.score) return a.score > b.score;
  return a.source < b.source;
}

Timestamp DecideReplacements(std::span<const Contender> contenders, std::span<Incumbent> incumbents,
                             Timestamp now, std::vector<Replacement>& out) {
  std::sort(incumbents.begin(), incumbents.end(), [](const Incumbent& a, const Incumbent& b) {
    return std::tie(a.score, a.slot) < std::tie(b.score, b.slot);
  });
  Timestamp retry_at = Timestamp::Never();
  size_t next = 0;
  for (const Contender& contender : contenders) {
    while (next < incumbents.size() && incumbents[next].held_until > now) {
      if (contender.score <= kReplacementMargin * incumbents[next].score) return retry_at;
      retry_at = std::min(retry_at, incumbents[next].held_until);
      ++next;
    }
    if (next == incumbents.size()) break;
    if (contender.score <= kReplacementMargin * incumbents[next].score) break;
    out.push_back({incumbents[next].slot, contender});
    ++next;
  }
  return retry_at;
}

}  // namespace earshot
