#pragma once

// Drives a SpatialRouter and keeps what its outputs add up to: who sits in which slot, who sees
// whom. Refuses outputs that contradict what came before. For tests only.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "spatial/spatial_router.h"

namespace earshot {

inline ParticipantId Id(uint32_t value) { return ParticipantId{value}; }
inline SourceId MicOf(uint32_t id) { return {Id(id), SourceKind::kMic}; }
inline SourceId CameraOf(uint32_t id) { return {Id(id), SourceKind::kCamera}; }
inline SourceId ScreenOf(uint32_t id) { return {Id(id), SourceKind::kScreen}; }
inline SourceId ScreenAudioOf(uint32_t id) { return {Id(id), SourceKind::kScreenAudio}; }

class RouterDriver {
 public:
  using SlotKey = std::pair<ParticipantId, SlotRef>;

  explicit RouterDriver(const FloorPlan& plan = {}, const RoutingOptions& options = {})
      : router_(plan, options) {}

  void Join(uint32_t id, Point at, SlotCounts slots = {24, 16}, float heading = 0,
            const Privileges& privileges = {}) {
    router_.Add(Id(id), {at, heading}, slots, privileges, now_, out_);
    Take();
    router_.ReachOf(Id(id), reaches_[Id(id)]);
  }
  void JoinAs(uint32_t id, Point at, const Privileges& privileges) {
    Join(id, at, {24, 16}, 0, privileges);
  }
  /// Joins and switches everything of that person on that the set has.
  void JoinWith(uint32_t id, Point at, SourceSet sources, SlotCounts slots = {24, 16}) {
    Join(id, at, slots);
    SetSources(id, sources);
  }
  void Leave(uint32_t id) {
    router_.Remove(Id(id), now_, out_);
    Take();
    std::erase_if(slots_, [&](const auto& entry) { return entry.first.first == Id(id); });
    std::erase_if(sights_, [&](const auto& pair) { return pair.first == Id(id); });
    std::erase_if(hearing_, [&](const auto& entry) { return entry.first.first == Id(id); });
    reaches_.erase(Id(id));
  }
  Pose Move(uint32_t id, const Pose& wish) {
    const Pose pose = router_.Move(Id(id), wish, now_, out_);
    Take();
    return pose;
  }
  /// Lets enough time pass for the speed limit to allow any step of a second.
  Pose WalkTo(uint32_t id, Point to) {
    now_ = now_ + Duration::Seconds(1);
    return Move(id, {to, 0});
  }
  void SetSources(uint32_t id, SourceSet sources) {
    router_.SetSources(Id(id), sources, now_, out_);
    Take();
  }
  void SetPrivileges(uint32_t id, const Privileges& privileges) {
    router_.SetPrivileges(Id(id), privileges, now_, out_);
    Take();
  }
  void ReplacePlan(const FloorPlan& plan, std::span<const Ownership> owners = {}) {
    router_.ReplacePlan(plan, owners, now_, out_);
    Take();
    // All are told everything anew.
    for (auto& [id, reach] : reaches_) router_.ReachOf(id, reach);
  }
  Outcome SetDoor(uint32_t actor, DoorIndex door, DoorState state) {
    return Took(router_.SetDoor(Id(actor), door, state, now_, out_));
  }
  Outcome Knock(uint32_t person, ZoneIndex zone) {
    return Took(router_.Knock(Id(person), zone, now_, out_));
  }
  Outcome StopKnocking(uint32_t person, ZoneIndex zone) {
    return Took(router_.StopKnocking(Id(person), zone, now_, out_));
  }
  Outcome Admit(uint32_t host, uint32_t person, ZoneIndex zone,
                Duration time = Duration::Seconds(60)) {
    return Took(router_.Admit(Id(host), Id(person), zone, time, now_, out_));
  }
  Outcome Deny(uint32_t host, uint32_t person, ZoneIndex zone) {
    return Took(router_.Deny(Id(host), Id(person), zone, now_, out_));
  }
  Outcome Revoke(uint32_t host, uint32_t person, ZoneIndex zone) {
    return Took(router_.Revoke(Id(host), Id(person), zone, now_, out_));
  }
  Outcome AskForPodium(uint32_t person, ZoneIndex stage, bool on = true) {
    return Took(router_.AskForPodium(Id(person), stage, on, now_, out_));
  }
  Outcome GivePodium(uint32_t moderator, uint32_t person, ZoneIndex stage) {
    return Took(router_.GivePodium(Id(moderator), Id(person), stage, now_, out_));
  }
  Outcome TakePodium(uint32_t actor, uint32_t person, ZoneIndex stage) {
    return Took(router_.TakePodium(Id(actor), Id(person), stage, now_, out_));
  }
  Outcome Invite(uint32_t person, uint32_t other) {
    return Took(router_.Invite(Id(person), Id(other), now_, out_));
  }
  Outcome AcceptInvite(uint32_t person, uint32_t inviter) {
    return Took(router_.AcceptInvite(Id(person), Id(inviter), now_, out_));
  }
  Outcome LeaveBubble(uint32_t person) { return Took(router_.LeaveBubble(Id(person), now_, out_)); }
  /// Ends with 0, as following does.
  Outcome Whisper(uint32_t person, uint32_t other) {
    return Took(router_.Whisper(Id(person), Id(other), now_, out_));
  }
  Outcome SetMegaphone(uint32_t person, bool on) {
    return Took(router_.SetMegaphone(Id(person), on, now_, out_));
  }
  Outcome SetDoNotDisturb(uint32_t person, bool on) {
    return Took(router_.SetDoNotDisturb(Id(person), on, now_, out_));
  }
  Outcome Follow(uint32_t person, uint32_t other) {
    return Took(router_.Follow(Id(person), Id(other), now_, out_));
  }
  Outcome Call(uint32_t person, uint32_t other) {
    return Took(router_.Call(Id(person), Id(other), now_, out_));
  }
  Outcome AcceptCall(uint32_t person, uint32_t caller) {
    return Took(router_.AcceptCall(Id(person), Id(caller), now_, out_));
  }
  Outcome Beam(uint32_t person, uint32_t other) {
    return Took(router_.Beam(Id(person), Id(other), now_, out_));
  }

