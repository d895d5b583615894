#include "space/publication.h"

#include <algorithm>

#include "spatial/trails.h"

namespace earshot {

Publication::Publication(const NegotiatedSource& source)
    : demand_(std::max<size_t>(source.rids.size(), 1)) {
  if (source.rids.empty()) {
    layers_.emplace_back(source.format);
    layers_.front().ssrc = source.ssrc;
    layers_.front().rtx_ssrc = source.rtx_ssrc;
    return;
  }
  layers_.reserve(source.rids.size());
  for (const std::string& rid : source.rids) {
    SourceFormat format = source.format;
    format.rid = rid;
    layers_.emplace_back(std::move(format));
  }
}

void Publication::NoteArrival(size_t layer, Timestamp now) {
  last_packet_ = now;
  if (layers_.size() == 1 || !demand_.NoteArrival(layer, now)) return;
  AimAll(now);
  ReviewDemand(now);
}

void Publication::Connect(const Link& link, Timestamp now) {
  links_.push_back(link);
  Aim(links_.back(), now);
  ReviewDemand(now);
}

void Publication::Disconnect(const Participant& listener, const Slot& slot, Timestamp now) {
  std::erase_if(links_,
                [&](const Link& link) { return link.listener == &listener && link.slot == &slot; });
  if (!is_video()) {
    std::erase_if(departures_, [now](const Departure& departure) {
      return now - departure.time > Trails::kReach;
    });
    departures_.push_back({&listener, now});
  }
  ReviewDemand(now);
}

Timestamp Publication::NewTo(const Participant& listener, Timestamp from) const {
  for (const Departure& departure : departures_) {
    if (departure.listener != &listener) continue;
    from = std::max(from, departure.time + Duration::Micros(1));
  }
  return from;
}

void Publication::SetDetail(const Participant& listener, const Slot& slot, Detail detail,
                            Timestamp now) {
  for (Link& link : links_) {
    if (link.listener != &listener || link.slot != &slot || link.detail == detail) continue;
    link.detail = detail;
    Aim(link, now);
    ReviewDemand(now);
  }
}

void Publication::WantKeyframe(const Slot& slot, Timestamp now) {
  if (is_video() && slot.aim()) layers_[*slot.aim()].WantKeyframe(now);
}

size_t Publication::LayerFor(Detail detail) const {
  const size_t top = layers_.size() - 1;
  if (detail == Detail::kThumbnail) return 0;
  return detail == Detail::kMedium && top > 0 ? top - 1 : top;
}

void Publication::Aim(Link& link, Timestamp now) {
  if (!is_video()) return;
  if (link.detail == Detail::kPaused) return link.slot->AimAt(std::nullopt);
  const size_t layer = demand_.Best(LayerFor(link.detail));
  link.slot->AimAt(static_cast<uint8_t>(layer));
  if (link.slot->waiting_for_keyframe()) layers_[layer].WantKeyframe(now);
}

void Publication::AimAll(Timestamp now) {
  for (Link& link : links_) Aim(link, now);
}

void Publication::ReviewDemand(Timestamp now) {
  if (links_.empty()) return demand_.Rest();
  LayerSet ideal;
  for (const Link& link : links_) {
    if (link.detail != Detail::kPaused) ideal.Set(LayerFor(link.detail), true);
  }
  demand_.Review(ideal, now);
}

bool Publication::TakeWantedChange(Timestamp now) {
  if (demand_.next_review() <= now) ReviewDemand(now);
  if (!has_news()) return false;
  told_ = demand_.wanted();
  return true;
}

Timestamp Publication::NextDeadline() const {
  Timestamp next = has_news() ? Timestamp::LongAgo() : demand_.next_review();
  for (const Source& layer : layers_) next = std::min(next, layer.NextDeadline());
  return next;
}

}  // namespace earshot
