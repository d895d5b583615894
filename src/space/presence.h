#pragma once

// What a participant is told of the people around it, over its data channels: who is in sight,
// where, what they publish, and who is in which slot. Writes records; decides nothing but which of
// them wait for each other: those that nobody waits for. Their order stays. Whoever calls refiles
// the participant's deadline. One thread.

#include <span>
#include <vector>

#include "base/counters.h"
#include "space/participant.h"
#include "spatial/spatial_router.h"
#include "wire/act_messages.h"
#include "wire/hearing_messages.h"
#include "wire/messages.h"

namespace earshot {

class Presence {
 public:
  explicit Presence(Counters& counters) : counters_(counters) {}

  /// Records told so far, whomever.
  int64_t told() const { return told_; }

  void TellEntered(Participant& viewer, const Participant& person, const Pose& pose, Timestamp now,
                   DatagramList& out);
  void TellLeft(Participant& viewer, ParticipantId person, Timestamp now, DatagramList& out);
  void TellPublishes(Participant& viewer, const Participant& person, Timestamp now,
                     DatagramList& out);
  void TellSlot(Participant& listener, const SlotChange& change, Timestamp now, DatagramList& out);
  void TellHints(Participant& listener, std::span<const SlotHint> hints, Timestamp now,
                 DatagramList& out);
  void TellWanted(Participant& participant, SourceSet wanted, LayerSet layers, Timestamp now,
                  DatagramList& out);
  void TellOutcome(Participant& actor, const ActMessage& act, Outcome outcome, Timestamp now,
                   DatagramList& out);
  void TellEvent(Participant& participant, const EventMessage& event, Timestamp now,
                 DatagramList& out);
  void TellHearing(Participant& viewer, const HearingChange& change, Timestamp now,
                   DatagramList& out);
  /// Unless it is what the participant was told last.
  void TellReach(Participant& participant, const VoiceReach& reach, Timestamp now,
                 DatagramList& out);
  void TellOwnPose(Participant& participant, const Pose& pose, Timestamp now, DatagramList& out);
  /// Start over, there: what follows is everything there is.
  void TellReset(Participant& participant, const Pose& pose, Timestamp now, DatagramList& out);
  /// Sends the records that waited.
  void Flush(Participant& participant, Timestamp now, DatagramList& out);
  /// Over the unreliable channel; a full buffer loses them, and newer ones follow.
  void TellPoses(Participant& viewer, std::span<const PersonPose> poses, Timestamp now,
                 DatagramList& out);

 private:
  template <typename WriteRecord>
  void Tell(Participant& participant, Timestamp now, DatagramList& out, WriteRecord&& write);
  template <typename WriteRecord>
  void TellAtOnce(Participant& participant, Timestamp now, DatagramList& out, WriteRecord&& write);

  Counters& counters_;
  int64_t told_ = 0;
};

SlotHint HintOf(const SlotChange& change);

}  // namespace earshot
