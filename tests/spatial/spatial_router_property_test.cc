// Random plans, random walks, and after every single call a comparison with rules that are written
// down here a second time, for all pairs, in the plainest way.

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "spatial/router_driver.h"

namespace earshot {
namespace {

struct Avatar {
  Point position;
  SourceSet sources;
  SlotCounts slots;
  Timestamp moved_at;
  // Metres that its legs could have gone until then and have not, at most a second's worth.
  double legs = 0;
};

// What the rules say, computed from scratch but for the hysteresis.
class Model {
 public:
  explicit Model(const FloorPlan& plan) : plan_(plan) {}

  void Update() {
    for (auto& [a, avatar] : people) {
      for (auto& [b, other] : people) {
        if (a == b) continue;
        const double d = std::hypot(static_cast<double>(avatar.position.x - other.position.x),
                                    static_cast<double>(avatar.position.y - other.position.y));
        const bool together = RoomOf(avatar.position) == RoomOf(other.position);
        Follow(hears, {a, b}, together, d, plan_.audible);
        Follow(watches, {a, b}, together, d, plan_.visible);
        Follow(sees, {a, b}, together, d, {plan_.sight_radius, plan_.sight_radius + 1});
      }
    }
  }
  void Forget(uint32_t id) {
    people.erase(id);
    for (auto* set : {&hears, &watches, &sees}) {
      std::erase_if(*set, [id](const auto& p) { return p.first == id || p.second == id; });
    }
  }
  bool MayReceive(uint32_t listener, SourceId source) const {
    const std::pair pair(listener, static_cast<uint32_t>(source.participant()));
    return (MediaKindOf(source.kind()) == MediaKind::kAudio ? hears : watches).contains(pair);
  }

  std::map<uint32_t, Avatar> people;
  std::set<std::pair<uint32_t, uint32_t>> hears, watches, sees;

 private:
  using PairSet = std::set<std::pair<uint32_t, uint32_t>>;
  // Rooms of these plans are rectangles.
  int RoomOf(Point p) const {
    for (size_t i = 0; i < plan_.zones.size(); ++i) {
      const Point low = plan_.zones[i].outline[0];
      const Point high = plan_.zones[i].outline[2];
      if (p.x >= low.x && p.x < high.x && p.y >= low.y && p.y < high.y) return static_cast<int>(i);
    }
    return -1;
  }
  static void Follow(PairSet& set, std::pair<uint32_t, uint32_t> pair, bool together, double d,
                     Reach reach) {
    const bool holds = together && d <= (set.contains(pair) ? reach.leave : reach.enter);
    if (holds) {
      set.insert(pair);
    } else {
      set.erase(pair);
    }
  }

