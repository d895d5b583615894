// Random plans, random walks, and after every single call a comparison with the oracle, which knows
// the rules from their description.

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "spatial/oracle.h"
#include "spatial/random_plan.h"
#include "spatial/router_driver.h"

namespace earshot {
namespace {

// How somebody walks, apart from what the oracle knows.
struct Legs {
  Timestamp moved_at;
  // Metres that could have been gone until then and have not, at most a second's worth.
  double metres = 0;
};

class RouterWalk {
 public:
  explicit RouterWalk(uint64_t seed)
      : random_(seed), plan_(RandomPlan(random_).Make()), oracle_(plan_), office_(plan_) {}

  void Run(int steps) {
    ASSERT_EQ(ValidateFloorPlan(plan_), "");
    for (int i = 0; i < steps && !::testing::Test::HasFailure(); ++i) {
      Step();
      Check();
    }
  }

 private:
  void Step() {
    const uint32_t id = 1 + random_.Below(28);
    if (!oracle_.people.contains(id)) return Join(id);
    switch (random_.Below(16)) {
      case 0:
        office_.Leave(id);
        legs_.erase(id);
        return oracle_.Forget(id);
      case 1:
      case 2: {
        const SourceSet sources(static_cast<uint8_t>(random_.Below(16)));
        office_.SetSources(id, sources);
        oracle_.people[id].sources = sources;
        return;
      }
      case 3:
        return office_.Pass(Duration::Millis(random_.Below(400)));
      case 4:
      case 5:
        return office_.Talk(id, Unit(), Duration::Millis(100));
      default:
        return Walk(id);
    }
  }
  void Join(uint32_t id) {
    Oracle::Person person;
    // Some are always short of slots, some never.
    const uint32_t most = random_.Below(2) == 0 ? 3 : 64;
    person.slots = {static_cast<uint8_t>(random_.Below(most + 1)),
                    static_cast<uint8_t>(random_.Below(most + 1))};
    office_.Join(id, {Unit() * plan_.width, Unit() * plan_.height}, person.slots);
    person.position = office_.router().PoseOf(Id(id))->position;
    oracle_.people[id] = person;
    legs_[id] = {office_.now(), 0};
  }
  void Walk(uint32_t id) {
    office_.AdvanceBy(Duration::Millis(random_.Below(1500)));
    Oracle::Person& person = oracle_.people[id];
    const bool is_leap = random_.Below(4) == 0;
    const float far = is_leap ? 100.0f : 2.0f;
    const Point wish{person.position.x + (Unit() - 0.5f) * far,
                     person.position.y + (Unit() - 0.5f) * far};
    const Pose pose = office_.Move(id, {wish, Unit() * 10 - 5});
    CheckStep(id, person.position, pose);
    person.position = pose.position;
  }
  // R18: nobody is faster than legs, nobody leaves the floor.
  void CheckStep(uint32_t id, Point from, const Pose& pose) {
    Legs& legs = legs_[id];
    const double elapsed = (office_.now() - legs.moved_at).seconds();
    const double step = std::hypot(pose.position.x - from.x, pose.position.y - from.y);
    legs.metres = std::min(legs.metres + 12 * elapsed, 12.0) - step;
    legs.moved_at = office_.now();
    EXPECT_GE(legs.metres, -1e-2);
    EXPECT_TRUE(pose.position.x >= 0 && pose.position.x <= plan_.width);
    EXPECT_TRUE(pose.position.y >= 0 && pose.position.y <= plan_.height);
    EXPECT_LE(std::abs(pose.heading), 3.1416f);
  }

