#pragma once

// Which simulcast layers of a camera its sender is to send: those that viewers ought to get, and
// what stands in while these do not come, which may be for good: a sender leaves out layers that
// its camera, network or processor does not suffice for, and often without telling which. One
// thread.

#include <algorithm>
#include <array>
#include <optional>

#include "earshot/media.h"
#include "earshot/units.h"

namespace earshot {

class LayerDemand {
 public:
  /// A layer that sends nothing for so long has been stopped, by its sender or for want of network.
  static constexpr Duration kLayerTimeout = Duration::Seconds(1);
  /// A layer that nobody needs any more goes on for so long, lest it stop and start at every step.
  static constexpr Duration kLinger = Duration::Seconds(2);
  /// How long one that is wanted may stay away. Some senders send it only once another has ended,
  /// so this counts from when what lingered has gone.
  static constexpr Duration kPatience = Duration::Seconds(2);
  /// When one that stayed away is tried again; each further time after twice as long.
  static constexpr Duration kRetryAfter = Duration::Seconds(30);
  static constexpr Duration kRetryAtMost = Duration::Seconds(480);

  explicit LayerDemand(size_t layer_count);

  /// A packet of the layer has come. Whether other layers come than before.
  bool NoteArrival(size_t layer, Timestamp now);
  /// The layer that serves whoever ought to get `ideal`: that one, else the next lower one that
  /// comes, else the next higher one.
  size_t Best(size_t ideal) const;

  /// What viewers ought to get. Reviews it too when its time has come or other layers come.
  void Review(LayerSet ideal, Timestamp now);
  /// Nobody gets the source at all: its sender stops it as a whole, and no layer is expected.
  void Rest();
  LayerSet wanted() const { return wanted_; }
  /// When to review it without any news.
  Timestamp next_review() const { return next_review_; }

 private:
  struct Layer {
    Timestamp last_arrival = Timestamp::LongAgo();
    // Never while nobody needs it.
    Timestamp needed_since = Timestamp::Never();
    // Never while somebody does.
    Timestamp idle_since = Timestamp::Never();
    // It stayed away when it was needed, and is expected again from then on.
    bool has_failed = false;
    Timestamp retry_at = Timestamp::LongAgo();
    Duration retry_after = kRetryAfter;
  };

  static bool Comes(const Layer& layer, Timestamp now) {
    return now - layer.last_arrival <= kLayerTimeout;
  }
  static Timestamp Due(const Layer& layer) {
    return std::max(layer.needed_since + kLinger, layer.last_arrival) + kPatience;
  }
  static bool IsExpected(const Layer& layer, Timestamp now) {
    return !layer.needed_since.IsNever() && layer.retry_at <= now;
  }
  void GiveUpOverdue(Timestamp now);
  LayerSet Needed(LayerSet ideal, Timestamp now) const;
  std::optional<size_t> StandIn(size_t ideal) const;
  void Want(LayerSet needed, Timestamp now);
  Timestamp NextReview(LayerSet ideal, Timestamp now) const;

  const size_t count_;
  std::array<Layer, kMaxLayers> layers_;
  LayerSet alive_;
  LayerSet wanted_ = LayerSet::All();
  Timestamp next_review_ = Timestamp::Never();
};

}  // namespace earshot
