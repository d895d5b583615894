// The whole server without sockets, against whole clients: from join to media and to the end.

#include "earshot/engine.h"

#include <gtest/gtest.h>

#include <array>
#include <set>

#include "space_link.h"
#include "spatial/geometry.h"
#include "wire/rtcp.h"
#include "wire/stun.h"

namespace earshot {
namespace {

constexpr Point kNear{50, 52};
constexpr Point kFar{10, 10};

SourceSet MicAndCamera() {
  SourceSet set;
  set.Set(SourceKind::kMic, true);
  set.Set(SourceKind::kCamera, true);
  return set;
}

uint32_t SsrcOf(const SpaceLink::Person& person, SlotRef ref) {
  for (const SlotReceiver& slot : person.client.slots()) {
    if (slot.stream().ref == ref) return slot.stream().ssrc;
  }
  return 0;
}

void SendNack(SpaceLink& link, SpaceLink::Person& person, uint32_t ssrc,
              std::span<const uint16_t> sequence_numbers) {
  std::array<uint8_t, 1200> buffer;
  ByteWriter writer(buffer);
  Write(Nack{1, ssrc, {sequence_numbers.begin(), sequence_numbers.end()}}, writer);
  link.SendRtcp(person, writer.written());
}

size_t CountRepairs(const SpaceLink::Person& person) {
  return static_cast<size_t>(
      std::count_if(person.received.begin(), person.received.end(),
                    [](const SpaceLink::Received& one) { return one.media.is_repair; }));
}

TEST(EngineTest, TwoNewcomersHearAndSeeEachOther) {
  SpaceLink link;
  auto& a = link.Join(MicAndCamera());
  auto& b = link.Join(MicAndCamera());
  link.Run(Duration::Seconds(2));
  EXPECT_GT(a.CountFrom(b), 80u);
  EXPECT_GT(b.CountFrom(a), 80u);
  EXPECT_GT(a.CountFrom(b, SourceKind::kCamera), 30u);
  EXPECT_GT(b.CountFrom(a, SourceKind::kCamera), 30u);
  EXPECT_TRUE(link.deadlines_advance);
  EXPECT_EQ(link.counters.invariant_violations.value(), 0u);
}

TEST(EngineTest, WhatArrivesIsWhatWasSent) {
  SpaceLink link;
  auto& a = link.Join(MicAndCamera());
  auto& b = link.Join({});
  link.Run(Duration::Seconds(2));
  ASSERT_GT(b.received.size(), 100u);
  for (const SpaceLink::Received& one : b.received) {
    ASSERT_TRUE(one.media.tag);
    EXPECT_EQ(one.media.tag->source, one.media.source);
    EXPECT_EQ(one.media.source.participant(), a.id);
  }
}

TEST(EngineTest, R17_NobodyHearsWhoIsFarAway) {
  SpaceLink link;
  auto& a = link.JoinSpeaker();
  auto& b = link.JoinSpeaker();
  link.Walk(b, kFar);
  link.Run(Duration::Millis(50));
  link.Forget();
  link.Run(Duration::Seconds(2));
  EXPECT_EQ(a.CountFrom(b), 0u);
  EXPECT_EQ(b.CountFrom(a), 0u);
}

TEST(EngineTest, R17_NobodyHearsThroughAWall) {
  SpaceLink link;
  auto& a = link.JoinSpeaker();
  auto& b = link.JoinSpeaker();
  link.Walk(a, {50, 45});
  link.Walk(b, {50, 43});  // two metres away, inside the booth
  link.Run(Duration::Millis(50));
  link.Forget();
  link.Run(Duration::Seconds(2));
  EXPECT_EQ(a.CountFrom(b), 0u);
  EXPECT_EQ(b.CountFrom(a), 0u);
}

TEST(EngineTest, ThePacketAfterTheStepIntoEarshotIsForwarded) {
  SpaceLink link;
  auto& a = link.JoinSpeaker();
  auto& b = link.JoinSpeaker();
  link.Walk(b, {50, 70});
  link.Run(Duration::Seconds(2));
  link.Forget();
  const Timestamp moved = link.now;
  link.Move(b, {{50, 57}, 0});
  link.Run(Duration::Millis(200));
  ASSERT_GT(a.CountFrom(b), 0u);
  // The move travels for 10 ms, a packet comes each 20 ms, and travels for 10 ms.
  EXPECT_LE(a.received.front().time - moved, Duration::Millis(60));
}

TEST(EngineTest, R17_WhatWasSentBeforeLeavingEarshotIsNotRepairedAfterwards) {
  SpaceLink link;
  auto& a = link.Join(SpaceLink::Only(SourceKind::kCamera));
  auto& b = link.Join({});
  link.Run(Duration::Seconds(1));
  ASSERT_GT(b.CountFrom(a, SourceKind::kCamera), 10u);
  const ReceivedMedia last = b.received.back().media;
  const uint32_t ssrc = SsrcOf(b, last.slot);
  const std::array<uint16_t, 1> wanted = {static_cast<uint16_t>(last.extended_sequence)};

  // While in earshot, the same request is answered.
  link.Forget();
  SendNack(link, b, ssrc, wanted);
  link.Run(Duration::Millis(30));
  EXPECT_EQ(CountRepairs(b), 1u);

  link.Move(b, {{50, 62}, 0});
  link.Run(Duration::Millis(15));
  link.Forget();
  SendNack(link, b, ssrc, wanted);
  link.Run(Duration::Millis(100));
  EXPECT_EQ(CountRepairs(b), 0u);
  EXPECT_EQ(b.CountFrom(a, SourceKind::kCamera), 0u);
}

TEST(EngineTest, VideoBeginsWithAKeyframeAfterReEntry) {
  SpaceLink link;
  auto& a = link.Join(SpaceLink::Only(SourceKind::kCamera));
  auto& b = link.Join({});
  link.Run(Duration::Seconds(1));
  link.Walk(b, {50, 75});
  link.Forget();
  link.Walk(b, kNear);
  link.Run(Duration::Seconds(2));
  ASSERT_GT(b.CountFrom(a, SourceKind::kCamera), 10u);
  EXPECT_TRUE(b.received.front().media.frame.starts_keyframe);
  EXPECT_FALSE(b.received.front().media.is_repair);
}

TEST(EngineTest, WhatIsSwitchedOffIsNotForwarded) {
  SpaceLink link;
  auto& a = link.JoinSpeaker();
  auto& b = link.JoinSpeaker();
  link.Run(Duration::Seconds(1));
  // The client keeps sending; only the server is told.
  std::array<uint8_t, 8> buffer;
  ByteWriter off(buffer);
  WriteIPublish({}, off);
  link.SendOnEvents(b, off.written());
  link.Run(Duration::Millis(50));
  link.Forget();
  link.Run(Duration::Seconds(1));
  EXPECT_EQ(a.CountFrom(b), 0u);
  EXPECT_GT(link.Drops(DropReason::kSourceSwitchedOff), 40u);

  ByteWriter on(buffer);
  WriteIPublish(SpaceLink::Only(SourceKind::kMic), on);
  link.SendOnEvents(b, on.written());
  link.Run(Duration::Seconds(1));
  EXPECT_GT(a.CountFrom(b), 40u);
}

TEST(EngineTest, WhatOneMayNotPublishIsNotForwarded) {
  SpaceLink link;
  auto& a = link.JoinSpeaker();
  link.may_publish = SpaceLink::Only(SourceKind::kCamera);
  auto& b = link.Join(MicAndCamera());
  link.Run(Duration::Seconds(2));
  EXPECT_EQ(a.CountFrom(b, SourceKind::kMic), 0u);
  EXPECT_GT(a.CountFrom(b, SourceKind::kCamera), 10u);
}

TEST(EngineTest, PeopleInSightAreToldOfEachOther) {
  SpaceLink link;
  auto& a = link.JoinSpeaker();
  auto& b = link.JoinSpeaker();
  link.Run(Duration::Seconds(1));
  ASSERT_TRUE(a.client.people().contains(b.id));
  EXPECT_TRUE(a.client.people().at(b.id).published.Has(SourceKind::kMic));
  link.Walk(b, {50, 60});
  link.Run(Duration::Seconds(1));
  EXPECT_NEAR(a.client.people().at(b.id).pose.position.y, 60, 0.02);
  link.Walk(b, {50, 95});
  link.Run(Duration::Seconds(1));
  EXPECT_FALSE(a.client.people().contains(b.id));
}

TEST(EngineTest, R18_ALeapIsCutToTheSpeedLimitAndReported) {
  SpaceLink link;
  auto& a = link.JoinSpeaker();
  link.Run(Duration::Seconds(2));
  const Point before = link.engine->StanceOf(a.id)->pose.position;
  link.Move(a, {{before.x, before.y + 45}, 0});
  link.Run(Duration::Millis(100));
  const Point after = link.engine->StanceOf(a.id)->pose.position;
  EXPECT_LE(after.y - before.y, 12.01f);
  const auto corrected = a.client.TakeCorrectedPose();
  ASSERT_TRUE(corrected);
  EXPECT_EQ(corrected->position, after);
}

TEST(EngineTest, T9_OfManyPosesTheLatestWins) {
  SpaceLink link;
  auto& a = link.JoinSpeaker();
  link.Run(Duration::Seconds(2));
  const Point at = link.engine->StanceOf(a.id)->pose.position;
  for (int i = 1; i <= 10; ++i) {
    link.Move(a, {{at.x + 0.01f * static_cast<float>(i), at.y}, 0});
  }
  link.Run(Duration::Millis(11));
  EXPECT_FLOAT_EQ(link.engine->StanceOf(a.id)->pose.position.x, at.x + 0.01f);
  link.Run(Duration::Millis(50));
  EXPECT_FLOAT_EQ(link.engine->StanceOf(a.id)->pose.position.x, at.x + 0.1f);
}

TEST(EngineTest, AWaitingMoveThatNeedsAKeyframeOfTheMoverLeavesNoDeadlineDue) {
  SpaceLink link;
  auto& a = link.Join(SpaceLink::Only(SourceKind::kCamera));
  auto& b = link.Join(SpaceLink::Only(SourceKind::kCamera));
  link.Walk(b, {50, 63});
  link.Run(Duration::Seconds(2));
  // The second pose waits for its turn, and brings the two into sight of each other.
  link.Move(b, {{50, 62.9f}, 0});
  link.Move(b, {{50, 57}, 0});
  link.Run(Duration::Seconds(2));
  EXPECT_GT(a.CountFrom(b, SourceKind::kCamera), 10u);
  EXPECT_TRUE(link.closed.empty());
  EXPECT_EQ(link.counters.invariant_violations.value(), 0u);
}

TEST(EngineTest, S14_AnIceRestartKeepsTheStreams) {
  SpaceLink link;
  auto& a = link.JoinSpeaker();
  auto& b = link.JoinSpeaker();
  link.Run(Duration::Seconds(1));
  const auto answer = link.engine->RestartIce(a.id, a.client.RestartOffer(), link.now);
  ASSERT_TRUE(answer);
  EXPECT_EQ(a.client.AcceptRestart(*answer, link.now), std::nullopt);
  link.Forget();
  link.Run(Duration::Seconds(3));
  EXPECT_GT(a.CountFrom(b), 140u);
  EXPECT_GT(b.CountFrom(a), 140u);
  for (size_t i = 1; i < a.received.size(); ++i) {
    EXPECT_EQ(a.received[i].media.slot, a.received[0].media.slot);
    EXPECT_EQ(a.received[i].media.extended_sequence, a.received[i - 1].media.extended_sequence + 1);
    EXPECT_LT(a.received[i].time - a.received[i - 1].time, Duration::Millis(200));
  }
}

TEST(EngineTest, S13_WhoVanishesIsClosedWhenConsentRunsOut) {
  SpaceLink link;
  auto& a = link.JoinSpeaker();
  auto& b = link.JoinSpeaker();
  link.Run(Duration::Seconds(1));
  b.is_silent = true;
  size_t late = 0;
  const Timestamp silent_since = link.now;
  link.keeps_from_server = [&](const SocketAddress& to, std::vector<uint8_t>&) {
    late += to == b.address && link.now - silent_since > Duration::Seconds(31);
    return false;
  };
  link.Run(Duration::Seconds(45));
  ASSERT_EQ(link.closed.size(), 1u);
  EXPECT_EQ(link.closed[0].participant, b.id);
  EXPECT_EQ(link.closed[0].reason, CloseReason::kConsentExpired);
  EXPECT_FALSE(link.engine->Has(b.id));
  EXPECT_TRUE(link.engine->Has(a.id));
  EXPECT_EQ(late, 0u);
}

// Some clients check after silence only, and some send indications in place of checks.
TEST(EngineTest, S13_ClientsThatSendNoChecksStay) {
  ClientOptions options;
  options.ice.consent_interval = Duration::Seconds(3600);
  options.ice.consent_timeout = Duration::Seconds(7200);
  SpaceLink link;
  auto& talker = link.Join(SpaceLink::Only(SourceKind::kMic), options);
  auto& listener = link.Join({}, options);
  auto& silent = link.Join({}, options);
  link.Walk(silent, {80, 80});
  std::vector<uint8_t> indication(64);
  StunWriter writer(indication, StunClass::kIndication, kStunBindingMethod, {});
  indication.resize(writer.Finish(""));
  size_t checks = 0;
  link.keeps_to_server = [&](const SocketAddress&, std::vector<uint8_t>& bytes) {
    checks += ClassifyPacket(bytes) == PacketKind::kStun;
    return false;
  };
  for (int i = 0; i < 8; ++i) {
    link.Run(Duration::Seconds(15));
    for (const auto* person : {&talker, &listener, &silent}) {
      link.Inject(person->address, indication);
    }
  }
  EXPECT_EQ(checks, 0u);
  EXPECT_TRUE(link.closed.empty());
  link.Forget();
  link.Run(Duration::Seconds(1));
  EXPECT_GT(listener.CountFrom(talker), 40u);
}

TEST(EngineTest, WhoNeverConnectsIsClosedWithThatReason) {
  SpaceLink link;
  auto& a = link.Begin();
  a.is_silent = true;
  link.Run(Duration::Seconds(40));
  ASSERT_EQ(link.closed.size(), 1u);
  EXPECT_EQ(link.closed[0].reason, CloseReason::kConnectTimeout);
}

TEST(EngineTest, WhoClosesTheTransportHasLeft) {
  SpaceLink link;
  auto& a = link.JoinSpeaker();
  link.Close(a);
  link.Run(Duration::Seconds(1));
  ASSERT_EQ(link.closed.size(), 1u);
  EXPECT_EQ(link.closed[0].reason, CloseReason::kLeft);
}

TEST(EngineTest, AShutdownClosesEverybodyWithThatReason) {
  SpaceLink link;
  link.JoinSpeaker();
  link.JoinSpeaker();
  EngineOutput out;
  link.engine->CloseAll(CloseReason::kShuttingDown, link.now, out);
  ASSERT_EQ(out.closed.size(), 2u);
  for (const ClosedParticipant& one : out.closed) {
    EXPECT_EQ(one.reason, CloseReason::kShuttingDown);
  }
  EXPECT_TRUE(link.engine->NextDeadline().IsNever());
}

TEST(EngineTest, AFullSpaceRefusesWithLimitReached) {
  MediaOptions media;
  media.max_participants_per_space = 1;
  SpaceLink link(TestPlan(), media);
  link.JoinSpeaker();
  SeededRandom random(5);
  Client second({}, *TestCertificate(), random);
  JoinRequest request;
  request.space = "test";
  request.offer = second.Offer();
  request.track_mids = second.TrackMids();
  const Result<Joined> refused = link.engine->Join(request, link.now);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "limit-reached");
  request.space = "elsewhere";
  EXPECT_EQ(link.engine->Join(request, link.now).error().code, "space-unknown");
  EXPECT_EQ(link.counters.joins_refused.value(), 2u);
}

TEST(EngineTest, R6_TwoClientsMayUseTheSameSsrc) {
  SpaceLink link;
  auto& listener = link.Join({});
  // Clients of one seed draw the same numbers.
  SeededRandom first(9), second(9);
  auto& a = link.JoinWith(first);
  auto& b = link.JoinWith(second);
  ASSERT_EQ(a.client.sender(SourceKind::kMic)->stream().ssrc,
            b.client.sender(SourceKind::kMic)->stream().ssrc);
  link.Run(Duration::Seconds(2));
  EXPECT_GT(listener.CountFrom(a), 80u);
  EXPECT_GT(listener.CountFrom(b), 80u);
}

TEST(EngineTest, WhoComesFromAnotherSpaceArrivesAtItsPortal) {
  FloorPlan plan = TestPlan();
  plan.portals = {{"north", {20, 2}, 0.5f, "north"}, {"south", {20, 28}, 0.5f, "south"}};
  SpaceLink link(plan);
  link.from = "south";
  auto& person = link.JoinSpeaker();
  EXPECT_LT(Distance(link.engine->StanceOf(person.id)->pose.position, {20, 28}), 0.5f);
  link.from = "elsewhere";
  auto& other = link.JoinSpeaker();
  EXPECT_LT(Distance(link.engine->StanceOf(other.id)->pose.position, plan.spawn), 1.6f);
}

TEST(EngineTest, WalkingIntoAPortalIsTold) {
  FloorPlan plan = TestPlan();
  plan.portals = {{"north", {plan.spawn.x + 3, plan.spawn.y}, 1, "north"}};
  SpaceLink link(plan);
  auto& person = link.JoinSpeaker();
  link.Walk(person, plan.portals[0].at);
  link.Run(Duration::Millis(200));
  ASSERT_TRUE(person.LastEvent(EventKind::kPortalReached));
  EXPECT_EQ(person.LastEvent(EventKind::kPortalReached)->zone, 0);
}

}  // namespace
}  // namespace earshot
