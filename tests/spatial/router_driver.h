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

  void Join(uint32_t id, Point at, SlotCounts slots = {24, 16}, float heading = 0) {
    router_.Add(Id(id), {at, heading}, slots, {}, now_, out_);
    Take();
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
  /// The output of the last call alone.
  const RoutingOutput& last() const { return last_; }

  SpatialRouter& router() { return router_; }
  Timestamp now() const { return now_; }
  void AdvanceBy(Duration time) { now_ = now_ + time; }

 private:
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
    }
    last_ = out_;
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
  Timestamp now_ = Timestamp::Seconds(100);
  std::map<SlotKey, SourceId> slots_;
  std::set<std::pair<ParticipantId, ParticipantId>> sights_;
};

}  // namespace earshot
