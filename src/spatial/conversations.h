#pragma once

// What people agree on about talking: bubbles, whispers, megaphones, and not to be disturbed. What
// follows from them for hearing stands in audibility.h. One thread.
//
// An agreement rests on sight: a whisper ends when the other no longer sees the whisperer, and who
// sees nobody of its bubble any longer has left it.

#include <span>
#include <vector>

#include "spatial/floor.h"

namespace earshot {

class Conversations {
 public:
  static constexpr size_t kMaxBubbleSize = 16;
  static constexpr size_t kMaxWhisperersPerPerson = 8;
  /// Each is sent to everybody on the floor.
  static constexpr size_t kMaxMegaphones = 8;

  /// Keeps a reference.
  explicit Conversations(Floor& floor) : floor_(floor) {}

  /// Somebody's privileges have changed.
  void Register(Turn turn, PersonIndex person);
  /// Before the person leaves the floor.
  void Forget(Turn turn, PersonIndex person);

  Outcome Invite(Turn turn, PersonIndex person, PersonIndex other);
  Outcome AcceptInvite(Turn turn, PersonIndex person, PersonIndex inviter);
  Outcome LeaveBubble(Turn turn, PersonIndex person);
  Outcome Whisper(Turn turn, PersonIndex person, PersonIndex other);
  Outcome StopWhispering(Turn turn, PersonIndex person);
  Outcome SetMegaphone(Turn turn, PersonIndex person, bool on);
  Outcome SetDoNotDisturb(Turn turn, PersonIndex person, bool on);

  void HandleLostSight(Turn turn, Floor::LostSight lost);
  /// Appends who has a megaphone.
  void TellMegaphones(ParticipantId to, RoutingOutput& out) const;

 private:
  std::vector<PersonIndex>& MembersOf(BubbleId bubble) { return bubbles_[bubble - 1u]; }
  BubbleId NewBubble();
  // The caller reviews.
  void Join(Turn turn, PersonIndex person, BubbleId bubble);
  // Sees nobody of its bubble.
  bool IsLost(PersonIndex person);
  void Tell(Turn turn, EventKind kind, PersonIndex to, PersonIndex other) const;

  Floor& floor_;
  std::vector<std::vector<PersonIndex>> bubbles_;  // by id, from 1 on
  std::vector<BubbleId> vacant_;
};

}  // namespace earshot
