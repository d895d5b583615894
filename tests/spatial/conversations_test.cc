#include "spatial/conversations.h"

#include <gtest/gtest.h>

#include "spatial/router_driver.h"

namespace earshot {
namespace {

// Hear 8 / 9, see 30 / 31. A room with a door, a private zone, and a quiet one.
FloorPlan Plan() {
  FloorPlan plan;
  plan.width = 100;
  plan.bubble_transmission = 0;
  plan.zones = {{"room", {{60, 2}, {70, 2}, {70, 12}, {60, 12}}},
                {"clerk", {{80, 2}, {90, 2}, {90, 12}, {80, 12}}, ZoneKind::kPrivate},
                {"quiet", {{60, 20}, {70, 20}, {70, 28}, {60, 28}}, ZoneKind::kQuiet}};
  plan.zones[1].owner = "clerk";
  plan.doors = {{"door", {60, 5}, {60, 8}, DoorState::kOpen}};
  return plan;
}

// 1 to 4 stand together and talk; 4 has a megaphone.
class ConversationsTest : public ::testing::Test {
 protected:
  ConversationsTest() {
    for (uint32_t id = 1; id <= 4; ++id) {
      office_.JoinAs(id, {10 + static_cast<float>(id), 10}, {.megaphone = id == 4});
      office_.SetSources(id, SourceSet(0b0001));
    }
  }
  void MakeBubble(uint32_t a, uint32_t b) {
    ASSERT_EQ(office_.Invite(a, b), Outcome::kDone);
    ASSERT_EQ(office_.AcceptInvite(b, a), Outcome::kDone);
  }
  RouterDriver office_{Plan()};
};

TEST_F(ConversationsTest, R17_ABubbleIsHeardByItsMembersAlone) {
  MakeBubble(1, 2);
  EXPECT_EQ(office_.Sources(1), (std::set{MicOf(2)}));
  EXPECT_EQ(office_.Sources(2), (std::set{MicOf(1)}));
  EXPECT_EQ(office_.Sources(3), (std::set{MicOf(4)}));
  MakeBubble(2, 3);
  EXPECT_EQ(office_.Sources(1), (std::set{MicOf(2), MicOf(3)}));
  EXPECT_NE(office_.Told(EventKind::kBubbleJoined, 1), nullptr);
  EXPECT_EQ(office_.LeaveBubble(2), Outcome::kDone);
  EXPECT_EQ(office_.Sources(1), (std::set{MicOf(3)}));
  EXPECT_EQ(office_.Sources(2), (std::set{MicOf(4)}));
}

TEST_F(ConversationsTest, ABubbleCostsNobodyTheVoiceBetweenTheRadii) {
  office_.WalkTo(2, {19.8f, 10});
  ASSERT_TRUE(office_.Hears(1, MicOf(2)));
  MakeBubble(1, 2);
  EXPECT_TRUE(office_.Hears(1, MicOf(2)));
  office_.LeaveBubble(1);
  EXPECT_TRUE(office_.Hears(1, MicOf(2)));
}

TEST_F(ConversationsTest, TheLastOfABubbleIsAloneNoLonger) {
  MakeBubble(1, 2);
  office_.LeaveBubble(2);
  EXPECT_EQ(office_.Sources(1).size(), 3u);
  EXPECT_EQ(office_.Told(EventKind::kBubbleLeft, 1)->other, Id(2));
  EXPECT_EQ(office_.LeaveBubble(1), Outcome::kNothingToDo);
}

TEST_F(ConversationsTest, WhoSeesNobodyOfItsBubbleHasLeftIt) {
  MakeBubble(1, 2);
  MakeBubble(1, 3);
  office_.WalkTo(3, {25, 10});
  office_.WalkTo(3, {35, 10});
  EXPECT_TRUE(office_.last().events.empty());
  office_.WalkTo(3, {45, 10});
  EXPECT_NE(office_.Told(EventKind::kBubbleLeft, 3), nullptr);
  EXPECT_EQ(office_.Told(EventKind::kBubbleLeft, 1)->other, Id(3));
  EXPECT_EQ(office_.Sources(1), (std::set{MicOf(2)}));
}

TEST_F(ConversationsTest, AnInvitationLeadsFromOneBubbleToAnother) {
  MakeBubble(1, 2);
  MakeBubble(3, 4);
  office_.Invite(3, 2);
  EXPECT_EQ(office_.AcceptInvite(2, 3), Outcome::kDone);
  EXPECT_EQ(office_.Sources(2), (std::set{MicOf(3), MicOf(4)}));
  EXPECT_TRUE(office_.Sources(1).empty()) << "alone, outside of the only bubble";
}

TEST_F(ConversationsTest, R17_AWhisperIsHeardByOneAlone) {
  EXPECT_EQ(office_.Whisper(1, 2), Outcome::kDone);
  EXPECT_EQ(office_.Told(EventKind::kWhisper, 2)->other, Id(1));
  EXPECT_TRUE(office_.Hears(2, MicOf(1)));
  EXPECT_FALSE(office_.Hears(3, MicOf(1)));
  EXPECT_EQ(office_.Whisper(1, 3), Outcome::kDone);
  EXPECT_FALSE(office_.Hears(2, MicOf(1)));
  EXPECT_TRUE(office_.Hears(3, MicOf(1)));
  EXPECT_EQ(office_.Told(EventKind::kWhisperEnded, 2)->other, Id(1));
  EXPECT_EQ(office_.Whisper(1, 0), Outcome::kDone);
  EXPECT_TRUE(office_.Hears(4, MicOf(1)));
  EXPECT_EQ(office_.Told(EventKind::kOwnWhisperEnded, 1)->other, Id(3));
}

TEST_F(ConversationsTest, AWhisperEndsWithSight) {
  office_.Whisper(1, 2);
  for (const float x : {24.0f, 35.0f, 45.0f}) office_.WalkTo(2, {x, 10});
  EXPECT_NE(office_.Told(EventKind::kOwnWhisperEnded, 1), nullptr);
  EXPECT_TRUE(office_.Hears(3, MicOf(1)));
}

TEST_F(ConversationsTest, NobodyWhispersOutOfSightOrInTheQuietZone) {
  office_.Join(5, {95, 25});
  EXPECT_EQ(office_.Whisper(1, 5), Outcome::kTooFar);
  office_.Join(6, {65, 25});
  office_.Join(7, {66, 25});
  EXPECT_EQ(office_.Whisper(6, 7), Outcome::kTooFar);
}

TEST_F(ConversationsTest, AMegaphoneIsHeardEverywhereButInPrivateZones) {
  office_.Join(5, {95, 25});
  office_.Join(6, {65, 25});
  office_.JoinAs(7, {85, 5}, {.owned_zones = {1}});
  EXPECT_EQ(office_.SetMegaphone(4, true), Outcome::kDone);
  ASSERT_NE(office_.Told(EventKind::kMegaphoneOn, 0), nullptr);
  EXPECT_TRUE(office_.Hears(5, MicOf(4)));
  EXPECT_TRUE(office_.Hears(6, MicOf(4)));
  EXPECT_FALSE(office_.Hears(7, MicOf(4)));
  office_.Join(8, {95, 5});
  EXPECT_TRUE(office_.Hears(8, MicOf(4))) << "who comes later hears it, too";
  EXPECT_EQ(office_.SetMegaphone(4, false), Outcome::kDone);
  EXPECT_FALSE(office_.Hears(5, MicOf(4)));
}

TEST_F(ConversationsTest, H15_R19_AMegaphoneTakesThePrivilegeAndEndsWithIt) {
  office_.Join(5, {95, 25});
  EXPECT_EQ(office_.SetMegaphone(1, true), Outcome::kNotAllowed);
  office_.SetMegaphone(4, true);
  office_.SetPrivileges(4, {});
  EXPECT_FALSE(office_.Hears(5, MicOf(4)));
  EXPECT_EQ(office_.SetMegaphone(4, true), Outcome::kNotAllowed);
}

TEST_F(ConversationsTest, WhoIsNotToBeDisturbedIsNot) {
  office_.Invite(1, 2);
  office_.Whisper(1, 2);
  EXPECT_EQ(office_.SetDoNotDisturb(2, true), Outcome::kDone);
  EXPECT_NE(office_.Told(EventKind::kOwnWhisperEnded, 1), nullptr);
  EXPECT_EQ(office_.AcceptInvite(2, 1), Outcome::kNothingToDo) << "it is forgotten";
  EXPECT_EQ(office_.Invite(1, 2), Outcome::kDisturbs);
  EXPECT_EQ(office_.Whisper(1, 2), Outcome::kDisturbs);
  EXPECT_EQ(office_.SetDoNotDisturb(2, false), Outcome::kDone);
  EXPECT_EQ(office_.Whisper(1, 2), Outcome::kDone);
}

TEST_F(ConversationsTest, H16_WhatIsNotThereOrOutOfOrderChangesNothing) {
  for (const uint32_t other : {0u, 1u, 9u}) {
    EXPECT_EQ(office_.Invite(1, other), Outcome::kNothingToDo);
    EXPECT_EQ(office_.AcceptInvite(1, other), Outcome::kNothingToDo);
    EXPECT_EQ(office_.Whisper(1, other), Outcome::kNothingToDo);
  }
  EXPECT_EQ(office_.LeaveBubble(1), Outcome::kNothingToDo);
  EXPECT_EQ(office_.SetMegaphone(4, false), Outcome::kNothingToDo);
  EXPECT_EQ(office_.SetDoNotDisturb(1, false), Outcome::kNothingToDo);
  MakeBubble(1, 2);
  EXPECT_EQ(office_.Invite(1, 2), Outcome::kNothingToDo);
  EXPECT_EQ(office_.AcceptInvite(2, 1), Outcome::kNothingToDo);
  office_.Whisper(1, 2);
  EXPECT_EQ(office_.Whisper(1, 2), Outcome::kNothingToDo);
  EXPECT_EQ(office_.Invite(9, 1), Outcome::kNothingToDo) << "nobody of that id";
}

TEST_F(ConversationsTest, E10_EverythingEndsWithWhoLeaves) {
  office_.Join(5, {95, 25});
  MakeBubble(1, 2);
  office_.Invite(1, 3);
  office_.Whisper(3, 4);
  office_.SetMegaphone(4, true);
  office_.Leave(1);
  EXPECT_NE(office_.Told(EventKind::kBubbleLeft, 2), nullptr);
  EXPECT_EQ(office_.AcceptInvite(3, 1), Outcome::kNothingToDo);
  office_.Leave(4);
  EXPECT_NE(office_.Told(EventKind::kOwnWhisperEnded, 3), nullptr);
  EXPECT_NE(office_.Told(EventKind::kMegaphoneOff, 0), nullptr);
  EXPECT_TRUE(office_.Hears(2, MicOf(3)));
  office_.Join(6, {12, 10});
  EXPECT_TRUE(office_.Hears(6, MicOf(3))) << "in the place of who was whispered to";
}

TEST_F(ConversationsTest, E7_BubblesWhispersAndMegaphonesAreBounded) {
  for (uint32_t id = 100; id < 100 + Conversations::kMaxBubbleSize; ++id) {
    office_.JoinAs(id, {10, 12}, {.megaphone = true});
  }
  for (uint32_t id = 100; id < 99 + Conversations::kMaxBubbleSize; ++id) MakeBubble(1, id);
  EXPECT_EQ(office_.Invite(1, 2), Outcome::kFull);
  for (uint32_t id = 100; id < 100 + Conversations::kMaxWhisperersPerPerson; ++id) {
    ASSERT_EQ(office_.Whisper(id, 3), Outcome::kDone);
  }
  EXPECT_EQ(office_.Whisper(1, 3), Outcome::kFull);
  for (uint32_t id = 100; id < 100 + Conversations::kMaxMegaphones; ++id) {
    ASSERT_EQ(office_.SetMegaphone(id, true), Outcome::kDone);
  }
  EXPECT_EQ(office_.SetMegaphone(4, true), Outcome::kFull);
}

}  // namespace
}  // namespace earshot
