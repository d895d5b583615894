#pragma once

// How people get to each other: following somebody on foot, being called, and beaming. Who arrives
// this way is held by the same walls and doors as everybody else (Floor). One thread.

#include <vector>

#include "spatial/floor.h"

namespace earshot {

class Company {
 public:
  /// Of everybody who walks after one person, also after each other: a step moves them all.
  static constexpr size_t kMaxFollowers = 32;
  /// Followers stop this far behind, in metres.
  static constexpr float kFollowDistance = 1;

  /// Keeps a reference.
  explicit Company(Floor& floor) : floor_(floor) {}

  /// Before the person leaves the floor.
  void Forget(Turn turn, PersonIndex person);

  Outcome Follow(Turn turn, PersonIndex person, PersonIndex leader);
  Outcome StopFollowing(Turn turn, PersonIndex person);
  Outcome Call(Turn turn, PersonIndex person, PersonIndex other);
  Outcome AcceptCall(Turn turn, PersonIndex person, PersonIndex caller);
  Outcome Beam(Turn turn, PersonIndex person, PersonIndex other);

  /// The person has moved: its followers walk after it, and theirs after them.
  void LeadOn(Turn turn, PersonIndex person);
  /// Nobody follows it any longer.
  void ShakeOff(Turn turn, PersonIndex person);
  void HandleLostSight(Turn turn, Floor::LostSight lost);

 private:
  // Directly, or by way of others; also if it is the leader itself.
  bool IsLedBy(PersonIndex person, PersonIndex leader) const;
  PersonIndex LeaderOfAll(PersonIndex person) const;
  // Replaces `train_` by the person and everybody who walks after it, the nearest first.
  void GatherTrain(PersonIndex person);
  void WalkAfter(Turn turn, PersonIndex person);
  Outcome Arrive(Turn turn, PersonIndex person, PersonIndex other, bool is_called);
  void Tell(Turn turn, EventKind kind, PersonIndex to, PersonIndex other) const;

  Floor& floor_;
  std::vector<PersonIndex> train_;
};

}  // namespace earshot
