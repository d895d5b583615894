#include "space/position_feed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

namespace earshot {
namespace {

using testing::ElementsAre;

constexpr ParticipantId kA{1};
constexpr ParticipantId kB{2};
Timestamp At(int64_t millis) { return Timestamp::Millis(1000 + millis); }

/// A viewer at the origin, and people who stand where they were put last.
class PositionFeedTest : public testing::Test {
 protected:
  void Move(ParticipantId person, Timestamp now, float distance = 1) {
    people_[person] = {person, {{distance, 0}, 0}, {now, ++steps_}};
    feed.PersonMoved(now);
  }
  std::vector<ParticipantId> Take(Timestamp now) {
    if (feed.NextDeadline() > now || !feed.BeginRound(now)) return {};
    std::vector<Mover> movers;
    for (const auto& [id, person] : people_) {
      if (person.step.time > feed.since()) movers.insert(movers.begin(), person);
    }
    std::vector<PersonPose> poses;
    feed.Take(now, steps_, {0, 0}, movers, poses);
    std::vector<ParticipantId> told;
    for (const PersonPose& pose : poses) told.push_back(pose.participant);
    return told;
  }

  PositionFeed feed{At(-1)};

 private:
  std::map<ParticipantId, Mover> people_;
  uint64_t steps_ = 0;
};

TEST_F(PositionFeedTest, TellsOfWhoMovedInOrderOfId) {
  Move(kB, At(0));
  Move(kA, At(0));
  EXPECT_THAT(Take(At(0)), ElementsAre(kA, kB));
}

TEST_F(PositionFeedTest, TellsAtMostTenTimesASecond) {
  size_t told = 0;
  for (int millis = 0; millis < 1000; millis += 10) {
    Move(kA, At(millis));
    told += Take(At(millis)).size();
  }
  EXPECT_EQ(told, 10u);
}

// Each who stopped is repeated at a time of its own; the message is not.
TEST_F(PositionFeedTest, RepeatsAndMovesShareTheirMessages) {
  size_t messages = 0;
  for (int millis = 0; millis < 5000; millis += 10) {
    Move(kA, At(millis));
    if (millis < 1000) Move(ParticipantId{static_cast<uint32_t>(10 + millis)}, At(millis));
    if (!Take(At(millis)).empty()) ++messages;
  }
  EXPECT_EQ(messages, 50u);
}

TEST_F(PositionFeedTest, SaysWhetherItIsDueAtAnotherTime) {
  EXPECT_TRUE(feed.PersonMoved(At(0)));
  EXPECT_FALSE(feed.PersonMoved(At(0)));
  Move(kA, At(0));
  EXPECT_FALSE(Take(At(0)).empty());
  EXPECT_EQ(feed.NextDeadline(), At(100)) << "whoever moved may go on";
  EXPECT_TRUE(Take(At(100)).empty());
  EXPECT_EQ(feed.NextDeadline(), At(1000)) << "the repeats";
  EXPECT_TRUE(feed.PersonMoved(At(110)));
  EXPECT_EQ(feed.NextDeadline(), At(200));
}

TEST_F(PositionFeedTest, RepeatsThreeTimesAfterTheLastMove) {
  Move(kA, At(0));
  std::vector<Timestamp> told;
  while (!feed.NextDeadline().IsNever()) {
    const Timestamp now = feed.NextDeadline();
    if (!Take(now).empty()) told.push_back(now);
  }
  EXPECT_THAT(told, ElementsAre(At(0), At(1000), At(2000), At(3000)));
}

TEST_F(PositionFeedTest, TellsOfWhoMovedAtTheVeryTimeOfAMessage) {
  Move(kA, At(0));
  EXPECT_THAT(Take(At(0)), ElementsAre(kA));
  Move(kB, At(0));
  EXPECT_THAT(Take(At(100)), ElementsAre(kB));
}

TEST_F(PositionFeedTest, TellsLessOftenOfWhoIsFarther) {
  std::map<ParticipantId, int> told;
  size_t most = 0;
  constexpr uint32_t kPeople = 40;
  for (int millis = 0; millis < 4000; millis += 10) {
    for (uint32_t id = 1; id <= kPeople; ++id) {
      Move(ParticipantId{id}, At(millis), id <= 20 ? 15.0f : 25.0f);
    }
    Move(ParticipantId{100}, At(millis), 9.9f);
    const std::vector<ParticipantId> now = Take(At(millis));
    for (const ParticipantId id : now) ++told[id];
    most = std::max(most, now.size());
  }
  for (uint32_t id = 1; id <= kPeople; ++id) {
    EXPECT_EQ(told[ParticipantId{id}], id <= 20 ? 20 : 10) << id;
  }
  EXPECT_EQ(told[ParticipantId{100}], 40);
  EXPECT_EQ(most, 1u + 20 / 2 + 20 / 4) << "in messages of one size";
}

TEST_F(PositionFeedTest, TellsTheLastStepOfWhoIsFarWithinFourRounds) {
  for (uint32_t id = 1; id <= 8; ++id) Move(ParticipantId{id}, At(0), 30);
  std::set<ParticipantId> told;
  for (int millis = 0; millis < 400; millis += 100) {
    for (const ParticipantId id : Take(At(millis))) EXPECT_TRUE(told.insert(id).second);
  }
  EXPECT_EQ(told.size(), 8u);
  EXPECT_THAT(Take(At(400)), ElementsAre());
}

TEST_F(PositionFeedTest, WhatWaitsWithItComesAtItsPace) {
  EXPECT_LE(feed.NextTurn(), At(0));
  EXPECT_FALSE(feed.BeginRound(At(0))) << "no poses";
  EXPECT_TRUE(feed.NextDeadline().IsNever());
  EXPECT_EQ(feed.NextTurn(), At(100));
  Move(kA, At(40));
  EXPECT_EQ(feed.NextDeadline(), At(100)) << "together";
}

TEST_F(PositionFeedTest, IsAwakeWhileSomebodyMoves) {
  EXPECT_FALSE(feed.IsAwake(At(0)));
  Move(kA, At(0));
  for (int millis = 0; millis < 1000; millis += 50) {
    Move(kA, At(millis));
    if (millis % 100 == 0) Take(At(millis));
    EXPECT_TRUE(feed.IsAwake(At(millis))) << millis;
  }
  Take(At(1000));
  Take(At(1100));
  EXPECT_FALSE(feed.IsAwake(At(1100))) << "the repeat is later";
  EXPECT_FALSE(feed.NextDeadline().IsNever());
}

}  // namespace
}  // namespace earshot
