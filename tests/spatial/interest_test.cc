#include "spatial/interest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>

#include "base/random.h"
#include "spatial/router_driver.h"

namespace earshot {
namespace {

constexpr SourceSet kMicOnly(0b0001);
constexpr SourceSet kCameraOnly(0b0010);
constexpr SourceSet kScreenOnly(0b0100);
constexpr SourceSet kScreenAudioOnly(0b1000);

// One listener (1) with few slots, others around it.
class InterestTest : public ::testing::Test {
 protected:
  void Listen(SlotCounts slots) { office_.Join(1, {20, 15}, slots); }
  // Somebody at this distance from the listener.
  void Join(uint32_t id, float distance, SourceSet sources) {
    office_.JoinWith(id, {20 + distance, 15}, sources);
  }
  std::optional<SlotRef> SlotOf(SourceId source) const {
    for (const auto& [key, held] : office_.slots()) {
      if (key.first == Id(1) && held == source) return key.second;
    }
    return std::nullopt;
  }

  size_t Listeners(SourceId source) const {
    return static_cast<size_t>(
        std::count_if(office_.slots().begin(), office_.slots().end(),
                      [source](const auto& entry) { return entry.second == source; }));
  }

  RouterDriver office_;
};

TEST_F(InterestTest, MicAndScreenAudioTakeAudioSlotsCameraAndScreenVideoSlots) {
  Listen({2, 2});
  Join(2, 1, SourceSet::All());
  EXPECT_EQ(SlotOf(MicOf(2))->kind, MediaKind::kAudio);
  EXPECT_EQ(SlotOf(ScreenAudioOf(2))->kind, MediaKind::kAudio);
  EXPECT_EQ(SlotOf(CameraOf(2))->kind, MediaKind::kVideo);
  EXPECT_EQ(SlotOf(ScreenOf(2))->kind, MediaKind::kVideo);
}

TEST_F(InterestTest, WhileSlotsSufficeEverybodyHasOne) {
  Listen({8, 8});
  for (uint32_t id = 2; id <= 9; ++id) Join(id, static_cast<float>(id) - 2, SourceSet(0b0011));
  EXPECT_EQ(office_.Sources(1).size(), 16u);
}

TEST_F(InterestTest, E8_InACrowdEachGetsAsManyAsItHasSlots) {
  constexpr uint32_t kCrowd = 200;
  const auto slots_of = [](uint32_t id) {
    return SlotCounts{static_cast<uint8_t>(id % 5), static_cast<uint8_t>(id % 3)};
  };
  for (uint32_t id = 1; id <= kCrowd; ++id) {
    office_.JoinWith(id, {20, 15}, SourceSet(0b0011), slots_of(id));
  }
  office_.Pass(Duration::Seconds(1));
  for (uint32_t id = 1; id <= kCrowd; ++id) {
    const SlotCounts slots = slots_of(id);
    EXPECT_EQ(office_.Sources(id).size(), size_t{slots.audio} + slots.video) << id;
  }
}

TEST_F(InterestTest, ASourceKeepsItsSlotWhileItMayBeHeard) {
  Listen({4, 0});
  for (uint32_t id = 2; id <= 4; ++id) Join(id, 2, kMicOnly);
  const auto slot = SlotOf(MicOf(4));
  office_.Leave(2);
  office_.SetSources(3, SourceSet());
  Join(5, 1, kMicOnly);
  office_.WalkTo(4, {20, 22});
  office_.Talk(5, 1, Duration::Seconds(3));
  EXPECT_EQ(SlotOf(MicOf(4)), slot);
}

TEST_F(InterestTest, NobodyWithoutSlotsGetsAnything) {
  Listen({0, 0});
  Join(2, 1, SourceSet::All());
  office_.Talk(2, 1, Duration::Seconds(2));
  EXPECT_TRUE(office_.Sources(1).empty());
  office_.SetSources(2, SourceSet());
  office_.Leave(2);
  EXPECT_TRUE(office_.router().NextDeadline().IsNever());
}

TEST_F(InterestTest, AFreedSlotGoesToTheBestThatWaitsAtOnce) {
  Listen({1, 0});
  Join(2, 1, kMicOnly);
  Join(3, 7, kMicOnly);
  Join(4, 4, kMicOnly);
  ASSERT_TRUE(office_.Hears(1, MicOf(2)));
  office_.SetSources(2, SourceSet());
  EXPECT_EQ(office_.Sources(1), (std::set{MicOf(4)}));
  const auto& changes = office_.last().slots;
  EXPECT_EQ(std::count_if(changes.begin(), changes.end(),
                          [](const SlotChange& change) { return change.listener == Id(1); }),
            2);
}

TEST_F(InterestTest, ANewcomerAmongManyHearsTheBestFirst) {
  for (uint32_t id = 2; id <= 30; ++id) {
    Join(id, 7.9f - 0.2f * static_cast<float>(id), kMicOnly);
  }
  office_.Talk(7, 1, Duration::Seconds(1));
  Listen({2, 0});
  EXPECT_EQ(office_.Sources(1), (std::set{MicOf(7), MicOf(30)}));
}

TEST_F(InterestTest, SpeechWinsASlotFromSilence) {
  Listen({1, 0});
  Join(2, 2, kMicOnly);
  Join(3, 5, kMicOnly);
  office_.Pass(Duration::Seconds(2));
  ASSERT_EQ(office_.Sources(1), (std::set{MicOf(2)}));
  office_.Talk(3, 0.8f, Duration::Millis(300));
  EXPECT_EQ(office_.Sources(1), (std::set{MicOf(3)}));
}

TEST_F(InterestTest, AReplacementIsOneChange) {
  Listen({1, 0});
  Join(2, 2, kMicOnly);
  Join(3, 5, kMicOnly);
  office_.Pass(Duration::Seconds(2));
  size_t changes = 0;
  for (int i = 0; i < 20; ++i) {
    office_.Talk(3, 1, Duration::Millis(20));
    if (!office_.Hears(1, MicOf(3))) continue;
    ++changes;
    ASSERT_EQ(office_.last().slots.size(), 1u);
    EXPECT_EQ(office_.last().slots[0].source, MicOf(3));
    EXPECT_GT(office_.last().slots[0].audible.gain, 0.4f);
    break;
  }
  EXPECT_EQ(changes, 1u);
}

TEST_F(InterestTest, AFreshSlotIsHeldForTheMinimum) {
  Listen({1, 0});
  Join(2, 6, kMicOnly);
  const Timestamp placed = office_.now();
  Join(3, 1, kMicOnly);
  office_.Pass(Duration::Millis(499));
  EXPECT_TRUE(office_.Hears(1, MicOf(2)));
  // The end of the hold is a deadline of its own; nobody has to move or talk.
  office_.Pass(placed + Duration::Millis(600) - office_.now());
  EXPECT_TRUE(office_.Hears(1, MicOf(3)));
}

TEST_F(InterestTest, NearEqualsDoNotTakeTurns) {
  Listen({1, 0});
  Join(2, 3, kMicOnly);
  Join(3, 2.9f, kMicOnly);
  for (int i = 0; i < 40; ++i) {
    office_.WalkTo(3, {20 + (i % 2 == 0 ? 3.1f : 2.9f), 15});
    office_.Talk(i % 2 == 0 ? 2 : 3, 0.02f, Duration::Millis(100));
    ASSERT_EQ(office_.Sources(1), (std::set{MicOf(2)}));
  }
}

TEST_F(InterestTest, R9_LoudnessWinsNoRightAndNoSlotFromANearSpeaker) {
  Listen({1, 0});
  Join(2, 1, kMicOnly);
  Join(3, 7, kMicOnly);
  Join(4, 12, kMicOnly);
  for (int i = 0; i < 100; ++i) {
    office_.AdvanceBy(Duration::Millis(20));
    office_.router().SetSpeech(Id(2), 0.3f, office_.now());
    office_.router().SetSpeech(Id(3), 1e9f, office_.now());
    office_.router().SetSpeech(Id(4), 1e9f, office_.now());
    office_.HandleDue();
  }
  EXPECT_EQ(office_.Sources(1), (std::set{MicOf(2)}));
}

TEST_F(InterestTest, R9_WhoClaimsToShoutAlwaysWinsNothingFromWhoTalks) {
  Listen({1, 0});
  Join(2, 3, kMicOnly);
  office_.Talk(2, 0.6f, Duration::Seconds(1));
  Join(3, 2.8f, kMicOnly);
  for (int i = 0; i < 50; ++i) {
    office_.AdvanceBy(Duration::Millis(20));
    office_.router().SetSpeech(Id(2), 0.6f, office_.now());
    office_.router().SetSpeech(Id(3), 1, office_.now());
    office_.HandleDue();
    ASSERT_EQ(office_.Sources(1), (std::set{MicOf(2)}));
  }
}

// Five talk all the time, and there are two slots.
TEST_F(InterestTest, NobodyWhoTalksNearbyStaysUnheardForTwoSeconds) {
  Listen({2, 0});
  for (uint32_t id = 2; id <= 6; ++id) Join(id, static_cast<float>(id), kMicOnly);
  std::map<uint32_t, Timestamp> heard;
  Duration longest = Duration::Zero();
  const Timestamp start = office_.now();
  while (office_.now() - start < Duration::Seconds(60)) {
    office_.AdvanceBy(Duration::Millis(20));
    for (uint32_t id = 2; id <= 6; ++id) office_.router().SetSpeech(Id(id), 0.7f, office_.now());
    office_.HandleDue();
    for (uint32_t id = 2; id <= 6; ++id) {
      if (office_.Hears(1, MicOf(id))) heard[id] = office_.now();
      if (!heard.contains(id)) heard[id] = start;
      longest = std::max(longest, office_.now() - heard[id]);
    }
  }
  EXPECT_LE(longest, Duration::Seconds(2));
}

TEST_F(InterestTest, NobodyStaysUnheardHoweverPacketsFallOnTurns) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    SeededRandom random(seed);
    RouterDriver office;
    office.Join(1, {20, 15}, {2, 0});
    std::map<uint32_t, Timestamp> heard;
    for (uint32_t id = 2; id <= 6; ++id) {
      office.JoinWith(id, {20 + static_cast<float>(id), 15}, kMicOnly);
      heard[id] = office.now();
    }
    for (const Timestamp end = office.now() + Duration::Seconds(60); office.now() < end;) {
      office.AdvanceBy(Duration::Micros(10'000 + random.Below(20'000)));
      for (const auto& entry : heard)
        office.router().SetSpeech(Id(entry.first), 0.7f, office.now());
      office.HandleDue();
      for (auto& [id, last] : heard) {
        if (office.Hears(1, MicOf(id))) last = office.now();
        ASSERT_LE(office.now() - last, Duration::Seconds(2)) << "seed " << seed << ", " << id;
      }
    }
  }
}

