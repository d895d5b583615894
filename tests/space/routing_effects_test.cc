// What clients are told of their slots.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "space_link.h"
#include "spatial/geometry.h"

namespace earshot {
namespace {

TEST(RoutingEffectsTest, SlotMessagesNameTheSourceBeforeItsFirstPacket) {
  SpaceLink link;
  auto& a = link.JoinSpeaker();
  auto& b = link.JoinSpeaker();
  link.Run(Duration::Seconds(1));
  const auto& slots = a.client.slots();
  const auto slot = std::find_if(slots.begin(), slots.end(), [&](const SlotReceiver& one) {
    return one.assigned == SourceId(b.id, SourceKind::kMic);
  });
  ASSERT_NE(slot, slots.end());
  EXPECT_EQ(a.received.front().media.slot, slot->stream().ref);
}

TEST(RoutingEffectsTest, HintsOfAllSlotsOfAListenerShareAMessage) {
  SpaceLink link;
  auto& listener = link.JoinSpeaker();
  for (int i = 0; i < 4; ++i) link.JoinSpeaker();
  link.Run(Duration::Seconds(2));
  listener.messages.clear();
  const Point at = link.engine->StanceOf(listener.id)->pose.position;
  link.Move(listener, {at, 2});
  link.Run(Duration::Seconds(1));
  std::vector<std::vector<SlotHint>> all;
  for (const auto& message : listener.messages) {
    if (const auto hints = ParseSlotHints(message)) all.push_back(*hints);
  }
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].size(), 4u);
}

TEST(RoutingEffectsTest, WhoComesAndGoesIsToldTogetherWithPositions) {
  FloorPlan plan = TestPlan();
  plan.sight_radius = 12;
  SpaceLink link(plan);
  ClientOptions deaf;
  deaf.offer.audio_slots = 0;
  auto& viewer = link.Join({}, deaf);
  std::vector<SpaceLink::Person*> walkers;
  for (int i = 0; i < 20; ++i) walkers.push_back(&link.Join({}, deaf));
  // Half of them at a time out of sight, and back.
  const auto walk_for = [&](Duration time) {
    const Timestamp end = link.now + time;
    for (int step = 0; link.now < end; ++step) {
      for (size_t i = 0; i < walkers.size(); ++i) {
        const float phase = static_cast<float>(step) / 4 + static_cast<float>(i) / 2;
        link.Move(*walkers[i], {{50 + 12 + 3 * std::sin(phase), 50}, 0});
        link.Run(Duration::Millis(4));
      }
    }
  };
  walk_for(Duration::Seconds(5));
  viewer.messages.clear();
  size_t datagrams = 0;
  link.keeps_from_server = [&](const SocketAddress& to, std::vector<uint8_t>& bytes) {
    datagrams += to == viewer.address && ClassifyPacket(bytes) == PacketKind::kDtls;
    return false;
  };
  walk_for(Duration::Seconds(10));
  size_t changes = 0;
  for (const auto& message : viewer.messages) {
    changes += message[0] == static_cast<uint8_t>(MessageType::kPersonEntered);
    changes += message[0] == static_cast<uint8_t>(MessageType::kPersonLeft);
  }
  EXPECT_GT(changes, 200u);
  EXPECT_LE(datagrams, 2 * 10 * 10 + 2u) << "at most one of each channel ten times a second";
}

// Sources and distances as the messages say them, in their order, one after the other.
struct SlotsAsTold {
  struct Slot {
    SourceId source;
    float distance = 0;
  };
  std::map<uint8_t, Slot> audio;

  void Read(const std::vector<uint8_t>& message) {
    if (const auto assigned = ParseSlotAssigned(message)) {
      audio[assigned->hint.slot.index] = {assigned->source, assigned->hint.distance};
    }
    if (const auto hints = ParseSlotHints(message)) {
      for (const SlotHint& hint : *hints) audio.at(hint.slot.index).distance = hint.distance;
    }
  }
};

TEST(RoutingEffectsTest, AHintIsAboutWhoeverWasAssignedLast) {
  SpaceLink link;
  for (int i = 0; i < 5; ++i) {
    link.Walk(link.JoinSpeaker(), {40 + 5 * static_cast<float>(i), 50});
  }
  ClientOptions two_slots;
  two_slots.offer.audio_slots = 2;
  auto& listener = link.Join(SourceSet(), two_slots);
  link.Walk(listener, {38, 51});
  std::set<SourceId> heard;
  for (int step = 0; step < 48; ++step) {
    link.Move(listener, {{38 + 0.5f * static_cast<float>(step), 51}, 0});
    link.Run(Duration::Millis(500));
    SlotsAsTold told;
    for (const auto& message : listener.messages) told.Read(message);
    const Point here = link.engine->StanceOf(listener.id)->pose.position;
    for (const auto& [index, slot] : told.audio) {
      if (!slot.source) continue;
      heard.insert(slot.source);
      const Point there = link.engine->StanceOf(slot.source.participant())->pose.position;
      EXPECT_NEAR(slot.distance, Distance(here, there), 0.3f) << "step " << step;
    }
  }
  EXPECT_EQ(heard.size(), 5u);
}

}  // namespace
}  // namespace earshot
