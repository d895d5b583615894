#include "spatial/company.h"

#include <cmath>

#include "spatial/requests.h"

namespace earshot {

void Company::Forget(Turn turn, PersonIndex person) {
  StopFollowing(turn, person);
  ShakeOff(turn, person);
}

Outcome Company::Follow(Turn turn, PersonIndex person, PersonIndex leader) {
  if (leader == kNobody || leader == person || floor_.roster()[person].follows == leader) {
    return Outcome::kNothingToDo;
  }
  // Nobody walks after itself, not even by way of others.
  if (IsLedBy(leader, person)) return Outcome::kNothingToDo;
  if (!floor_.Sees(person, leader)) return Outcome::kTooFar;
  if (floor_.roster()[leader].do_not_disturb) return Outcome::kDisturbs;
  GatherTrain(person);
  const size_t own = train_.size();
  GatherTrain(LeaderOfAll(leader));
  if (train_.size() - 1 + own > kMaxFollowers) return Outcome::kFull;
  StopFollowing(turn, person);
  floor_.roster()[person].follows = leader;
  floor_.roster()[leader].followers.push_back(person);
  Tell(turn, EventKind::kFollowed, leader, person);
  return Outcome::kDone;
}

Outcome Company::StopFollowing(Turn turn, PersonIndex person) {
  Person& who = floor_.roster()[person];
  const PersonIndex leader = who.follows;
  if (leader == kNobody) return Outcome::kNothingToDo;
  who.follows = kNobody;
  std::erase(floor_.roster()[leader].followers, person);
  Tell(turn, EventKind::kFollowEnded, leader, person);
  Tell(turn, EventKind::kFollowEnded, person, leader);
  return Outcome::kDone;
}

void Company::ShakeOff(Turn turn, PersonIndex person) {
  while (!floor_.roster()[person].followers.empty()) {
    StopFollowing(turn, floor_.roster()[person].followers.back());
  }
}

Outcome Company::Call(Turn turn, PersonIndex person, PersonIndex other) {
  if (other == kNobody || other == person) return Outcome::kNothingToDo;
  Person& called = floor_.roster()[other];
  if (called.do_not_disturb) return Outcome::kDisturbs;
  const Outcome outcome =
      FileRequest(called, RequestKind::kCall, floor_.roster()[person].id, turn.now);
  if (outcome == Outcome::kDone) Tell(turn, EventKind::kCalled, other, person);
  return outcome;
}

// Whoever is inside a locked room may let others in: a call from there says that much. But only an
// owner lets anybody into a private zone.
Outcome Company::AcceptCall(Turn turn, PersonIndex person, PersonIndex caller) {
  if (caller == kNobody) return Outcome::kNothingToDo;
  Person& who = floor_.roster()[person];
  const ParticipantId from = floor_.roster()[caller].id;
  if (!HasRequest(who, RequestKind::kCall, from, turn.now)) return Outcome::kNothingToDo;
  const Outcome outcome = Arrive(turn, person, caller, true);
  if (outcome == Outcome::kDone) DropRequest(who, RequestKind::kCall, from);
  return outcome;
}

Outcome Company::Beam(Turn turn, PersonIndex person, PersonIndex other) {
  if (other == kNobody || other == person) return Outcome::kNothingToDo;
  const Person& host = floor_.roster()[other];
  if (!floor_.roster()[person].privileges.beam) return Outcome::kNotAllowed;
  if (host.do_not_disturb) return Outcome::kDisturbs;
  return Arrive(turn, person, other, false);
}

Outcome Company::Arrive(Turn turn, PersonIndex person, PersonIndex other, bool is_called) {
  const ZoneIndex zone = floor_.roster()[other].standing.zone;
  if (floor_.IsBarred(person, zone, is_called)) return Outcome::kNotAllowed;
  if (!floor_.MayBePlaced(person, zone, is_called)) return Outcome::kFull;
  floor_.Place(turn, person, floor_.SpotBeside(other), is_called);
  LeadOn(turn, person);
  return Outcome::kDone;
}

void Company::LeadOn(Turn turn, PersonIndex person) {
  if (floor_.roster()[person].followers.empty()) return;
  GatherTrain(person);
  for (size_t i = 1; i < train_.size(); ++i) WalkAfter(turn, train_[i]);
}

void Company::WalkAfter(Turn turn, PersonIndex person) {
  const Pose before = floor_.roster()[person].pose;
  const Point goal = floor_.roster()[floor_.roster()[person].follows].pose.position;
  const float distance = Distance(before.position, goal);
  if (distance <= kFollowDistance) return;
  const Point way{goal.x - before.position.x, goal.y - before.position.y};
  const float share = 1 - kFollowDistance / distance;
  const Point wish{before.position.x + way.x * share, before.position.y + way.y * share};
  const Pose pose = floor_.Walk(turn, person, {wish, std::atan2(way.y, way.x)});
  if (pose == before) return;
  turn.out.events.push_back(
      {.kind = EventKind::kMoved, .to = floor_.roster()[person].id, .pose = pose});
}

bool Company::IsLedBy(PersonIndex person, PersonIndex leader) const {
  while (person != kNobody && person != leader) person = floor_.roster()[person].follows;
  return person == leader;
}

PersonIndex Company::LeaderOfAll(PersonIndex person) const {
  while (floor_.roster()[person].follows != kNobody) person = floor_.roster()[person].follows;
  return person;
}

void Company::GatherTrain(PersonIndex person) {
  train_.assign(1, person);
  for (size_t i = 0; i < train_.size(); ++i) {
    const std::vector<PersonIndex>& followers = floor_.roster()[train_[i]].followers;
    train_.insert(train_.end(), followers.begin(), followers.end());
  }
}

void Company::HandleLostSight(Turn turn, Floor::LostSight lost) {
  if (floor_.roster()[lost.viewer].follows == lost.person) StopFollowing(turn, lost.viewer);
}

void Company::Tell(Turn turn, EventKind kind, PersonIndex to, PersonIndex other) const {
  const Roster& roster = floor_.roster();
  turn.out.events.push_back({.kind = kind, .to = roster[to].id, .other = roster[other].id});
}

}  // namespace earshot