  void Check() {
    CheckRights();
    CheckSlots();
  }
  // All pairs are judged by what held before, then all are remembered.
  void CheckRights() {
    std::vector<std::pair<Oracle::Pair, Oracle::Answer>> plain;
    actual_.clear();
    for (const auto& [listener, here] : oracle_.people) {
      for (const auto& [speaker, there] : oracle_.people) {
        if (listener == speaker) continue;
        const Oracle::Answer actual = Actual(listener, speaker);
        actual_[{listener, speaker}] = actual;
        const auto judgement = oracle_.MayGet(listener, speaker);
        uncertain_ += !judgement;
        ++judged_;
        if (judgement) {
          const Oracle::Answer& expected = judgement->answer;
          ASSERT_EQ(actual.hears, expected.hears) << listener << " hears " << speaker;
          ASSERT_EQ(actual.watches, expected.watches) << listener << " watches " << speaker;
          ASSERT_EQ(actual.sees, expected.sees) << listener << " sees " << speaker;
        }
        plain.push_back({{listener, speaker}, judgement ? judgement->plain : actual});
        CheckPerception(listener, speaker, actual);
      }
    }
    for (const auto& [pair, answer] : plain) oracle_.Remember(pair, answer);
    EXPECT_LT(uncertain_, 1000 + judged_ / 20) << "the oracle must know most of the time";
  }
  Oracle::Answer Actual(uint32_t listener, uint32_t speaker) {
    const SpatialRouter& router = office_.router();
    const Oracle::Answer answer{router.MayReceive(Id(listener), MicOf(speaker)),
                                router.MayReceive(Id(listener), CameraOf(speaker)),
                                office_.Sees(listener, speaker)};
    EXPECT_EQ(router.MayReceive(Id(listener), ScreenAudioOf(speaker)), answer.hears);
    EXPECT_EQ(router.MayReceive(Id(listener), ScreenOf(speaker)), answer.watches);
    return answer;
  }
  void CheckPerception(uint32_t listener, uint32_t speaker, const Oracle::Answer& may) {
    const Audible audible = office_.router().AudibleNow(Id(listener), Id(speaker));
    ASSERT_TRUE(may.hears || audible.gain == 0);
    ASSERT_TRUE(may.hears || may.watches || audible == Audible{});
    ASSERT_TRUE(audible.gain >= 0 && audible.gain <= 1);
  }
  void CheckSlots() {
    std::map<std::pair<uint32_t, MediaKind>, size_t> used;
    for (const auto& [key, source] : office_.slots()) {
      const auto listener = static_cast<uint32_t>(key.first);
      const auto speaker = static_cast<uint32_t>(source.participant());
      ++used[{listener, key.second.kind}];
      ASSERT_TRUE(Held(listener, source)) << "a slot without the right";
      ASSERT_TRUE(oracle_.people[speaker].sources.Has(source.kind())) << "a source that is off";
    }
    for (const auto& [listener, person] : oracle_.people) {
      std::map<MediaKind, size_t> wanted;
      for (const auto& [speaker, other] : oracle_.people) {
        for (const SourceId source :
             {MicOf(speaker), CameraOf(speaker), ScreenOf(speaker), ScreenAudioOf(speaker)}) {
          if (speaker == listener || !other.sources.Has(source.kind())) continue;
          if (!Held(listener, source)) continue;
          ++wanted[MediaKindOf(source.kind())];
        }
      }
      // A source is counted once however many slots it has.
      ASSERT_EQ(office_.Sources(listener).size(), used[std::pair(listener, MediaKind::kAudio)] +
                                                      used[std::pair(listener, MediaKind::kVideo)])
          << "a source in two slots";
      CheckUse(used[{listener, MediaKind::kAudio}], wanted[MediaKind::kAudio], person.slots.audio);
      CheckUse(used[{listener, MediaKind::kVideo}], wanted[MediaKind::kVideo], person.slots.video);
    }
  }
  bool Held(uint32_t listener, SourceId source) const {
    const Oracle::Answer& may = actual_.at({listener, static_cast<uint32_t>(source.participant())});
    return MediaKindOf(source.kind()) == MediaKind::kAudio ? may.hears : may.watches;
  }
  // Where slots do not suffice, a crowd may take a few milliseconds to fill all that became free.
  void CheckUse(size_t used, size_t wanted, size_t slots) {
    if (wanted <= slots || office_.router().NextDeadline() > office_.now()) {
      ASSERT_EQ(used, std::min(wanted, slots));
    } else {
      ASSERT_LE(used, slots);
    }
  }
  float Unit() { return static_cast<float>(random_.Unit()); }

  SeededRandom random_;
  FloorPlan plan_;
  Oracle oracle_;
  RouterDriver office_;
  std::map<uint32_t, Legs> legs_;
  // By the router, at the last check.
  std::map<Oracle::Pair, Oracle::Answer> actual_;
  size_t judged_ = 0;
  size_t uncertain_ = 0;
};

class SpatialRouterPropertyTest : public ::testing::TestWithParam<uint64_t> {};

TEST_P(SpatialRouterPropertyTest, R17_RandomWalksNeverLeaveTheRules) {
  SCOPED_TRACE("seed " + std::to_string(GetParam()));
  RouterWalk(GetParam()).Run(400);
}

INSTANTIATE_TEST_SUITE_P(Seeds, SpatialRouterPropertyTest, ::testing::Range<uint64_t>(1, 41));

}  // namespace
}  // namespace earshot
