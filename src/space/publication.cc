#include "space/publication.h"

#include <algorithm>

#include "spatial/trails.h"

namespace earshot {

Publication::Publication(const NegotiatedSource& source) {
  last_arrival_.fill(Timestamp::LongAgo());
  idle_since_.fill(Timestamp::Never());
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
  if (layers_.size() == 1) return;
  last_arrival_[layer] = now;
  LayerSet alive;
  for (size_t i = 0; i < layers_.size(); ++i) {
    if (now - last_arrival_[i] <= kLayerTimeout) alive.Set(i, true);
  }
  if (alive == alive_) return;
  alive_ = alive;
  AimAll(now);
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

// The layer that was asked for, else the next lower one that comes, else the next higher one.
size_t Publication::BestLayer(size_t asked) const {
  for (size_t layer = asked + 1; layer-- > 0;) {
    if (alive_.Has(layer)) return layer;
  }
  for (size_t layer = asked + 1; layer < layers_.size(); ++layer) {
    if (alive_.Has(layer)) return layer;
  }
  return asked;
}

void Publication::Aim(Link& link, Timestamp now) {
  if (!is_video()) return;
  if (link.detail == Detail::kPaused) return link.slot->AimAt(std::nullopt);
  const size_t layer = BestLayer(LayerFor(link.detail));
  link.slot->AimAt(static_cast<uint8_t>(layer));
  if (link.slot->waiting_for_keyframe()) layers_[layer].WantKeyframe(now);
}

void Publication::AimAll(Timestamp now) {
  for (Link& link : links_) Aim(link, now);
}

// While nobody gets the source at all, the sender stops it as a whole, and nothing is said of its
// layers.
void Publication::ReviewDemand(Timestamp now) {
  linger_until_ = Timestamp::Never();
  if (layers_.size() == 1 || links_.empty()) return;
  LayerSet needed;
  for (const Link& link : links_) {
    if (link.detail != Detail::kPaused) needed.Set(LayerFor(link.detail), true);
  }
  for (size_t i = 0; i < layers_.size(); ++i) {
    Timestamp& idle_since = idle_since_[i];
    idle_since = needed.Has(i) ? Timestamp::Never() : std::min(idle_since, now);
    const bool lingers = !needed.Has(i) && wanted_.Has(i) && now - idle_since < kLinger;
    if (lingers) linger_until_ = std::min(linger_until_, idle_since + kLinger);
    wanted_.Set(i, needed.Has(i) || lingers);
  }
}

bool Publication::TakeWantedChange(Timestamp now) {
  if (linger_until_ <= now) ReviewDemand(now);
  if (!has_news()) return false;
  told_ = wanted_;
  return true;
}

Timestamp Publication::NextDeadline() const {
  Timestamp next = has_news() ? Timestamp::LongAgo() : linger_until_;
  for (const Source& layer : layers_) next = std::min(next, layer.NextDeadline());
  return next;
}

}  // namespace earshot
