#pragma once

// Who may hear and see whom on one floor, and which source sits in which slot of which listener.
// A pure state machine: it takes joins, moves, sources, speech and what people ask of each other
// with `now`, and appends what changed to a caller-owned RoutingOutput. Knows nothing of packets.
// One thread; never fails: an unknown participant is ignored. How many people there are is bounded
// by whoever admits them; memory grows with the pairs within sight. Time that runs backwards counts
// as standing still.
//
// The rules stand where they are applied: who may hear, watch and see whom in audibility.h, how
// slots are given in interest.h, how far a step goes in movement.h and floor.h, who opens doors and
// lets others in in access.h, who speaks on stages in stages.h, and what people agree on among
// themselves in conversations.h. `out` gets what changed since the last call, never the whole
// state. Rights lost or gained act in the call that changes them.
//
// The first participant of an operation is who asks for it. An operation that does not come to
// kDone changes nothing.

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "earshot/floor_plan.h"
#include "earshot/media.h"
#include "earshot/units.h"
#include "earshot/voice_reach.h"
#include "spatial/routing.h"

namespace earshot {

class SpatialRouter {
 public:
  /// The plan must be valid (ValidateFloorPlan).
  SpatialRouter(const FloorPlan& plan, const RoutingOptions& options);
  ~SpatialRouter();

  /// Where a newcomer with these privileges arrives who comes from the space `from`: at the portal
  /// that leads there, if it may be in that room, otherwise at the spawn point. `offset`, within a
  /// circle of radius 1, says where around it, so that newcomers do not hide each other: in the
  /// same zone, and with no wall between.
  Pose ArrivalOf(std::string_view from, Point offset, const Privileges& privileges) const;
  /// A newcomer without sources. Slots are all free. The pose is cut to the floor; one that is not
  /// finite or where the newcomer may not be becomes the spawn point. An id that is already here is
  /// ignored.
  void Add(ParticipantId id, const Pose& pose, SlotCounts slots, const Privileges& privileges,
           Timestamp now, RoutingOutput& out);
  /// Frees every slot that held one of its sources and takes it out of everybody's sight; its own
  /// slots and its own view are forgotten without report. What it held, was granted, asked for or
  /// agreed on with others ends.
  void Remove(ParticipantId id, Timestamp now, RoutingOutput& out);
  /// Returns the pose that counts: the wish, cut to the floor, to the speed limit since the last
  /// move (of which at most one second counts), and to what walls and doors leave open. Walls and
  /// locked doors stop people, as do rooms that are full and private zones without a grant; who is
  /// inside gets out of a locked door. A room without a door is entered from anywhere. A wish that
  /// is not finite changes nothing. An unknown participant gets its wish back. Who follows somebody
  /// only turns. Those who follow this person walk after it.
  Pose Move(ParticipantId id, const Pose& wish, Timestamp now, RoutingOutput& out);
  /// Which of its sources send at the moment. Nobody gets a source that is off.
  void SetSources(ParticipantId id, SourceSet sources, Timestamp now, RoutingOutput& out);
  /// Speech level of the mic, 0 (silent) to 1 (loud); called with every audio packet, so cheap.
  void SetSpeech(ParticipantId id, float level, Timestamp now);

  /// What it may do is different from now on. An owner who no longer is one is put outside.
  void SetPrivileges(ParticipantId id, const Privileges& privileges, Timestamp now,
                     RoutingOutput& out);

  /// Whoever stands within 2 m of a door, and a moderator from anywhere, opens and shuts it. To and
  /// from kLocked only a moderator or the owner of its zone, who stands in its zone, turns it. The
  /// last door of the room that newcomers arrive in is not locked.
  Outcome SetDoor(ParticipantId actor, DoorIndex door, DoorState state, Timestamp now,
                  RoutingOutput& out);
  /// Asks the owners of a private zone, or the people in a room whose doors are locked.
  Outcome Knock(ParticipantId person, ZoneIndex zone, Timestamp now, RoutingOutput& out);
  Outcome StopKnocking(ParticipantId person, ZoneIndex zone, Timestamp now, RoutingOutput& out);
  /// Answers a knock, or changes how long somebody who is admitted may still stay.
  Outcome Admit(ParticipantId host, ParticipantId person, ZoneIndex zone, Duration time,
                Timestamp now, RoutingOutput& out);
  Outcome Deny(ParticipantId host, ParticipantId person, ZoneIndex zone, Timestamp now,
               RoutingOutput& out);
  /// A guest who is inside is put outside.
  Outcome Revoke(ParticipantId host, ParticipantId person, ZoneIndex zone, Timestamp now,
                 RoutingOutput& out);

  /// From the stage or its audience; `on` false takes the request back.
  Outcome AskForPodium(ParticipantId person, ZoneIndex stage, bool on, Timestamp now,
                       RoutingOutput& out);
  Outcome GivePodium(ParticipantId moderator, ParticipantId person, ZoneIndex stage, Timestamp now,
                     RoutingOutput& out);
  /// The actor is a moderator, or the person itself.
  Outcome TakePodium(ParticipantId actor, ParticipantId person, ZoneIndex stage, Timestamp now,
                     RoutingOutput& out);