  FloorPlan plan_;
};

FloorPlan RandomPlan(SeededRandom& random) {
  const auto unit = [&] { return static_cast<float>(random.Unit()); };
  FloorPlan plan;
  plan.width = 20 + unit() * 60;
  plan.height = 15 + unit() * 40;
  plan.audible.enter = 2 + unit() * 8;
  plan.audible.leave = plan.audible.enter + 0.3f + unit() * 2;
  plan.visible.enter = 2 + unit() * 12;
  plan.visible.leave = plan.visible.enter + 0.3f + unit() * 2;
  plan.full_gain_radius = plan.audible.enter * unit() * 0.9f;
  plan.sight_radius = 3 + unit() * 30;
  plan.spawn = {plan.width / 2, plan.height / 2};
  const float pitch = 8 + unit() * 8;
  for (float x = 1; x + pitch < plan.width; x += pitch) {
    for (float y = 1; y + pitch < plan.height; y += pitch) {
      if (random.Below(2) == 0) continue;
      const float w = pitch * (0.5f + unit() * 0.5f);
      const float h = pitch * (0.5f + unit() * 0.5f);
      plan.zones.push_back({"", {{x, y}, {x + w, y}, {x + w, y + h}, {x, y + h}}});
    }
  }
  return plan;
}

class RouterWalk {
 public:
  explicit RouterWalk(uint64_t seed)
      : random_(seed), plan_(RandomPlan(random_)), model_(plan_), office_(plan_) {}

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
    if (!model_.people.contains(id)) return Join(id);
    switch (random_.Below(16)) {
      case 0:
        office_.Leave(id);
        return model_.Forget(id);
      case 1:
      case 2: {
        const SourceSet sources(static_cast<uint8_t>(random_.Below(16)));
        office_.SetSources(id, sources);
        model_.people[id].sources = sources;
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
    Avatar avatar;
    avatar.position = {Unit() * plan_.width, Unit() * plan_.height};
    // Some are always short of slots, some never.
    const uint32_t most = random_.Below(2) == 0 ? 3 : 64;
    avatar.slots = {static_cast<uint8_t>(random_.Below(most + 1)),
                    static_cast<uint8_t>(random_.Below(most + 1))};
    avatar.moved_at = office_.now();
    office_.Join(id, avatar.position, avatar.slots);
    model_.people[id] = avatar;
  }
  void Walk(uint32_t id) {
    office_.AdvanceBy(Duration::Millis(random_.Below(1500)));
    Avatar& avatar = model_.people[id];
    const bool is_leap = random_.Below(4) == 0;
    const float far = is_leap ? 100.0f : 2.0f;
    const Point wish{avatar.position.x + (Unit() - 0.5f) * far,
                     avatar.position.y + (Unit() - 0.5f) * far};
    const Pose pose = office_.Move(id, {wish, Unit() * 10 - 5});
    CheckStep(avatar, pose);
    avatar.position = pose.position;
    avatar.moved_at = office_.now();
  }
  // R18: nobody is faster than legs, nobody leaves the floor.
  void CheckStep(Avatar& avatar, const Pose& pose) {
    const double elapsed = (office_.now() - avatar.moved_at).seconds();
    const double step =
        std::hypot(pose.position.x - avatar.position.x, pose.position.y - avatar.position.y);
    avatar.legs = std::min(avatar.legs + 12 * elapsed, 12.0) - step;
    EXPECT_GE(avatar.legs, -1e-2);
    EXPECT_TRUE(pose.position.x >= 0 && pose.position.x <= plan_.width);
    EXPECT_TRUE(pose.position.y >= 0 && pose.position.y <= plan_.height);
    EXPECT_LE(std::abs(pose.heading), 3.1416f);
  }

  void Check() {
    model_.Update();
    CheckRights();
    CheckSights();
    CheckSlots();
  }
  void CheckRights() {
    for (const auto& [listener, avatar] : model_.people) {
      for (const auto& [speaker, other] : model_.people) {
        for (const SourceId source :
             {MicOf(speaker), CameraOf(speaker), ScreenOf(speaker), ScreenAudioOf(speaker)}) {
          ASSERT_EQ(office_.router().MayReceive(Id(listener), source),
                    model_.MayReceive(listener, source))
              << listener << " from " << speaker;
        }
        const Audible there = office_.router().AudibleNow(Id(listener), Id(speaker));
        const Audible back = office_.router().AudibleNow(Id(speaker), Id(listener));
        ASSERT_EQ(there.gain, back.gain);
        ASSERT_EQ(there.distance, back.distance);
        if (!model_.hears.contains({listener, speaker})) {
          ASSERT_EQ(there.gain, 0);
        }
      }
    }
  }
  void CheckSights() {
    ASSERT_EQ(office_.sights().size(), model_.sees.size());
    for (const auto& [viewer, person] : model_.sees) ASSERT_TRUE(office_.Sees(viewer, person));
  }
  void CheckSlots() {
    std::map<std::pair<uint32_t, MediaKind>, size_t> used;
    for (const auto& [key, source] : office_.slots()) {
      const auto listener = static_cast<uint32_t>(key.first);
      const auto speaker = static_cast<uint32_t>(source.participant());
      ++used[{listener, key.second.kind}];
      ASSERT_TRUE(model_.MayReceive(listener, source)) << "a slot without the right";
      ASSERT_TRUE(model_.people[speaker].sources.Has(source.kind())) << "a source that is off";
    }
    for (const auto& [listener, avatar] : model_.people) {
      std::map<MediaKind, size_t> wanted;
      for (const auto& [speaker, other] : model_.people) {
        for (const SourceId source :
             {MicOf(speaker), CameraOf(speaker), ScreenOf(speaker), ScreenAudioOf(speaker)}) {
          if (!other.sources.Has(source.kind()) || !model_.MayReceive(listener, source)) continue;
          ++wanted[MediaKindOf(source.kind())];
        }
      }
      // A source is counted once however many slots it has.
      ASSERT_EQ(office_.Sources(listener).size(), used[std::pair(listener, MediaKind::kAudio)] +
                                                      used[std::pair(listener, MediaKind::kVideo)])
          << "a source in two slots";
      CheckUse(used[{listener, MediaKind::kAudio}], wanted[MediaKind::kAudio], avatar.slots.audio);
      CheckUse(used[{listener, MediaKind::kVideo}], wanted[MediaKind::kVideo], avatar.slots.video);
    }
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
  Model model_;
  RouterDriver office_;
};

class SpatialRouterPropertyTest : public ::testing::TestWithParam<uint64_t> {};

TEST_P(SpatialRouterPropertyTest, R17_RandomWalksNeverLeaveTheRules) {
  SCOPED_TRACE("seed " + std::to_string(GetParam()));
  RouterWalk(GetParam()).Run(600);
}

INSTANTIATE_TEST_SUITE_P(Seeds, SpatialRouterPropertyTest, ::testing::Range<uint64_t>(1, 13));

}  // namespace
}  // namespace earshot
