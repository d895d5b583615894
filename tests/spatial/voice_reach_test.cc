#include "spatial/voice_reach.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "spatial/random_plan.h"
#include "spatial/shadows.h"

namespace earshot {
namespace {

// One place, one speaker, and everywhere around it.
class Place {
 public:
  explicit Place(const FloorPlan& plan) : premises_(plan), rules_(premises_) {
    EXPECT_EQ(ValidateFloorPlan(plan), "");
  }
  void Stand(Point at) {
    speaker_ = {.position = at, .person = 1, .zone = premises_.ZoneAt(at)};
    Find();
  }
  void Speak(Voice voice) {
    speaker_.Set(voice, true);
    Find();
  }
  void Whisper(PersonIndex to) {
    speaker_.whispers_to = to;
    Speak(Voice::kWhisper);
  }
  void JoinBubble() {
    speaker_.bubble = 3;
    Find();
  }
  void SetDoor(DoorState state) {
    premises_.SetDoor(0, state);
    Find();
  }

  /// By what its client is told.
  bool IsTold(Point at) const {
    const ZoneIndex zone = premises_.ZoneAt(at);
    int count = 0;
    bool is_told = false;
    for (const ReachPart& part : parts_) {
      if (std::find(part.zones.begin(), part.zones.end(), zone) == part.zones.end()) continue;
      ++count;
      const Point here = speaker_.position;
      is_told = part.radius == 0 ||
                (Distance(here, at) <= part.radius &&
                 (part.outline.empty() || Contains(part.outline, {at.x - here.x, at.y - here.y})));
    }
    EXPECT_LE(count, 1) << "a zone in two parts";
    return is_told;
  }
  /// By the rules.
  bool IsHeard(Point at) const {
    const Standing stranger{.position = at, .person = 2, .zone = premises_.ZoneAt(at)};
    return rules_.Between(stranger, speaker_, {}).here.Has(Right::kHear);
  }
  /// Nothing where a border is near, or where more is to be said than is told.
  std::optional<bool> IsSurelyHeard(Point at) const {
    constexpr float kNear = 0.06f;
    const bool is_heard = IsHeard(at);
    for (const float dx : {-kNear, 0.0f, kNear}) {
      for (const float dy : {-kNear, 0.0f, kNear}) {
        if (IsHeard({at.x + dx, at.y + dy}) != is_heard) return std::nullopt;
      }
    }
    return is_heard;
  }
  bool IsSimplified() const {
    size_t screens = 0;
    premises_.VisitBarriersAround(speaker_.position, premises_.widest_media(),
                                  [&](const Barrier&) { ++screens; });
    bool is_simplified = parts_.size() == kMaxReachParts || screens > kMaxScreens;
    for (const ReachPart& part : parts_) {
      is_simplified = is_simplified || part.outline.size() == kMaxReachCorners;
    }
    return is_simplified;
  }
  bool IsOnStage() const { return premises_.IsKind(speaker_.zone, ZoneKind::kStage); }
  Point HalfWayTo(Point far) const {
    return {(speaker_.position.x + far.x) / 2, (speaker_.position.y + far.y) / 2};
  }
  const std::vector<ReachPart>& parts() const { return parts_; }

 private:
  void Find() { FindReach(premises_, speaker_, parts_); }

