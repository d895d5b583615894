#include "space/presence.h"

#include <array>

namespace earshot {

SlotHint HintOf(const SlotChange& change) {
  const Audible& audible = change.audible;
  return {change.slot, audible.gain, audible.azimuth, audible.distance, audible.detail};
}

template <typename WriteRecord>
void Presence::Tell(Participant& participant, Timestamp now, DatagramList& out,
                    WriteRecord&& write) {
  if (!participant.events_channel || participant.events_stale) return;
  std::array<uint8_t, kMaxMessageBytes - kRecordHeaderSize> buffer;
  ByteWriter writer(buffer);
  write(writer);
  if (!participant.outbox.Fits(writer.size())) Flush(participant, now, out);
  if (participant.events_stale) return;
  participant.outbox.Add(writer.written());
  ++told_;
}

template <typename WriteRecord>
void Presence::TellAtOnce(Participant& participant, Timestamp now, DatagramList& out,
                          WriteRecord&& write) {
  Tell(participant, now, out, write);
  Flush(participant, now, out);
}

void Presence::Flush(Participant& participant, Timestamp now, DatagramList& out) {
  if (participant.outbox.empty()) return;
  const bool is_open = participant.events_channel.has_value();
  const bool sent =
      is_open && participant.transport->SendOnChannel(*participant.events_channel, false,
                                                      participant.outbox.message(), now, out);
  participant.outbox.Clear();
  if (sent || !is_open) return;
  // A client that does not read loses nothing but time: it is told everything anew later.
  counters_.Drop(DropReason::kEgressQueueFull);
  participant.events_stale = true;
}

void Presence::TellEntered(Participant& viewer, const Participant& person, const Pose& pose,
                           Timestamp now, DatagramList& out) {
  Tell(viewer, now, out, [&](ByteWriter& writer) {
    Write(PersonEntered{person.id(), person.published, pose, person.setup().name}, writer);
  });
}

void Presence::TellLeft(Participant& viewer, ParticipantId person, Timestamp now,
                        DatagramList& out) {
  Tell(viewer, now, out, [&](ByteWriter& writer) { WritePersonLeft(person, writer); });
}

void Presence::TellPublishes(Participant& viewer, const Participant& person, Timestamp now,
                             DatagramList& out) {
  Tell(viewer, now, out,
       [&](ByteWriter& writer) { WritePersonPublishes(person.id(), person.published, writer); });
}

void Presence::TellSlot(Participant& listener, const SlotChange& change, Timestamp now,
                        DatagramList& out) {
  Tell(listener, now, out, [&](ByteWriter& writer) {
    Write(SlotAssigned{change.source, HintOf(change)}, writer);
  });
  // Ahead of its first packet.
  if (change.source) Flush(listener, now, out);
}

void Presence::TellHints(Participant& listener, std::span<const SlotHint> hints, Timestamp now,
                         DatagramList& out) {
  Tell(listener, now, out, [&](ByteWriter& writer) { WriteSlotHints(hints, writer); });
}

void Presence::TellWanted(Participant& participant, SourceSet wanted, LayerSet layers,
                          Timestamp now, DatagramList& out) {
  TellAtOnce(participant, now, out, [&](ByteWriter& writer) {
    Write(WantedMessage{wanted, layers}, writer);
  });
}

void Presence::TellOutcome(Participant& actor, const ActMessage& act, Outcome outcome,
                           Timestamp now, DatagramList& out) {
  Tell(actor, now, out, [&](ByteWriter& writer) {
    Write(OutcomeMessage{act.number, act.act, outcome}, writer);
  });
  // Who asks too often gets no datagram for each time.
  if (outcome != Outcome::kTooOften) Flush(actor, now, out);
}

void Presence::TellEvent(Participant& participant, const EventMessage& event, Timestamp now,
                         DatagramList& out) {
  TellAtOnce(participant, now, out, [&](ByteWriter& writer) { Write(event, writer); });
}

void Presence::TellHearing(Participant& viewer, const HearingChange& change, Timestamp now,
                           DatagramList& out) {
  Tell(viewer, now, out, [&](ByteWriter& writer) {
    Write(HearingMessage{change.person, change.hearing.hears, change.hearing.is_heard}, writer);
  });
}

void Presence::TellReach(Participant& participant, const VoiceReach& reach, Timestamp now,
                         DatagramList& out) {
  std::array<uint8_t, kMaxMessageBytes - kRecordHeaderSize> buffer;
  ByteWriter record(buffer);
  Write(reach, record);
  if (!participant.reach_feed.IsNews(record.written(), now)) return;
  Tell(participant, now, out, [&](ByteWriter& writer) { writer.Bytes(record.written()); });
}

void Presence::TellOwnPose(Participant& participant, const Pose& pose, Timestamp now,
                           DatagramList& out) {
  TellAtOnce(participant, now, out, [&](ByteWriter& writer) { WriteYourPose(pose, writer); });
}

void Presence::TellReset(Participant& participant, const Pose& pose, Timestamp now,
                         DatagramList& out) {
  participant.reach_feed.Forget();
  participant.events_stale = false;
  participant.outbox.Clear();
  Tell(participant, now, out, [](ByteWriter& writer) { WriteReset(writer); });
  Tell(participant, now, out, [&](ByteWriter& writer) { WriteYourPose(pose, writer); });
}

void Presence::TellPoses(Participant& viewer, std::span<const PersonPose> poses, Timestamp now,
                         DatagramList& out) {
  if (!viewer.positions_channel) return;
  std::array<uint8_t, kMaxMessageBytes> buffer;
  while (!poses.empty()) {
    ByteWriter writer(buffer);
    poses = poses.subspan(WritePoses(poses, writer));
    viewer.transport->SendOnChannel(*viewer.positions_channel, false, writer.written(), now, out);
  }
}

}  // namespace earshot
