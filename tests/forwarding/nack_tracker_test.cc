#include "forwarding/nack_tracker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"

namespace earshot {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr Timestamp kStart = Timestamp::Seconds(100);
constexpr int64_t kFirst = 70000;

Timestamp At(int64_t ms) { return kStart + Duration::Millis(ms); }

class NackTrackerTest : public testing::Test {
 protected:
  NackTracker::Arrival Arrive(int64_t offset, int64_t ms) {
    return tracker_.HandlePacket(kFirst + offset, At(ms));
  }
  // What is asked for, as offsets from the first packet.
  std::vector<int> Asked(int64_t ms) {
    std::vector<int> offsets;
    for (const uint16_t sequence : tracker_.TakeDue(At(ms), gave_up_)) {
      offsets.push_back(static_cast<uint16_t>(sequence - static_cast<uint16_t>(kFirst)));
    }
    return offsets;
  }

  NackTracker tracker_;
  bool gave_up_ = false;
};

TEST_F(NackTrackerTest, NothingIsMissingOfAnUnbrokenStream) {
  for (int i = 0; i < 100; ++i) {
    EXPECT_FALSE(Arrive(i, i).duplicate);
    EXPECT_TRUE(tracker_.NextDeadline().IsNever());
  }
  EXPECT_THAT(Asked(1000), IsEmpty());
}

TEST_F(NackTrackerTest, AGapIsAskedForAfterTheReorderWindow) {
  Arrive(0, 0);
  Arrive(3, 5);
  EXPECT_EQ(tracker_.NextDeadline(), At(15));
  EXPECT_THAT(Asked(14), IsEmpty());
  EXPECT_THAT(Asked(15), ElementsAre(1, 2));
  EXPECT_THAT(Asked(15), IsEmpty()) << "asked for already";
  EXPECT_EQ(tracker_.NextDeadline(), At(95));
}

TEST_F(NackTrackerTest, WhatComesLateIsNotAskedFor) {
  Arrive(0, 0);
  Arrive(3, 0);
  EXPECT_FALSE(Arrive(1, 4).duplicate);
  EXPECT_THAT(Asked(10), ElementsAre(2));
  EXPECT_FALSE(Arrive(2, 20).duplicate);
  EXPECT_TRUE(tracker_.NextDeadline().IsNever());
}

TEST_F(NackTrackerTest, R13_WhatWasThereAlreadyIsADuplicate) {
  Arrive(0, 0);
  Arrive(2, 0);
  EXPECT_TRUE(Arrive(2, 1).duplicate);
  EXPECT_TRUE(Arrive(0, 1).duplicate);
  EXPECT_FALSE(Arrive(1, 1).duplicate);
  EXPECT_TRUE(Arrive(1, 1).duplicate);
  EXPECT_TRUE(Arrive(-1, 1).duplicate) << "from before the first";
}

TEST_F(NackTrackerTest, APacketIsGivenUpAfterEightRequests) {
  Arrive(0, 0);
  Arrive(2, 0);
  int requests = 0;
  while (!tracker_.NextDeadline().IsNever()) {
    const Timestamp now = tracker_.NextDeadline();
    const NackTracker::Batch batch = tracker_.TakeDue(now, gave_up_);
    requests += static_cast<int>(batch.size());
    EXPECT_EQ(gave_up_, batch.empty());
    EXPECT_GT(tracker_.NextDeadline(), now);
  }
  EXPECT_EQ(requests, NackTracker::kMaxRequests);
  EXPECT_TRUE(gave_up_);
  EXPECT_TRUE(Arrive(1, 5000).duplicate) << "comes too late to be of use";
}

TEST_F(NackTrackerTest, EachGapHasItsOwnTime) {
  Arrive(0, 0);
  Arrive(2, 0);
  Arrive(4, 7);
  EXPECT_THAT(Asked(10), ElementsAre(1));
  EXPECT_THAT(Asked(17), ElementsAre(3));
  EXPECT_THAT(Asked(90), ElementsAre(1));
  EXPECT_THAT(Asked(200), ElementsAre(1, 3)) << "both are due: ascending";
}

TEST_F(NackTrackerTest, R11_AGapOfMoreThan256IsAnsweredWithAKeyframe) {
  Arrive(0, 0);
  EXPECT_FALSE(Arrive(257, 0).needs_keyframe);
  EXPECT_EQ(Asked(10).size(), NackTracker::kMaxMissing);
  const NackTracker::Arrival arrival = Arrive(259, 11);
  EXPECT_TRUE(arrival.needs_keyframe);
  EXPECT_FALSE(arrival.duplicate);
  EXPECT_TRUE(tracker_.NextDeadline().IsNever());
  EXPECT_THAT(Asked(1000), IsEmpty());
  EXPECT_TRUE(Arrive(5, 1000).duplicate) << "given up with the rest";
}

TEST_F(NackTrackerTest, R11_AJumpOfHalfTheSequenceSpaceMakesNoList) {
  Arrive(0, 0);
  EXPECT_TRUE(Arrive(32767, 0).needs_keyframe);
  EXPECT_TRUE(tracker_.NextDeadline().IsNever());
  Arrive(32769, 1);
  EXPECT_THAT(Asked(11), ElementsAre(32768)) << "and repair goes on from there";
}

TEST_F(NackTrackerTest, SequenceNumbersWrap) {
  tracker_.HandlePacket(131071, At(0));
  tracker_.HandlePacket(131074, At(0));
  EXPECT_THAT(tracker_.TakeDue(At(10), gave_up_), ElementsAre(0, 1));
}

// The oracle is the definition: missing is what lies between first and newest and did not come.
TEST_F(NackTrackerTest, AsksForExactlyWhatDidNotComeUnderLossAndReordering) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    SeededRandom random(seed);
    NackTracker tracker;
    std::vector<bool> came(200);
    came[0] = true;
    tracker.HandlePacket(kFirst, kStart);
    int64_t newest = 0;
    for (int step = 0; step < 150; ++step) {
      const int64_t sequence = std::min<int64_t>(newest + random.Below(3), 199);
      const int64_t offset = std::max<int64_t>(sequence - random.Below(4), 0);
      const bool expected = came[static_cast<size_t>(offset)];
      ASSERT_EQ(tracker.HandlePacket(kFirst + offset, kStart).duplicate, expected);
      came[static_cast<size_t>(offset)] = true;
      newest = std::max(newest, offset);
    }
    std::vector<uint16_t> missing;
    for (int64_t i = 0; i < newest; ++i) {
      if (!came[static_cast<size_t>(i)]) missing.push_back(static_cast<uint16_t>(kFirst + i));
    }
    ASSERT_THAT(tracker.TakeDue(At(10), gave_up_), testing::ElementsAreArray(missing));
  }
}

}  // namespace
}  // namespace earshot
