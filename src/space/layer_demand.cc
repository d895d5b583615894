#include "space/layer_demand.h"

namespace earshot {

LayerDemand::LayerDemand(size_t layer_count) : count_(layer_count) {}

bool LayerDemand::NoteArrival(size_t layer, Timestamp now) {
  layers_[layer].last_arrival = now;
  LayerSet alive;
  for (size_t i = 0; i < count_; ++i) {
    if (Comes(layers_[i], now)) alive.Set(i, true);
  }
  if (alive == alive_) return false;
  alive_ = alive;
  return true;
}

size_t LayerDemand::Best(size_t ideal) const {
  for (size_t layer = ideal + 1; layer-- > 0;) {
    if (alive_.Has(layer)) return layer;
  }
  for (size_t layer = ideal + 1; layer < count_; ++layer) {
    if (alive_.Has(layer)) return layer;
  }
  return ideal;
}

void LayerDemand::Review(LayerSet ideal, Timestamp now) {
  if (count_ == 1) return;
  GiveUpOverdue(now);
  Want(Needed(ideal, now), now);
  next_review_ = NextReview(ideal, now);
}

void LayerDemand::Rest() {
  for (Layer& layer : layers_) layer.needed_since = Timestamp::Never();
  next_review_ = Timestamp::Never();
}

void LayerDemand::GiveUpOverdue(Timestamp now) {
  for (size_t i = 0; i < count_; ++i) {
    Layer& layer = layers_[i];
    if (Comes(layer, now)) {
      layer.has_failed = false;
      layer.retry_at = Timestamp::LongAgo();
      layer.retry_after = kRetryAfter;
    } else if (IsExpected(layer, now) && Due(layer) <= now) {
      // What comes unasked is what the sender chose to send in its place.
      const size_t best = Best(i);
      if (Comes(layers_[best], now) && !wanted_.Has(best)) continue;
      layer.has_failed = true;
      layer.retry_at = now + layer.retry_after;
      layer.retry_after = std::min(layer.retry_after * 2, kRetryAtMost);
    }
  }
}

LayerSet LayerDemand::Needed(LayerSet ideal, Timestamp now) const {
  LayerSet needed;
  for (size_t i = 0; i < count_; ++i) {
    if (!ideal.Has(i)) continue;
    if (layers_[i].retry_at <= now) needed.Set(i, true);
    if (!layers_[i].has_failed) continue;
    const std::optional<size_t> other = StandIn(i);
    if (!other) return LayerSet::All();
    needed.Set(*other, true);
  }
  return needed;
}

// The next lower one that has not failed, else one above that comes anyway, else any.
std::optional<size_t> LayerDemand::StandIn(size_t ideal) const {
  for (size_t layer = ideal; layer-- > 0;) {
    if (!layers_[layer].has_failed) return layer;
  }
  if (const size_t best = Best(ideal); alive_.Has(best)) return best;
  for (size_t layer = ideal + 1; layer < count_; ++layer) {
    if (!layers_[layer].has_failed) return layer;
  }
  return std::nullopt;
}

void LayerDemand::Want(LayerSet needed, Timestamp now) {
  for (size_t i = 0; i < count_; ++i) {
    Layer& layer = layers_[i];
    const bool is_needed = needed.Has(i);
    layer.needed_since = is_needed ? std::min(layer.needed_since, now) : Timestamp::Never();
    layer.idle_since = is_needed ? Timestamp::Never() : std::min(layer.idle_since, now);
    wanted_.Set(i, is_needed || (wanted_.Has(i) && now - layer.idle_since < kLinger));
  }
}

Timestamp LayerDemand::NextReview(LayerSet ideal, Timestamp now) const {
  Timestamp next = Timestamp::Never();
  for (size_t i = 0; i < count_; ++i) {
    const Layer& layer = layers_[i];
    if (wanted_.Has(i) && !layer.idle_since.IsNever()) {
      next = std::min(next, layer.idle_since + kLinger);
    }
    if (IsExpected(layer, now)) {
      // An overdue one has a stand-in of the sender's choice, which may end, too.
      next = std::min(next, Due(layer) > now ? Due(layer) : now + kPatience);
    }
    if (ideal.Has(i) && layer.retry_at > now) next = std::min(next, layer.retry_at);
  }
  return next;
}

}  // namespace earshot
