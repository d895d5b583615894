#pragma once

// Who opens doors, and who is let into private zones and locked rooms: knocks, grants, and their
// end. What follows from a grant for walking stands in Floor. Neither knows what people talk
// about. One thread.
//
// A private zone has its owners as hosts, wherever they are; a room the people inside, whose
// knocks count while its doors are locked. Hosts answer knocks; an admission is a grant for a time.
// Who has no right to stay when its grant ends is put outside.

#include <vector>

#include "base/timer_wheel.h"
#include "spatial/floor.h"

namespace earshot {

class Access {
 public:
  /// A hall in front of a door, not a queue at an office.
  static constexpr size_t kMaxKnocksPerZone = 32;
  static constexpr size_t kMaxGrantsPerZone = 256;
  static constexpr size_t kMaxGrantsPerPerson = 32;
  /// Whoever has not been let in by then has gone away.
  static constexpr Duration kKnockLifetime = Duration::Seconds(120);
  /// A working day; what is granted for longer ends then.
  static constexpr Duration kMaxGrantTime = Duration::Seconds(8 * 3600);
  /// Of a door, in metres.
  static constexpr float kArmsReach = 2;

  /// Keeps a reference.
  explicit Access(Floor& floor);

  /// A newcomer, or somebody whose privileges have changed.
  void Register(Turn turn, PersonIndex person);
  /// Before the person leaves the floor.
  void Forget(Turn turn, PersonIndex person);
  void ReplacePlan(Turn turn, const PlanChange& change);

  Outcome SetDoor(Turn turn, PersonIndex actor, DoorIndex door, DoorState state);
  Outcome Knock(Turn turn, PersonIndex person, ZoneIndex zone);
  Outcome StopKnocking(Turn turn, PersonIndex person, ZoneIndex zone);
  Outcome Admit(Turn turn, PersonIndex host, PersonIndex person, ZoneIndex zone, Duration time);
  Outcome Deny(Turn turn, PersonIndex host, PersonIndex person, ZoneIndex zone);
  Outcome Revoke(Turn turn, PersonIndex host, PersonIndex person, ZoneIndex zone);

  /// Appends the doors whose state is not the plan's, and the person's grants.
  void TellDoors(ParticipantId to, RoutingOutput& out) const;
  void TellGrants(PersonIndex person, RoutingOutput& out) const;

  void HandleDeadline(Turn turn);
  /// For so long nobody could answer a knock. Grants end when they were to end.
  void HandlePause(Duration pause);
  Timestamp NextDeadline() const { return deadlines_.Next(); }

 private:
  struct PendingKnock {
    PersonIndex person;
    Timestamp until;
  };
  // What is known of a zone that has a door to knock at.
  struct Entrance {
    std::vector<PersonIndex> owners;
    std::vector<PendingKnock> knocks;
    size_t grants = 0;
  };

  // The room or private zone that the zone is part of; kOpenFloor if it cannot be knocked at.
  ZoneIndex RoomOf(ZoneIndex zone) const {
    return premises().IsZone(zone) ? premises().SpaceOf(zone) : kOpenFloor;
  }
  bool IsInside(PersonIndex person, ZoneIndex room) const {
    return premises().SpaceOf(floor_.roster()[person].standing.zone) == room;
  }
  bool IsHost(PersonIndex person, ZoneIndex room) const;
  std::vector<PersonIndex> HostsOf(ZoneIndex room) const;
  bool IsKeeperOf(PersonIndex person, DoorIndex door) const;
  bool IsInsideOf(PersonIndex person, DoorIndex door) const;
  void DropOldKnocks(Timestamp now, ZoneIndex room);
  bool EndKnock(Turn turn, ZoneIndex room, PersonIndex person, PersonIndex answers);
  void EndGrant(Turn turn, PersonIndex person, ZoneIndex room);
  void PutOutside(Turn turn, PersonIndex person, ZoneIndex room);
  void FileDeadline(PersonIndex person);

  const Premises& premises() const { return floor_.premises(); }
  Entrance& At(ZoneIndex room) { return entrances_[static_cast<size_t>(room)]; }

  Floor& floor_;
  std::vector<Entrance> entrances_;  // by zone
  TimerWheel<PersonIndex> deadlines_;
};

}  // namespace earshot
