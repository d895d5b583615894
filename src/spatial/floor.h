#pragma once

// Everybody on one floor and what follows from how they stand: rights, slots, sights. Keeps people
// where they may be: within the speed limit, this side of walls and locked doors, out of zones that
// they may not enter. What people agree on among themselves is decided above it (Access,
// Conversations, Stages), which change a standing here and have it reviewed. One thread.

#include <algorithm>
#include <span>
#include <string_view>
#include <vector>

#include "spatial/audibility.h"
#include "spatial/demand.h"
#include "spatial/interest.h"
#include "spatial/movement.h"
#include "spatial/neighbours.h"
#include "spatial/plan_change.h"
#include "spatial/premises.h"
#include "spatial/roster.h"
#include "spatial/trails.h"

namespace earshot {

class Floor {
 public:
  Floor(const FloorPlan& plan, const RoutingOptions& options);

  /// Where a newcomer with these privileges arrives who comes from the space `from`: at the portal
  /// that leads there, if it may be in that room, otherwise at the spawn point. `offset`, within a
  /// circle of radius 1, says how far from it, so that newcomers do not hide each other.
  Pose ArrivalOf(std::string_view from, Point offset, const Privileges& privileges) const;
  /// kNobody if the id is taken or none. Where it may not stand, it gets the spawn point.
  PersonIndex Add(Turn turn, ParticipantId id, const Pose& pose, SlotCounts slots,
                  const Privileges& privileges);
  void Remove(Turn turn, PersonIndex person);
  Pose Walk(Turn turn, PersonIndex person, const Pose& wish);
  /// Puts the person there without walking, or where it may not be at the spawn point, and tells
  /// it. `is_let_in` as below.
  void Place(Turn turn, PersonIndex person, const Pose& pose, bool is_let_in = false);
  void SetSources(Turn turn, PersonIndex person, SourceSet sources);
  void SetSpeech(Timestamp now, PersonIndex person, float level);

  /// Whether the person may walk into the zone, locked doors apart.
  bool MayEnter(PersonIndex person, ZoneIndex zone) const {
    return MayEnter(roster_[person], zone);
  }
  /// Whether the zone is closed to somebody who would not walk there: a private zone or, unless
  /// somebody inside lets it in, a locked room, without a key.
  bool IsBarred(PersonIndex person, ZoneIndex zone, bool is_let_in) const {
    return IsBarred(roster_[person], zone, is_let_in);
  }
  /// Whether it may be put into the zone without walking there: where it is neither barred nor
  /// full.
  bool MayBePlaced(PersonIndex person, ZoneIndex zone, bool is_let_in) const {
    return MayBePlaced(roster_[person], zone, is_let_in);
  }
  bool Owns(PersonIndex person, ZoneIndex zone) const { return Owns(roster_[person], zone); }
  const ZoneGrant* GrantOf(PersonIndex person, ZoneIndex zone) const {
    return GrantOf(roster_[person], zone);
  }
  /// Whether the person may be in a private zone, or pass the locked doors of a room: as its owner
  /// or guest, and in a room as a moderator.
  bool HasKey(PersonIndex person, ZoneIndex zone) const { return HasKey(roster_[person], zone); }
  /// Replaces the private zones that it owns; what is none is left out.
  void SetOwned(PersonIndex person, std::vector<ZoneIndex> zones);
  /// A place next to the person, in the same zone and this side of all walls.
  Pose SpotBeside(PersonIndex person) const;
  /// Makes the rights follow a standing that has changed without a step.
  void Review(Turn turn, PersonIndex person);
  /// Likewise for people whose standings have changed at the same time: none of them is judged by
  /// how another stood before.
  void ReviewAll(Turn turn, std::span<const PersonIndex> people);
  /// Whether the person is a voice of the stage on which it stands follows anew from its podium.
  void RefreshVoice(Timestamp now, PersonIndex person);
  void SetMegaphone(Turn turn, PersonIndex person, bool on);
  void SetDoor(Turn turn, DoorIndex door, DoorState state);
  /// Nobody is dropped; who may not stay where it stands is placed at the spawn point. Who is not
  /// among `owners` owns what it owned before, as far as it is still there.
  void ReplacePlan(Turn turn, const FloorPlan& plan, const PlanChange& change,
                   std::span<const Ownership> owners);

  bool MayReceive(PersonIndex listener, PersonIndex speaker, Right right) const;
  bool Sees(PersonIndex viewer, PersonIndex person) const {
    return graph_.RightsBetween(viewer, person).here.Has(Right::kSee);
  }
  std::span<const PersonIndex> PeopleIn(ZoneIndex zone) const {
    return members_[static_cast<size_t>(zone)];
  }
  std::span<const PersonIndex> megaphones() const { return megaphones_; }

  /// Pairs of which the first lost sight of the second since this was last emptied, in case an
  /// agreement rests on it.
  struct LostSight {
    PersonIndex viewer;
    PersonIndex person;
  };
  std::vector<LostSight>& lost_sights() { return lost_sights_; }

  Roster& roster() { return roster_; }
  const Roster& roster() const { return roster_; }
  const Premises& premises() const { return premises_; }
  const AudibilityRules& rules() const { return rules_; }
  const NeighbourGraph& graph() const { return graph_; }
  const Demand& demand() const { return demand_; }

  /// Of slots, hints and demand.
  void HandleDeadline(Turn turn);
  Timestamp NextDeadline() const {
    return std::min(interest_.NextDeadline(), demand_.NextDeadline());
  }

 private:
  const FloorPlan& plan() const { return premises_.plan(); }
  bool MayEnter(const Person& who, ZoneIndex zone) const;
  bool IsBarred(const Person& who, ZoneIndex zone, bool is_let_in) const;
  bool MayBePlaced(const Person& who, ZoneIndex zone, bool is_let_in) const;
  bool HasKey(const Person& who, ZoneIndex zone) const;
  static bool Owns(const Person& who, ZoneIndex zone);
  static const ZoneGrant* GrantOf(const Person& who, ZoneIndex zone);
  // The one who says where somebody is put: the wish, cut to the floor, where it may be, otherwise
  // the spawn point, where everybody may.
  Pose PlaceFor(const Person& who, const Pose& wish, bool is_let_in) const;
  // Returns whether the zone is another.
  bool StandAt(Timestamp now, PersonIndex person, const Pose& pose);
  void EnterZone(PersonIndex person, ZoneIndex zone);
  void LeaveZone(PersonIndex person);
  void StepTo(Turn turn, PersonIndex person, const Pose& pose);
  void FollowPlan(PersonIndex person, const PlanChange& change);
  void Resettle(Turn turn, PersonIndex person, ZoneIndex zone_before);
  void SetVoice(Timestamp now, PersonIndex person, bool on);
  std::span<const PersonIndex> FarOff(PersonIndex person);
  void FollowRights(Turn turn, PersonIndex person, std::span<const RightsChange> changes);
  void ReportPair(Turn turn, PersonIndex viewer, PersonIndex person, const PairRights& before,
                  const PairRights& after);

  const RoutingOptions options_;
  Premises premises_;
  AudibilityRules rules_;
  Roster roster_;
  NeighbourGraph graph_;
  Proximity proximity_;
  Demand demand_;
  Trails trails_;
  Interest interest_;
  std::vector<std::vector<PersonIndex>> members_;  // by zone
  std::vector<std::vector<PersonIndex>> voices_;   // by zone, of stages
  std::vector<PersonIndex> megaphones_;
  std::vector<PersonIndex> far_off_;
  std::vector<LostSight> lost_sights_;
};

}  // namespace earshot
