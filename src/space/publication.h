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
  /// When the message came that brought the two together, until the first packet has gone.
  std::optional<Timestamp> caused_by_move;
};

class Publication {
 public:
  /// Of the time from a move to its first packet only this much says something about the server:
  /// who sends nothing for longer, although somebody listens, has nothing to send.
  static constexpr Duration kWakesWithin = Duration::Seconds(3);

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
  /// Whether it sends, or rests only because it is not wanted, or was not until a moment ago.
  bool IsSendingOrWaking(Timestamp now) const {
    return now - last_packet_ < kSendingWithin || !is_wanted_ || now - wanted_since_ < kWakesWithin;
  }
  /// Its sender is told whether anybody gets it, or may get it soon.
  void NoteWanted(bool wanted, Timestamp now) {
    if (wanted && !is_wanted_) wanted_since_ = now;
    is_wanted_ = wanted;
  }

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
  static constexpr Duration kSendingWithin = Duration::Millis(100);

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
  bool is_wanted_ = true;
  Timestamp wanted_since_ = Timestamp::LongAgo();
  LayerDemand demand_;
  LayerSet told_ = LayerSet::All();
};

}  // namespace earshot
