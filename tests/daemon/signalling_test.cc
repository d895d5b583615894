#include "signalling.h"

#include <gtest/gtest.h>

#include <functional>

#include "token_fixtures.h"

namespace earshotd {
namespace {

using earshot::Duration;
using earshot::Error;
using earshot::Joined;
using earshot::ParticipantId;
using earshot::SourceKind;
using earshot::Timestamp;
using nlohmann::json;

const Timestamp kStart = Timestamp::Seconds(1000);

/// One client's machine, with the replies as JSON.
class SignallingTest : public testing::Test {
 protected:
  SignallingTest() : tokens_(MakeKeys()), signalling_(Limits(), tokens_, "", kStart) {}

  static std::vector<IssuerKey> MakeKeys() {
    std::vector<IssuerKey> keys;
    keys.push_back({"portal", "earshot", "", std::move(*TokenKey::FromSecret(kSecret))});
    return keys;
  }
  static SignallingLimits Limits() {
    SignallingLimits limits;
    limits.max_speed = 12;
    return limits;
  }
  static std::string JoinText(const std::string& token = GoodToken()) {
    return json({{"type", "join"},
                 {"id", "1"},
                 {"token", token},
                 {"offer", "v=0"},
                 {"tracks", {{"mic", "0"}, {"screen", "2"}}}})
        .dump();
  }

  SignallingOutput Send(const std::string& text, Timestamp now = kStart) {
    SignallingOutput out;
    signalling_.HandleText(text, {now, kNow}, out);
    return out;
  }
  SignallingOutput FinishJoin() {
    SignallingOutput out;
    signalling_.HandleJoinResult(GoodJoin(), kStart, out);
    return out;
  }
  SignallingOutput FailJoin(const char* code, const char* message = "secret detail") {
    SignallingOutput out;
    signalling_.HandleJoinResult(Error{code, message}, kStart, out);
    return out;
  }
  void Join() {
    ASSERT_EQ(Send(JoinText()).commands.size(), 1u);
    FinishJoin();
  }
  earshot::Result<Joined> GoodJoin() const {
    return Joined{ParticipantId{17},
                  {{20, 15}, 0},
                  24,
                  16,
                  "v=0 answer",
                  std::make_shared<const earshot::FloorPlan>(plan_)};
  }
  static std::string CodeOf(const SignallingOutput& out) {
    if (out.frames.empty()) return "";
    const json frame = json::parse(out.frames.front());
    return frame.value("code", frame.value("type", ""));
  }
  static int CloseOf(const SignallingOutput& out) { return out.close ? out.close->code : 0; }

