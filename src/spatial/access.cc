#include "spatial/access.h"

#include <algorithm>
#include <utility>

namespace earshot {

Access::Access(Floor& floor) : floor_(floor), entrances_(premises().plan().zones.size()) {}

void Access::Register(Turn turn, PersonIndex person) {
  for (Entrance& entrance : entrances_) std::erase(entrance.owners, person);
  floor_.SetOwned(person, floor_.roster()[person].privileges.owned_zones);
  for (const ZoneIndex zone : floor_.roster()[person].privileges.owned_zones) {
    At(zone).owners.push_back(person);
  }
  const ZoneIndex room = premises().SpaceOf(floor_.roster()[person].standing.zone);
  if (premises().IsKind(room, ZoneKind::kPrivate) && !floor_.HasKey(person, room)) {
    PutOutside(turn, person, room);
  }
}

void Access::Forget(Turn turn, PersonIndex person) {
  for (const ZoneGrant& grant : floor_.roster()[person].grants) --At(grant.zone).grants;
  for (size_t zone = 0; zone < entrances_.size(); ++zone) {
    std::erase(entrances_[zone].owners, person);
    EndKnock(turn, static_cast<ZoneIndex>(zone), person, kNobody);
  }
  deadlines_.Remove(person);
}

// The roster has the grants and owners of the new plan already.
void Access::ReplacePlan(Turn turn, const PlanChange& change) {
  std::vector<Entrance> entrances(premises().plan().zones.size());
  for (size_t zone = 0; zone < entrances_.size(); ++zone) {
    const ZoneIndex now = change.ZoneNow(static_cast<ZoneIndex>(zone));
    if (now != kOpenFloor) {
      entrances[static_cast<size_t>(now)].knocks = std::move(entrances_[zone].knocks);
    }
  }
  entrances_ = std::move(entrances);
  TellDoors(kNoParticipant, turn.out);
  const Roster& roster = floor_.roster();
  for (PersonIndex person = 0; person < roster.capacity(); ++person) {
    if (!roster.IsHere(person)) continue;
    for (const ZoneIndex zone : roster[person].privileges.owned_zones) {
      At(zone).owners.push_back(person);
    }
    for (const ZoneGrant& grant : roster[person].grants) ++At(grant.zone).grants;
    FileDeadline(person);
    TellGrants(person, turn.out);
  }
}

Outcome Access::SetDoor(Turn turn, PersonIndex actor, DoorIndex door, DoorState state) {
  if (!premises().IsDoor(door) || static_cast<size_t>(state) >= kDoorStateCount) {
    return Outcome::kNothingToDo;
  }
  const DoorState before = premises().StateOf(door);
  if (before == state) return Outcome::kNothingToDo;
  if (before == DoorState::kLocked || state == DoorState::kLocked) {
    if (!IsKeeperOf(actor, door)) return Outcome::kNotAllowed;
    if (!IsInsideOf(actor, door)) return Outcome::kTooFar;
    if (premises().LocksSpawn(door, state)) return Outcome::kNotAllowed;
  } else {
    const Person& who = floor_.roster()[actor];
    const Door& of_plan = premises().plan().doors[static_cast<size_t>(door)];
    const float distance = DistanceToSegment(who.pose.position, {of_plan.from, of_plan.to});
    if (!who.privileges.moderator && distance > kArmsReach) return Outcome::kTooFar;
  }
  floor_.SetDoor(turn, door, state);
  turn.out.events.push_back({.kind = EventKind::kDoorChanged, .door = door, .state = state});
  return Outcome::kDone;
}

bool Access::IsKeeperOf(PersonIndex person, DoorIndex door) const {
  const Privileges& privileges = floor_.roster()[person].privileges;
  return privileges.moderator ||
         std::any_of(privileges.owned_zones.begin(), privileges.owned_zones.end(),
                     [&](ZoneIndex zone) { return premises().IsDoorOf(door, zone); });
}

// Of a room of the door: any for a moderator, otherwise one's own. A door in a free wall has no
// inside, so that whoever can touch it is there.
bool Access::IsInsideOf(PersonIndex person, DoorIndex door) const {
  const Person& who = floor_.roster()[person];
  const std::vector<Zone>& zones = premises().plan().zones;
  bool has_room = false;
  for (size_t i = 0; i < zones.size() && !has_room; ++i) {
    has_room = premises().IsDoorOf(door, static_cast<ZoneIndex>(i));
  }
  if (!has_room) {
    const Door& of_plan = premises().plan().doors[static_cast<size_t>(door)];
    return DistanceToSegment(who.pose.position, {of_plan.from, of_plan.to}) <= kArmsReach;
  }
  const ZoneIndex room = premises().SpaceOf(who.standing.zone);
  return premises().IsDoorOf(door, room) && (who.privileges.moderator || floor_.Owns(person, room));
}

bool Access::IsHost(PersonIndex person, ZoneIndex room) const {
  return premises().IsKind(room, ZoneKind::kPrivate) ? floor_.Owns(person, room)
                                                     : IsInside(person, room);
}

std::vector<PersonIndex> Access::HostsOf(ZoneIndex room) const {
  if (premises().IsKind(room, ZoneKind::kPrivate)) {
    return entrances_[static_cast<size_t>(room)].owners;
  }
  const auto inside = floor_.PeopleIn(room);
  std::vector<PersonIndex> hosts(inside.begin(), inside.end());
  for (const ZoneIndex stage : premises().StagesHeardIn(room)) {
    const auto on_stage = floor_.PeopleIn(stage);
    hosts.insert(hosts.end(), on_stage.begin(), on_stage.end());
  }
  return hosts;
}

Outcome Access::Knock(Turn turn, PersonIndex person, ZoneIndex zone) {
  const ZoneIndex room = RoomOf(zone);
  if (room == kOpenFloor || IsInside(person, room) || floor_.HasKey(person, room)) {
    return Outcome::kNothingToDo;
  }
  const bool is_private = premises().IsKind(room, ZoneKind::kPrivate);
  if (!is_private && !premises().IsLocked(room)) return Outcome::kNothingToDo;
  DropOldKnocks(turn.now, room);
  std::vector<PendingKnock>& knocks = At(room).knocks;
  const bool has_knocked =
      std::any_of(knocks.begin(), knocks.end(),
                  [&](const PendingKnock& knock) { return knock.person == person; });
  if (has_knocked) return Outcome::kNothingToDo;
  if (knocks.size() >= kMaxKnocksPerZone) return Outcome::kFull;
  const std::vector<PersonIndex> hosts = HostsOf(room);
  if (hosts.empty()) return Outcome::kTooFar;
  bool is_heard = false;
  for (const PersonIndex host : hosts) {
    const Person& who = floor_.roster()[host];
    if (who.do_not_disturb) continue;
    is_heard = true;
    turn.out.events.push_back({.kind = EventKind::kKnock,
                               .to = who.id,
                               .other = floor_.roster()[person].id,
                               .zone = room});
  }
  if (!is_heard) return Outcome::kDisturbs;
  knocks.push_back({person, turn.now + kKnockLifetime});
  return Outcome::kDone;
}

Outcome Access::StopKnocking(Turn turn, PersonIndex person, ZoneIndex zone) {
  const ZoneIndex room = RoomOf(zone);
  if (room == kOpenFloor) return Outcome::kNothingToDo;
  DropOldKnocks(turn.now, room);
  return EndKnock(turn, room, person, kNobody) ? Outcome::kDone : Outcome::kNothingToDo;
}

Outcome Access::Admit(Turn turn, PersonIndex host, PersonIndex person, ZoneIndex zone,
                      Duration time) {
  const ZoneIndex room = RoomOf(zone);
  if (room == kOpenFloor || person == kNobody || time <= Duration::Zero()) {
    return Outcome::kNothingToDo;
  }
  if (!IsHost(host, room)) return Outcome::kNotAllowed;
  DropOldKnocks(turn.now, room);
  std::vector<ZoneGrant>& grants = floor_.roster()[person].grants;
  const auto grant = std::find_if(grants.begin(), grants.end(),
                                  [room](const ZoneGrant& held) { return held.zone == room; });
  const Timestamp until = turn.now + std::min(time, kMaxGrantTime);
  if (grant != grants.end()) {
    grant->until = until;
  } else {
    if (At(room).grants >= kMaxGrantsPerZone || grants.size() >= kMaxGrantsPerPerson) {
      return Outcome::kFull;
    }
    if (!EndKnock(turn, room, person, host)) return Outcome::kNothingToDo;
    grants.push_back({room, until});
    ++At(room).grants;
  }
  FileDeadline(person);
  turn.out.events.push_back({.kind = EventKind::kAdmitted,
                             .to = floor_.roster()[person].id,
                             .other = floor_.roster()[host].id,
                             .zone = room,
                             .until = until});
  return Outcome::kDone;
}

Outcome Access::Deny(Turn turn, PersonIndex host, PersonIndex person, ZoneIndex zone) {
  const ZoneIndex room = RoomOf(zone);
  if (room == kOpenFloor || person == kNobody) return Outcome::kNothingToDo;
  if (!IsHost(host, room)) return Outcome::kNotAllowed;
  DropOldKnocks(turn.now, room);
  if (!EndKnock(turn, room, person, host)) return Outcome::kNothingToDo;
  turn.out.events.push_back({.kind = EventKind::kDenied,
                             .to = floor_.roster()[person].id,
                             .other = floor_.roster()[host].id,
                             .zone = room});
  return Outcome::kDone;
}

Outcome Access::Revoke(Turn turn, PersonIndex host, PersonIndex person, ZoneIndex zone) {
  const ZoneIndex room = RoomOf(zone);
  if (room == kOpenFloor || person == kNobody) return Outcome::kNothingToDo;
  if (!IsHost(host, room)) return Outcome::kNotAllowed;
  if (floor_.GrantOf(person, room) == nullptr) return Outcome::kNothingToDo;
  EndGrant(turn, person, room);
  return Outcome::kDone;
}

void Access::HandlePause(Duration pause) {
  for (Entrance& entrance : entrances_) {
    for (PendingKnock& knock : entrance.knocks) knock.until = knock.until + pause;
  }
}

void Access::DropOldKnocks(Timestamp now, ZoneIndex room) {
  std::erase_if(At(room).knocks, [now](const PendingKnock& knock) { return knock.until <= now; });
}

// Whoever answers knows; the other hosts have nothing to answer any longer.
bool Access::EndKnock(Turn turn, ZoneIndex room, PersonIndex person, PersonIndex answers) {
  const size_t ended = std::erase_if(
      At(room).knocks, [person](const PendingKnock& knock) { return knock.person == person; });
  if (ended == 0) return false;
  for (const PersonIndex host : HostsOf(room)) {
    if (host == answers) continue;
    turn.out.events.push_back({.kind = EventKind::kKnockEnded,
                               .to = floor_.roster()[host].id,
                               .other = floor_.roster()[person].id,
                               .zone = room});
  }
  return true;
}

void Access::EndGrant(Turn turn, PersonIndex person, ZoneIndex room) {
  Person& who = floor_.roster()[person];
  std::erase_if(who.grants, [room](const ZoneGrant& grant) { return grant.zone == room; });
  --At(room).grants;
  FileDeadline(person);
  turn.out.events.push_back({.kind = EventKind::kGrantEnded, .to = who.id, .zone = room});
  if (!IsInside(person, room) || floor_.HasKey(person, room)) return;
  if (premises().IsKind(room, ZoneKind::kPrivate) || premises().IsLocked(room)) {
    PutOutside(turn, person, room);
  }
}

// In front of the nearest door behind which the person may be.
void Access::PutOutside(Turn turn, PersonIndex person, ZoneIndex room) {
  const Pose& pose = floor_.roster()[person].pose;
  std::vector<Point> steps;
  premises().FindDoorsteps(room, steps);
  std::erase_if(steps, [&](Point step) {
    return !floor_.MayBePlaced(person, premises().ZoneAt(step), false);
  });
  const auto nearest = std::min_element(steps.begin(), steps.end(), [&](Point a, Point b) {
    return DistanceSquared(a, pose.position) < DistanceSquared(b, pose.position);
  });
  const Point outside = nearest == steps.end() ? premises().plan().spawn : *nearest;
  floor_.Place(turn, person, {outside, pose.heading});
}

void Access::TellDoors(ParticipantId to, RoutingOutput& out) const {
  for (size_t i = 0; i < premises().door_count(); ++i) {
    const auto door = static_cast<DoorIndex>(i);
    const DoorState state = premises().StateOf(door);
    if (state == premises().plan().doors[i].state) continue;
    out.events.push_back({.kind = EventKind::kDoorChanged, .to = to, .door = door, .state = state});
  }
}

void Access::TellGrants(PersonIndex person, RoutingOutput& out) const {
  const Person& who = floor_.roster()[person];
  for (const ZoneGrant& grant : who.grants) {
    out.events.push_back(
        {.kind = EventKind::kAdmitted, .to = who.id, .zone = grant.zone, .until = grant.until});
  }
}

void Access::HandleDeadline(Turn turn) {
  PersonIndex person = kNobody;
  while (deadlines_.PopDue(turn.now, person)) {
    std::vector<ZoneIndex> over;
    for (const ZoneGrant& grant : floor_.roster()[person].grants) {
      if (grant.until <= turn.now) over.push_back(grant.zone);
    }
    for (const ZoneIndex zone : over) EndGrant(turn, person, zone);
    FileDeadline(person);
  }
}

void Access::FileDeadline(PersonIndex person) {
  Timestamp next = Timestamp::Never();
  for (const ZoneGrant& grant : floor_.roster()[person].grants) {
    next = std::min(next, grant.until);
  }
  deadlines_.Set(person, next);
}

}  // namespace earshot