TEST_F(InterestTest, SwapsAreBoundedByThePolicy) {
  FloorPlan plan;
  plan.churn.swaps_per_second = 3;
  plan.churn.minimum_hold = Duration::Zero();
  RouterDriver office(plan);
  office.Join(1, {20, 15}, {8, 0});
  for (uint32_t id = 2; id <= 30; ++id) office.JoinWith(id, {23, 15}, kMicOnly);
  office.Pass(Duration::Seconds(2));
  SeededRandom random(1);
  int swaps = 0;
  constexpr int kSeconds = 20;
  for (int i = 0; i < kSeconds * 50; ++i) {
    office.Talk(2 + random.Below(29), 1, Duration::Millis(20));
    for (const SlotChange& change : office.last().slots) {
      swaps += change.listener == Id(1) && change.source && change.audible.gain > 0;
    }
  }
  EXPECT_GT(swaps, kSeconds);
  EXPECT_LE(swaps, 3 * (kSeconds + 1));
}

TEST_F(InterestTest, ReservedAudioSlotsWaitForTheBubble) {
  FloorPlan plan;
  plan.reserved_slots.audio = 2;
  RouterDriver office(plan);
  office.Join(1, {20, 15}, {4, 0});
  for (uint32_t id = 2; id <= 6; ++id) {
    office.JoinWith(id, {20 + static_cast<float>(id), 15}, kMicOnly);
  }
  office.Pass(Duration::Seconds(2));
  EXPECT_EQ(office.Sources(1), (std::set{MicOf(2), MicOf(3)}));
  // The farthest of them, in one's bubble, has a slot at once, and a full volume is not needed.
  ASSERT_EQ(office.Invite(1, 6), Outcome::kDone);
  ASSERT_EQ(office.AcceptInvite(6, 1), Outcome::kDone);
  office.Pass(Duration::Millis(200));
  EXPECT_TRUE(office.Hears(1, MicOf(6)));
  EXPECT_EQ(office.Sources(1).size(), 3u);
}

