#pragma once

// One person's connection with everything that hangs on it: transport, published sources, receive
// slots, reports. Composes; what concerns two participants at once is Space's. One thread.

#include <array>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/counters.h"
#include "base/token_bucket.h"
#include "earshot/engine.h"
#include "forwarding/slot.h"
#include "space/ingress_policer.h"
#include "space/negotiation.h"
#include "space/outbox.h"
#include "space/pose_intake.h"
#include "space/position_feed.h"
#include "space/publication.h"
#include "space/reach_feed.h"
#include "space/retransmission_budget.h"
#include "transport/peer_transport.h"

namespace earshot {

struct ParticipantSetup {
  ParticipantId id;
  std::string name;  // at most 255 bytes
  std::string from;  // the space that it comes from
  Point offset;      // from where all arrive, see SpatialRouter::ArrivalOf
  Timestamp joined;
  SourceSet may_publish;
  std::array<std::optional<std::string>, kSourceKindCount> track_mids;
  std::vector<std::string> identities;
  Grants grants;
};

/// What a listener's RTCP asks of one of its slots.
struct SlotFeedback {
  Slot* slot;
  bool wants_keyframe = false;
  absl::InlinedVector<uint16_t, 32> missing;
};

class Participant {
 public:
  Participant(ParticipantSetup setup, const Negotiated& negotiated, const IngressLimits& limits,
              Random& random, Counters& counters);

  ParticipantId id() const { return setup_.id; }
  const ParticipantSetup& setup() const { return setup_; }
  const std::string& cname() const { return cname_; }

  /// Set once, right after construction.
  std::optional<PeerTransport> transport;
  IngressPolicer ingress;
  /// On the floor: the transport has connected.
  bool on_floor = false;
  /// Switched on by the participant, as far as it may and has negotiated.
  SourceSet published;
  PoseIntake pose_intake;
  PositionFeed position_feed;
  ReachFeed reach_feed;
  /// Goes with the positions.
  Outbox outbox;
  /// When either is due.
  Timestamp NextTelling() const {
    const Timestamp poses = position_feed.NextDeadline();
    return outbox.empty() ? poses : std::min(poses, position_feed.NextTurn());
  }
  /// What it wants to have switched on from now on, while it has to wait. What this leaves out is
  /// off already.
  std::optional<SourceSet> publish_wish;
  /// Of acts.
  TokenBucket act_budget{10, 20, 20};
  std::optional<uint16_t> events_channel;
  std::optional<uint16_t> positions_channel;
  /// The events channel refused a message: everything must be told again.
  bool events_stale = false;
  Timestamp next_resync = Timestamp::LongAgo();
  /// As last filed, without the transport's: to ask for it touches all sources.
  Timestamp own_deadline = Timestamp::Never();

  Publication* publication(SourceKind kind) {
    auto& entry = publications_[static_cast<size_t>(kind)];
    return entry ? &*entry : nullptr;
  }
  /// Whether the source may be forwarded.
  bool IsOn(SourceKind kind) const {
    return published.Has(kind) && (!publish_wish || publish_wish->Has(kind));
  }
  /// What of `wanted` this participant can and may publish.
  SourceSet Publishable(SourceSet wanted) const;
  Slot* slot(SlotRef ref);
  std::vector<Slot>& slots(MediaKind kind) {
    return kind == MediaKind::kAudio ? audio_slots_ : video_slots_;
  }
  const Slot* FindSlotByMid(std::string_view mid) const;

  struct InboundMedia {
    Publication* publication;
    SourcePacket packet;
  };
  /// A plain RTP packet from this participant, and the index that authenticated it.
  std::variant<InboundMedia, Source::Padding, DropReason> HandleRtp(ByteSpan packet,
                                                                    uint64_t packet_index,
                                                                    Timestamp now);
  /// A plain RTCP compound from this participant. Appends what it asks of slots.
  void HandleRtcp(ByteView compound, Timestamp now, std::vector<SlotFeedback>& feedback);

  /// One RTP packet of a slot, sealed and counted. False when it could not be sent.
  bool Send(Slot& slot, const OutboundPacket& packet, Timestamp now, EngineOutput& out);
  /// The same for a retransmission, within the budget (threat row C2).
  void SendRepair(Slot& slot, const OutboundPacket& packet, Timestamp now, EngineOutput& out);

  void HandleDeadline(Timestamp now, DatagramList& out);
  /// Whether other layers of the camera are needed than this participant was told.
  bool TakeWantedChange(Timestamp now);
  /// Of reports, repairs and position traffic; the transport has its own.
  Timestamp NextDeadline() const;

 private:
  struct InboundLayer {
    Publication* publication = nullptr;
    size_t layer = 0;
  };
  InboundLayer FindBySsrc(const RtpView& view);
  std::variant<InboundLayer, DropReason> BindByMid(const RtpView& view, Timestamp now);
  bool Bind(Source& source, bool is_repair, uint32_t ssrc, Timestamp now);
  Slot* FindSlotBySsrc(uint32_t ssrc);
  /// Calls visit(source) with every layer of everything that is published.
  template <typename Visitor>
  void ForEachSource(Visitor&& visit) {
    for (auto& entry : publications_) {
      if (!entry) continue;
      for (Source& layer : entry->layers()) visit(layer);
    }
  }
  void RequestRepairs(Timestamp now, DatagramList& out);
  void SendReports(Timestamp now, DatagramList& out);

  static constexpr Duration kReportInterval = Duration::Seconds(1);
  // What has not been heard for so long may have been replaced by a stream with another SSRC.
  static constexpr Duration kReplacedAfter = Duration::Seconds(1);
  // RFC 3550 section 6.4: who sent nothing since the report before the last is no sender any more.
  static constexpr Duration kSilentAfter = kReportInterval * 2;

  ParticipantSetup setup_;
  std::string cname_;
  uint32_t rtcp_ssrc_;
  Counters& counters_;
  std::array<std::optional<Publication>, kSourceKindCount> publications_;
  std::vector<Slot> audio_slots_;
  std::vector<Slot> video_slots_;
  RetransmissionBudget repair_budget_;
  Timestamp next_report_ = Timestamp::Never();
};

}  // namespace earshot
