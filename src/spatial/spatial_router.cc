#include "spatial/spatial_router.h"

#include <algorithm>
#include <utility>

#include "spatial/access.h"
#include "spatial/company.h"
#include "spatial/conversations.h"
#include "spatial/floor.h"
#include "spatial/requests.h"
#include "spatial/stages.h"
#include "spatial/voice_reach.h"

namespace earshot {

class SpatialRouter::State {
 public:
  State(const FloorPlan& plan, const RoutingOptions& options) : floor(plan, options) {}

  Turn Begin(Timestamp time, RoutingOutput& out) {
    now = std::max(now, time);
    return {now, out};
  }
  // Agreements that rest on sight end with it; their end may cost further sights.
  void Finish(Turn turn) {
    while (!floor.lost_sights().empty()) {
      const std::vector<Floor::LostSight> lost = std::exchange(floor.lost_sights(), {});
      for (const Floor::LostSight& sight : lost) {
        if (floor.Sees(sight.viewer, sight.person)) continue;
        conversations.HandleLostSight(turn, sight);
        company.HandleLostSight(turn, sight);
      }
    }
  }
  // Calls operation(turn, person) unless there is no such person.
  template <typename Operation>
  Outcome Run(ParticipantId actor, Timestamp time, RoutingOutput& out, Operation&& operation) {
    const PersonIndex person = Find(actor);
    if (person == kNobody) return Outcome::kNothingToDo;
    const Turn turn = Begin(time, out);
    const Outcome outcome = operation(turn, person);
    Finish(turn);
    return outcome;
  }
  PersonIndex Find(ParticipantId id) const { return floor.roster().Find(id); }