TEST_F(InterestTest, ReservedVideoSlotsWaitForScreens) {
  FloorPlan plan;
  plan.reserved_slots.video = 1;
  RouterDriver office(plan);
  office.Join(1, {20, 15}, {0, 2});
  for (uint32_t id = 2; id <= 4; ++id) office.JoinWith(id, {22, 15}, kCameraOnly);
  office.Pass(Duration::Seconds(2));
  EXPECT_EQ(office.Sources(1).size(), 1u);
  office.JoinWith(5, {27, 15}, kScreenOnly);
  EXPECT_TRUE(office.Hears(1, ScreenOf(5)));
  EXPECT_EQ(office.Sources(1).size(), 2u);
}

TEST_F(InterestTest, ScreensComeBeforeCamerasThenTheNearest) {
  Listen({0, 2});
  Join(2, 1, kCameraOnly);
  Join(3, 2, kCameraOnly);
  office_.Pass(Duration::Seconds(1));
  Join(4, 9, kScreenOnly);
  office_.Pass(Duration::Seconds(1));
  EXPECT_EQ(office_.Sources(1), (std::set{CameraOf(2), ScreenOf(4)}));
}

TEST_F(InterestTest, ScreenAudioBeatsSilenceButNotSpeechNearby) {
  Listen({1, 0});
  Join(2, 2, kMicOnly);
  Join(3, 2, kScreenAudioOnly);
  office_.Pass(Duration::Seconds(1));
  EXPECT_EQ(office_.Sources(1), (std::set{ScreenAudioOf(3)}));
  office_.Talk(2, 1, Duration::Seconds(2));
  EXPECT_EQ(office_.Sources(1), (std::set{MicOf(2)}));
}

