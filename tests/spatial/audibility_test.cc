#include "spatial/audibility.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace earshot {
namespace {

// Hear 8 / 9, watch 10 / 11, see 30 / 31.
const FloorPlan kPlan;

Rights At(float distance, Rights before, ZoneIndex room = kOpenFloor,
          ZoneIndex other_room = kOpenFloor) {
  return AudibilityRules(kPlan).Between({{0, 0}, room}, {{distance, 0}, other_room}, before);
}

TEST(AudibilityTest, RightsAreGainedWithinEnterAndLostBeyondLeave) {
  struct Case {
    Right right;
    float enter, leave;
  };
  for (const Case& c :
       {Case{Right::kHear, 8, 9}, Case{Right::kWatch, 10, 11}, Case{Right::kSee, 30, 31}}) {
    EXPECT_TRUE(At(c.enter, Rights()).Has(c.right));
    EXPECT_FALSE(At(c.enter + 0.001f, Rights()).Has(c.right));
    EXPECT_TRUE(At(c.leave, Rights::Only(c.right)).Has(c.right));
    EXPECT_FALSE(At(c.leave + 0.001f, Rights::Only(c.right)).Has(c.right));
    EXPECT_FALSE(At(c.leave, Rights::Only(c.right, false)).Has(c.right));
  }
}

TEST(AudibilityTest, OneRightDoesNotKeepAnother) {
  EXPECT_EQ(At(8.5f, Rights::Only(Right::kSee)),
            Rights::Only(Right::kSee) | Rights::Only(Right::kWatch));
  EXPECT_EQ(At(10.5f, Rights::Only(Right::kHear)), Rights::Only(Right::kSee));
}

TEST(AudibilityTest, R17_NothingPassesTheOutlineOfARoom) {
  for (const float distance : {0.0f, 0.5f, 5.0f}) {
    EXPECT_TRUE(At(distance, Rights::All(), 0, 1).IsEmpty());
    EXPECT_TRUE(At(distance, Rights::All(), kOpenFloor, 0).IsEmpty());
    EXPECT_TRUE(At(distance, Rights::All(), 0, kOpenFloor).IsEmpty());
    EXPECT_EQ(At(distance, Rights(), 3, 3), Rights::All());
  }
}

TEST(AudibilityTest, R17_RightsAreMutual) {
  SeededRandom random(11);
  const AudibilityRules rules(kPlan);
  const auto standing = [&] {
    return Standing{
        {static_cast<float>(random.Unit()) * 40, static_cast<float>(random.Unit()) * 30},
        static_cast<ZoneIndex>(random.Below(2))};
  };
  for (int i = 0; i < 10000; ++i) {
    const Standing a = standing();
    const Standing b = standing();
    const Rights before = Rights::Only(Right::kHear, random.Below(2) == 0) |
                          Rights::Only(Right::kWatch, random.Below(2) == 0) |
                          Rights::Only(Right::kSee, random.Below(2) == 0);
    ASSERT_EQ(rules.Between(a, b, before), rules.Between(b, a, before));
    ASSERT_EQ(rules.Perceive({a.position, 1}, b.position, before).gain,
              rules.Perceive({b.position, 2}, a.position, before).gain);
  }
}

TEST(AudibilityTest, GainIsFlatThenFallsInALine) {
  const AudibilityRules rules(kPlan);
  EXPECT_EQ(rules.GainAt(0), 1);
  EXPECT_EQ(rules.GainAt(1.5f), 1);
  EXPECT_FLOAT_EQ(rules.GainAt(5.25f), 0.5f);
  EXPECT_EQ(rules.GainAt(9), 0);
  EXPECT_EQ(rules.GainAt(100), 0);
}

TEST(AudibilityTest, R17_NothingIsPerceivedWithoutARight) {
  const AudibilityRules rules(kPlan);
  EXPECT_EQ(rules.Perceive({{1, 1}, 0}, {2, 2}, Rights()), Audible{});
  EXPECT_EQ(rules.Perceive({{1, 1}, 0}, {2, 2}, Rights::Only(Right::kSee)), Audible{});
}

TEST(AudibilityTest, AWatchedPersonHasDirectionButNoGain) {
  const Audible audible =
      AudibilityRules(kPlan).Perceive({{0, 0}, 0}, {0, 5}, Rights::Only(Right::kWatch));
  EXPECT_EQ(audible.gain, 0);
  EXPECT_FLOAT_EQ(audible.distance, 5);
  EXPECT_NEAR(audible.azimuth, 1.5708, 1e-4);
}

TEST(AudibilityTest, EachRightLetsItsSourcesThrough) {
  EXPECT_EQ(Receivable(Rights()), SourceSet());
  EXPECT_EQ(Receivable(Rights::Only(Right::kSee)), SourceSet());
  EXPECT_EQ(Receivable(Rights::Only(Right::kHear)).bits(), 0b1001);
  EXPECT_EQ(Receivable(Rights::Only(Right::kWatch)).bits(), 0b0110);
  EXPECT_EQ(Receivable(Rights::All()), SourceSet::All());
}

TEST(AudibilityTest, SmallDifferencesAreNotNoticeable) {
  const Audible base{.gain = 0.5f, .azimuth = 3.13f, .distance = 5};
  EXPECT_FALSE(IsNoticeable(base, {0.515f, 3.10f, 5.2f}));
  EXPECT_FALSE(IsNoticeable(base, {0.5f, -3.13f, 5}));  // across the back
  EXPECT_TRUE(IsNoticeable(base, {0.53f, 3.13f, 5}));
  EXPECT_TRUE(IsNoticeable(base, {0.5f, 3.07f, 5}));
  EXPECT_TRUE(IsNoticeable(base, {0.5f, 3.13f, 5.3f}));
}

}  // namespace
}  // namespace earshot