  Outcome Invite(ParticipantId person, ParticipantId other, Timestamp now, RoutingOutput& out);
  /// Leaves the bubble that the person is in, and joins the inviter's.
  Outcome AcceptInvite(ParticipantId person, ParticipantId inviter, Timestamp now,
                       RoutingOutput& out);
  Outcome LeaveBubble(ParticipantId person, Timestamp now, RoutingOutput& out);
  /// Ends with kNoParticipant, and when the other no longer sees the person.
  Outcome Whisper(ParticipantId person, ParticipantId other, Timestamp now, RoutingOutput& out);
  Outcome SetMegaphone(ParticipantId person, bool on, Timestamp now, RoutingOutput& out);
  /// While on, nobody invites, calls, follows, or whispers to the person.
  Outcome SetDoNotDisturb(ParticipantId person, bool on, Timestamp now, RoutingOutput& out);
  /// Ends with kNoParticipant, and when the person no longer sees the other.
  Outcome Follow(ParticipantId person, ParticipantId other, Timestamp now, RoutingOutput& out);
  /// Asks the other to come here, from wherever it is.
  Outcome Call(ParticipantId person, ParticipantId other, Timestamp now, RoutingOutput& out);
  /// Places the person next to the caller, where it may enter.
  Outcome AcceptCall(ParticipantId person, ParticipantId caller, Timestamp now, RoutingOutput& out);
  /// Likewise, uncalled, with the privilege.
  Outcome Beam(ParticipantId person, ParticipantId other, Timestamp now, RoutingOutput& out);

  /// The plan must be valid. Nobody is dropped, and who may still receive what it receives keeps it
  /// in its slot. Who stands where it no longer may goes to the spawn point. A zone is the same if
  /// its kind and owner are, and its name or, where no zone has that, its outline: then its grants,
  /// podiums and knocks stay. A door is the same if its line is: then its state stays, unless it
  /// were the last one by which newcomers get out of the room in which they arrive.
  /// `owners` are those whose zones are others by the new plan; whoever is not among them owns what
  /// it did, as far as it is still there.
  /// What stays is told anew, by the indices of the new plan; everything else has ended.
  void ReplacePlan(const FloorPlan& plan, std::span<const Ownership> owners, Timestamp now,
                   RoutingOutput& out);
  /// Appends to `out.events` what a client needs that knows only the plan: doors in another state,
  /// podiums, megaphones and its own grants; and to `out.hearing` whom of those in its sight it
  /// hears, or is heard by.
  void Recapitulate(ParticipantId id, RoutingOutput& out) const;

  /// Ends grants whose time is over. Sends hints (a SlotChange of the same source whose gain,
  /// azimuth or distance changed noticeably, at most ten times per second and listener) and ranks
  /// slots anew where they are short.
  void HandleDeadline(Timestamp now, RoutingOutput& out);
  /// For so long nobody could answer: what somebody was asked, it may answer that much later.
  void HandlePause(Duration pause);
  Timestamp NextDeadline() const;

  /// The one truth about confidentiality: whether media of `source` may reach `listener` now, by
  /// the rules of audibility.h. Nobody receives itself. Does not ask whether the source is on.
  /// O(1), except on the edge of the reach. A slot holds a source only while this is true.
  bool MayReceive(ParticipantId listener, SourceId source) const;
  /// Gain, direction and distance of `source` for `listener` now; all zero when nothing of it may
  /// be received, gain 0 when only its video may.
  Audible AudibleNow(ParticipantId listener, ParticipantId source) const;

  /// Replaces `out` by where the person would be heard, and how many it does not see hear it or are
  /// heard.
  void ReachOf(ParticipantId id, VoiceReach& out) const;

  /// Which of its sources somebody gets or may get soon (demand.h). All for an unknown participant.
  SourceSet WantedOf(ParticipantId id) const;

  const FloorPlan& plan() const;
  DoorState StateOf(DoorIndex door) const;
  /// Nothing for an unknown participant.
  const Pose* PoseOf(ParticipantId id) const;
  std::optional<Stance> StanceOf(ParticipantId id) const;
  /// Replaces `out` by those whom `viewer` sees, in no particular order.
  void VisiblePeople(ParticipantId viewer, std::vector<ParticipantId>& out) const;
  /// Replaces `out` by those who see `person`: for who speaks from afar, others than it sees.
  void ViewersOf(ParticipantId person, std::vector<ParticipantId>& out) const;
  /// Replaces `out` by those whom `viewer` sees and who have moved after `since`.
  void MoversInSight(ParticipantId viewer, Timestamp since, std::vector<Mover>& out) const;
  /// How many steps have been made on the floor.
  uint64_t steps() const;
  size_t size() const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace earshot
