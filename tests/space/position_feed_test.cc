#include "space/position_feed.h"

#include <gtest/gtest.h>

namespace earshot {
namespace {

constexpr ParticipantId kA{1};
constexpr ParticipantId kB{2};
Timestamp At(int64_t millis) { return Timestamp::Millis(1000 + millis); }

std::vector<ParticipantId> Take(PositionFeed& feed, Timestamp now) {
  std::vector<ParticipantId> people;
  feed.TakeDue(now, people);
  return people;
}

TEST(PositionFeedTest, TellsOfWhoMovedInOrderOfId) {
  PositionFeed feed;
  feed.PersonMoved(kB, At(0));
  feed.PersonMoved(kA, At(0));
  EXPECT_EQ(Take(feed, At(0)), (std::vector{kA, kB}));
}

TEST(PositionFeedTest, TellsAtMostTenTimesASecond) {
  PositionFeed feed;
  size_t told = 0;
  for (int millis = 0; millis < 1000; millis += 10) {
    feed.PersonMoved(kA, At(millis));
    told += Take(feed, At(millis)).size();
  }
  EXPECT_EQ(told, 10u);
}

// Each who stopped is repeated at a time of its own; the message is not.
TEST(PositionFeedTest, RepeatsAndMovesShareTheirMessages) {
  PositionFeed feed;
  size_t messages = 0;
  for (int millis = 0; millis < 5000; millis += 10) {
    feed.PersonMoved(kA, At(millis));
    if (millis < 1000)
      feed.PersonMoved(ParticipantId{static_cast<uint32_t>(10 + millis)}, At(millis));
    if (!Take(feed, At(millis)).empty()) ++messages;
  }
  EXPECT_EQ(messages, 50u);
}

TEST(PositionFeedTest, SaysWhetherItIsDueAtAnotherTime) {
  PositionFeed feed;
  EXPECT_TRUE(feed.PersonMoved(kA, At(0)));
  EXPECT_FALSE(feed.PersonMoved(kB, At(0)));
  EXPECT_FALSE(Take(feed, At(0)).empty());
  EXPECT_EQ(feed.NextDeadline(), At(1000)) << "the repeats";
  EXPECT_TRUE(feed.PersonMoved(kA, At(10)));
  EXPECT_EQ(feed.NextDeadline(), At(100));
}

TEST(PositionFeedTest, RepeatsThreeTimesAfterTheLastMove) {
  PositionFeed feed;
  feed.PersonMoved(kA, At(0));
  size_t told = 0;
  while (!feed.NextDeadline().IsNever()) told += Take(feed, feed.NextDeadline()).size();
  EXPECT_EQ(told, 4u);
}

TEST(PositionFeedTest, WhoIsForgottenIsNotToldOf) {
  PositionFeed feed;
  feed.PersonMoved(kA, At(0));
  feed.Forget(kA);
  EXPECT_TRUE(Take(feed, At(5000)).empty());
}

}  // namespace
}  // namespace earshot
