#pragma once

// How long it takes from the position that brings two people together to the first packet of the
// one's voice at the other. Goes by the radii of the plan: in a plan with rooms it also waits for
// who is behind a wall. Memory and time go by who is near, not by all pairs. One thread.

#include <cstdint>
#include <optional>
#include <vector>

#include "earshot/media.h"
#include "earshot/units.h"
#include "floor.h"
#include "spatial/grid_index.h"

namespace earshot::load {

class CutIn {
 public:
  /// Longer than a server's worst minute; who waits longer has missed it.
  static constexpr Duration kPatience = Duration::Seconds(3);

  CutIn(const Floor& floor, size_t people);

  void Enter(size_t person, ParticipantId participant, Point place);
  void Leave(size_t person);
  /// Who starts to talk while already near is no cut-in, and who stops in time is none either.
  void SetTalking(size_t person, bool talking);
  /// The position that was just sent.
  void Move(size_t person, Point place, Timestamp now);
  /// A packet of `speaker` has arrived: how long `listener` had waited for it, if it had.
  std::optional<Duration> Hear(size_t listener, ParticipantId speaker, Timestamp now);
  /// Gives up those who have waited too long, and returns how many they are.
  uint64_t TakeMissed(Timestamp now);

 private:
  struct Member {
    bool is_here = false;
    bool is_talking = false;
    ParticipantId participant = kNoParticipant;
    Point place;
    /// In earshot by the radii; each of a pair has the other.
    std::vector<uint32_t> near;
  };
  struct Wait {
    ParticipantId speaker;
    Timestamp since;
  };

  void Part(size_t a, size_t b);
  /// Those who have come near `person`, which is not among them.
  std::vector<uint32_t> NewcomersAround(size_t person) const;
  void Meet(size_t a, size_t b);
  void Await(size_t listener, size_t speaker, Timestamp now);
  void Forget(size_t listener, size_t speaker);

  Reach audible_;
  std::vector<Member> members_;
  GridIndex grid_;
  std::vector<std::vector<Wait>> waits_;
};

}  // namespace earshot::load
