// What a decision of the router does to slots, links and what clients are told: the part of Space
// that runs when people move, talk or act.

#include "space/space.h"

namespace earshot {
namespace {

// Screens are read, not looked at: they have no less than all.
Detail DetailOf(const SlotChange& change) {
  return change.source.kind() == SourceKind::kCamera ? change.audible.detail : Detail::kFull;
}

}  // namespace

void Space::ApplyRouting(Moved moved, Timestamp now, EngineOutput& out) {
  for (const SightChange& change : routing_.sights) {
    Participant* viewer = Find(change.viewer);
    if (viewer == nullptr || !viewer->on_floor) continue;
    const Pose* pose = router_.PoseOf(change.person);
    if (change.visible && pose != nullptr) {
      presence_.TellEntered(*viewer, *Find(change.person), *pose, now, out.datagrams);
    } else {
      presence_.TellLeft(*viewer, change.person, now, out.datagrams);
    }
    RefileDeadline(*viewer);
  }
  ApplyHearing(now, out);
  ApplySlots(moved, now, out);
  for (const SpatialEvent& event : routing_.events) ApplyEvent(event, now, out);
  for (const WantedChange& change : routing_.wanted) {
    Participant* participant = Find(change.person);
    if (participant == nullptr || !participant->on_floor) continue;
    TellWanted(*participant, now, out);
    RefileDeadline(*participant);
  }
  routing_.Clear();
  RefileRouter();
}

void Space::ApplyHearing(Timestamp now, EngineOutput& out) {
  for (const HearingChange& change : routing_.hearing) {
    Participant* viewer = Find(change.viewer);
    if (viewer == nullptr || !viewer->on_floor) continue;
    presence_.TellHearing(*viewer, change, now, out.datagrams);
    RefileDeadline(*viewer);
  }
  for (const ParticipantId id : routing_.reaches) {
    Participant* participant = Find(id);
    if (participant == nullptr || !participant->on_floor) continue;
    if (participant->reach_feed.MayHaveChanged(now)) RefileDeadline(*participant);
  }
}

// Hints of one listener that follow each other go in one message; in the order of what they are
// about, as a slot's hint is about whatever was assigned to it last.
void Space::ApplySlots(Moved moved, Timestamp now, EngineOutput& out) {
  Participant* hinted = nullptr;
  const auto tell_hints = [&] {
    if (hints_.empty()) return;
    presence_.TellHints(*hinted, hints_, now, out.datagrams);
    hints_.clear();
    RefileDeadline(*hinted);
  };
  for (const SlotChange& change : routing_.slots) {
    Participant* listener = Find(change.listener);
    Slot* slot = listener == nullptr ? nullptr : listener->slot(change.slot);
    if (slot == nullptr || !listener->on_floor) continue;
    const bool assigned = slot->source() != change.source;
    const bool full = hints_.size() == kMaxHintsPerMessage;
    if (assigned || listener != hinted || full) tell_hints();
    hinted = listener;
    if (assigned) {
      AssignSlot(*listener, *slot, change, moved, now, out);
    } else {
      AdjustSlot(*listener, *slot, change, now);
      hints_.push_back(HintOf(change));
    }
    RefileDeadline(*listener);
  }
  tell_hints();
}

void Space::AssignSlot(Participant& listener, Slot& slot, const SlotChange& change, Moved moved,
                       Timestamp now, EngineOutput& out) {
  Unlink(listener, slot, now);
  counters_.slot_switches.Add();
  if (Publication* publication = FindPublication(change.source)) {
    slot.Assign(change.source);
    counters_.slots_in_use[static_cast<size_t>(change.slot.kind)].Add();
    const bool timed = publication->IsSendingOrWaking(now) && change.slot.kind == MediaKind::kAudio;
    publication->Connect({&listener, &slot, DetailOf(change), timed ? moved : std::nullopt}, now);
    RefileDeadline(*Find(change.source.participant()));
  }
  presence_.TellSlot(listener, change, now, out.datagrams);
  if (!change.pre_roll_from.IsNever()) SendPreRoll(change, now, out);
}

void Space::AdjustSlot(Participant& listener, Slot& slot, const SlotChange& change, Timestamp now) {
  Publication* publication = FindPublication(change.source);
  if (publication == nullptr) return;
  publication->SetDetail(listener, slot, DetailOf(change), now);
  RefileDeadline(*Find(change.source.participant()));
}

void Space::SendPreRoll(const SlotChange& change, Timestamp now, EngineOutput& out) {
  Publication* publication = FindPublication(change.source);
  if (publication == nullptr) return;
  Link& link = publication->links().back();
  const Timestamp from = publication->NewTo(*link.listener, change.pre_roll_from);
  publication->recent().VisitSince(from, [&](const SourcePacket& packet, Timestamp arrival) {
    // Numbered as if sent when it came, so that what follows is where the listener expects it.
    const std::optional<OutboundPacket> outbound = link.slot->Write(packet, arrival);
    BeginPayload(out);
    if (outbound) Deliver(link, *outbound, now, out);
  });
}

void Space::ApplyEvent(const SpatialEvent& event, Timestamp now, EngineOutput& out) {
  if (event.kind == EventKind::kMoved) SpreadPose(event.to, now);
  if (Participant* one = Find(event.to); one != nullptr && one->on_floor) {
    TellEvent(*one, event, now, out);
  } else if (event.to == kNoParticipant) {
    for (const ParticipantId id : EverybodyOnFloor()) TellEvent(*Find(id), event, now, out);
  }
}

void Space::TellEvent(Participant& participant, const SpatialEvent& event, Timestamp now,
                      EngineOutput& out) {
  if (event.kind == EventKind::kMoved) {
    presence_.TellOwnPose(participant, event.pose, now, out.datagrams);
  } else {
    EventMessage message{.kind = event.kind,
                         .other = event.other,
                         .zone = event.zone,
                         .door = event.door,
                         .door_state = event.state,
                         .time_left = std::max(event.until - now, Duration::Zero())};
    if (const Participant* other = Find(event.other)) message.name = other->setup().name;
    presence_.TellEvent(participant, message, now, out.datagrams);
  }
  RefileDeadline(participant);
}

void Space::Unlink(Participant& listener, Slot& slot, Timestamp now) {
  if (!slot.source()) return;
  if (Publication* publication = FindPublication(slot.source())) {
    publication->Disconnect(listener, slot, now);
    RefileDeadline(*Find(publication->id().participant()));
  }
  counters_.slots_in_use[static_cast<size_t>(slot.format().ref.kind)].Subtract();
  slot.Assign(SourceId());
}

}  // namespace earshot
