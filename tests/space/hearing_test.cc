// What clients are told of who hears whom: the same as what is forwarded, by every way of speaking,
// and nothing while nothing changes.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "base/random.h"
#include "space/space_link.h"
#include "spatial/geometry.h"

namespace earshot {
namespace {

using Person = SpaceLink::Person;

// A stage whose audience is larger than people see, a quiet room, a room with a door, and a wall.
FloorPlan Venue() {
  FloorPlan plan = TestPlan();
  plan.sight_radius = 20;
  plan.spawn = {50, 70};
  plan.zones = {{"Stage", {{40, 10}, {60, 10}, {60, 16}, {40, 16}}, ZoneKind::kStage},
                {"Stalls", {{40, 16}, {60, 16}, {60, 60}, {40, 60}}, ZoneKind::kLobby},
                {"Library", {{62, 60}, {72, 60}, {72, 70}, {62, 70}}, ZoneKind::kQuiet},
                {"Room", {{30, 62}, {38, 62}, {38, 70}, {30, 70}}}};
  plan.zones[0].audience = "Stalls";
  plan.doors = {{"Room", {38, 65}, {38, 67}, DoorState::kOpen}};
  plan.walls = {{{50, 76}, {50, 90}}};
  return plan;
}

class HearingTest : public ::testing::Test {
 protected:
  HearingTest() { link_.grants.megaphone = true; }

  Person& JoinAt(Point at) {
    Person& person = link_.JoinSpeaker();
    link_.Walk(person, at);
    return person;
  }
  void Act(Person& person, ActMessage act) { EXPECT_EQ(link_.Ask(person, act), Outcome::kDone); }
  // Everything that is told is told by then.
  void Settle() { link_.Run(Duration::Millis(600)); }

  static const PersonInSight* Seen(const Person& viewer, const Person& person) {
    const auto it = viewer.client.people().find(person.id);
    return it == viewer.client.people().end() ? nullptr : &it->second;
  }
  // How many hear the person, by what its client was told.
  static size_t HearersOf(const Person& person) {
    const auto& people = person.client.people();
    return person.client.reach().hearers_out_of_sight +
           static_cast<size_t>(std::count_if(people.begin(), people.end(), [](const auto& entry) {
             return entry.second.is_heard;
           }));
  }
  static size_t HeardBy(const Person& person) {
    const auto& people = person.client.people();
    return person.client.reach().heard_out_of_sight +
           static_cast<size_t>(std::count_if(people.begin(), people.end(),
                                             [](const auto& entry) { return entry.second.hears; }));
  }
  // Against the media that arrives.
  void ExpectToldWhatIsForwarded() {
    Settle();
    link_.Forget();
    link_.Run(Duration::Millis(200));
    for (const auto& listener : link_.people) {
      size_t heard = 0;
      size_t hearers = 0;
      for (const auto& other : link_.people) {
        if (listener == other) continue;
        const bool hears = listener->CountFrom(*other) > 0;
        const bool is_heard = other->CountFrom(*listener) > 0;
        heard += hears;
        hearers += is_heard;
        const PersonInSight* seen = Seen(*listener, *other);
        if (seen == nullptr) continue;
        EXPECT_EQ(seen->hears, hears) << Names(*listener, *other);
        EXPECT_EQ(seen->is_heard, is_heard) << Names(*listener, *other);
      }
      EXPECT_EQ(HeardBy(*listener), heard) << Names(*listener, *listener);
      EXPECT_EQ(HearersOf(*listener), hearers) << Names(*listener, *listener);
    }
  }
  static std::string Names(const Person& a, const Person& b) {
    return std::to_string(static_cast<uint32_t>(a.id)) + " and " +
           std::to_string(static_cast<uint32_t>(b.id));
  }
  size_t CountTold(const Person& person) const {
    return static_cast<size_t>(std::count_if(
        person.messages.begin(), person.messages.end(), [](const std::vector<uint8_t>& message) {
          return ParseHearing(message).has_value() || ParseReach(message).has_value();
        }));
  }

