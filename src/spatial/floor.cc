#include "spatial/floor.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "spatial/walking.h"

namespace earshot {
namespace {

// Newcomers spread over this circle around the spawn point, in metres.
constexpr float kSpawnRadius = 1.5f;
// A client repeats a refused step 20 times per second; once is enough to tell it.
constexpr Duration kRefusalInterval = Duration::Seconds(1);

// What one person may pass and enter.
struct Keys {
  const Floor& floor;
  PersonIndex person;
  bool HasKey(ZoneIndex zone) const { return floor.HasKey(person, zone); }
  bool MayEnter(ZoneIndex zone) const { return floor.MayEnter(person, zone); }
};

}  // namespace

Floor::Floor(const FloorPlan& plan, const RoutingOptions& options)
    : options_(options),
      premises_(plan),
      rules_(premises_),
      proximity_(premises_, rules_, graph_),
      demand_(premises_, roster_, graph_),
      interest_(rules_, options_, roster_, graph_, demand_, trails_),
      members_(plan.zones.size()),
      voices_(plan.zones.size()) {}

PersonIndex Floor::Add(Turn turn, ParticipantId id, const Pose& pose, SlotCounts slots,
                       const Privileges& privileges) {
  if (id == kNoParticipant) return kNobody;
  const PersonIndex person = roster_.Add(id);
  if (person == kNobody) return kNobody;
  roster_[person].privileges = privileges;
  graph_.EnsureCapacity(roster_.capacity());
  demand_.Add(person);
  interest_.AddListener(person, slots);
  StandAt(turn.now, person, PlaceFor(roster_[person], pose, false));
  RefreshVoice(turn.now, person);
  trails_.Begin(turn.now, roster_[person].standing);
  roster_[person].walked_until = turn.now;
  FollowRights(turn, person, proximity_.Insert(roster_[person].standing, FarOff(person)));
  return person;
}

void Floor::Remove(Turn turn, PersonIndex person) {
  demand_.Remove(turn.now, person);
  const ParticipantId id = roster_[person].id;
  interest_.RemovePerson(turn, person);
  for (auto position = static_cast<uint32_t>(graph_.LinksOf(person).size()); position-- > 0;) {
    const Neighbour link = graph_.LinksOf(person)[position];
    if (link.rights_there.Has(Right::kSee)) {
      turn.out.sights.push_back({roster_[link.other].id, id, false});
    } else if (HearingOutOfSight(link.Both().Swapped()) != Hearing{}) {
      turn.out.reaches.push_back(roster_[link.other].id);
    }
    graph_.Disconnect(person, position);
  }
  SetVoice(turn.now, person, false);
  LeaveZone(person);
  std::erase(megaphones_, person);
  proximity_.Remove(person);
  roster_.Remove(person);
  interest_.Settle(turn);
}

Pose Floor::Walk(Turn turn, PersonIndex person, const Pose& wish) {
  const Pose before = roster_[person].pose;
  const std::optional<Pose> target = PlaceOnFloor(plan(), wish);
  if (!target) return before;
  const Step step =
      StepTowards(before, *target, turn.now - roster_[person].walked_until, options_.max_speed);
  roster_[person].walked_until = turn.now - step.time_left;
  const Walked walked =
      WalkTowards(premises_, before.position, step.pose.position, Keys{*this, person});
  const Pose pose{walked.to, step.pose.heading};
  if (walked.refused != kOpenFloor && turn.now - roster_[person].refused_at >= kRefusalInterval) {
    roster_[person].refused_at = turn.now;
    turn.out.events.push_back(
        {.kind = EventKind::kEntryRefused, .to = roster_[person].id, .zone = walked.refused});
  }
  if (pose == before) return before;
  if (pose.position == before.position) {
    roster_[person].pose = pose;
    roster_.NoteStep(person, turn.now);
    interest_.NoteTurn(turn.now, person);
    return pose;
  }
  StepTo(turn, person, pose);
  const int16_t portal = premises_.PortalAt(pose.position);
  if (portal >= 0 && portal != premises_.PortalAt(before.position)) {
    turn.out.events.push_back(
        {.kind = EventKind::kPortalReached, .to = roster_[person].id, .zone = portal});
  }
  return pose;
}

Pose Floor::ArrivalOf(std::string_view from, Point offset, const Privileges& privileges) const {
  Person newcomer;
  newcomer.privileges = privileges;
  Point anchor = plan().spawn;
  float radius = kSpawnRadius;
  for (const Portal& portal : plan().portals) {
    if (portal.space != from) continue;
    if (!MayBePlaced(newcomer, premises_.ZoneAt(portal.at), false)) continue;
    anchor = portal.at;
    radius = std::min(portal.radius, kSpawnRadius);
    break;
  }
  Point spot = anchor;
  // Between two walls there is less room.
  for (float far = radius; spot == anchor && far > radius / 8; far /= 2) {
    spot = premises_.SpotNear(anchor, {offset.x * far, offset.y * far});
  }
  return PlaceFor(newcomer, {spot, 0}, false);
}

Pose Floor::PlaceFor(const Person& who, const Pose& wish, bool is_let_in) const {
  const std::optional<Pose> pose = PlaceOnFloor(plan(), wish);
  if (pose && MayBePlaced(who, premises_.ZoneAt(pose->position), is_let_in)) return *pose;
  return {plan().spawn, 0};
}

void Floor::Place(Turn turn, PersonIndex person, const Pose& pose, bool is_let_in) {
  StepTo(turn, person, PlaceFor(roster_[person], pose, is_let_in));
  // What the client had sent before it knew must not carry it back.
  roster_[person].walked_until = turn.now;
  turn.out.events.push_back(
      {.kind = EventKind::kMoved, .to = roster_[person].id, .pose = roster_[person].pose});
}

void Floor::StepTo(Turn turn, PersonIndex person, const Pose& pose) {
  const Standing before = roster_[person].standing;
  const bool is_elsewhere = StandAt(turn.now, person, pose);
  roster_.NoteStep(person, turn.now);
  if (is_elsewhere) RefreshVoice(turn.now, person);
  const Standing& standing = roster_[person].standing;
  trails_.Note(turn.now, standing);
  const bool looks_far = is_elsewhere || standing.voices != before.voices;
  FollowRights(
      turn, person,
      proximity_.Move(standing, looks_far ? FarOff(person) : std::span<const PersonIndex>()));
  interest_.NoteMove(turn.now, person, proximity_.listeners());
  turn.out.reaches.push_back(roster_[person].id);
}

void Floor::SetSources(Turn turn, PersonIndex person, SourceSet sources) {
  const SourceSet before = roster_[person].sources;
  if (before == sources) return;
  roster_[person].sources = sources;
  demand_.SwitchSources(turn, person, before);
  interest_.SwitchSources(turn, person, before);
  interest_.Settle(turn);
}

void Floor::HandleDeadline(Turn turn) {
  interest_.HandleDeadline(turn);
  demand_.HandleDeadline(turn);
}

void Floor::SetSpeech(Timestamp now, PersonIndex person, float level) {
  SpeechLevel& speech = roster_[person].speech;
  speech.Report(level, now, options_.speech_smoothing);
  if (speech.TakeNews(now, options_.speech_smoothing)) interest_.NoteSpeech(now, person);
}

bool Floor::MayEnter(const Person& who, ZoneIndex zone) const {
  const Zone* entered = premises_.ZoneOf(zone);
  if (entered == nullptr || zone == who.standing.zone) return true;
  const ZoneIndex space = premises_.SpaceOf(zone);
  if (premises_.IsKind(space, ZoneKind::kPrivate) &&
      premises_.SpaceOf(who.standing.zone) != space) {
    if (!HasKey(who, space)) return false;
    if (Owns(who, space)) return true;
  }
  return entered->capacity == 0 || PeopleIn(zone).size() < static_cast<size_t>(entered->capacity);
}

bool Floor::IsBarred(const Person& who, ZoneIndex zone, bool is_let_in) const {
  const ZoneIndex room = premises_.SpaceOf(zone);
  if (room == premises_.SpaceOf(who.standing.zone) || HasKey(who, room)) return false;
  return premises_.IsKind(room, ZoneKind::kPrivate) || (!is_let_in && premises_.IsLocked(room));
}

bool Floor::MayBePlaced(const Person& who, ZoneIndex zone, bool is_let_in) const {
  return !IsBarred(who, zone, is_let_in) && MayEnter(who, zone);
}

bool Floor::Owns(const Person& who, ZoneIndex zone) {
  const std::vector<ZoneIndex>& owned = who.privileges.owned_zones;
  return std::find(owned.begin(), owned.end(), zone) != owned.end();
}

const ZoneGrant* Floor::GrantOf(const Person& who, ZoneIndex zone) {
  for (const ZoneGrant& grant : who.grants) {
    if (grant.zone == zone) return &grant;
  }
  return nullptr;
}

bool Floor::HasKey(const Person& who, ZoneIndex zone) const {
  const ZoneIndex space = premises_.SpaceOf(zone);
  if (space == kOpenFloor) return false;
  if (GrantOf(who, space) != nullptr) return true;
  return premises_.IsKind(space, ZoneKind::kPrivate) ? Owns(who, space) : who.privileges.moderator;
}

void Floor::SetOwned(PersonIndex person, std::vector<ZoneIndex> zones) {
  std::erase_if(zones, [this](ZoneIndex zone) {
    return !premises_.IsZone(zone) || !premises_.IsKind(zone, ZoneKind::kPrivate);
  });
  std::sort(zones.begin(), zones.end());
  zones.erase(std::unique(zones.begin(), zones.end()), zones.end());
  roster_[person].privileges.owned_zones = std::move(zones);
}

Pose Floor::SpotBeside(PersonIndex person) const {
  constexpr float kArmsLength = 1;
  const Pose& here = roster_[person].pose;
  const Point ahead{kArmsLength * std::cos(here.heading), kArmsLength * std::sin(here.heading)};
  return {premises_.SpotNear(here.position, ahead),
          WrapAngle(here.heading + std::numbers::pi_v<float>)};
}

bool Floor::StandAt(Timestamp now, PersonIndex person, const Pose& pose) {
  Person& who = roster_[person];
  const ZoneIndex zone = premises_.ZoneAt(pose.position);
  who.pose = pose;
  who.standing.position = pose.position;
  if (zone == who.standing.zone) return false;
  SetVoice(now, person, false);
  LeaveZone(person);
  EnterZone(person, zone);
  return true;
}

void Floor::EnterZone(PersonIndex person, ZoneIndex zone) {
  roster_[person].standing.zone = zone;
  if (zone == kOpenFloor) return;
  std::vector<PersonIndex>& members = members_[static_cast<size_t>(zone)];
  roster_[person].zone_position = static_cast<uint32_t>(members.size());
  members.push_back(person);
}

void Floor::LeaveZone(PersonIndex person) {
  const ZoneIndex zone = roster_[person].standing.zone;
  if (zone == kOpenFloor) return;
  std::vector<PersonIndex>& members = members_[static_cast<size_t>(zone)];
  const uint32_t position = roster_[person].zone_position;
  members[position] = members.back();
  roster_[members[position]].zone_position = position;
  members.pop_back();
  roster_[person].standing.zone = kOpenFloor;
}

void Floor::RefreshVoice(Timestamp now, PersonIndex person) {
  const Person& who = roster_[person];
  const Zone* zone = premises_.ZoneOf(who.standing.zone);
  SetVoice(now, person,
           zone != nullptr && zone->kind == ZoneKind::kStage &&
               (zone->podium == Podium::kOpen || who.podium == who.standing.zone));
}

// Neighbours in the audience become quieter with the first voice, and louder after the last.
void Floor::SetVoice(Timestamp now, PersonIndex person, bool on) {
  Standing& standing = roster_[person].standing;
  if (standing.Has(Voice::kStage) == on) return;
  standing.Set(Voice::kStage, on);
  std::vector<PersonIndex>& voices = voices_[static_cast<size_t>(standing.zone)];
  if (on) {
    voices.push_back(person);
  } else {
    std::erase(voices, person);
  }
  if (voices.size() != (on ? 1u : 0u)) return;
  premises_.SetLive(standing.zone, on);
  for (const ZoneIndex zone : {standing.zone, premises_.AudienceOf(standing.zone)}) {
    for (const PersonIndex listener : PeopleIn(zone)) interest_.NoteTurn(now, listener);
  }
}

// People beyond all radii to whom a voice may carry, from this person or to it.
std::span<const PersonIndex> Floor::FarOff(PersonIndex person) {
  far_off_.assign(megaphones_.begin(), megaphones_.end());
  const auto add = [this](const std::vector<PersonIndex>& people) {
    far_off_.insert(far_off_.end(), people.begin(), people.end());
  };
  const Standing& standing = roster_[person].standing;
  if (standing.Has(Voice::kMegaphone)) {
    for (PersonIndex other = 0; other < roster_.capacity(); ++other) {
      if (roster_.IsHere(other)) far_off_.push_back(other);
    }
  }
  for (const ZoneIndex stage : premises_.StagesHeardIn(standing.zone)) {
    add(voices_[static_cast<size_t>(stage)]);
  }
  if (standing.Has(Voice::kStage)) {
    add(members_[static_cast<size_t>(standing.zone)]);
    add(members_[static_cast<size_t>(premises_.AudienceOf(standing.zone))]);
  }
  return far_off_;
}

void Floor::Review(Turn turn, PersonIndex person) {
  trails_.Note(turn.now, roster_[person].standing);
  FollowRights(turn, person, proximity_.Review(roster_[person].standing, FarOff(person)));
  interest_.NoteMove(turn.now, person, proximity_.listeners());
  turn.out.reaches.push_back(roster_[person].id);
}

void Floor::ReviewAll(Turn turn, std::span<const PersonIndex> people) {
  for (const PersonIndex person : people) proximity_.Note(roster_[person].standing);
  for (const PersonIndex person : people) Review(turn, person);
}

void Floor::SetMegaphone(Turn turn, PersonIndex person, bool on) {
  roster_[person].standing.Set(Voice::kMegaphone, on);
  std::erase(megaphones_, person);
  if (on) megaphones_.push_back(person);
  Review(turn, person);
}

// Lines of sight through a door are shorter than the radii, so that only people around it change;
// but a room may open or close as a whole, which changes things for all inside.
void Floor::SetDoor(Turn turn, DoorIndex door, DoorState state) {
  premises_.SetDoor(door, state);
  trails_.Break(turn.now);
  const Door& of_plan = plan().doors[static_cast<size_t>(door)];
  const Point middle{(of_plan.from.x + of_plan.to.x) / 2, (of_plan.from.y + of_plan.to.y) / 2};
  std::vector<PersonIndex> affected;
  proximity_.Visit(middle, premises_.widest_media() + Distance(of_plan.from, of_plan.to),
                   [&](PersonIndex person) { affected.push_back(person); });
  for (size_t zone = 0; zone < members_.size(); ++zone) {
    if (!premises_.IsDoorOf(door, static_cast<ZoneIndex>(zone))) continue;
    affected.insert(affected.end(), members_[zone].begin(), members_[zone].end());
  }
  for (const PersonIndex person : affected) Review(turn, person);
  // A room as a whole may be within reach of people far from its door.
  for (PersonIndex person = 0; person < roster_.capacity(); ++person) {
    if (roster_.IsHere(person)) turn.out.reaches.push_back(roster_[person].id);
  }
}

void Floor::ReplacePlan(Turn turn, const FloorPlan& plan, const PlanChange& change,
                        std::span<const Ownership> owners) {
  Premises premises(plan);
  for (size_t old = 0; old < premises_.door_count(); ++old) {
    const DoorIndex door = change.DoorNow(static_cast<DoorIndex>(old));
    const DoorState state = premises_.StateOf(static_cast<DoorIndex>(old));
    // A door that has come to be the last one by which newcomers get out stays as the plan says.
    if (door == kNoDoor || premises.LocksSpawn(door, state)) continue;
    premises.SetDoor(door, state);
  }
  premises_ = std::move(premises);
  rules_ = AudibilityRules(premises_);
  proximity_.Reset();
  trails_.Break(turn.now);
  members_.assign(plan.zones.size(), {});
  voices_.assign(plan.zones.size(), {});
  std::vector<ZoneIndex> zones_before(roster_.capacity(), kOpenFloor);
  for (PersonIndex person = 0; person < roster_.capacity(); ++person) {
    if (!roster_.IsHere(person)) continue;
    zones_before[person] = change.ZoneNow(roster_[person].standing.zone);
    FollowPlan(person, change);
  }
  for (const Ownership& owner : owners) {
    const PersonIndex person = roster_.Find(owner.person);
    if (person != kNobody) SetOwned(person, owner.zones);
  }
  // Once all rights are those of the new plan.
  for (PersonIndex person = 0; person < roster_.capacity(); ++person) {
    if (roster_.IsHere(person)) Resettle(turn, person, zones_before[person]);
  }
  for (PersonIndex person = 0; person < roster_.capacity(); ++person) {
    if (!roster_.IsHere(person)) continue;
    FollowRights(turn, person, proximity_.ReviewAnew(roster_[person].standing, FarOff(person)));
    interest_.NoteMove(turn.now, person, proximity_.listeners());
  }
}

void Floor::FollowPlan(PersonIndex person, const PlanChange& change) {
  Person& who = roster_[person];
  std::erase_if(who.grants, [&](ZoneGrant& grant) {
    grant.zone = change.ZoneNow(grant.zone);
    return grant.zone == kOpenFloor;
  });
  std::erase_if(who.privileges.owned_zones, [&](ZoneIndex& zone) {
    zone = change.ZoneNow(zone);
    return zone == kOpenFloor;
  });
  who.podium = change.ZoneNow(who.podium);
  who.standing.zone = kOpenFloor;
  who.standing.Set(Voice::kStage, false);
}

// Who was in a room before may be there though it is locked.
void Floor::Resettle(Turn turn, PersonIndex person, ZoneIndex zone_before) {
  Person& who = roster_[person];
  const ZoneIndex room = premises_.SpaceOf(zone_before);
  const Point before = who.pose.position;
  const bool was_inside = room == premises_.SpaceOf(premises_.ZoneAt(before));
  const bool is_off_floor = PlaceOnFloor(plan(), who.pose)->position != before;
  StandAt(turn.now, person,
          PlaceFor(who, is_off_floor ? Pose{plan().spawn, 0} : who.pose, was_inside));
  const bool may_stay = who.pose.position == before;
  RefreshVoice(turn.now, person);
  proximity_.Put(who.standing);
  trails_.Note(turn.now, who.standing);
  if (may_stay) return;
  who.walked_until = turn.now;
  roster_.NoteStep(person, turn.now);
  turn.out.events.push_back({.kind = EventKind::kMoved, .to = who.id, .pose = who.pose});
}

bool Floor::MayReceive(PersonIndex listener, PersonIndex speaker, Right right) const {
  const Standing& here = roster_[listener].standing;
  const Standing& there = roster_[speaker].standing;
  const bool could_enter = rules_.Between(here, there, {}).here.Has(right);
  const bool could_stay = rules_.Between(here, there, {{}, {}, Rights::All()}).here.Has(right);
  if (could_enter == could_stay) return could_enter;
  return graph_.RightsBetween(listener, speaker).here.Has(right);
}

void Floor::FollowRights(Turn turn, PersonIndex person, std::span<const RightsChange> changes) {
  demand_.NoteChange(turn.now);
  for (const RightsChange& change : changes) {
    const uint32_t position = change.position == RightsChange::kNewLink
                                  ? graph_.Connect(person, change.other)
                                  : change.position;
    const Neighbour& link = graph_.LinksOf(person)[position];
    const PairRights before = link.Both();
    interest_.ChangeRights(turn, person, position, change.after);
    ReportPair(turn, person, change.other, before, change.after);
    ReportPair(turn, change.other, person, before.Swapped(), change.after.Swapped());
    if (change.disconnects) graph_.Disconnect(person, position);
  }
  interest_.Settle(turn);
}

// What the viewer is told of a person, if the first of the pair is the viewer.
void Floor::ReportPair(Turn turn, PersonIndex viewer, PersonIndex person, const PairRights& before,
                       const PairRights& after) {
  const ParticipantId to = roster_[viewer].id;
  const ParticipantId of = roster_[person].id;
  const bool sees = after.here.Has(Right::kSee);
  if (before.here.Has(Right::kSee) != sees) {
    turn.out.sights.push_back({to, of, sees});
    if (!sees) lost_sights_.push_back({viewer, person});
  }
  const Hearing hearing = HearingInSight(after);
  if (sees && HearingInSight(before) != hearing) turn.out.hearing.push_back({to, of, hearing});
  if (HearingOutOfSight(before) != HearingOutOfSight(after)) turn.out.reaches.push_back(to);
}

}  // namespace earshot
