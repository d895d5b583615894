#include "spatial/spatial_router.h"

#include <algorithm>

#include "spatial/floor.h"

namespace earshot {

class SpatialRouter::State {
 public:
  State(const FloorPlan& plan, const RoutingOptions& options) : floor(plan, options) {}

  Turn Begin(Timestamp time, RoutingOutput& out) {
    now = std::max(now, time);
    return {now, out};
  }
  PersonIndex Find(ParticipantId id) const { return floor.roster().Find(id); }

  Floor floor;
  Timestamp now = Timestamp::LongAgo();
};

SpatialRouter::SpatialRouter(const FloorPlan& plan, const RoutingOptions& options)
    : state_(std::make_unique<State>(plan, options)) {}

SpatialRouter::~SpatialRouter() = default;

void SpatialRouter::Add(ParticipantId id, const Pose& pose, SlotCounts slots,
                        const Privileges& privileges, Timestamp now, RoutingOutput& out) {
  state_->floor.Add(state_->Begin(now, out), id, pose, slots, privileges);
}

void SpatialRouter::Remove(ParticipantId id, Timestamp now, RoutingOutput& out) {
  const PersonIndex person = state_->Find(id);
  if (person != kNobody) state_->floor.Remove(state_->Begin(now, out), person);
}

Pose SpatialRouter::Move(ParticipantId id, const Pose& wish, Timestamp now, RoutingOutput& out) {
  const PersonIndex person = state_->Find(id);
  return person == kNobody ? wish : state_->floor.Walk(state_->Begin(now, out), person, wish);
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

void SpatialRouter::HandleDeadline(Timestamp now, RoutingOutput& out) {
  state_->floor.interest().HandleDeadline(state_->Begin(now, out));
}

Timestamp SpatialRouter::NextDeadline() const { return state_->floor.interest().NextDeadline(); }

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
  return state_->floor.rules().Perceive(roster[here].standing, roster[here].pose.heading,
                                        roster[there].standing,
                                        state_->floor.graph().RightsBetween(here, there).here);
}

const FloorPlan& SpatialRouter::plan() const { return state_->floor.premises().plan(); }

const Pose* SpatialRouter::PoseOf(ParticipantId id) const {
  const PersonIndex person = state_->Find(id);
  return person == kNobody ? nullptr : &state_->floor.roster()[person].pose;
}

void SpatialRouter::VisiblePeople(ParticipantId viewer, std::vector<ParticipantId>& out) const {
  out.clear();
  const PersonIndex person = state_->Find(viewer);
  if (person == kNobody) return;
  for (const Neighbour& link : state_->floor.graph().LinksOf(person)) {
    if (link.rights.Has(Right::kSee)) out.push_back(state_->floor.roster()[link.other].id);
  }
}

size_t SpatialRouter::size() const { return state_->floor.roster().size(); }

}  // namespace earshot
