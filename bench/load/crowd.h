#pragma once

// Where everybody stands and walks: together in earshot, in groups, on a grid, or from waypoint to
// waypoint, with meetings that form and break, and a stage with its audience. Knows no network. One
// thread.

#include <optional>
#include <vector>

#include "base/random.h"
#include "floor.h"
#include "places.h"
#include "scenario.h"

namespace earshot::load {

class Crowd {
 public:
  static constexpr Duration kStepInterval = Duration::Millis(100);

  /// `random` must outlive this object. Everybody's place is on the floor; of a floor too small
  /// for the scenario's density all is used. An audience of more than there are seats shares them.
  Crowd(const Scenario& scenario, const Floor& floor, Random& random);

  /// What the plan lacks for this scenario, as a sentence; empty if nothing.
  static std::string WhatIsMissing(const Scenario& scenario, const Floor& floor);

  /// Somebody stands at `pose` now, where the server put it: it hurries to its place first.
  void Enter(size_t person, const Pose& pose, Timestamp now);
  /// The server had it stand elsewhere.
  void Correct(size_t person, const Pose& pose);
  void Leave(size_t person);

  /// Walks on to where it would be now; nothing when it stays.
  std::optional<Pose> Step(size_t person, Timestamp now);
  Point PlaceNow(size_t person) const { return members_[person].pose.position; }
  /// Whether it has been at its place once.
  bool HasArrived(size_t person) const { return members_[person].has_arrived; }

 private:
  struct Member {
    bool is_here = false;
    bool has_arrived = false;
    bool is_meeting = false;
    Pose pose;
    Point goal;
    Timestamp last_step;
    int repeats = 0;  // of a pose that may have got lost
  };
  struct Meeting {
    std::vector<size_t> people;
    Timestamp ends;
  };

  Point PlaceOf(size_t person);
  Point RandomPlace();
  Point PlaceInGrid(size_t person) const;
  Point Among(Point middle, size_t index, size_t people) const;
  bool Wanders(size_t person) const;
  void HandleMeetings(Timestamp now);
  void Begin(Meeting& meeting, Timestamp now);

  const Scenario& scenario_;
  Floor floor_;
  Random& random_;
  const FloorZone* stage_ = nullptr;
  std::vector<Point> seats_;
  GroupPlaces groups_;
  float side_x_ = 0;  // of the part of the floor that is used, around its middle
  float side_y_ = 0;
  std::vector<Member> members_;
  std::vector<Meeting> meetings_;
};

}  // namespace earshot::load
