#pragma once

// Who may hear and see whom on one floor, and which source sits in which slot of which listener.
// A pure state machine: it takes joins, moves, sources and speech with `now`, and appends what
// changed to a caller-owned RoutingOutput. Knows nothing of packets. One thread; never fails: an
// unknown participant is ignored. How many people there are is bounded by whoever admits them;
// memory grows with the pairs within sight. Time that runs backwards counts as standing still.
//
// The rules stand where they are applied: who may hear, watch and see whom in audibility.h, how
// slots are given in interest.h, how far a step goes in movement.h and floor.h. `out` gets what
// changed since the last call, never the whole state. Rights lost or gained act in the call that
// changes them.

#include <cstddef>
#include <memory>
#include <vector>

#include "earshot/floor_plan.h"
#include "earshot/media.h"
#include "earshot/units.h"
#include "spatial/routing.h"

namespace earshot {

class SpatialRouter {
 public:
  /// The plan must be valid (ValidateFloorPlan).
  SpatialRouter(const FloorPlan& plan, const RoutingOptions& options);
  ~SpatialRouter();

  /// A newcomer without sources. Slots are all free. The pose is cut to the floor; one that is not
  /// finite or where the newcomer may not be becomes the spawn point. An id that is already here is
  /// ignored.
  void Add(ParticipantId id, const Pose& pose, SlotCounts slots, Timestamp now, RoutingOutput& out);
  /// Frees every slot that held one of its sources and takes it out of everybody's sight; its own
  /// slots and its own view are forgotten without report.
  void Remove(ParticipantId id, Timestamp now, RoutingOutput& out);
  /// Returns the pose that counts: the wish, cut to the floor, to the speed limit since the last
  /// move (of which at most one second counts), and to what walls and doors leave open. Walls and
  /// locked doors stop people, as do rooms that are full and private zones without a grant; who is
  /// inside gets out of a locked door. A room without a door is entered from anywhere. A wish that
  /// is not finite changes nothing. An unknown participant gets its wish back.
  Pose Move(ParticipantId id, const Pose& wish, Timestamp now, RoutingOutput& out);
  /// Which of its sources send at the moment. Nobody gets a source that is off.
  void SetSources(ParticipantId id, SourceSet sources, Timestamp now, RoutingOutput& out);
  /// Speech level of the mic, 0 (silent) to 1 (loud); called with every audio packet, so cheap.
  void SetSpeech(ParticipantId id, float level, Timestamp now);

  /// Sends hints (a SlotChange of the same source whose gain, azimuth or distance changed
  /// noticeably, at most 20 times per second and listener) and ranks slots anew where they are
  /// short.
  void HandleDeadline(Timestamp now, RoutingOutput& out);
  Timestamp NextDeadline() const;

  /// The one truth about confidentiality: whether media of `source` may reach `listener` now, by
  /// the rules of audibility.h. Nobody receives itself. Does not ask whether the source is on.
  /// O(1), except on the edge of the reach. A slot holds a source only while this is true.
  bool MayReceive(ParticipantId listener, SourceId source) const;
  /// Gain, direction and distance of `source` for `listener` now; all zero when nothing of it may
  /// be received, gain 0 when only its video may.
  Audible AudibleNow(ParticipantId listener, ParticipantId source) const;

  const FloorPlan& plan() const;
  /// Nothing for an unknown participant.
  const Pose* PoseOf(ParticipantId id) const;
  /// Replaces `out` by those whom `viewer` sees, in no particular order.
  void VisiblePeople(ParticipantId viewer, std::vector<ParticipantId>& out) const;
  size_t size() const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace earshot
