#include "spatial/slots.h"

#include <gtest/gtest.h>

#include <vector>

namespace earshot {
namespace {

constexpr Timestamp kNow = Timestamp::Seconds(10);
constexpr Timestamp kHeld = Timestamp::Seconds(11);

SourceId MicOf(uint32_t id) { return {ParticipantId{id}, SourceKind::kMic}; }

TEST(SlotPoolTest, TheLowestFreeSlotComesFirst) {
  SlotPool pool(3);
  for (uint32_t id = 1; id <= 3; ++id) {
    EXPECT_EQ(pool.FirstFree(), id - 1);
    pool.Put(pool.FirstFree(), MicOf(id), {});
  }
  EXPECT_EQ(pool.free_count(), 0u);
  EXPECT_EQ(pool.Free(MicOf(2)), 1);
  EXPECT_EQ(pool.free_count(), 1u);
  EXPECT_EQ(pool.FirstFree(), 1);
  EXPECT_EQ(pool.Find(MicOf(3)), 2);
  EXPECT_EQ(pool.Find(MicOf(2)), std::nullopt);
}

TEST(SlotPoolTest, ReplacingKeepsTheCount) {
  SlotPool pool(2);
  pool.Put(0, MicOf(1), {});
  pool.Put(0, MicOf(2), {});
  EXPECT_EQ(pool.free_count(), 1u);
  EXPECT_EQ(pool.Free(MicOf(1)), std::nullopt);
  EXPECT_EQ(pool.free_count(), 1u);
}

TEST(SlotPoolTest, TheNumberOfSlotsIsBounded) {
  EXPECT_EQ(SlotPool(255).size(), kMaxSlotsPerKind);
  EXPECT_EQ(SlotPool().size(), 0u);
}

struct Decision {
  std::vector<Replacement> replacements;
  Timestamp retry_at;
};

Decision Decide(const std::vector<Contender>& contenders, std::vector<Incumbent> incumbents) {
  Decision decision;
  decision.retry_at = DecideReplacements(contenders, incumbents, kNow, decision.replacements);
  return decision;
}

TEST(DecideReplacementsTest, NearEqualsDoNotTakeTurns) {
  const Decision decision = Decide({{1.25f, MicOf(9), 9}}, {{1.0f, 0, kNow}});
  EXPECT_TRUE(decision.replacements.empty());
  EXPECT_TRUE(decision.retry_at.IsNever());
}

TEST(DecideReplacementsTest, TheBestTakesTheWeakestSlot) {
  const Decision decision = Decide({{5.0f, MicOf(8), 8}, {4.0f, MicOf(9), 9}},
                                   {{3.5f, 0, kNow}, {1.0f, 1, kNow}, {2.0f, 2, kNow}});
  ASSERT_EQ(decision.replacements.size(), 2u);
  EXPECT_EQ(decision.replacements[0].slot, 1);
  EXPECT_EQ(decision.replacements[0].newcomer.source, MicOf(8));
  EXPECT_EQ(decision.replacements[1].slot, 2);
  EXPECT_EQ(decision.replacements[1].newcomer.source, MicOf(9));
}

TEST(DecideReplacementsTest, AHeldSlotWaitsForItsTime) {
  const Decision decision = Decide({{5.0f, MicOf(8), 8}}, {{1.0f, 0, kHeld}});
  EXPECT_TRUE(decision.replacements.empty());
  EXPECT_EQ(decision.retry_at, kHeld);
}

TEST(DecideReplacementsTest, AHeldSlotIsPassedOverForTheNextWeakest) {
  const Decision decision = Decide({{5.0f, MicOf(8), 8}}, {{1.0f, 0, kHeld}, {2.0f, 1, kNow}});
  ASSERT_EQ(decision.replacements.size(), 1u);
  EXPECT_EQ(decision.replacements[0].slot, 1);
}

TEST(DecideReplacementsTest, AHoldThatWouldNotLoseNeedsNoRetry) {
  const Decision decision = Decide({{1.0f, MicOf(8), 8}}, {{1.0f, 0, kHeld}});
  EXPECT_TRUE(decision.retry_at.IsNever());
}

TEST(RanksBeforeTest, EqualScoresAreOrderedByName) {
  EXPECT_TRUE(RanksBefore({1, MicOf(1), 0}, {1, MicOf(2), 0}));
  EXPECT_FALSE(RanksBefore({1, MicOf(2), 0}, {1, MicOf(1), 0}));
  EXPECT_TRUE(RanksBefore({2, MicOf(2), 0}, {1, MicOf(1), 0}));
}

}  // namespace
}  // namespace earshot
