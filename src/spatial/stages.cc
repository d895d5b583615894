#include "spatial/stages.h"

#include <algorithm>
#include <utility>

namespace earshot {
namespace {

bool IsIn(const std::vector<PersonIndex>& people, PersonIndex person) {
  return std::find(people.begin(), people.end(), person) != people.end();
}

}  // namespace

Stages::Stages(Floor& floor) : floor_(floor), lecterns_(premises().plan().zones.size()) {}

void Stages::Register(PersonIndex person) {
  std::erase(moderators_, person);
  if (floor_.roster()[person].privileges.moderator) moderators_.push_back(person);
}

void Stages::Forget(Turn turn, PersonIndex person) {
  std::erase(moderators_, person);
  for (size_t stage = 0; stage < lecterns_.size(); ++stage) {
    DropRequest(turn, person, static_cast<ZoneIndex>(stage));
  }
  EndPodium(turn, person);
}

// The roster has the podiums of the new plan already. A stage that is no longer moderated has none.
void Stages::ReplacePlan(Turn turn, const PlanChange& change) {
  std::vector<Lectern> lecterns(premises().plan().zones.size());
  for (size_t stage = 0; stage < lecterns_.size(); ++stage) {  // of the old plan
    const ZoneIndex now = change.ZoneNow(static_cast<ZoneIndex>(stage));
    if (IsModerated(now)) lecterns[static_cast<size_t>(now)] = std::move(lecterns_[stage]);
  }
  lecterns_ = std::move(lecterns);
  Roster& roster = floor_.roster();
  for (PersonIndex person = 0; person < roster.capacity(); ++person) {
    if (!IsModerated(roster[person].podium)) roster[person].podium = kOpenFloor;
  }
  for (size_t stage = 0; stage < lecterns_.size(); ++stage) {
    for (const PersonIndex holder : lecterns_[stage].holders) {
      TellAudience(turn, EventKind::kPodiumGiven, holder, static_cast<ZoneIndex>(stage));
    }
  }
}

Outcome Stages::Ask(Turn turn, PersonIndex person, ZoneIndex stage, bool on) {
  if (!IsModerated(stage)) return Outcome::kNothingToDo;
  std::vector<PersonIndex>& requests = At(stage).requests;
  const bool has_asked = IsIn(requests, person);
  if (has_asked == on || (on && IsIn(At(stage).holders, person))) return Outcome::kNothingToDo;
  if (!on) {
    DropRequest(turn, person, stage);
    return Outcome::kDone;
  }
  if (!IsAtStage(person, stage)) return Outcome::kTooFar;
  if (requests.size() >= kMaxRequestsPerStage) return Outcome::kFull;
  requests.push_back(person);
  TellModerators(turn, EventKind::kAsksForPodium, person, stage);
  return Outcome::kDone;
}

Outcome Stages::Give(Turn turn, PersonIndex moderator, PersonIndex person, ZoneIndex stage) {
  if (!IsModerated(stage) || person == kNobody) return Outcome::kNothingToDo;
  if (!floor_.roster()[moderator].privileges.moderator) return Outcome::kNotAllowed;
  Lectern& lectern = At(stage);
  if (IsIn(lectern.holders, person)) return Outcome::kNothingToDo;
  if (!IsAtStage(person, stage)) return Outcome::kTooFar;
  if (lectern.holders.size() >= kMaxPodiumsPerStage) return Outcome::kFull;
  DropRequest(turn, person, stage);
  EndPodium(turn, person);
  lectern.holders.push_back(person);
  floor_.roster()[person].podium = stage;
  FollowPodium(turn, person);
  TellAudience(turn, EventKind::kPodiumGiven, person, stage);
  return Outcome::kDone;
}

Outcome Stages::Take(Turn turn, PersonIndex actor, PersonIndex person, ZoneIndex stage) {
  if (!IsModerated(stage) || person == kNobody) return Outcome::kNothingToDo;
  if (actor != person && !floor_.roster()[actor].privileges.moderator) return Outcome::kNotAllowed;
  if (!IsIn(At(stage).holders, person)) return Outcome::kNothingToDo;
  EndPodium(turn, person);
  return Outcome::kDone;
}

bool Stages::IsModerated(ZoneIndex stage) const {
  if (!premises().IsZone(stage)) return false;
  const Zone& zone = *premises().ZoneOf(stage);
  return zone.kind == ZoneKind::kStage && zone.podium == Podium::kModerated;
}

void Stages::DropRequest(Turn turn, PersonIndex person, ZoneIndex stage) {
  if (std::erase(At(stage).requests, person) == 0) return;
  TellModerators(turn, EventKind::kAsksNoLonger, person, stage);
}

void Stages::EndPodium(Turn turn, PersonIndex person) {
  const ZoneIndex stage = floor_.roster()[person].podium;
  if (stage == kOpenFloor) return;
  std::erase(At(stage).holders, person);
  floor_.roster()[person].podium = kOpenFloor;
  FollowPodium(turn, person);
  TellAudience(turn, EventKind::kPodiumTaken, person, stage);
}

void Stages::FollowPodium(Turn turn, PersonIndex person) {
  floor_.RefreshVoice(turn.now, person);
  floor_.Review(turn, person);
}

void Stages::TellModerators(Turn turn, EventKind kind, PersonIndex person, ZoneIndex stage) const {
  const Roster& roster = floor_.roster();
  for (const PersonIndex moderator : moderators_) {
    turn.out.events.push_back(
        {.kind = kind, .to = roster[moderator].id, .other = roster[person].id, .zone = stage});
  }
}

void Stages::TellAudience(Turn turn, EventKind kind, PersonIndex person, ZoneIndex stage) const {
  const Roster& roster = floor_.roster();
  const auto tell = [&](PersonIndex to) {
    turn.out.events.push_back(
        {.kind = kind, .to = roster[to].id, .other = roster[person].id, .zone = stage});
  };
  for (const ZoneIndex zone : {stage, premises().AudienceOf(stage)}) {
    for (const PersonIndex listener : floor_.PeopleIn(zone)) tell(listener);
  }
  if (!IsAtStage(person, stage)) tell(person);
}

void Stages::TellPodiums(ParticipantId to, RoutingOutput& out) const {
  for (size_t stage = 0; stage < lecterns_.size(); ++stage) {
    for (const PersonIndex holder : lecterns_[stage].holders) {
      out.events.push_back({.kind = EventKind::kPodiumGiven,
                            .to = to,
                            .other = floor_.roster()[holder].id,
                            .zone = static_cast<ZoneIndex>(stage)});
    }
  }
}

}  // namespace earshot