  Floor floor;
  Access access{floor};
  Stages stages{floor};
  Conversations conversations{floor};
  Company company{floor};
  Timestamp now = Timestamp::LongAgo();
};

SpatialRouter::SpatialRouter(const FloorPlan& plan, const RoutingOptions& options)
    : state_(std::make_unique<State>(plan, options)) {}

SpatialRouter::~SpatialRouter() = default;

Pose SpatialRouter::ArrivalOf(std::string_view from, Point offset,
                              const Privileges& privileges) const {
  return state_->floor.ArrivalOf(from, offset, privileges);
}

void SpatialRouter::Add(ParticipantId id, const Pose& pose, SlotCounts slots,
                        const Privileges& privileges, Timestamp now, RoutingOutput& out) {
  const Turn turn = state_->Begin(now, out);
  const PersonIndex person = state_->floor.Add(turn, id, pose, slots, privileges);
  if (person == kNobody) return;
  state_->access.Register(turn, person);
  state_->stages.Register(person);
  state_->Finish(turn);
}

void SpatialRouter::Remove(ParticipantId id, Timestamp now, RoutingOutput& out) {
  const PersonIndex person = state_->Find(id);
  if (person == kNobody) return;
  const Turn turn = state_->Begin(now, out);
  state_->company.Forget(turn, person);
  state_->conversations.Forget(turn, person);
  state_->stages.Forget(turn, person);
  state_->access.Forget(turn, person);
  state_->Finish(turn);
  state_->floor.Remove(turn, person);
}

Pose SpatialRouter::Move(ParticipantId id, const Pose& wish, Timestamp now, RoutingOutput& out) {
  const PersonIndex person = state_->Find(id);
  if (person == kNobody) return wish;
  const Turn turn = state_->Begin(now, out);
  const Person& who = state_->floor.roster()[person];
  const bool is_led = who.follows != kNobody;
  state_->floor.Walk(turn, person, is_led ? Pose{who.pose.position, wish.heading} : wish);
  state_->company.LeadOn(turn, person);
  state_->Finish(turn);
  return who.pose;
}

void SpatialRouter::SetSources(ParticipantId id, SourceSet sources, Timestamp now,
                               RoutingOutput& out) {
  const PersonIndex person = state_->Find(id);
  if (person != kNobody) state_->floor.SetSources(state_->Begin(now, out), person, sources);
}

void SpatialRouter::SetSpeech(ParticipantId id, float level, Timestamp now) {
  const PersonIndex person = state_->Find(id);
  if (person == kNobody) return;
  state_->now = std::max(state_->now, now);
  state_->floor.SetSpeech(state_->now, person, level);
}

void SpatialRouter::SetPrivileges(ParticipantId id, const Privileges& privileges, Timestamp now,
                                  RoutingOutput& out) {
  state_->Run(id, now, out, [&](Turn turn, PersonIndex person) {
    state_->floor.roster()[person].privileges = privileges;
    state_->access.Register(turn, person);
    state_->stages.Register(person);
    state_->conversations.Register(turn, person);
    return Outcome::kDone;
  });
}

Outcome SpatialRouter::SetDoor(ParticipantId actor, DoorIndex door, DoorState state, Timestamp now,
                               RoutingOutput& out) {
  return state_->Run(actor, now, out, [&](Turn turn, PersonIndex person) {
    return state_->access.SetDoor(turn, person, door, state);
  });
}

Outcome SpatialRouter::Knock(ParticipantId person, ZoneIndex zone, Timestamp now,
                             RoutingOutput& out) {
  return state_->Run(person, now, out, [&](Turn turn, PersonIndex who) {
    return state_->access.Knock(turn, who, zone);
  });
}

Outcome SpatialRouter::StopKnocking(ParticipantId person, ZoneIndex zone, Timestamp now,
                                    RoutingOutput& out) {
  return state_->Run(person, now, out, [&](Turn turn, PersonIndex who) {
    return state_->access.StopKnocking(turn, who, zone);
  });
}

Outcome SpatialRouter::Admit(ParticipantId host, ParticipantId person, ZoneIndex zone,
                             Duration time, Timestamp now, RoutingOutput& out) {
  return state_->Run(host, now, out, [&](Turn turn, PersonIndex who) {
    return state_->access.Admit(turn, who, state_->Find(person), zone, time);
  });
}

Outcome SpatialRouter::Deny(ParticipantId host, ParticipantId person, ZoneIndex zone, Timestamp now,
                            RoutingOutput& out) {
  return state_->Run(host, now, out, [&](Turn turn, PersonIndex who) {
    return state_->access.Deny(turn, who, state_->Find(person), zone);
  });
}

Outcome SpatialRouter::Revoke(ParticipantId host, ParticipantId person, ZoneIndex zone,
                              Timestamp now, RoutingOutput& out) {
  return state_->Run(host, now, out, [&](Turn turn, PersonIndex who) {
    return state_->access.Revoke(turn, who, state_->Find(person), zone);
  });
}

Outcome SpatialRouter::AskForPodium(ParticipantId person, ZoneIndex stage, bool on, Timestamp now,
                                    RoutingOutput& out) {
  return state_->Run(person, now, out, [&](Turn turn, PersonIndex who) {
    return state_->stages.Ask(turn, who, stage, on);
  });
}

Outcome SpatialRouter::GivePodium(ParticipantId moderator, ParticipantId person, ZoneIndex stage,
                                  Timestamp now, RoutingOutput& out) {
  return state_->Run(moderator, now, out, [&](Turn turn, PersonIndex who) {
    return state_->stages.Give(turn, who, state_->Find(person), stage);
  });
}

Outcome SpatialRouter::TakePodium(ParticipantId actor, ParticipantId person, ZoneIndex stage,
                                  Timestamp now, RoutingOutput& out) {
  return state_->Run(actor, now, out, [&](Turn turn, PersonIndex who) {
    return state_->stages.Take(turn, who, state_->Find(person), stage);
  });
}

Outcome SpatialRouter::Invite(ParticipantId person, ParticipantId other, Timestamp now,
                              RoutingOutput& out) {
  return state_->Run(person, now, out, [&](Turn turn, PersonIndex who) {
    return state_->conversations.Invite(turn, who, state_->Find(other));
  });
}

Outcome SpatialRouter::AcceptInvite(ParticipantId person, ParticipantId inviter, Timestamp now,
                                    RoutingOutput& out) {
  return state_->Run(person, now, out, [&](Turn turn, PersonIndex who) {
    return state_->conversations.AcceptInvite(turn, who, state_->Find(inviter));
  });
}

Outcome SpatialRouter::LeaveBubble(ParticipantId person, Timestamp now, RoutingOutput& out) {
  return state_->Run(person, now, out, [&](Turn turn, PersonIndex who) {
    return state_->conversations.LeaveBubble(turn, who);
  });
}

Outcome SpatialRouter::Whisper(ParticipantId person, ParticipantId other, Timestamp now,
                               RoutingOutput& out) {
  return state_->Run(person, now, out, [&](Turn turn, PersonIndex who) {
    return other == kNoParticipant ? state_->conversations.StopWhispering(turn, who)
                                   : state_->conversations.Whisper(turn, who, state_->Find(other));
  });
}

Outcome SpatialRouter::SetMegaphone(ParticipantId person, bool on, Timestamp now,
                                    RoutingOutput& out) {
  return state_->Run(person, now, out, [&](Turn turn, PersonIndex who) {
    return state_->conversations.SetMegaphone(turn, who, on);
  });
}

Outcome SpatialRouter::SetDoNotDisturb(ParticipantId person, bool on, Timestamp now,
                                       RoutingOutput& out) {
  return state_->Run(person, now, out, [&](Turn turn, PersonIndex who) {
    const Outcome outcome = state_->conversations.SetDoNotDisturb(turn, who, on);
    if (outcome == Outcome::kDone && on) state_->company.ShakeOff(turn, who);
    return outcome;
  });
}

Outcome SpatialRouter::Follow(ParticipantId person, ParticipantId other, Timestamp now,
                              RoutingOutput& out) {
  return state_->Run(person, now, out, [&](Turn turn, PersonIndex who) {
    return other == kNoParticipant ? state_->company.StopFollowing(turn, who)
                                   : state_->company.Follow(turn, who, state_->Find(other));
  });
}

Outcome SpatialRouter::Call(ParticipantId person, ParticipantId other, Timestamp now,
                            RoutingOutput& out) {
  return state_->Run(person, now, out, [&](Turn turn, PersonIndex who) {
    return state_->company.Call(turn, who, state_->Find(other));
  });
}

Outcome SpatialRouter::AcceptCall(ParticipantId person, ParticipantId caller, Timestamp now,
                                  RoutingOutput& out) {
  return state_->Run(person, now, out, [&](Turn turn, PersonIndex who) {
    return state_->company.AcceptCall(turn, who, state_->Find(caller));
  });
}

Outcome SpatialRouter::Beam(ParticipantId person, ParticipantId other, Timestamp now,
                            RoutingOutput& out) {
  return state_->Run(person, now, out, [&](Turn turn, PersonIndex who) {
    return state_->company.Beam(turn, who, state_->Find(other));
  });
}

void SpatialRouter::ReplacePlan(const FloorPlan& plan, std::span<const Ownership> owners,
                                Timestamp now, RoutingOutput& out) {
  const Turn turn = state_->Begin(now, out);
  const PlanChange change(state_->floor.premises().plan(), plan);
  state_->floor.ReplacePlan(turn, plan, change, owners);
  state_->access.ReplacePlan(turn, change);
  state_->stages.ReplacePlan(turn, change);
  state_->Finish(turn);
}

void SpatialRouter::Recapitulate(ParticipantId id, RoutingOutput& out) const {
  const PersonIndex person = state_->Find(id);
  if (person == kNobody) return;
  state_->access.TellDoors(id, out);
  state_->access.TellGrants(person, out);
  state_->stages.TellPodiums(id, out);
  state_->conversations.TellMegaphones(id, out);
  for (const Neighbour& link : state_->floor.graph().LinksOf(person)) {
    const Hearing hearing = HearingInSight(link.Both());
    if (hearing == Hearing{}) continue;
    out.hearing.push_back({id, state_->floor.roster()[link.other].id, hearing});
  }
}

void SpatialRouter::HandleDeadline(Timestamp now, RoutingOutput& out) {
  const Turn turn = state_->Begin(now, out);
  state_->access.HandleDeadline(turn);
  state_->Finish(turn);
  state_->floor.HandleDeadline(turn);
}

void SpatialRouter::HandlePause(Duration pause) {
  state_->access.HandlePause(pause);
  Roster& roster = state_->floor.roster();
  for (PersonIndex person = 0; person < roster.capacity(); ++person) {
    PostponeRequests(roster[person], pause);
  }
}

Timestamp SpatialRouter::NextDeadline() const {
  return std::min(state_->access.NextDeadline(), state_->floor.NextDeadline());
}

bool SpatialRouter::MayReceive(ParticipantId listener, SourceId source) const {
  const PersonIndex here = state_->Find(listener);
  const PersonIndex there = state_->Find(source.participant());
  if (here == kNobody || there == kNobody || here == there) return false;
  return state_->floor.MayReceive(here, there, RightFor(MediaKindOf(source.kind())));
}

Audible SpatialRouter::AudibleNow(ParticipantId listener, ParticipantId source) const {
  const PersonIndex here = state_->Find(listener);
  const PersonIndex there = state_->Find(source);
  if (here == kNobody || there == kNobody || here == there) return {};
  const Roster& roster = state_->floor.roster();
  return state_->floor.rules().Perceive(
      roster[here].standing, roster[here].pose.heading, roster[there].standing,
      state_->floor.graph().RightsBetween(here, there).here, Detail::kThumbnail);
}

void SpatialRouter::ReachOf(ParticipantId id, VoiceReach& out) const {
  out.parts.clear();
  out.hearers_out_of_sight = out.heard_out_of_sight = 0;
  const PersonIndex person = state_->Find(id);
  if (person == kNobody) return;
  FindReach(state_->floor.premises(), state_->floor.roster()[person].standing, out.parts);
  for (const Neighbour& link : state_->floor.graph().LinksOf(person)) {
    const Hearing hearing = HearingOutOfSight(link.Both());
    out.hearers_out_of_sight += uint32_t{hearing.is_heard};
    out.heard_out_of_sight += uint32_t{hearing.hears};
  }
}

SourceSet SpatialRouter::WantedOf(ParticipantId id) const {
  const PersonIndex person = state_->Find(id);
  return person == kNobody ? SourceSet::All() : state_->floor.demand().WantedOf(person);
}

const FloorPlan& SpatialRouter::plan() const { return state_->floor.premises().plan(); }

DoorState SpatialRouter::StateOf(DoorIndex door) const {
  return state_->floor.premises().StateOf(door);
}

const Pose* SpatialRouter::PoseOf(ParticipantId id) const {
  const PersonIndex person = state_->Find(id);
  return person == kNobody ? nullptr : &state_->floor.roster()[person].pose;
}

std::optional<Stance> SpatialRouter::StanceOf(ParticipantId id) const {
  const Roster& roster = state_->floor.roster();
  const PersonIndex index = roster.Find(id);
  if (index == kNobody) return std::nullopt;
  const Person& person = roster[index];
  Stance stance{.pose = person.pose,
                .podium = person.podium,
                .bubble = person.standing.bubble,
                .megaphone = person.standing.Has(Voice::kMegaphone)};
  if (person.standing.whispers_to != kNobody) {
    stance.whispers_to = roster[person.standing.whispers_to].id;
  }
  return stance;
}

void SpatialRouter::VisiblePeople(ParticipantId viewer, std::vector<ParticipantId>& out) const {
  out.clear();
  const PersonIndex person = state_->Find(viewer);
  if (person == kNobody) return;
  for (const Neighbour& link : state_->floor.graph().LinksOf(person)) {
    if (link.rights.Has(Right::kSee)) out.push_back(state_->floor.roster()[link.other].id);
  }
}

void SpatialRouter::ViewersOf(ParticipantId person, std::vector<ParticipantId>& out) const {
  out.clear();
  const PersonIndex seen = state_->Find(person);
  if (seen == kNobody) return;
  for (const Neighbour& link : state_->floor.graph().LinksOf(seen)) {
    if (link.rights_there.Has(Right::kSee)) {
      out.push_back(state_->floor.roster()[link.other].id);
    }
  }
}

void SpatialRouter::MoversInSight(ParticipantId viewer, Timestamp since,
                                  std::vector<Mover>& out) const {
  out.clear();
  const PersonIndex person = state_->Find(viewer);
  if (person == kNobody) return;
  const Roster& roster = state_->floor.roster();
  for (const Neighbour& link : state_->floor.graph().LinksOf(person)) {
    const LastStep& step = roster.LastStepOf(link.other);
    if (step.time <= since || !link.rights.Has(Right::kSee)) continue;
    const Person& mover = roster[link.other];
    out.push_back({mover.id, mover.pose, step});
  }
}

uint64_t SpatialRouter::steps() const { return state_->floor.roster().steps(); }

size_t SpatialRouter::size() const { return state_->floor.roster().size(); }

}  // namespace earshot
