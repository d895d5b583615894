#pragma once

// Who has the podium of a moderated stage, and who would like to: asked for from the stage or its
// audience, given and taken by moderators. Who has it is a voice while it stands on the stage
// (Floor). One thread.

#include <vector>

#include "spatial/floor.h"

namespace earshot {

class Stages {
 public:
  static constexpr size_t kMaxRequestsPerStage = 64;
  /// A panel: each of them is sent to the whole audience.
  static constexpr size_t kMaxPodiumsPerStage = 16;

  /// Keeps a reference.
  explicit Stages(Floor& floor);

  /// A newcomer, or somebody whose privileges have changed.
  void Register(PersonIndex person);
  /// Before the person leaves the floor.
  void Forget(Turn turn, PersonIndex person);
  void ReplacePlan(Turn turn, const PlanChange& change);

  Outcome Ask(Turn turn, PersonIndex person, ZoneIndex stage, bool on);
  Outcome Give(Turn turn, PersonIndex moderator, PersonIndex person, ZoneIndex stage);
  Outcome Take(Turn turn, PersonIndex actor, PersonIndex person, ZoneIndex stage);

  /// Appends who has a podium.
  void TellPodiums(ParticipantId to, RoutingOutput& out) const;

 private:
  // Of a zone that is a moderated stage.
  struct Lectern {
    // In the order in which they asked.
    std::vector<PersonIndex> requests;
    std::vector<PersonIndex> holders;
  };

  bool IsModerated(ZoneIndex stage) const;
  bool IsAtStage(PersonIndex person, ZoneIndex stage) const {
    return premises().IsAudience(floor_.roster()[person].standing.zone, stage);
  }
  void DropRequest(Turn turn, PersonIndex person, ZoneIndex stage);
  void EndPodium(Turn turn, PersonIndex person);
  void FollowPodium(Turn turn, PersonIndex person);
  void TellModerators(Turn turn, EventKind kind, PersonIndex person, ZoneIndex stage) const;
  void TellAudience(Turn turn, EventKind kind, PersonIndex person, ZoneIndex stage) const;

  const Premises& premises() const { return floor_.premises(); }
  Lectern& At(ZoneIndex stage) { return lecterns_[static_cast<size_t>(stage)]; }

  Floor& floor_;
  std::vector<Lectern> lecterns_;  // by zone
  std::vector<PersonIndex> moderators_;
};

}  // namespace earshot
