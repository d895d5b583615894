#include "spatial/conversations.h"

#include <algorithm>
#include <array>
#include <limits>

#include "spatial/requests.h"

namespace earshot {

void Conversations::Register(Turn turn, PersonIndex person) {
  const Person& who = floor_.roster()[person];
  if (!who.privileges.megaphone) SetMegaphone(turn, person, false);
}

void Conversations::Forget(Turn turn, PersonIndex person) {
  LeaveBubble(turn, person);
  StopWhispering(turn, person);
  while (!floor_.roster()[person].whisperers.empty()) {
    StopWhispering(turn, floor_.roster()[person].whisperers.back());
  }
  SetMegaphone(turn, person, false);
}

Outcome Conversations::Invite(Turn turn, PersonIndex person, PersonIndex other) {
  if (other == kNobody || other == person) return Outcome::kNothingToDo;
  const Person& who = floor_.roster()[person];
  Person& invited = floor_.roster()[other];
  const BubbleId bubble = who.standing.bubble;
  if (bubble != kNoBubble && invited.standing.bubble == bubble) return Outcome::kNothingToDo;
  if (!floor_.Sees(person, other) || !floor_.Sees(other, person)) return Outcome::kTooFar;
  if (invited.do_not_disturb) return Outcome::kDisturbs;
  if (bubble != kNoBubble && MembersOf(bubble).size() >= kMaxBubbleSize) return Outcome::kFull;
  const Outcome outcome = FileRequest(invited, RequestKind::kBubble, who.id, turn.now);
  if (outcome == Outcome::kDone) Tell(turn, EventKind::kBubbleInvite, other, person);
  return outcome;
}

Outcome Conversations::AcceptInvite(Turn turn, PersonIndex person, PersonIndex inviter) {
  if (inviter == kNobody) return Outcome::kNothingToDo;
  Person& who = floor_.roster()[person];
  const Person& host = floor_.roster()[inviter];
  if (!HasRequest(who, RequestKind::kBubble, host.id, turn.now)) return Outcome::kNothingToDo;
  if (!floor_.Sees(person, inviter) || !floor_.Sees(inviter, person)) return Outcome::kTooFar;
  if (host.standing.bubble != kNoBubble) {
    if (who.standing.bubble == host.standing.bubble) return Outcome::kNothingToDo;
    if (MembersOf(host.standing.bubble).size() >= kMaxBubbleSize) return Outcome::kFull;
  }
  const BubbleId bubble = host.standing.bubble == kNoBubble ? NewBubble() : host.standing.bubble;
  if (bubble == kNoBubble) return Outcome::kFull;
  DropRequest(who, RequestKind::kBubble, host.id);
  LeaveBubble(turn, person);
  // Both at once: between the radii, a moment outside would cost them each other's voice.
  if (MembersOf(bubble).empty()) Join(turn, inviter, bubble);
  Join(turn, person, bubble);
  floor_.ReviewAll(turn, std::array{inviter, person});
  return Outcome::kDone;
}

Outcome Conversations::LeaveBubble(Turn turn, PersonIndex person) {
  const BubbleId bubble = floor_.roster()[person].standing.bubble;
  if (bubble == kNoBubble) return Outcome::kNothingToDo;
  std::vector<PersonIndex>& members = MembersOf(bubble);
  std::erase(members, person);
  for (const PersonIndex member : members) Tell(turn, EventKind::kBubbleLeft, member, person);
  std::vector<PersonIndex> leavers{person};
  // Nobody is in a bubble alone.
  if (members.size() == 1) leavers.push_back(members.front());
  for (const PersonIndex leaver : leavers) {
    floor_.roster()[leaver].standing.bubble = kNoBubble;
    Tell(turn, EventKind::kBubbleLeft, leaver, leaver);
  }
  if (leavers.size() > 1) {
    members.clear();
    vacant_.push_back(bubble);
  }
  floor_.ReviewAll(turn, leavers);
  return Outcome::kDone;
}

BubbleId Conversations::NewBubble() {
  if (vacant_.empty()) {
    if (bubbles_.size() == std::numeric_limits<BubbleId>::max()) return kNoBubble;
    bubbles_.emplace_back();
    return static_cast<BubbleId>(bubbles_.size());
  }
  const BubbleId bubble = vacant_.back();
  vacant_.pop_back();
  return bubble;
}

void Conversations::Join(Turn turn, PersonIndex person, BubbleId bubble) {
  for (const PersonIndex member : MembersOf(bubble)) {
    Tell(turn, EventKind::kBubbleJoined, member, person);
    Tell(turn, EventKind::kBubbleJoined, person, member);
  }
  MembersOf(bubble).push_back(person);
  floor_.roster()[person].standing.bubble = bubble;
}

Outcome Conversations::Whisper(Turn turn, PersonIndex person, PersonIndex other) {
  if (other == kNobody || other == person) return Outcome::kNothingToDo;
  Standing& standing = floor_.roster()[person].standing;
  Person& listener = floor_.roster()[other];
  if (standing.whispers_to == other) return Outcome::kNothingToDo;
  // A voice that is carried far makes seen, too, but a whisper is not carried.
  const bool sees = floor_.graph().RightsBetween(other, person).plain.Has(Right::kSee);
  const bool is_quiet = floor_.premises().IsKind(standing.zone, ZoneKind::kQuiet);
  if (!sees || is_quiet) return Outcome::kTooFar;
  if (listener.do_not_disturb) return Outcome::kDisturbs;
  if (listener.whisperers.size() >= kMaxWhisperersPerPerson) return Outcome::kFull;
  StopWhispering(turn, person);
  listener.whisperers.push_back(person);
  standing.whispers_to = other;
  standing.Set(Voice::kWhisper, true);
  floor_.Review(turn, person);
  Tell(turn, EventKind::kWhisper, other, person);
  return Outcome::kDone;
}

Outcome Conversations::StopWhispering(Turn turn, PersonIndex person) {
  Standing& standing = floor_.roster()[person].standing;
  if (!standing.Has(Voice::kWhisper)) return Outcome::kNothingToDo;
  const PersonIndex other = standing.whispers_to;
  std::erase(floor_.roster()[other].whisperers, person);
  standing.whispers_to = kNobody;
  standing.Set(Voice::kWhisper, false);
  floor_.Review(turn, person);
  Tell(turn, EventKind::kWhisperEnded, other, person);
  Tell(turn, EventKind::kOwnWhisperEnded, person, other);
  return Outcome::kDone;
}

Outcome Conversations::SetMegaphone(Turn turn, PersonIndex person, bool on) {
  const Person& who = floor_.roster()[person];
  if (who.standing.Has(Voice::kMegaphone) == on) return Outcome::kNothingToDo;
  if (on && !who.privileges.megaphone) return Outcome::kNotAllowed;
  if (on && floor_.megaphones().size() >= kMaxMegaphones) return Outcome::kFull;
  floor_.SetMegaphone(turn, person, on);
  turn.out.events.push_back(
      {.kind = on ? EventKind::kMegaphoneOn : EventKind::kMegaphoneOff, .other = who.id});
  return Outcome::kDone;
}

Outcome Conversations::SetDoNotDisturb(Turn turn, PersonIndex person, bool on) {
  Person& who = floor_.roster()[person];
  if (who.do_not_disturb == on) return Outcome::kNothingToDo;
  who.do_not_disturb = on;
  if (!on) return Outcome::kDone;
  who.requests.clear();
  while (!who.whisperers.empty()) StopWhispering(turn, who.whisperers.back());
  return Outcome::kDone;
}

void Conversations::HandleLostSight(Turn turn, Floor::LostSight lost) {
  const Roster& roster = floor_.roster();
  if (roster[lost.person].standing.whispers_to == lost.viewer) StopWhispering(turn, lost.person);
  if (roster[lost.viewer].standing.bubble != kNoBubble &&
      roster[lost.viewer].standing.bubble == roster[lost.person].standing.bubble &&
      IsLost(lost.viewer)) {
    LeaveBubble(turn, lost.viewer);
  }
}

bool Conversations::IsLost(PersonIndex person) {
  const std::vector<PersonIndex>& members = MembersOf(floor_.roster()[person].standing.bubble);
  return std::none_of(members.begin(), members.end(), [&](PersonIndex member) {
    return member != person && floor_.Sees(person, member);
  });
}

void Conversations::TellMegaphones(ParticipantId to, RoutingOutput& out) const {
  for (const PersonIndex speaker : floor_.megaphones()) {
    out.events.push_back(
        {.kind = EventKind::kMegaphoneOn, .to = to, .other = floor_.roster()[speaker].id});
  }
}

void Conversations::Tell(Turn turn, EventKind kind, PersonIndex to, PersonIndex other) const {
  const Roster& roster = floor_.roster();
  turn.out.events.push_back({.kind = kind, .to = roster[to].id, .other = roster[other].id});
}

}  // namespace earshot
