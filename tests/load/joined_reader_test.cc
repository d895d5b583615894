#include "joined_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace earshot::load {
namespace {

using testing::HasSubstr;

TEST(JoinedReaderTest, TheFloorIsRead) {
  const ServerMessage message = ReadServerMessage(
      R"({"type": "joined", "id": "1", "participant": 17,
          "pose": {"x": 20.5, "y": 15, "heading": 1},
          "plan": {"width": 40, "height": 30, "audible": {"enter": 8, "leave": 9},
                   "visible": {"enter": 10, "leave": 11}, "sightRadius": 30,
                   "maxSpeed": 12,
                   "zones": [{"name": "Stage", "kind": "stage", "audience": "Stalls",
                              "outline": [[2, 2], [10, 2], [10, 8]]}]}})");
  const auto* joined = std::get_if<JoinedReply>(&message);
  ASSERT_NE(joined, nullptr);
  EXPECT_EQ(joined->participant, ParticipantId{17});
  EXPECT_EQ(joined->pose, (Pose{{20.5f, 15}, 1}));
  EXPECT_EQ(joined->floor.width, 40);
  EXPECT_EQ(joined->floor.audible.leave, 9);
  EXPECT_EQ(joined->floor.sight_radius, 30);
  EXPECT_EQ(joined->floor.max_speed, 12);
  ASSERT_EQ(joined->floor.zones.size(), 1u);
  EXPECT_EQ(joined->floor.zones[0].audience, "Stalls");
  EXPECT_EQ(joined->floor.zones[0].outline.size(), 3u);
}

TEST(JoinedReaderTest, WhatTheServerRefusesComesAsItSaysIt) {
  const ServerMessage message = ReadServerMessage(
      R"({"type": "error", "id": "1", "code": "token-expired", "message": "It has expired."})");
  const auto* error = std::get_if<Error>(&message);
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->code, "token-expired");
  EXPECT_EQ(error->message, "It has expired.");
}

TEST(JoinedReaderTest, OtherMessagesAreNoMatter) {
  EXPECT_TRUE(std::holds_alternative<OtherMessage>(ReadServerMessage(R"({"type": "plan"})")));
  const ServerMessage answer = ReadServerMessage(R"({"type": "answer", "answer": "v=0"})");
  ASSERT_TRUE(std::holds_alternative<AnswerMessage>(answer));
  EXPECT_EQ(std::get<AnswerMessage>(answer).sdp, "v=0");
}

TEST(JoinedReaderTest, NonsenseIsAnError) {
  for (const char* text :
       {"", "[]", "nonsense", R"({"type": "joined"})", R"({"type": "joined", "participant": -1})",
        R"({"type": "joined", "participant": 1, "plan": {"width": "wide"}})"}) {
    EXPECT_TRUE(std::holds_alternative<Error>(ReadServerMessage(text))) << text;
  }
}

TEST(JoinedReaderTest, ADemoTokenOrWhyThereIsNone) {
  const auto token = ReadDemoToken(200, R"({"token": "abc", "space": "hall"})");
  ASSERT_TRUE(token.ok());
  EXPECT_EQ(*token, "abc");
  EXPECT_THAT(ReadDemoToken(404, "").error().message, HasSubstr("--token-key"));
  EXPECT_THAT(
      ReadDemoToken(400, R"({"title": "\"space\" must be one of the spaces"})").error().message,
      HasSubstr("(HTTP 400): \"space\" must be"));
  EXPECT_FALSE(ReadDemoToken(200, "{}").ok());
}

}  // namespace
}  // namespace earshot::load
