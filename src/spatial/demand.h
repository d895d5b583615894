#pragma once

// Which of its sources each person need send at all: those that somebody gets, or may get within a
// step or two. Looks at everybody again a quarter of a second after anything has moved, so much at
// a time that nobody waits; a source that comes into a slot is wanted at once. Decides no rights.
// One thread.

#include <array>
#include <vector>

#include "spatial/neighbours.h"

namespace earshot {

class Demand {
 public:
  static constexpr Duration kInterval = Duration::Millis(250);
  /// A source that nobody needs any more goes on for so long, lest it stop and start at every step.
  static constexpr Duration kLinger = Duration::Seconds(2);

  /// Keeps references.
  Demand(const Premises& premises, const Roster& roster, const NeighbourGraph& graph)
      : premises_(premises), roster_(roster), graph_(graph) {}

  /// A newcomer, who sends nothing yet; and before somebody leaves the floor.
  void Add(PersonIndex person);
  void Remove(Timestamp now, PersonIndex person);
  /// What the person sends changes from `before` to what the roster says now. What is fresh is
  /// wanted.
  void SwitchSources(Turn turn, PersonIndex person, SourceSet before);
  /// The source goes into a slot.
  void Use(Turn turn, PersonIndex person, SourceKind kind);
  /// Something moved, or a right changed.
  void NoteChange(Timestamp now) { next_look_ = std::min(next_look_, now + kInterval); }

  SourceSet WantedOf(PersonIndex person) const { return entries_[person].wanted; }

  void HandleDeadline(Turn turn);
  Timestamp NextDeadline() const { return senders_ == 0 ? Timestamp::Never() : next_look_; }

 private:
  struct Entry {
    SourceSet wanted = SourceSet::All();
    // Since when each is known not to be needed; Never while it is.
    std::array<Timestamp, kSourceKindCount> idle_since;
  };

  // Returns whether something that is sent is not needed, so that its time runs.
  bool Look(Turn turn, PersonIndex person);
  SourceSet Needed(PersonIndex person) const;
  bool IsWithinSteps(const Standing& a, const Standing& b) const;
  void Tell(Turn turn, PersonIndex person, SourceSet wanted);

  const Premises& premises_;
  const Roster& roster_;
  const NeighbourGraph& graph_;
  std::vector<Entry> entries_;  // by person
  size_t senders_ = 0;
  Timestamp next_look_ = Timestamp::Never();
  // Of the look under way: who is next, and whether another must follow.
  PersonIndex next_person_ = 0;
  bool is_pending_ = false;
};

}  // namespace earshot
