#pragma once

// One floor with everybody on it: the only place where transports, spatial routing and forwarding
// meet. Runs each participant's turn, fans media out, and keeps slots as the router says. Knows no
// sockets and no demultiplexing by address (Engine's). One thread.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "base/counters.h"
#include "base/timer_wheel.h"
#include "earshot/engine.h"
#include "space/participant.h"
#include "space/presence.h"
#include "spatial/spatial_router.h"

namespace earshot {

class Space {
 public:
  Space(const SpaceOptions& options, const MediaOptions& limits, Counters& counters);

  const std::string& id() const { return id_; }
  const FloorPlan& plan() const { return router_.plan(); }
  /// With the doors in their present states.
  FloorPlan PlanNow() const;
  std::vector<DoorState> DoorsNow() const;
  /// The plan must be valid. Everybody is told everything anew.
  void ReplacePlan(const FloorPlan& plan, Timestamp now, EngineOutput& out);
  size_t size() const { return participants_.size(); }
  /// Where the participant would step onto the floor now.
  Pose ArrivalOf(const ParticipantSetup& setup) const {
    return router_.ArrivalOf(setup.from, setup.offset, PrivilegesOf(setup));
  }
  Participant* Find(ParticipantId id);
  std::optional<Stance> StanceOf(ParticipantId id) const { return router_.StanceOf(id); }

  /// The participant steps onto the floor once its transport has connected.
  void Add(std::unique_ptr<Participant> participant);
  /// Off the floor and gone. The caller has closed the transport.
  void Remove(ParticipantId id, Timestamp now, EngineOutput& out);

  /// What it turned out to be. Why it was not used, if so, is for the caller to count, who may have
  /// somebody else to offer it to.
  Inbound HandleDatagram(Participant& participant, const SocketAddress& peer, ByteSpan bytes,
                         Timestamp now, EngineOutput& out);
  void HandleDeadline(Timestamp now, EngineOutput& out);
  /// See Engine. What people were asked by others, they may answer that much later, too.
  void HandlePause(Duration pause);
  Timestamp NextDeadline() const { return deadlines_.Next(); }
  /// After anything from outside touched the participant's transport (ICE restart).
  void RefileDeadline(Participant& participant);

 private:
  /// RefileDeadline where nothing but the transport has changed.
  void RefileTransport(Participant& participant);

  // The router has deadlines too; no participant has this id.
  static constexpr ParticipantId kRouterKey = kNoParticipant;

  void HandleTransportEvents(Participant& participant, Timestamp now, EngineOutput& out);
  void HandleMessage(Participant& participant, const ChannelMessage& message, Timestamp now,
                     EngineOutput& out);
  void HandleMedia(Participant& participant, const Inbound& inbound, Timestamp now,
                   EngineOutput& out);
  void HandleFeedback(Participant& listener, Timestamp now, EngineOutput& out);
  void Forward(Publication& publication, SourcePacket& packet, Timestamp now, EngineOutput& out);
  /// Where others seal, they are to take a payload once, and not to take it for the one before.
  static void BeginPayload(EngineOutput& out);
  void Deliver(Link& link, const OutboundPacket& packet, Timestamp now, EngineOutput& out);
  void SendPreRoll(const SlotChange& change, Timestamp now, EngineOutput& out);
  void Move(Participant& participant, const PoseWish& wish, Timestamp now, EngineOutput& out);
  void SpreadPose(ParticipantId id, Timestamp now);
  void HandleAct(Participant& participant, const ActMessage& act, Timestamp now, EngineOutput& out);
  void Publish(Participant& participant, SourceSet wanted, Timestamp now, EngineOutput& out);
  /// What the participant wants to have switched on, once it may make the server tell that.
  void PublishWish(Participant& participant, Timestamp now, EngineOutput& out);
  /// Counts what has been told since then as the participant's doing.
  void CountTold(Participant& participant, int64_t told_before, Timestamp now);
  void RunParticipant(Participant& participant, Timestamp now, EngineOutput& out);
  void RunOnFloor(Participant& participant, Timestamp now, EngineOutput& out);
  void TellWhatWaited(Participant& participant, Timestamp now, EngineOutput& out);
  void TellEverything(Participant& participant, Timestamp now, EngineOutput& out);
  void TellWanted(Participant& participant, Timestamp now, EngineOutput& out);
  void TellReach(Participant& participant, Timestamp now, EngineOutput& out);
  void StepOntoFloor(Participant& participant, Timestamp now, EngineOutput& out);

  /// Carries out what the router decided. If a position or an act was the cause, it came at
  /// `moved`.
  using Moved = std::optional<Timestamp>;
  void ApplyRouting(Moved moved, Timestamp now, EngineOutput& out);
  void ApplyHearing(Timestamp now, EngineOutput& out);
  void ApplySlots(Moved moved, Timestamp now, EngineOutput& out);
  void AssignSlot(Participant& listener, Slot& slot, const SlotChange& change, Moved moved,
                  Timestamp now, EngineOutput& out);
  void AdjustSlot(Participant& listener, Slot& slot, const SlotChange& change, Timestamp now);
  void ApplyEvent(const SpatialEvent& event, Timestamp now, EngineOutput& out);
  void TellEvent(Participant& participant, const SpatialEvent& event, Timestamp now,
                 EngineOutput& out);
  /// In the order of their ids, so that runs repeat.
  std::vector<ParticipantId> EverybodyOnFloor() const;
  Privileges PrivilegesOf(const ParticipantSetup& setup) const;
  void Unlink(Participant& listener, Slot& slot, Timestamp now);
  Publication* FindPublication(SourceId source);
  void SetPublished(Participant& participant, SourceSet published);
  void RefileRouter() { deadlines_.Set(kRouterKey, router_.NextDeadline()); }

  std::string id_;
  Counters& counters_;
  SpatialRouter router_;
  Presence presence_;
  absl::flat_hash_map<ParticipantId, std::unique_ptr<Participant>> participants_;
  TimerWheel<ParticipantId> deadlines_;
  // Those whose position feeds somebody's step has to wake.
  absl::flat_hash_set<ParticipantId> asleep_;

  // Reused, so that a turn allocates nothing after warm-up.
  RoutingOutput routing_;
  RoutingOutput recapitulation_;
  PeerTransportEvents events_;
  std::vector<SlotFeedback> feedback_;
  std::vector<ParticipantId> people_;
  std::vector<Mover> movers_;
  std::vector<PersonPose> poses_;
  std::vector<SlotHint> hints_;
  VoiceReach reach_;
  std::vector<uint8_t> scratch_;
};

}  // namespace earshot
