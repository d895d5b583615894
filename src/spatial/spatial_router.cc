#include "spatial/spatial_router.h"

#include <algorithm>
#include <span>

#include "spatial/audibility.h"
#include "spatial/interest.h"
#include "spatial/movement.h"
#include "spatial/neighbours.h"
#include "spatial/roster.h"
#include "spatial/zone_map.h"

namespace earshot {

class SpatialRouter::State {
 public:
  State(const FloorPlan& plan, const RoutingOptions& options)
      : plan_(plan),
        options_(options),
        zones_(plan_),
        rules_(plan_),
        proximity_(plan_, rules_, graph_),
        interest_(rules_, options_, roster_, graph_) {}

  Turn Begin(Timestamp now, RoutingOutput& out) {
    now_ = std::max(now_, now);
    return {now_, out};
  }

  void Add(Turn turn, ParticipantId id, const Pose& pose, SlotCounts slots);
  void Remove(Turn turn, PersonIndex person);
  Pose Move(Turn turn, PersonIndex person, const Pose& wish);
  void SetSources(Turn turn, PersonIndex person, SourceSet sources);
  void SetSpeech(Timestamp now, PersonIndex person, float level);
  bool MayReceive(PersonIndex listener, PersonIndex speaker, Right right) const;

  PersonIndex Find(ParticipantId id) const { return roster_.Find(id); }
  const FloorPlan& plan() const { return plan_; }
  const AudibilityRules& rules() const { return rules_; }
  const Roster& roster() const { return roster_; }
  const NeighbourGraph& graph() const { return graph_; }
  Interest& interest() { return interest_; }

 private:
  void StandAt(PersonIndex person, const Pose& pose);
  void FollowRights(Turn turn, PersonIndex person, std::span<const RightsChange> changes);
  void ReportSight(Turn turn, PersonIndex person, PersonIndex other, Rights before, Rights after);