  Premises premises_;
  AudibilityRules rules_;
  Standing speaker_;
  std::vector<ReachPart> parts_;
};

std::vector<Point> Box(float x, float y, float width, float height) {
  return {{x, y}, {x + width, y}, {x + width, y + height}, {x, y + height}};
}

TEST(VoiceReachTest, OnTheOpenFloorItIsACircleThatNeedsNotBeToldAgain) {
  Place place(FloorPlan{});
  place.Stand({20, 15});
  ASSERT_EQ(place.parts().size(), 1u);
  const ReachPart told = place.parts().front();
  EXPECT_EQ(told, (ReachPart{8, {kOpenFloor}, {}}));
  place.Stand({10, 10});
  EXPECT_EQ(place.parts().front(), told);
  EXPECT_TRUE(place.IsTold({17.9f, 10}));
  EXPECT_FALSE(place.IsTold({18.1f, 10}));
}

TEST(VoiceReachTest, ARoomKeepsItInUnlessItsDoorIsOpen) {
  FloorPlan plan;
  plan.zones = {{"room", Box(10, 10, 6, 6)}};
  plan.doors = {{"door", {16, 12}, {16, 14}}};
  Place place(plan);
  place.Stand({15, 13});
  EXPECT_TRUE(place.IsTold({10.5f, 10.5f}));
  EXPECT_FALSE(place.IsTold({17, 13}));
  ASSERT_EQ(place.parts().size(), 1u);
  EXPECT_EQ(place.parts()[0].zones, std::vector<int16_t>{0});
  place.SetDoor(DoorState::kOpen);
  EXPECT_TRUE(place.IsTold({17, 13}));
  EXPECT_FALSE(place.IsTold({17, 17})) << "beside the door";
  EXPECT_TRUE(place.IsTold({10.5f, 10.5f}));
}

TEST(VoiceReachTest, AroundTheCornerOfARoomOneIsHeardButNotBehindAWall) {
  FloorPlan plan;
  plan.zones = {{"bend", {{10, 10}, {18, 10}, {18, 12}, {12, 12}, {12, 18}, {10, 18}}}};
  plan.walls = {{{30, 5}, {30, 25}}};
  Place place(plan);
  place.Stand({15, 11});
  EXPECT_TRUE(place.IsTold({11, 16}));
  place.Stand({28, 15});
  EXPECT_TRUE(place.IsTold({29, 15}));
  EXPECT_FALSE(place.IsTold({31, 15}));
}

TEST(VoiceReachTest, NobodyHearsWhoIsInAQuietRoom) {
  FloorPlan plan;
  plan.zones = {{"library", Box(10, 10, 6, 6), ZoneKind::kQuiet}};
  Place place(plan);
  place.Stand({13, 13});
  EXPECT_TRUE(place.parts().empty());
  place.Speak(Voice::kMegaphone);
  EXPECT_TRUE(place.IsTold({39, 29}));
}

TEST(VoiceReachTest, AStageReachesAllOfItsAudienceAndThoseAround) {
  FloorPlan plan;
  plan.width = 100;
  plan.zones = {{"stage", Box(10, 10, 4, 4), ZoneKind::kStage},
                {"square", Box(14, 2, 60, 20), ZoneKind::kLobby}};
  plan.zones[0].audience = "square";
  Place place(plan);
  place.Stand({12, 12});
  EXPECT_FALSE(place.IsTold({70, 20}));
  place.Speak(Voice::kStage);
  EXPECT_TRUE(place.IsTold({70, 20}));
  EXPECT_TRUE(place.IsTold({8, 12}));
  EXPECT_FALSE(place.IsTold({90, 12}));
}

TEST(VoiceReachTest, AMegaphoneReachesAllButPrivateZones) {
  FloorPlan plan;
  plan.zones = {{"office", Box(30, 10, 6, 6), ZoneKind::kPrivate}, {"room", Box(10, 10, 6, 6)}};
  plan.zones[0].owner = "ann";
  Place place(plan);
  place.Stand({1, 1});
  place.Speak(Voice::kMegaphone);
  EXPECT_TRUE(place.IsTold({39, 29}));
  EXPECT_TRUE(place.IsTold({13, 13}));
  EXPECT_FALSE(place.IsTold({33, 13}));
  place.Stand({33, 13});
  place.Speak(Voice::kMegaphone);
  EXPECT_TRUE(place.IsTold({31, 13}));
  EXPECT_FALSE(place.IsTold({39, 29}));
}

TEST(VoiceReachTest, NobodyAroundHearsAWhisper) {
  Place place(FloorPlan{});
  place.Stand({20, 15});
  place.Speak(Voice::kMegaphone);
  place.Whisper(7);
  EXPECT_TRUE(place.parts().empty());
}

TEST(VoiceReachTest, ABubbleIsHeardByOthersAsFarAsItLetsThemHear) {
  FloorPlan plan;
  plan.zones = {{"desks", Box(23, 10, 6, 6), ZoneKind::kDesk}};
  plan.bubble_transmission = 0.1f;
  Place place(plan);
  place.Stand({20, 13});
  EXPECT_TRUE(place.IsTold({25, 13}));
  place.JoinBubble();
  EXPECT_TRUE(place.IsTold({18, 13}));
  EXPECT_FALSE(place.IsTold({25, 13})) << "too faint behind one more border";
  plan.bubble_transmission = 0;
  Place closed(plan);
  closed.Stand({20, 13});
  closed.JoinBubble();
  EXPECT_TRUE(closed.parts().empty());
}

TEST(VoiceReachTest, IsWhereTheRulesSayOnAnyPlan) {
  int asked = 0;
  int heard = 0;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    const FloorPlan plan = RandomPlan(random).Make();
    Place place(plan);
    const auto draw = [&] {
      return Point{static_cast<float>(random.Unit()) * plan.width,
                   static_cast<float>(random.Unit()) * plan.height};
    };
    for (int round = 0; round < 20; ++round) {
      place.Stand(draw());
      if (random.Below(4) == 0) place.Speak(Voice::kMegaphone);
      if (place.IsOnStage() && random.Below(2) == 0) place.Speak(Voice::kStage);
      if (random.Below(4) == 0) place.JoinBubble();
      if (random.Below(10) == 0) place.Whisper(3);
      if (place.IsSimplified()) continue;
      for (int i = 0; i < 60; ++i) {
        const Point at = random.Below(2) == 0 ? draw() : place.HalfWayTo(draw());
        const std::optional<bool> is_heard = place.IsSurelyHeard(at);
        if (!is_heard) continue;
        ++asked;
        heard += *is_heard;
        ASSERT_EQ(place.IsTold(at), *is_heard) << at.x << ", " << at.y;
      }
    }
  }
  EXPECT_GT(heard, asked / 20);
  EXPECT_LT(heard, asked);
}

}  // namespace
}  // namespace earshot