TEST_F(InterestTest, WalkingCloserChangesRanks) {
  Listen({0, 1});
  Join(2, 4, kCameraOnly);
  Join(3, 8, kCameraOnly);
  office_.Pass(Duration::Seconds(1));
  ASSERT_TRUE(office_.Hears(1, CameraOf(2)));
  office_.WalkTo(3, {21, 15});
  office_.Pass(Duration::Millis(100));
  EXPECT_EQ(office_.Sources(1), (std::set{CameraOf(3)}));
}

TEST_F(InterestTest, RanksAreDecidedAtMostEveryHundredMilliseconds) {
  Listen({1, 0});
  for (uint32_t id = 2; id <= 20; ++id) Join(id, 3, kMicOnly);
  office_.Pass(Duration::Seconds(2));
  int ranks = 0;
  SourceId last = *office_.Sources(1).begin();
  for (int i = 0; i < 500; ++i) {
    office_.Talk(2 + static_cast<uint32_t>(i) % 19, 1, Duration::Millis(20));
    const SourceId held = *office_.Sources(1).begin();
    ranks += held != last;
    last = held;
  }
  // Ten seconds in which a slot is held for half a second at least.
  EXPECT_LE(ranks, 20);
}

TEST_F(InterestTest, HintsTellOfNoticeableChangesOnly) {
  Listen({4, 4});
  Join(2, 5, kMicOnly);
  office_.Pass(Duration::Seconds(1));
  office_.Move(2, {{25.05f, 15}, 0});
  office_.Pass(Duration::Millis(200));
  EXPECT_TRUE(office_.last().slots.empty());
  office_.Move(2, {{26, 15}, 0});
  EXPECT_TRUE(office_.last().slots.empty());
  office_.HandleDue();
  ASSERT_EQ(office_.last().slots.size(), 1u);
  const SlotChange& hint = office_.last().slots[0];
  EXPECT_EQ(hint.listener, Id(1));
  EXPECT_EQ(hint.source, MicOf(2));
  EXPECT_FLOAT_EQ(hint.audible.distance, 6);
  EXPECT_EQ(hint.audible, office_.router().AudibleNow(Id(1), Id(2)));
}

