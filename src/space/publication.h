#pragma once

// One source of a participant with all its layers, and who gets it: which layer each slot is to be
// at, and which layers the sender need send at all. One thread.

#include <optional>
#include <vector>

#include "forwarding/recent_audio.h"
#include "forwarding/slot.h"
#include "forwarding/source.h"
#include "space/layer_demand.h"
#include "space/negotiation.h"

namespace earshot {

class Participant;

/// A source bound to a listener's slot.
struct Link {
  Participant* listener;
  Slot* slot;
  Detail detail = Detail::kFull;
  /// When the position message came that brought the two together, until the first packet has gone.
  std::optional<Timestamp> caused_by_move;
};

class Publication {
 public:
  explicit Publication(const NegotiatedSource& source);

  SourceId id() const { return layers_.front().id(); }
  bool is_video() const { return layers_.front().is_video(); }
  /// Lowest first; one without simulcast.
  std::vector<Source>& layers() { return layers_; }
  const std::vector<Source>& layers() const { return layers_; }
  std::vector<Link>& links() { return links_; }
  RecentAudio& recent() { return recent_; }
  /// From when on the listener, which is to get what came since `from`, has not got it already: it
  /// may have gone for less than a pre-roll.
  Timestamp NewTo(const Participant& listener, Timestamp from) const;
  Timestamp last_packet() const { return last_packet_; }

  /// It has been silent for longer than anything that is kept can be of use.
  void ForgetPackets() {
    recent_.Clear();
    for (Source& layer : layers_) layer.ForgetPackets();
  }

  /// A packet of the layer has come; slots change their aim when layers start or stop.
  void NoteArrival(size_t layer, Timestamp now);
  void Connect(const Link& link, Timestamp now);
  void Disconnect(const Participant& listener, const Slot& slot, Timestamp now);
  /// The viewer is to get more or less of it.
  void SetDetail(const Participant& listener, const Slot& slot, Detail detail, Timestamp now);
  void WantKeyframe(const Slot& slot, Timestamp now);

  /// Whether the sender must be told anew which layers somebody needs.
  bool TakeWantedChange(Timestamp now);
  LayerSet wanted_layers() const { return demand_.wanted(); }
  /// Of the layers and of what the sender must be told.
  Timestamp NextDeadline() const;

 private:
  void Aim(Link& link, Timestamp now);
  void AimAll(Timestamp now);
  void ReviewDemand(Timestamp now);
  size_t LayerFor(Detail detail) const;
  bool has_news() const { return !links_.empty() && demand_.wanted() != told_; }

  std::vector<Source> layers_;
  std::vector<Link> links_;
  RecentAudio recent_;
  struct Departure {
    const Participant* listener;  // may be gone: only compared
    Timestamp time;
  };
  std::vector<Departure> departures_;  // of no longer ago than a pre-roll
  Timestamp last_packet_ = Timestamp::LongAgo();
  LayerDemand demand_;
  LayerSet told_ = LayerSet::All();
};

}  // namespace earshot
