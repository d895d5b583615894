#include "venue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace earshot::load {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

JoinedReply ReplyFor(uint32_t participant) {
  JoinedReply reply;
  reply.participant = ParticipantId{participant};
  reply.floor.width = 40;
  reply.floor.height = 30;
  reply.floor.audible = {8, 9};
  reply.floor.visible = {10, 11};
  reply.floor.max_speed = 12;
  reply.pose = {{20, 15}, 0};
  return reply;
}

TEST(VenueTest, HasACrowdOnceSomebodyHasEntered) {
  SeededRandom random{1};
  Venue venue("hall", Scenario{.people = 2}, random);
  venue.Leave(1);
  EXPECT_FALSE(venue.is_open());
  EXPECT_THAT(venue.Enter(0, ReplyFor(11), Timestamp::Seconds(1)), IsEmpty());
  EXPECT_THAT(venue.Enter(1, ReplyFor(12), Timestamp::Seconds(1)), IsEmpty());
  EXPECT_TRUE(venue.is_open());
  EXPECT_TRUE(venue.crowd().Step(1, Timestamp::Seconds(2)));
  venue.Leave(1);
  EXPECT_FALSE(venue.crowd().Step(1, Timestamp::Seconds(3)));
}

TEST(VenueTest, NobodyEntersAPlanThatLacksSomething) {
  SeededRandom random{1};
  Venue venue("hall", Scenario{.people = 200, .layout = Layout::kGrid}, random);
  EXPECT_THAT(venue.Enter(0, ReplyFor(11), Timestamp::Seconds(1)), HasSubstr("too small"));
  EXPECT_FALSE(venue.is_open());
}

TEST(VenueTest, TheFirstOfEachIsOnItsStageAndTalksAlone) {
  SeededRandom random{1};
  const Venue lecture("hall", Scenario{.people = 3, .talk = Talk::kOne}, random);
  EXPECT_FALSE(lecture.IsSpeaker(0));
  EXPECT_TRUE(lecture.IsTalker(0));
  EXPECT_FALSE(lecture.IsTalker(1));
  const Venue stage("hall", Scenario{.people = 3, .talk = Talk::kNobody, .audience = 1}, random);
  EXPECT_TRUE(stage.IsSpeaker(0));
  EXPECT_TRUE(stage.IsTalker(0));
  EXPECT_FALSE(stage.IsTalker(1));
}

}  // namespace
}  // namespace earshot::load