TEST_F(InterestTest, TurningRoundHintsTheListenerAlone) {
  Listen({4, 4});
  Join(2, 5, SourceSet(0b0011));
  office_.SetSources(1, kMicOnly);
  office_.Pass(Duration::Seconds(1));
  office_.Move(1, {{20, 15}, 2});
  office_.HandleDue();
  ASSERT_EQ(office_.last().slots.size(), 2u);
  for (const SlotChange& hint : office_.last().slots) {
    EXPECT_EQ(hint.listener, Id(1));
    EXPECT_FLOAT_EQ(hint.audible.azimuth, -2);
  }
}

TEST_F(InterestTest, HintsComeAtMostTenTimesASecond) {
  Listen({4, 4});
  Join(2, 1, kMicOnly);
  size_t hints = 0;
  for (int i = 0; i < 1000; ++i) {
    office_.AdvanceBy(Duration::Millis(2));
    office_.HandleDue();
    for (const SlotChange& change : office_.last().slots) hints += change.listener == Id(1);
    const float angle = static_cast<float>(i) / 10;
    office_.Move(1, {{20, 15}, angle});
    ASSERT_TRUE(office_.last().slots.empty());
  }
  // In two seconds, and the first of them at once.
  EXPECT_LE(hints, 21u);
  EXPECT_GE(hints, 20u);
}

TEST_F(InterestTest, ACrowdFillsWhatALeaverFreedWithinMilliseconds) {
  constexpr uint32_t kCrowd = 200;
  for (uint32_t id = 1; id <= kCrowd; ++id) {
    office_.JoinWith(id, {20, 10 + static_cast<float>(id) / 50}, kMicOnly, {2, 0});
  }
  office_.Talk(7, 1, Duration::Seconds(3));
  ASSERT_GT(Listeners(MicOf(7)), kCrowd - 5);
  office_.Leave(7);
  EXPECT_EQ(Listeners(MicOf(7)), 0u);
  EXPECT_LT(office_.slots().size(), 2 * (kCrowd - 1));
  // Sixteen at once and sixteen in each of the milliseconds that follow.
  office_.Pass(Duration::Millis(kCrowd / 16));
  EXPECT_EQ(office_.slots().size(), 2 * (kCrowd - 1));
}

TEST_F(InterestTest, ASilentStandingCrowdNeedsNoTime) {
  for (uint32_t id = 1; id <= 50; ++id) {
    office_.JoinWith(id, {static_cast<float>(id) / 10, 5}, SourceSet::All(), {8, 8});
  }
  office_.Pass(Duration::Seconds(5));
  EXPECT_TRUE(office_.router().NextDeadline().IsNever());
}

TEST_F(InterestTest, AnEarlyDeadlineHasNoEffect) {
  Listen({4, 4});
  Join(2, 5, kMicOnly);
  office_.Pass(Duration::Seconds(1));
  office_.Move(2, {{22, 15}, 0});
  office_.HandleDue();
  office_.Move(2, {{23, 15}, 0});
  const Timestamp due = office_.router().NextDeadline();
  RoutingOutput out;
  office_.router().HandleDeadline(office_.now(), out);
  EXPECT_TRUE(out.slots.empty());
  EXPECT_EQ(office_.router().NextDeadline(), due);
  EXPECT_GT(due, office_.now());
}

}  // namespace
}  // namespace earshot
