#include "space/space.h"

#include <algorithm>
#include <utility>

#include "space/acts.h"
#include "transport/egress_lanes.h"
#include "wire/demux.h"

namespace earshot {
namespace {

// How soon a client whose events channel was full is told everything anew.
constexpr Duration kResyncInterval = Duration::Millis(500);

RoutingOptions MakeRoutingOptions(const MediaOptions& limits) {
  RoutingOptions options;
  options.max_speed = limits.max_speed;
  return options;
}

bool DiffersNoticeably(const Pose& a, const Pose& b) {
  constexpr float kCentimetre = 0.01f;
  return std::abs(a.position.x - b.position.x) > kCentimetre ||
         std::abs(a.position.y - b.position.y) > kCentimetre;
}

}  // namespace

Space::Space(const SpaceOptions& options, const MediaOptions& limits, Counters& counters)
    : id_(options.id),
      counters_(counters),
      router_(options.plan, MakeRoutingOptions(limits)),
      presence_(counters) {}

Participant* Space::Find(ParticipantId id) {
  const auto it = participants_.find(id);
  return it == participants_.end() ? nullptr : it->second.get();
}

Publication* Space::FindPublication(SourceId source) {
  Participant* publisher = Find(source.participant());
  return publisher == nullptr ? nullptr : publisher->publication(source.kind());
}

void Space::Add(std::unique_ptr<Participant> participant) {
  Participant& added = *participant;
  participants_.emplace(added.id(), std::move(participant));
  RefileDeadline(added);
}

void Space::Remove(ParticipantId id, Timestamp now, EngineOutput& out) {
  Participant* participant = Find(id);
  if (participant == nullptr) return;
  for (const MediaKind kind : {MediaKind::kAudio, MediaKind::kVideo}) {
    for (Slot& slot : participant->slots(kind)) Unlink(*participant, slot, now);
  }
  if (participant->on_floor) {
    participant->on_floor = false;
    asleep_.erase(id);
    router_.Remove(id, now, routing_);
    ApplyRouting(std::nullopt, now, out);
  }
  SetPublished(*participant, SourceSet());
  deadlines_.Remove(id);
  participants_.erase(id);
}

void Space::RefileDeadline(Participant& participant) {
  participant.own_deadline = participant.NextDeadline();
  if (participant.events_stale) {
    participant.own_deadline = std::min(participant.own_deadline, participant.next_resync);
  }
  RefileTransport(participant);
}

void Space::RefileTransport(Participant& participant) {
  deadlines_.Set(participant.id(),
                 std::min(participant.transport->NextDeadline(), participant.own_deadline));
}

// Packet path 3/11; next: PeerTransport::HandleDatagram.
Inbound Space::HandleDatagram(Participant& participant, const SocketAddress& peer, ByteSpan bytes,
                              Timestamp now, EngineOutput& out) {
  const PacketKind kind = ClassifyPacket(bytes);
  const bool is_check = kind == PacketKind::kStun;
  // An address that only checks speak for may be that of somebody who sends copies.
  const bool from_stranger = is_check && !participant.transport->ice().HasProven(peer);
  if (const auto excess = participant.ingress.Check(kind, from_stranger, now)) {
    return {.packet = {}, .drop = *excess};
  }
  events_.Clear();
  const Inbound inbound =
      participant.transport->HandleDatagram(peer, bytes, now, out.datagrams, events_);
  if (inbound.authenticated || is_check) {
    participant.ingress.Count(kind, from_stranger, bytes.size(), now);
  }
  if (inbound.routine) {
    RefileTransport(participant);
    return inbound;
  }
  if (inbound.kind == Inbound::Kind::kRtp) {
    HandleMedia(participant, inbound, now, out);
  } else if (inbound.kind == Inbound::Kind::kRtcp) {
    feedback_.clear();
    participant.HandleRtcp(inbound.packet, now, feedback_);
    HandleFeedback(participant, now, out);
  }
  HandleTransportEvents(participant, now, out);
  RefileDeadline(participant);
  return inbound;
}

void Space::HandleMedia(Participant& participant, const Inbound& inbound, Timestamp now,
                        EngineOutput& out) {
  counters_.rtp_in.Add();
  auto handled = participant.HandleRtp(inbound.packet, inbound.packet_index, now);
  if (const auto* reason = std::get_if<DropReason>(&handled)) return counters_.Drop(*reason);
  if (std::holds_alternative<Source::Padding>(handled)) return;
  auto& [publication, media] = std::get<Participant::InboundMedia>(handled);
  if (publication->id().kind() == SourceKind::kMic && media.audio_level) {
    // -dBov; speech lies around -30, and -100 is silence for our purposes.
    const float level = std::max(0.0f, static_cast<float>(100 - media.audio_level->level) / 100.0f);
    router_.SetSpeech(participant.id(), level, now);
    RefileRouter();
  }
  Forward(*publication, media, now, out);
}

// Packet path 7/11; next: Slot::Write. The only fan-out loop.
void Space::Forward(Publication& publication, SourcePacket& packet, Timestamp now,
                    EngineOutput& out) {
  BeginPayload(out);
  for (Link& link : publication.links()) {
    const std::optional<OutboundPacket> outbound = link.slot->Write(packet, now);
    if (!outbound) {
      if (link.slot->waiting_for_keyframe()) publication.WantKeyframe(*link.slot, now);
      continue;
    }
    Deliver(link, *outbound, now, out);
  }
}

void Space::BeginPayload(EngineOutput& out) {
  if (out.lanes != nullptr) out.lanes->BeginPayload();
}

void Space::Deliver(Link& link, const OutboundPacket& packet, Timestamp now, EngineOutput& out) {
  if (!link.listener->Send(*link.slot, packet, now, out)) return;
  counters_.rtp_forwarded.Add();
  if (!link.caused_by_move) return;
  const Timestamp moved = *std::exchange(link.caused_by_move, std::nullopt);
  if (now - moved <= Publication::kWakesWithin) out.first_packets_of_moves.push_back(moved);
}

void Space::HandleFeedback(Participant& listener, Timestamp now, EngineOutput& out) {
  for (const SlotFeedback& feedback : feedback_) {
    Publication* publication = FindPublication(feedback.slot->source());
    if (publication == nullptr) continue;
    if (feedback.wants_keyframe) {
      counters_.keyframe_requests_in.Add();
      publication->WantKeyframe(*feedback.slot, now);
      RefileDeadline(*Find(publication->id().participant()));
    }
    for (const uint16_t sequence_number : feedback.missing) {
      const auto repair =
          feedback.slot->Repair(sequence_number, publication->layers(), now, scratch_);
      BeginPayload(out);
      if (repair) listener.SendRepair(*feedback.slot, *repair, now, out);
    }
  }
}

void Space::HandleTransportEvents(Participant& participant, Timestamp now, EngineOutput& out) {
  if (events_.connected) StepOntoFloor(participant, now, out);
  for (const ChannelOpened& opened : events_.channels_opened) {
    if (opened.label == kEventsLabel) {
      participant.events_channel = opened.channel;
      // Who opens it again and again is told everything no more often for that.
      participant.events_stale = now < participant.next_resync;
      if (!participant.events_stale) TellEverything(participant, now, out);
    } else if (opened.label == kPositionsLabel) {
      participant.positions_channel = opened.channel;
    }
  }
  for (const ChannelClosed& closed : events_.channels_closed) {
    if (participant.events_channel == closed.channel) participant.events_channel.reset();
    if (participant.positions_channel == closed.channel) participant.positions_channel.reset();
  }
  for (const ChannelMessage& message : events_.messages) {
    HandleMessage(participant, message, now, out);
  }
  if (events_.closed) out.closed.push_back({participant.id(), *events_.closed, id_});
}

void Space::StepOntoFloor(Participant& participant, Timestamp now, EngineOutput& out) {
  participant.on_floor = true;
  asleep_.insert(participant.id());
  const SlotCounts slots{static_cast<uint8_t>(participant.slots(MediaKind::kAudio).size()),
                         static_cast<uint8_t>(participant.slots(MediaKind::kVideo).size())};
  // Doors, people and the plan may be others than when it was told where it would arrive.
  router_.Add(participant.id(), ArrivalOf(participant.setup()), slots,
              PrivilegesOf(participant.setup()), now, routing_);
  ApplyRouting(std::nullopt, now, out);
  if (participant.events_channel) TellEverything(participant, now, out);
  counters_.join_time.Observe(now - participant.setup().joined);
}

void Space::TellEverything(Participant& participant, Timestamp now, EngineOutput& out) {
  const Pose* pose = router_.PoseOf(participant.id());
  if (pose == nullptr) return;  // told once it is on the floor
  presence_.TellReset(participant, *pose, now, out.datagrams);
  people_.clear();
  router_.VisiblePeople(participant.id(), people_);
  for (const ParticipantId id : people_) {
    presence_.TellEntered(participant, *Find(id), *router_.PoseOf(id), now, out.datagrams);
  }
  for (const MediaKind kind : {MediaKind::kAudio, MediaKind::kVideo}) {
    for (const Slot& slot : participant.slots(kind)) {
      if (!slot.source()) continue;
      const Audible audible = router_.AudibleNow(participant.id(), slot.source().participant());
      const SlotChange change{participant.id(), slot.format().ref, slot.source(), audible};
      presence_.TellSlot(participant, change, now, out.datagrams);
    }
  }
  TellWanted(participant, now, out);
  router_.Recapitulate(participant.id(), recapitulation_);
  for (const SpatialEvent& event : recapitulation_.events) TellEvent(participant, event, now, out);
  for (const HearingChange& change : recapitulation_.hearing) {
    presence_.TellHearing(participant, change, now, out.datagrams);
  }
  recapitulation_.Clear();
  TellReach(participant, now, out);
  participant.next_resync = now + kResyncInterval;
}

void Space::TellWanted(Participant& participant, Timestamp now, EngineOutput& out) {
  const SourceSet wanted = router_.WantedOf(participant.id());
  for (const SourceKind kind : {SourceKind::kMic, SourceKind::kScreenAudio}) {
    if (Publication* one = participant.publication(kind)) one->NoteWanted(wanted.Has(kind), now);
  }
  const Publication* camera = participant.publication(SourceKind::kCamera);
  presence_.TellWanted(participant, wanted,
                       camera == nullptr ? LayerSet::All() : camera->wanted_layers(), now,
                       out.datagrams);
}

void Space::TellReach(Participant& participant, Timestamp now, EngineOutput& out) {
  router_.ReachOf(participant.id(), reach_);
  presence_.TellReach(participant, reach_, now, out.datagrams);
}

void Space::HandleMessage(Participant& participant, const ChannelMessage& message, Timestamp now,
                          EngineOutput& out) {
  if (!participant.on_floor) return;
  if (message.channel == participant.positions_channel) {
    if (const auto pose = ParseMyPose(message.bytes)) {
      counters_.position_updates.Add();
      if (const auto wish = participant.pose_intake.Offer(*pose, now)) {
        Move(participant, *wish, now, out);
      }
      return;
    }
  } else if (message.channel == participant.events_channel) {
    if (const auto wanted = ParseIPublish(message.bytes)) {
      if (participant.publish_wish) counters_.Drop(DropReason::kMessageTooFrequent);
      participant.publish_wish = *wanted;
      PublishWish(participant, now, out);
      return;
    }
    if (const auto act = ParseAct(message.bytes)) {
      HandleAct(participant, *act, now, out);
      return;
    }
  }
  counters_.Drop(DropReason::kMessageMalformed);
}

void Space::Move(Participant& participant, const PoseWish& wish, Timestamp now, EngineOutput& out) {
  const int64_t told_before = presence_.told();
  const Pose before = *router_.PoseOf(participant.id());
  const Pose accepted = router_.Move(participant.id(), wish.pose, now, routing_);
  ApplyRouting(wish.came, now, out);
  if (DiffersNoticeably(accepted, wish.pose)) {
    presence_.TellOwnPose(participant, accepted, now, out.datagrams);
  }
  if (accepted != before) SpreadPose(participant.id(), now);
  CountTold(participant, told_before, now);
}

void Space::CountTold(Participant& participant, int64_t told_before, Timestamp now) {
  participant.ingress.told.Count(presence_.told() - told_before, now);
  participant.pose_intake.HoldUntil(participant.ingress.told.ConformsFrom());
}

// Where many walk, nobody is asleep, and there is nobody to look for.
void Space::SpreadPose(ParticipantId id, Timestamp now) {
  if (asleep_.empty()) return;
  people_.clear();
  router_.ViewersOf(id, people_);
  for (const ParticipantId viewer_id : people_) {
    if (asleep_.erase(viewer_id) == 0) continue;
    Participant& viewer = *Find(viewer_id);
    if (viewer.position_feed.PersonMoved(now)) RefileDeadline(viewer);
  }
}

// What one participant may ask for is bounded, and what comes of it.
void Space::HandleAct(Participant& participant, const ActMessage& act, Timestamp now,
                      EngineOutput& out) {
  Outcome outcome = Outcome::kTooOften;
  const int64_t told_before = presence_.told();
  if (participant.ingress.told.Conforms(now) && participant.act_budget.TrySpend(1, now)) {
    outcome = Perform(act, participant.id(), router_, now, routing_);
    ApplyRouting(now, now, out);
  }
  counters_.acts[static_cast<size_t>(outcome)].Add();
  presence_.TellOutcome(participant, act, outcome, now, out.datagrams);
  CountTold(participant, told_before, now);
}

void Space::PublishWish(Participant& participant, Timestamp now, EngineOutput& out) {
  if (!participant.publish_wish || !participant.ingress.told.Conforms(now)) return;
  const int64_t told_before = presence_.told();
  Publish(participant, *std::exchange(participant.publish_wish, std::nullopt), now, out);
  CountTold(participant, told_before, now);
}

void Space::Publish(Participant& participant, SourceSet wanted, Timestamp now, EngineOutput& out) {
  const SourceSet published = participant.Publishable(wanted);
  if (published == participant.published) return;
  SetPublished(participant, published);
  router_.SetSources(participant.id(), published, now, routing_);
  ApplyRouting(std::nullopt, now, out);
  people_.clear();
  router_.ViewersOf(participant.id(), people_);
  for (const ParticipantId id : people_) {
    Participant& viewer = *Find(id);
    presence_.TellPublishes(viewer, participant, now, out.datagrams);
    RefileDeadline(viewer);
  }
}

void Space::SetPublished(Participant& participant, SourceSet published) {
  for (size_t i = 0; i < kSourceKindCount; ++i) {
    const auto kind = static_cast<SourceKind>(i);
    Counter& gauge = counters_.sources[static_cast<size_t>(MediaKindOf(kind))];
    if (participant.published.Has(kind)) gauge.Subtract();
    if (published.Has(kind)) {
      gauge.Add();
    } else if (Publication* publication = participant.publication(kind)) {
      publication->recent().Clear();
    }
  }
  participant.published = published;
}

std::vector<ParticipantId> Space::EverybodyOnFloor() const {
  std::vector<ParticipantId> everybody;
  for (const auto& [id, participant] : participants_) {
    if (participant->on_floor) everybody.push_back(id);
  }
  std::sort(everybody.begin(), everybody.end());
  return everybody;
}

Privileges Space::PrivilegesOf(const ParticipantSetup& setup) const {
  return {setup.grants.moderator, setup.grants.megaphone, setup.grants.beam,
          ZonesOwnedBy(setup.identities, router_.plan())};
}

FloorPlan Space::PlanNow() const {
  FloorPlan plan = router_.plan();
  const std::vector<DoorState> doors = DoorsNow();
  for (size_t i = 0; i < doors.size(); ++i) plan.doors[i].state = doors[i];
  return plan;
}

std::vector<DoorState> Space::DoorsNow() const {
  std::vector<DoorState> states(router_.plan().doors.size());
  for (size_t i = 0; i < states.size(); ++i) {
    states[i] = router_.StateOf(static_cast<DoorIndex>(i));
  }
  return states;
}

void Space::ReplacePlan(const FloorPlan& plan, Timestamp now, EngineOutput& out) {
  const std::vector<ParticipantId> everybody = EverybodyOnFloor();
  std::vector<Ownership> owners;
  for (const ParticipantId id : everybody) {
    owners.push_back({id, ZonesOwnedBy(Find(id)->setup().identities, plan)});
  }
  router_.ReplacePlan(plan, owners, now, routing_);
  ApplyRouting(std::nullopt, now, out);
  for (const ParticipantId id : everybody) {
    TellEverything(*Find(id), now, out);
    RefileDeadline(*Find(id));
  }
}

void Space::HandleDeadline(Timestamp now, EngineOutput& out) {
  ParticipantId key;
  while (deadlines_.PopDue(now, key)) {
    if (key == kRouterKey) {
      router_.HandleDeadline(now, routing_);
      ApplyRouting(std::nullopt, now, out);
      if (deadlines_.IsDue(kRouterKey, now)) {
        counters_.invariant_violations.Add();
        deadlines_.Set(kRouterKey, now + Duration::Millis(100));
      }
      continue;
    }
    Participant& participant = *Find(key);
    RunParticipant(participant, now, out);
    RefileDeadline(participant);
    if (deadlines_.IsDue(key, now)) {
      // A deadline that stays due would spin here for ever: the one transport goes instead.
      counters_.invariant_violations.Add();
      deadlines_.Remove(key);
      out.closed.push_back({key, CloseReason::kInvariantViolation, id_});
    }
  }
}

// Deadlines that are too early now find that out for themselves. Ours stay: what is to be told, and
// what is too old to be sent, is so by the time that has passed.
void Space::HandlePause(Duration pause) {
  for (const auto& [id, participant] : participants_) participant->transport->HandlePause(pause);
  router_.HandlePause(pause);
}

void Space::RunParticipant(Participant& participant, Timestamp now, EngineOutput& out) {
  events_.Clear();
  participant.transport->HandleDeadline(now, out.datagrams, events_);
  HandleTransportEvents(participant, now, out);
  if (participant.on_floor) RunOnFloor(participant, now, out);
  // Last: a move that had waited may have made others want a keyframe of this one's video, at once.
  participant.HandleDeadline(now, out.datagrams);
}

void Space::RunOnFloor(Participant& participant, Timestamp now, EngineOutput& out) {
  PublishWish(participant, now, out);
  if (const auto wish = participant.pose_intake.TakeDue(now)) Move(participant, *wish, now, out);
  if (participant.reach_feed.NextDeadline() <= now) TellReach(participant, now, out);
  if (participant.NextTelling() <= now) TellWhatWaited(participant, now, out);
  if (participant.TakeWantedChange(now)) TellWanted(participant, now, out);
  if (participant.events_stale && participant.next_resync <= now) {
    TellEverything(participant, now, out);
  }
}

void Space::TellWhatWaited(Participant& participant, Timestamp now, EngineOutput& out) {
  presence_.Flush(participant, now, out.datagrams);
  PositionFeed& feed = participant.position_feed;
  if (!feed.BeginRound(now)) return;
  router_.MoversInSight(participant.id(), feed.since(), movers_);
  const Point here = router_.PoseOf(participant.id())->position;
  feed.Take(now, router_.steps(), here, movers_, poses_);
  presence_.TellPoses(participant, poses_, now, out.datagrams);
  if (!feed.IsAwake(now)) asleep_.insert(participant.id());
}

}  // namespace earshot