  SpaceLink link_{Venue()};
};

TEST_F(HearingTest, WhoSpeaksFromAStageIsToldOfAllItsAudience) {
  Person& speaker = JoinAt({50, 12});
  Person& near = JoinAt({50, 24});
  JoinAt({50, 50});
  ExpectToldWhatIsForwarded();
  EXPECT_EQ(HearersOf(speaker), 2u) << "one of them out of its sight";
  EXPECT_EQ(HeardBy(speaker), 0u);
  EXPECT_EQ(speaker.client.people().count(near.id), 1u);
  EXPECT_EQ(speaker.client.people().size(), 1u);
  const VoiceReach& reach = speaker.client.reach();
  ASSERT_FALSE(reach.parts.empty());
  EXPECT_EQ(reach.parts[0], (ReachPart{0, {0, 1}, {}}));
}

TEST_F(HearingTest, AMegaphoneAWhisperAndABubbleAreTold) {
  Person& speaker = JoinAt({50, 70});
  Person& near = JoinAt({52, 70});
  Person& other = JoinAt({50, 72});
  JoinAt({10, 10});
  Act(speaker, {.act = Act::kMegaphone, .value = 1});
  ExpectToldWhatIsForwarded();
  EXPECT_EQ(HearersOf(speaker), 3u);
  Act(speaker, {.act = Act::kWhisper, .participant = near.id});
  ExpectToldWhatIsForwarded();
  EXPECT_EQ(HearersOf(speaker), 1u);
  EXPECT_TRUE(speaker.client.reach().parts.empty());
  EXPECT_FALSE(Seen(other, speaker)->hears);
  Act(speaker, {.act = Act::kWhisper});
  Act(speaker, {.act = Act::kMegaphone, .value = 0});
  Act(speaker, {.act = Act::kInvite, .participant = near.id});
  Act(near, {.act = Act::kAcceptInvite, .participant = speaker.id});
  ExpectToldWhatIsForwarded();
  EXPECT_EQ(HearersOf(speaker), 2u);
}

TEST_F(HearingTest, QuietRoomsWallsAndDoorsAreTold) {
  Person& reader = JoinAt({65, 65});
  Person& visitor = JoinAt({61, 65});
  ExpectToldWhatIsForwarded();
  EXPECT_EQ(HearersOf(reader), 0u);
  EXPECT_TRUE(reader.client.reach().parts.empty());

  Person& inside = JoinAt({36, 66});
  Person& outside = JoinAt({39.5f, 66});
  ExpectToldWhatIsForwarded();
  EXPECT_EQ(HearersOf(inside), 1u);
  Act(outside, {.act = Act::kSetDoor, .place = 0, .value = 1});
  ExpectToldWhatIsForwarded();
  EXPECT_EQ(HearersOf(inside), 0u);
  EXPECT_EQ(inside.client.reach().parts.size(), 1u);

  link_.Walk(visitor, {49, 75});
  link_.Walk(visitor, {49, 80});
  link_.Walk(outside, {51, 75});
  link_.Walk(outside, {51, 80});
  ExpectToldWhatIsForwarded();
  EXPECT_EQ(HearersOf(visitor), 0u) << "behind the wall";
}

TEST_F(HearingTest, WhatANewPlanMakesOfItIsTold) {
  Person& speaker = JoinAt({50, 12});
  JoinAt({50, 24});
  JoinAt({50, 50});
  ExpectToldWhatIsForwarded();
  EXPECT_EQ(HearersOf(speaker), 2u);
  FloorPlan plan = Venue();
  plan.zones.erase(plan.zones.begin(), plan.zones.begin() + 2);
  link_.ReplacePlan(plan);
  ExpectToldWhatIsForwarded();
  EXPECT_EQ(HearersOf(speaker), 0u);
}

TEST_F(HearingTest, NothingIsToldWhileNothingChanges) {
  Person& speaker = JoinAt({50, 12});
  Person& listener = JoinAt({50, 24});
  Settle();
  link_.Forget();
  link_.Run(Duration::Seconds(5));
  EXPECT_EQ(CountTold(speaker) + CountTold(listener), 0u);
  // On the open floor, a circle goes along, however far one walks.
  Person& walker = JoinAt({90, 90});
  Settle();
  link_.Forget();
  for (int step = 0; step < 60; ++step) {
    link_.Move(walker, {{90, 90 - 0.2f * static_cast<float>(step)}, 0});
    link_.Run(Duration::Millis(50));
  }
  EXPECT_EQ(CountTold(walker), 0u);
  // Along a wall it is told four times a second.
  link_.Walk(walker, {53, 84});
  Settle();
  link_.Forget();
  for (int step = 0; step < 60; ++step) {
    link_.Move(walker, {{53, 84 - 0.1f * static_cast<float>(step)}, 0});
    link_.Run(Duration::Millis(50));
  }
  EXPECT_GT(CountTold(walker), 4u);
  EXPECT_LE(CountTold(walker), 3 * 4 + 1u);
}

// The numbers are those of the media that arrives, after any history.
TEST_F(HearingTest, RandomHistoriesLeaveAllToldWhatIsForwarded) {
  SeededRandom random(11);
  for (int i = 0; i < 7; ++i) JoinAt({44 + 2 * static_cast<float>(i), 64});
  const auto anybody = [&]() -> Person& { return *link_.people[random.Below(7)]; };
  for (int round = 0; round < 25; ++round) {
    for (int i = 0; i < 4; ++i) {
      Person& person = anybody();
      const Person& other = anybody();
      switch (random.Below(8)) {
        case 0:
          link_.Ask(person, {.act = Act::kMegaphone, .value = uint16_t(random.Below(2))});
          break;
        case 1:
          link_.Ask(person, {.act = Act::kWhisper, .participant = other.id});
          break;
        case 2:
          link_.Ask(person, {.act = Act::kWhisper});
          break;
        case 3:
          link_.Ask(person, {.act = Act::kInvite, .participant = other.id});
          link_.Ask(anybody(), {.act = Act::kAcceptInvite, .participant = person.id});
          break;
        case 4:
          link_.Ask(person, {.act = Act::kSetDoor, .place = 0, .value = uint16_t(random.Below(2))});
          break;
        default: {
          const Point at = link_.engine->StanceOf(person.id)->pose.position;
          const Point to{30 + 42 * static_cast<float>(random.Unit()),
                         10 + 65 * static_cast<float>(random.Unit())};
          link_.Move(person, {{(at.x + to.x) / 2, (at.y + to.y) / 2}, 0});
          link_.Run(Duration::Seconds(1));
          break;
        }
      }
    }
    ExpectToldWhatIsForwarded();
    if (HasFailure()) break;
  }
}

}  // namespace
}  // namespace earshot