  TokenVerifier tokens_;
  earshot::FloorPlan plan_;
  Signalling signalling_;
};

TEST_F(SignallingTest, AJoinBecomesARequestOfTheTokensIdentity) {
  const SignallingOutput out = Send(JoinText());
  ASSERT_EQ(out.commands.size(), 1u);
  EXPECT_TRUE(out.frames.empty());
  const auto& join = std::get<JoinCommand>(out.commands[0]);
  EXPECT_EQ(join.request.space, "hall");
  EXPECT_EQ(join.request.name, "Ada");
  EXPECT_EQ(join.request.offer, "v=0");
  EXPECT_EQ(join.request.track_mids[0], "0");
  EXPECT_EQ(join.request.track_mids[1], std::nullopt);
  EXPECT_EQ(join.request.track_mids[2], "2");
  EXPECT_EQ(join.identity, "portal\nu-1\nhall");
}

TEST_F(SignallingTest, WhoComesFromAnotherSpaceSaysSo) {
  std::string text = JoinText();
  text.insert(1, R"("from": "attic", )");
  const SignallingOutput out = Send(text);
  ASSERT_EQ(out.commands.size(), 1u);
  EXPECT_EQ(std::get<JoinCommand>(out.commands[0]).request.from, "attic");
  EXPECT_EQ(std::get<JoinCommand>(out.commands[0]).request.space, "hall") << "as the token says";
}

TEST_F(SignallingTest, JoinedAndAnswerFollowInThisOrderWithTheId) {
  Send(JoinText());
  const SignallingOutput out = FinishJoin();
  ASSERT_EQ(out.frames.size(), 2u);
  const json joined = json::parse(out.frames[0]);
  EXPECT_EQ(joined["type"], "joined");
  EXPECT_EQ(joined["id"], "1");
  EXPECT_EQ(joined["participant"], 17);
  EXPECT_EQ(joined["name"], "Ada");
  EXPECT_EQ(joined["publish"].size(), 4u);
  EXPECT_EQ(joined["slots"]["audio"], 24);
  EXPECT_EQ(joined["plan"]["audible"]["enter"], 8);
  EXPECT_EQ(joined["plan"]["maxSpeed"], 12);
  const json answer = json::parse(out.frames[1]);
  EXPECT_EQ(answer["type"], "answer");
  EXPECT_EQ(answer["answer"], "v=0 answer");
  EXPECT_EQ(out.join_result, "ok");
}

TEST_F(SignallingTest, JoinedNamesWhatOfTheOfferIsNotUsed) {
  ASSERT_EQ(Send(JoinText()).commands.size(), 1u);
  Joined with_notices = *GoodJoin();
  with_notices.notices = {{"codecs-unusable", "1", "VP8 only."}, {"section-unusable", "", "Why."}};
  SignallingOutput out;
  signalling_.HandleJoinResult(with_notices, kStart, out);
  EXPECT_EQ(json::parse(out.frames[0])["notices"],
            json::parse(R"([{"code": "codecs-unusable", "mid": "1", "message": "VP8 only."},
                            {"code": "section-unusable", "message": "Why."}])"));
}

TEST_F(SignallingTest, BadTokensCloseWithTheProtocolsCodes) {
  const SignallingOutput invalid = Send(JoinText("x.y.z"));
  EXPECT_EQ(CodeOf(invalid), "token-invalid");
  EXPECT_EQ(CloseOf(invalid), 4401);
  EXPECT_TRUE(invalid.commands.empty());
}

TEST_F(SignallingTest, ExpiredTokensSaySo) {
  json claims = GoodClaims();
  claims["exp"] = kNow - 100;
  const SignallingOutput out = Send(JoinText(SignHs256(kHs256Header, claims.dump())));
  EXPECT_EQ(CodeOf(out), "token-expired");
  EXPECT_EQ(CloseOf(out), 4401);
}

TEST_F(SignallingTest, H9_AllBadTokensGetTheSameText) {
  const std::string first = Send(JoinText("x.y.z")).frames[0];
  Signalling other(Limits(), tokens_, "", kStart);
  SignallingOutput out;
  json claims = GoodClaims();
  claims["aud"] = "other";
  other.HandleText(JoinText(SignHs256(kHs256Header, claims.dump())), {kStart, kNow}, out);
  EXPECT_EQ(out.frames[0], first);
}

TEST_F(SignallingTest, H12_RepliesNeverHoldTheToken) {
  for (const std::string& token : {GoodToken(), std::string("leaky.token.text")}) {
    Signalling machine(Limits(), tokens_, "", kStart);
    SignallingOutput out;
    machine.HandleText(JoinText(token), {kStart, kNow}, out);
    machine.HandleJoinResult(GoodJoin(), kStart, out);
    for (const std::string& frame : out.frames) {
      EXPECT_EQ(frame.find(token), std::string::npos);
      EXPECT_EQ(frame.find("leaky"), std::string::npos);
    }
  }
}

TEST_F(SignallingTest, TheHeadersTokenStandsInForTheMessages) {
  Signalling machine(Limits(), tokens_, GoodToken(), kStart);
  SignallingOutput out;
  machine.HandleText(R"({"type":"join","offer":"v=0"})", {kStart, kNow}, out);
  EXPECT_EQ(out.commands.size(), 1u);
}

TEST_F(SignallingTest, H15_GrantsOfTheTokenBoundWhatIsPublished) {
  json claims = GoodClaims();
  claims["grants"] = {{"publish", {"mic"}}};
  json join = json::parse(JoinText(SignHs256(kHs256Header, claims.dump())));
  // What a liar adds: other rights, another space, somebody else's name and number.
  join["grants"] = {{"publish", {"mic", "camera", "screen", "screenAudio"}}};
  join["publish"] = {"camera"};
  join["space"] = "council";
  join["name"] = "Mayor";
  join["participant"] = 3;
  join["tracks"]["camera"] = "1";
  const SignallingOutput out = Send(join.dump());
  ASSERT_EQ(out.commands.size(), 1u);
  const auto& request = std::get<JoinCommand>(out.commands[0]).request;
  EXPECT_TRUE(request.may_publish.Has(SourceKind::kMic));
  EXPECT_FALSE(request.may_publish.Has(SourceKind::kCamera));
  EXPECT_FALSE(request.may_publish.Has(SourceKind::kScreen));
  EXPECT_EQ(request.space, "hall");
  EXPECT_EQ(request.name, "Ada");
}

TEST_F(SignallingTest, H15_NoMessageActsOnAnotherParticipant) {
  Join();
  for (const char* type : {"ice-restart", "leave"}) {
    SignallingOutput out =
        Send(json({{"type", type}, {"offer", "v=0"}, {"participant", 3}, {"target", 3}}).dump());
    // The commands carry no participant: the session fills in its own.
    ASSERT_EQ(out.commands.size(), 1u) << type;
  }
}

/// Each message in each state: what is not allowed is answered, and changes nothing.
TEST_F(SignallingTest, H16_MessagesOutOfOrderAreRefusedAndChangeNothing) {
  EXPECT_EQ(CodeOf(Send(R"({"type":"ice-restart","offer":"v=0"})")), "state-invalid");
  Send(JoinText());
  EXPECT_EQ(CodeOf(Send(JoinText())), "state-invalid");
  EXPECT_EQ(CodeOf(Send(R"({"type":"ice-restart","offer":"v=0"})")), "state-invalid");
  EXPECT_EQ(CodeOf(FinishJoin()), "joined");
  EXPECT_EQ(CodeOf(Send(JoinText())), "state-invalid");
  EXPECT_EQ(Send(R"({"type":"ice-restart","offer":"v=0"})").commands.size(), 1u);
  EXPECT_EQ(CodeOf(Send(R"({"type":"ice-restart","offer":"v=0"})")), "state-invalid");
}

TEST_F(SignallingTest, IceRestartIsAnsweredWithItsId) {
  Join();
  Send(R"({"type":"ice-restart","id":"r1","offer":"v=0"})");
  SignallingOutput out;
  signalling_.HandleRestartResult(std::string("v=0 again"), out);
  const json answer = json::parse(out.frames.at(0));
  EXPECT_EQ(answer["type"], "answer");
  EXPECT_EQ(answer["id"], "r1");
  EXPECT_EQ(Send(R"({"type":"ice-restart","offer":"v=0"})").commands.size(), 1u);
}

TEST_F(SignallingTest, H18_ABadOfferNamesTheLineAndLeavesTheConnection) {
  Send(JoinText());
  const SignallingOutput out = FailJoin("offer-invalid", "line 7: no such thing");
  EXPECT_EQ(CodeOf(out), "offer-invalid");
  EXPECT_EQ(json::parse(out.frames[0])["message"], "line 7: no such thing");
  EXPECT_EQ(CloseOf(out), 0);
  EXPECT_EQ(Send(JoinText()).commands.size(), 1u);
}

TEST_F(SignallingTest, OtherJoinErrorsCloseWithConstantTexts) {
  const std::pair<const char*, int> kErrors[] = {
      {"space-unknown", 4404}, {"limit-reached", 4429}, {"internal", 1011}, {"whatever", 1011}};
  for (const auto& [code, close_code] : kErrors) {
    Signalling machine(Limits(), tokens_, "", kStart);
    SignallingOutput out;
    machine.HandleText(JoinText(), {kStart, kNow}, out);
    machine.HandleJoinResult(Error{code, "secret detail"}, kStart, out);
    EXPECT_EQ(CloseOf(out), close_code) << code;
    EXPECT_EQ(out.frames.at(0).find("secret detail"), std::string::npos);
  }
}

TEST_F(SignallingTest, WhoHasJoinedIsToldOfANewPlanOfItsSpace) {
  SignallingOutput out;
  signalling_.HandlePlan("hall", plan_, WritePlan(plan_, 12), out);
  EXPECT_TRUE(out.frames.empty()) << "before the join";
  Join();
  signalling_.HandlePlan("annex", plan_, WritePlan(plan_, 12), out);
  EXPECT_TRUE(out.frames.empty()) << "of another space";
  earshot::FloorPlan plan;
  plan.width = 33;
  plan.zones.push_back({"Mine", {{1, 1}, {2, 1}, {2, 2}}, earshot::ZoneKind::kPrivate});
  plan.zones.back().owner = "u-1";
  signalling_.HandlePlan("hall", plan, WritePlan(plan, 12), out);
  ASSERT_EQ(out.frames.size(), 1u);
  const json message = json::parse(out.frames[0]);
  EXPECT_EQ(message["type"], "plan");
  EXPECT_EQ(message["plan"]["width"], 33);
  EXPECT_EQ(message["plan"]["maxSpeed"], 12);
  EXPECT_EQ(message["owns"], json({0}));
  EXPECT_EQ(out.frames[0].find("u-1"), std::string::npos) << "whose zone it is stays here";
}

TEST_F(SignallingTest, LeavingTellsTheServerAndCloses) {
  Join();
  const SignallingOutput out = Send(R"({"type":"leave"})");
  ASSERT_EQ(out.commands.size(), 1u);
  EXPECT_TRUE(std::holds_alternative<LeaveCommand>(out.commands[0]));
  EXPECT_EQ(CodeOf(out), "left");
  EXPECT_EQ(CloseOf(out), 1000);
}

TEST_F(SignallingTest, NothingHappensAfterTheEnd) {
  Join();
  Send(R"({"type":"leave"})");
  for (const std::string& text : {JoinText(), std::string("{"), std::string("{}")}) {
    const SignallingOutput out = Send(text);
    EXPECT_TRUE(out.frames.empty() && out.commands.empty() && !out.close);
  }
  EXPECT_TRUE(FinishJoin().frames.empty());
}

TEST_F(SignallingTest, TheEndOfTheParticipantIsTold) {
  const std::pair<const char*, int> kReasons[] = {{"left", 1000},
                                                  {"consent-expired", 1000},
                                                  {"connect-timeout", 1000},
                                                  {"dtls-failed", 1000},
                                                  {"fingerprint-mismatch", 1000},
                                                  {"replaced", 1000},
                                                  {"shutting-down", 1001},
                                                  {"internal", 1011}};
  for (const auto& [code, close_code] : kReasons) {
    Signalling machine(Limits(), tokens_, "", kStart);
    SignallingOutput out;
    machine.HandleClosed(code, out);
    EXPECT_EQ(CodeOf(out), code);
    EXPECT_EQ(CloseOf(out), close_code) << code;
  }
}

TEST_F(SignallingTest, WhoDoesNotJoinInTenSecondsIsClosed) {
  EXPECT_EQ(signalling_.NextDeadline(), kStart + Duration::Seconds(10));
  SignallingOutput early;
  signalling_.HandleDeadline(kStart + Duration::Seconds(9), early);
  EXPECT_FALSE(early.close);
  SignallingOutput out;
  signalling_.HandleDeadline(kStart + Duration::Seconds(10), out);
  EXPECT_EQ(CodeOf(out), "join-timeout");
  EXPECT_EQ(CloseOf(out), 4408);
  EXPECT_TRUE(signalling_.NextDeadline().IsNever());
}

TEST_F(SignallingTest, AJoinUnderWayHasNoDeadline) {
  Send(JoinText());
  EXPECT_TRUE(signalling_.NextDeadline().IsNever());
}

TEST_F(SignallingTest, H5_AFloodIsEndedAfterTheBurst) {
  SignallingOutput out;
  int answered = 0;
  for (; answered < 1000 && !out.close; ++answered) out = Send("{}");
  EXPECT_EQ(answered, 201);
  EXPECT_EQ(CodeOf(out), "rate-limited");
  EXPECT_EQ(CloseOf(out), 1008);
}

TEST_F(SignallingTest, H5_RestartsAreHeldToARateAndTheConnectionStays) {
  Join();
  const auto restart = [this](Timestamp now) {
    const auto out = Send(R"({"type":"ice-restart","id":"r","offer":"v=0"})", now);
    SignallingOutput done;
    if (!out.commands.empty()) signalling_.HandleRestartResult(std::string("v=0 answer"), done);
    EXPECT_FALSE(out.close);
    EXPECT_EQ(CodeOf(out), out.commands.empty() ? "rate-limited" : "");
    return out.commands.size();
  };
  size_t begun = 0;
  for (int i = 0; i < 20; ++i) begun += restart(kStart);
  EXPECT_EQ(begun, 5u);
  begun = 0;
  for (int i = 1; i <= 101; ++i) begun += restart(kStart + Duration::Millis(100) * i);
  EXPECT_EQ(begun, 5u);
}

TEST_F(SignallingTest, H17_WhatIsNotJsonCloses1007) {
  const SignallingOutput out = Send("{\"type\":");
  EXPECT_EQ(CodeOf(out), "message-invalid");
  EXPECT_EQ(CloseOf(out), 1007);
}

TEST_F(SignallingTest, H17_BadMessagesAreAnsweredAndTheConnectionStays) {
  const std::pair<std::string, const char*> kBad[] = {
      {"[]", "message-invalid"},
      {"7", "message-invalid"},
      {"{}", "message-invalid"},
      {R"({"type":7})", "message-invalid"},
      {R"({"type":"join"})", "message-invalid"},
      {R"({"type":"join","offer":7})", "message-invalid"},
      {R"({"type":"join","offer":"v=0\u0000"})", "message-invalid"},
      {R"({"type":"join","offer":"v=0","token":7})", "message-invalid"},
      {R"({"type":"join","offer":"v=0","tracks":[]})", "message-invalid"},
      {R"({"type":"join","offer":"v=0","tracks":{"mic":0}})", "message-invalid"},
      {R"({"type":"join","offer":"v=0","tracks":{"mic":"a\r\nb"}})", "message-invalid"},
      {R"({"type":"join","type":"leave"})", "message-invalid"},
      {R"({"type":"leave","id":""})", "message-invalid"},
      {R"({"type":"leave","id":7})", "message-invalid"},
      {"{\"type\":\"leave\",\"id\":\"" + std::string(65, 'x') + "\"}", "message-invalid"},
      {R"({"type":"shutdown"})", "type-unknown"},
      {R"({"type":""})", "type-unknown"},
      {"{\"a\":" + std::string(20, '[') + std::string(20, ']') + "}", "message-invalid"},
  };
  for (const auto& [text, code] : kBad) {
    const SignallingOutput out = Send(text);
    EXPECT_EQ(CodeOf(out), code) << text;
    EXPECT_FALSE(out.close) << text;
    EXPECT_TRUE(out.commands.empty()) << text;
  }
  EXPECT_EQ(Send(JoinText()).commands.size(), 1u);
}

}  // namespace
}  // namespace earshotd