  /// Talks at a level for a while, a packet every 20 ms, with all deadlines handled.
  void Talk(uint32_t id, float level, Duration time) {
    for (const Timestamp end = now_ + time; now_ < end;) {
      now_ = now_ + Duration::Millis(20);
      router_.SetSpeech(Id(id), level, now_);
      HandleDue();
    }
  }
  void HandleDue() {
    if (router_.NextDeadline() > now_) return;
    router_.HandleDeadline(now_, out_);
    EXPECT_GT(router_.NextDeadline(), now_);
    Take();
  }
  /// Handles every deadline on its time.
  void Pass(Duration time) {
    const Timestamp end = now_ + time;
    while (router_.NextDeadline() <= end) {
      now_ = std::max(now_, router_.NextDeadline());
      HandleDue();
    }
    now_ = end;
  }

  /// Which sources this listener gets, in the order of their ids.
  std::set<SourceId> Sources(uint32_t listener) const {
    std::set<SourceId> sources;
    for (const auto& [key, source] : slots_) {
      if (key.first == Id(listener)) sources.insert(source);
    }
    return sources;
  }
  bool Hears(uint32_t listener, SourceId source) const {
    return Sources(listener).contains(source);
  }
  bool Sees(uint32_t viewer, uint32_t person) const {
    return sights_.contains({Id(viewer), Id(person)});
  }
  const std::map<SlotKey, SourceId>& slots() const { return slots_; }
  const std::set<std::pair<ParticipantId, ParticipantId>>& sights() const { return sights_; }
  /// What the viewer has been told of somebody in its sight.
  Hearing ToldHearing(uint32_t viewer, uint32_t person) const {
    const auto it = hearing_.find({Id(viewer), Id(person)});
    return it == hearing_.end() ? Hearing{} : it->second;
  }
  /// As of when it was last said to be another.
  const VoiceReach& ToldReach(uint32_t id) const { return reaches_.at(Id(id)); }
  /// The output of the last call alone.
  const RoutingOutput& last() const { return last_; }

  /// The first event of the kind to that person (0: to everybody) in the last call; null for none.
  const SpatialEvent* Told(EventKind kind, uint32_t to) const {
    for (const SpatialEvent& event : last_.events) {
      if (event.kind == kind && event.to == Id(to)) return &event;
    }
    return nullptr;
  }
  /// All that happened since this was last asked.
  RoutingOutput TakeHistory() { return std::exchange(history_, {}); }

  SpatialRouter& router() { return router_; }
  Timestamp now() const { return now_; }
  void AdvanceBy(Duration time) { now_ = now_ + time; }

 private:
  Outcome Took(Outcome outcome) {
    if (outcome != Outcome::kDone) {
      EXPECT_TRUE(out_.slots.empty() && out_.sights.empty() && out_.events.empty() &&
                  out_.hearing.empty() && out_.reaches.empty())
          << "a refused operation has changed something";
    }
    Take();
    return outcome;
  }
  void Take() {
    for (const SlotChange& change : out_.slots) TakeSlot(change);
    for (const SightChange& change : out_.sights) {
      const std::pair pair(change.viewer, change.person);
      EXPECT_NE(change.viewer, change.person);
      EXPECT_EQ(sights_.contains(pair), !change.visible) << "sight did not change";
      if (change.visible) {
        sights_.insert(pair);
      } else {
        sights_.erase(pair);
      }
      hearing_.erase(pair);
    }
    for (const HearingChange& change : out_.hearing) {
      const std::pair pair(change.viewer, change.person);
      if (sights_.contains(pair)) hearing_[pair] = change.hearing;
    }
    for (const ParticipantId id : out_.reaches) {
      if (reaches_.contains(id)) router_.ReachOf(id, reaches_[id]);
    }
    last_ = out_;
    history_.slots.insert(history_.slots.end(), out_.slots.begin(), out_.slots.end());
    history_.sights.insert(history_.sights.end(), out_.sights.begin(), out_.sights.end());
    history_.events.insert(history_.events.end(), out_.events.begin(), out_.events.end());
    out_.Clear();
  }
  void TakeSlot(const SlotChange& change) {
    const SlotKey key(change.listener, change.slot);
    if (!change.source) {
      EXPECT_EQ(slots_.erase(key), 1u) << "a free slot became free";
      return;
    }
    EXPECT_NE(change.source.participant(), change.listener);
    EXPECT_EQ(MediaKindOf(change.source.kind()), change.slot.kind);
    slots_[key] = change.source;
  }

  SpatialRouter router_;
  RoutingOutput out_;
  RoutingOutput last_;
  RoutingOutput history_;
  Timestamp now_ = Timestamp::Seconds(100);
  std::map<SlotKey, SourceId> slots_;
  std::set<std::pair<ParticipantId, ParticipantId>> sights_;
  std::map<std::pair<ParticipantId, ParticipantId>, Hearing> hearing_;
  std::map<ParticipantId, VoiceReach> reaches_;
};

}  // namespace earshot