  const FloorPlan plan_;
  const RoutingOptions options_;
  const ZoneMap zones_;
  const AudibilityRules rules_;
  Roster roster_;
  NeighbourGraph graph_;
  Proximity proximity_;
  Interest interest_;
  Timestamp now_ = Timestamp::LongAgo();
};

void SpatialRouter::State::Add(Turn turn, ParticipantId id, const Pose& pose, SlotCounts slots) {
  if (id == kNoParticipant) return;
  const PersonIndex person = roster_.Add(id);
  if (person == kNobody) return;
  graph_.EnsureCapacity(roster_.capacity());
  interest_.AddListener(person, slots);
  StandAt(person, PlaceOnFloor(plan_, pose).value_or(Pose{plan_.spawn, 0}));
  roster_[person].walked_until = turn.now;
  FollowRights(turn, person, proximity_.Insert(person, roster_[person].standing()));
}

void SpatialRouter::State::Remove(Turn turn, PersonIndex person) {
  const ParticipantId id = roster_[person].id;
  interest_.RemovePerson(turn, person);
  for (auto position = static_cast<uint32_t>(graph_.LinksOf(person).size()); position-- > 0;) {
    const Neighbour link = graph_.LinksOf(person)[position];
    if (link.rights.Has(Right::kSee)) {
      turn.out.sights.push_back({roster_[link.other].id, id, false});
    }
    graph_.Disconnect(person, position);
  }
  proximity_.Remove(person);
  roster_.Remove(person);
  interest_.Settle(turn);
}

Pose SpatialRouter::State::Move(Turn turn, PersonIndex person, const Pose& wish) {
  const Pose before = roster_[person].pose;
  const std::optional<Pose> target = PlaceOnFloor(plan_, wish);
  if (!target) return before;
  const Step step =
      StepTowards(before, *target, turn.now - roster_[person].walked_until, options_.max_speed);
  const Pose& pose = step.pose;
  roster_[person].walked_until = turn.now - step.time_left;
  if (pose == before) return before;
  StandAt(person, pose);
  if (pose.position == before.position) {
    interest_.NoteTurn(turn.now, person);
    return pose;
  }
  FollowRights(turn, person, proximity_.Move(person, roster_[person].standing()));
  interest_.NoteMove(turn.now, person);
  return pose;
}

void SpatialRouter::State::SetSources(Turn turn, PersonIndex person, SourceSet sources) {
  const SourceSet before = roster_[person].sources;
  if (before == sources) return;
  roster_[person].sources = sources;
  interest_.SwitchSources(turn, person, before);
  interest_.Settle(turn);
}

void SpatialRouter::State::SetSpeech(Timestamp now, PersonIndex person, float level) {
  now_ = std::max(now_, now);
  SpeechLevel& speech = roster_[person].speech;
  speech.Report(level, now_, options_.speech_smoothing);
  if (speech.TakeNews(now_, options_.speech_smoothing)) interest_.NoteSpeech(now_, person);
}

bool SpatialRouter::State::MayReceive(PersonIndex listener, PersonIndex speaker,
                                      Right right) const {
  const Standing here = roster_[listener].standing();
  const Standing there = roster_[speaker].standing();
  const bool could_enter = rules_.Between(here, there, Rights()).Has(right);
  const bool could_stay = rules_.Between(here, there, Rights::All()).Has(right);
  if (could_enter == could_stay) return could_enter;
  return graph_.RightsBetween(listener, speaker).Has(right);
}

void SpatialRouter::State::StandAt(PersonIndex person, const Pose& pose) {
  roster_[person].pose = pose;
  const ZoneIndex zone = zones_.ZoneAt(pose.position);
  const bool has_walls =
      zone != kOpenFloor && IsWalled(plan_.zones[static_cast<size_t>(zone)].kind);
  roster_[person].zone = has_walls ? zone : kOpenFloor;
}

void SpatialRouter::State::FollowRights(Turn turn, PersonIndex person,
                                        std::span<const RightsChange> changes) {
  for (const RightsChange& change : changes) {
    const uint32_t position = change.position == RightsChange::kNewLink
                                  ? graph_.Connect(person, change.other)
                                  : change.position;
    const Rights before = graph_.LinksOf(person)[position].rights;
    interest_.ChangeRights(turn, person, position, change.after);
    ReportSight(turn, person, change.other, before, change.after);
    if (change.after.IsEmpty()) graph_.Disconnect(person, position);
  }
  interest_.Settle(turn);
}

void SpatialRouter::State::ReportSight(Turn turn, PersonIndex person, PersonIndex other,
                                       Rights before, Rights after) {
  const bool sees = after.Has(Right::kSee);
  if (before.Has(Right::kSee) == sees) return;
  turn.out.sights.push_back({roster_[person].id, roster_[other].id, sees});
  turn.out.sights.push_back({roster_[other].id, roster_[person].id, sees});
}

SpatialRouter::SpatialRouter(const FloorPlan& plan, const RoutingOptions& options)
    : state_(std::make_unique<State>(plan, options)) {}

SpatialRouter::~SpatialRouter() = default;

void SpatialRouter::Add(ParticipantId id, const Pose& pose, SlotCounts slots, Timestamp now,
                        RoutingOutput& out) {
  state_->Add(state_->Begin(now, out), id, pose, slots);
}

void SpatialRouter::Remove(ParticipantId id, Timestamp now, RoutingOutput& out) {
  const PersonIndex person = state_->Find(id);
  if (person != kNobody) state_->Remove(state_->Begin(now, out), person);
}

Pose SpatialRouter::Move(ParticipantId id, const Pose& wish, Timestamp now, RoutingOutput& out) {
  const PersonIndex person = state_->Find(id);
  return person == kNobody ? wish : state_->Move(state_->Begin(now, out), person, wish);
}

void SpatialRouter::SetSources(ParticipantId id, SourceSet sources, Timestamp now,
                               RoutingOutput& out) {
  const PersonIndex person = state_->Find(id);
  if (person != kNobody) state_->SetSources(state_->Begin(now, out), person, sources);
}

void SpatialRouter::SetSpeech(ParticipantId id, float level, Timestamp now) {
  const PersonIndex person = state_->Find(id);
  if (person != kNobody) state_->SetSpeech(now, person, level);
}

void SpatialRouter::HandleDeadline(Timestamp now, RoutingOutput& out) {
  state_->interest().HandleDeadline(state_->Begin(now, out));
}

Timestamp SpatialRouter::NextDeadline() const { return state_->interest().NextDeadline(); }

bool SpatialRouter::MayReceive(ParticipantId listener, SourceId source) const {
  const PersonIndex here = state_->Find(listener);
  const PersonIndex there = state_->Find(source.participant());
  if (here == kNobody || there == kNobody || here == there) return false;
  return state_->MayReceive(here, there, RightFor(MediaKindOf(source.kind())));
}

Audible SpatialRouter::AudibleNow(ParticipantId listener, ParticipantId source) const {
  const PersonIndex here = state_->Find(listener);
  const PersonIndex there = state_->Find(source);
  if (here == kNobody || there == kNobody || here == there) return {};
  const Roster& roster = state_->roster();
  return state_->rules().Perceive(roster[here].pose, roster[there].pose.position,
                                  state_->graph().RightsBetween(here, there));
}

const FloorPlan& SpatialRouter::plan() const { return state_->plan(); }

const Pose* SpatialRouter::PoseOf(ParticipantId id) const {
  const PersonIndex person = state_->Find(id);
  return person == kNobody ? nullptr : &state_->roster()[person].pose;
}

void SpatialRouter::VisiblePeople(ParticipantId viewer, std::vector<ParticipantId>& out) const {
  out.clear();
  const PersonIndex person = state_->Find(viewer);
  if (person == kNobody) return;
  for (const Neighbour& link : state_->graph().LinksOf(person)) {
    if (link.rights.Has(Right::kSee)) out.push_back(state_->roster()[link.other].id);
  }
}

size_t SpatialRouter::size() const { return state_->roster().size(); }

}  // namespace earshot
