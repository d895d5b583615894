#pragma once

// Which source sits in which slot of which listener. Follows the rights in the NeighbourGraph to
// the letter: a slot never holds a source that its listener may not receive, and while slots
// suffice, every receivable source that is switched on has one. When slots are short, ranks. Does
// not decide rights. One thread.
//
// Ranks (higher first):
//   mic           loudness * (0.1 + speech), where speech is 1 from half of the smoothed level on,
//                 so that a level which lies wins nothing from somebody who talks
//   screen audio  loudness * (0.1 + 0.5)
//   screen        always before cameras, those of one's own zone first; among equals as cameras
//   camera        1 / (1 + distance)
// Before all other audio come stage voices and people of one's own bubble, then who has been
// talking unheard for 1.2 s, the longest first: with slots for a quarter of those who talk, nobody
// nearby stays unheard for 2 s.
//
// Of the slots that a policy reserves, ordinary mics (cameras) leave as many free.
// Free slots go to the best that wait, at once; if more than 16 listeners of one call have to
// choose for want of slots, the others choose in HandleDeadline, 16 per millisecond. An occupied
// slot changes hands only for a newcomer of 1.3 times its rank, after the minimum hold, at most
// every 100 ms per listener, and not more often in a second than the policy allows.

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/timer_wheel.h"
#include "spatial/demand.h"
#include "spatial/neighbours.h"
#include "spatial/slots.h"
#include "spatial/trails.h"

namespace earshot {

class Interest {
 public:
  Interest(const AudibilityRules& rules, const RoutingOptions& options, Roster& roster,
           NeighbourGraph& graph, Demand& demand, const Trails& trails);

  void AddListener(PersonIndex listener, SlotCounts counts);
  /// Frees the slots that hold its sources and forgets its own. Its links must go before Settle.
  void RemovePerson(Turn turn, PersonIndex person);

  /// Sets the rights of the two at both ends and frees what they no longer allow. The person has
  /// moved: what it gains itself waits for Settle, to be ranked together. Leaves the link in place.
  void ChangeRights(Turn turn, PersonIndex person, uint32_t position, PairRights after);
  /// What the person sends changes from `before` to what the roster says now.
  void SwitchSources(Turn turn, PersonIndex person, SourceSet before);
  /// Fills free slots; ends every call that changed rights or sources.
  void Settle(Turn turn);

  /// The person looks elsewhere: its own hints are due some time.
  void NoteTurn(Timestamp now, PersonIndex person);
  /// The person stands elsewhere: hints and ranks of itself and of those who may get its media are
  /// due some time.
  void NoteMove(Timestamp now, PersonIndex person, std::span<const PersonIndex> listeners);
  /// The person's speech level has changed.
  void NoteSpeech(Timestamp now, PersonIndex person);

  void HandleDeadline(Turn turn);
  Timestamp NextDeadline() const { return deadlines_.Next(); }

 private:
  // Apart from its slots, which are large and seldom looked at.
  struct Listener {
    // Sources that it may receive, that are switched on and that have no slot, by kind. Not counted
    // for a kind of which it has no slots at all.
    std::array<uint32_t, kMediaKindCount> waiting{};
    // Of either kind.
    uint32_t slots_in_use = 0;
    bool is_unsettled = false;
    Timestamp hint_due = Timestamp::Never();
    Timestamp hinted_at = Timestamp::LongAgo();
    Timestamp rank_due = Timestamp::Never();
    Timestamp speech_due = Timestamp::Never();
    Timestamp ranked_at = Timestamp::LongAgo();
    // The second in which swaps are counted, and how many there have been.
    Timestamp swaps_counted_from = Timestamp::LongAgo();
    int swaps = 0;

    bool IsShort(MediaKind kind) const { return waiting[static_cast<size_t>(kind)] > 0; }
    bool IsShort() const { return IsShort(MediaKind::kAudio) || IsShort(MediaKind::kVideo); }
  };
  using Pools = std::array<SlotPool, kMediaKindCount>;

  SlotPool& PoolOf(PersonIndex listener, MediaKind kind) {
    return pools_[listener][static_cast<size_t>(kind)];
  }
  uint32_t& WaitingOf(PersonIndex listener, MediaKind kind) {
    return listeners_[listener].waiting[static_cast<size_t>(kind)];
  }

  void Gain(Turn turn, PersonIndex listener, Neighbour& link, SourceSet gained);
  void Await(PersonIndex listener, SourceKind kind);
  void Lose(Turn turn, PersonIndex listener, Neighbour& link, SourceSet lost);
  void Place(Turn turn, PersonIndex listener, Neighbour& link, SourceId source);
  void FillFreeSlots(Turn turn, PersonIndex listener, MediaKind kind);
  void Rank(Turn turn, PersonIndex listener);
  Timestamp RankKind(Turn turn, PersonIndex listener, MediaKind kind);
  // Hands the slot to the source, and says so.
  void Put(Turn turn, PersonIndex listener, Neighbour& link, SlotRef slot, SourceId source);
  void Replace(Turn turn, PersonIndex listener, const Replacement& replacement);
  // Keeps as many of the replacements as the churn limit allows; returns when more are.
  Timestamp LimitSwaps(Timestamp now, PersonIndex listener);
  // Free slots that a source may take which none is reserved for.
  size_t OrdinaryRoom(PersonIndex listener, MediaKind kind);
  bool IsReservedFor(PersonIndex listener, PersonIndex speaker, SourceKind kind) const;
  float UnheardBonus(Timestamp now, Neighbour& link) const;
  // Returns when the first of them will have been unheard for so long that it ranks above.
  Timestamp CollectContenders(Timestamp now, PersonIndex listener, MediaKind kind);
  void CollectIncumbents(Timestamp now, PersonIndex listener, MediaKind kind);
  void SpreadSpeech(Timestamp now, PersonIndex speaker);
  void SendHints(Turn turn, PersonIndex listener);

  float Score(Timestamp now, PersonIndex listener, PersonIndex speaker, SourceKind kind) const;
  Audible Perceive(PersonIndex listener, PersonIndex speaker, Rights rights, Detail before) const;
  void SetPlaced(Neighbour& link, SourceKind kind, bool placed);
  void MarkUnsettled(PersonIndex listener);
  void RequestHint(Timestamp now, PersonIndex listener);
  void RequestRank(Timestamp now, PersonIndex listener);
  void FileRank(Timestamp due, PersonIndex listener);
  void FileDeadline(PersonIndex person);

  const AudibilityRules& rules_;
  const RoutingOptions& options_;
  Roster& roster_;
  NeighbourGraph& graph_;
  Demand& demand_;
  const Trails& trails_;
  std::vector<Listener> listeners_;
  std::vector<Pools> pools_;
  TimerWheel<PersonIndex> deadlines_;
  std::vector<PersonIndex> unsettled_;
  // Scratch of one decision; kept for their capacity.
  std::vector<Contender> contenders_;
  std::vector<Incumbent> incumbents_;
  std::vector<Replacement> replacements_;
};

}  // namespace earshot
