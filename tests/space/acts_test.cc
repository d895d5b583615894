// What people do with each other, by real clients of a real engine: the whole way from the act on
// the events channel to the packets that come or do not come.

#include "space/acts.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "space/space_link.h"
#include "spatial/geometry.h"

namespace earshot {
namespace {

using Person = SpaceLink::Person;

std::vector<Point> Box(float x, float y, float width, float height) {
  return {{x, y}, {x + width, y}, {x + width, y + height}, {x, y + height}};
}

constexpr int16_t kOffice = 0, kMeeting = 1, kStage = 2;
constexpr int16_t kOfficeDoor = 0, kMeetingDoor = 1;

/// North of the spawn point a clerk's office, south of it a meeting room, east of it a council hall
/// that is larger than people hear.
FloorPlan TownHall() {
  FloorPlan plan;
  plan.width = 100;
  plan.height = 100;
  plan.spawn = {50, 50};
  plan.zones = {{"Office", Box(44, 40, 12, 7)},
                {"Meeting", Box(44, 53, 12, 7)},
                {"Stage", Box(90, 45, 5, 10)},
                {"Stalls", Box(65, 45, 25, 10)}};
  plan.zones[kOffice].kind = ZoneKind::kPrivate;
  plan.zones[kOffice].owner = "clerk";
  plan.zones[kStage].kind = ZoneKind::kStage;
  plan.zones[kStage].audience = "Stalls";
  plan.zones[kStage].podium = Podium::kModerated;
  plan.zones[3].kind = ZoneKind::kLobby;
  plan.doors = {{"Office", {49, 47}, {51, 47}}, {"Meeting", {49, 53}, {51, 53}}};
  return plan;
}

class ActsTest : public testing::Test {
 protected:
  Person& JoinAs(std::vector<std::string> identities, Grants grants = {}) {
    link_.identities = std::move(identities);
    link_.grants = grants;
    Person& person = link_.JoinSpeaker();
    link_.identities = {};
    link_.grants = {};
    return person;
  }
  std::optional<Outcome> Ask(Person& person, Act act, const Person* other = nullptr,
                             int16_t place = -1, uint16_t value = 0) {
    return link_.Ask(person, {0, act, other != nullptr ? other->id : kNoParticipant, place, value});
  }
  void WalkTo(Person& person, Point to) {
    link_.Walk(person, to);
    ASSERT_EQ(link_.engine->StanceOf(person.id)->pose.position, to);
  }
  /// Whether the one gets the other's voice, from what arrives within a while.
  bool Hears(Person& listener, const Person& speaker) {
    // What is under way may still arrive.
    link_.Run(Duration::Millis(100));
    listener.received.clear();
    link_.Run(Duration::Millis(300));
    return listener.CountFrom(speaker) > 5;
  }

  SpaceLink link_{TownHall()};
};

TEST_F(ActsTest, R17_ACitizensVisitStaysBetweenTheTwo) {
  Person& clerk = JoinAs({"clerk"});
  Person& citizen = JoinAs({"citizen"});
  Person& passer_by = JoinAs({"other"});
  WalkTo(clerk, {50, 44});
  WalkTo(passer_by, {51, 49});
  WalkTo(citizen, {49, 48});
  ASSERT_EQ(link_.engine->StanceOf(clerk.id)->pose.position, (Point{50, 44}));
  EXPECT_FALSE(Hears(citizen, clerk));

  EXPECT_EQ(Ask(citizen, Act::kKnock, nullptr, kOffice), Outcome::kDone);
  const auto knock = clerk.LastEvent(EventKind::kKnock);
  ASSERT_TRUE(knock);
  EXPECT_EQ(knock->other, citizen.id);
  EXPECT_EQ(knock->zone, kOffice);
  EXPECT_EQ(knock->name, "Person 2");
  EXPECT_FALSE(passer_by.LastEvent(EventKind::kKnock));

  EXPECT_EQ(Ask(clerk, Act::kAdmit, &citizen, kOffice, 1), Outcome::kDone);
  const auto admitted = citizen.LastEvent(EventKind::kAdmitted);
  ASSERT_TRUE(admitted);
  EXPECT_NEAR(admitted->time_left.seconds(), 60, 0.1);
  WalkTo(citizen, {50, 46});
  EXPECT_TRUE(Hears(citizen, clerk));
  EXPECT_TRUE(Hears(clerk, citizen));
  EXPECT_FALSE(Hears(passer_by, citizen));
  EXPECT_FALSE(Hears(passer_by, clerk));

  link_.Run(Duration::Seconds(60));
  EXPECT_TRUE(citizen.LastEvent(EventKind::kGrantEnded));
  EXPECT_FALSE(Hears(citizen, clerk));
  EXPECT_TRUE(Hears(citizen, passer_by));
  // The clerk stays; the citizen was told where it stands now.
  EXPECT_EQ(link_.engine->StanceOf(clerk.id)->pose.position, (Point{50, 44}));
  const auto told = citizen.client.TakeCorrectedPose();
  ASSERT_TRUE(told);
  EXPECT_EQ(told->position, link_.engine->StanceOf(citizen.id)->pose.position);
}

TEST_F(ActsTest, R18_NobodyWalksIntoAPrivateZoneUninvited) {
  Person& clerk = JoinAs({"clerk"});
  Person& stranger = JoinAs({"stranger"});
  WalkTo(clerk, {50, 44});
  EXPECT_EQ(Ask(clerk, Act::kSetDoor, nullptr, kOfficeDoor, 0), Outcome::kTooFar);
  WalkTo(clerk, {50, 46});
  EXPECT_EQ(Ask(clerk, Act::kSetDoor, nullptr, kOfficeDoor, 0), Outcome::kDone);
  WalkTo(stranger, {50, 48});
  for (int i = 0; i < 40; ++i) {
    link_.Move(stranger, {{50, 44}, 0});
    link_.Run(Duration::Millis(50));
  }
  EXPECT_GT(link_.engine->StanceOf(stranger.id)->pose.position.y, 47);
  EXPECT_TRUE(stranger.LastEvent(EventKind::kEntryRefused));
  EXPECT_FALSE(Hears(stranger, clerk));
}

TEST_F(ActsTest, R19_ARevokedGuestHearsNothingFromTheSameMomentOn) {
  Person& clerk = JoinAs({"clerk"});
  Person& citizen = JoinAs({"citizen"});
  WalkTo(clerk, {50, 44});
  WalkTo(citizen, {50, 48});
  ASSERT_EQ(Ask(citizen, Act::kKnock, nullptr, kOffice), Outcome::kDone);
  ASSERT_EQ(Ask(clerk, Act::kAdmit, &citizen, kOffice, 60), Outcome::kDone);
  WalkTo(citizen, {50, 46});
  ASSERT_TRUE(Hears(citizen, clerk));

  bool is_over = false;
  link_.keeps_from_server = [&](const SocketAddress& to, std::vector<uint8_t>& bytes) {
    const bool is_media = ClassifyPacket(bytes) == PacketKind::kRtp;
    if (is_over && is_media && to == citizen.address) ADD_FAILURE() << "media after the end";
    return false;
  };
  // The act takes one way over the wire; what leaves after it arrived is after the end.
  link_.Run(Duration::Millis(100));
  ASSERT_EQ(Ask(clerk, Act::kRevoke, &citizen, kOffice), Outcome::kDone);
  is_over = true;
  link_.Run(Duration::Millis(500));
  EXPECT_EQ(Ask(clerk, Act::kRevoke, &citizen, kOffice), Outcome::kNothingToDo);
}

TEST_F(ActsTest, R17_ADoorThatIsShutEndsTheTalkThroughIt) {
  Person& inside = JoinAs({"a"});
  Person& outside = JoinAs({"b"});
  WalkTo(inside, {50, 54});
  EXPECT_EQ(Ask(inside, Act::kSetDoor, nullptr, kMeetingDoor, 0), Outcome::kDone);
  WalkTo(outside, {50, 52});
  EXPECT_TRUE(Hears(outside, inside));
  EXPECT_EQ(Ask(outside, Act::kSetDoor, nullptr, kMeetingDoor, 1), Outcome::kDone);
  EXPECT_FALSE(Hears(outside, inside));
  EXPECT_FALSE(Hears(inside, outside));
  const auto changed = inside.LastEvent(EventKind::kDoorChanged);
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->door, kMeetingDoor);
  EXPECT_EQ(changed->door_state, DoorState::kShut);
}

TEST_F(ActsTest, ThePodiumIsHeardAllOverTheStallsAndHandedOver) {
  Person& chair = JoinAs({"chair"}, {.moderator = true});
  Person& first = JoinAs({"first"});
  Person& second = JoinAs({"second"});
  Person& listener = JoinAs({"listener"});
  WalkTo(chair, {93, 46});
  WalkTo(first, {93, 54});
  WalkTo(second, {93, 50});
  WalkTo(listener, {66, 50});
  EXPECT_FALSE(Hears(listener, first));

  EXPECT_EQ(Ask(first, Act::kAskForPodium, nullptr, kStage, 1), Outcome::kDone);
  ASSERT_TRUE(chair.LastEvent(EventKind::kAsksForPodium));
  EXPECT_EQ(chair.LastEvent(EventKind::kAsksForPodium)->other, first.id);
  EXPECT_EQ(Ask(chair, Act::kGivePodium, &first, kStage), Outcome::kDone);
  EXPECT_TRUE(Hears(listener, first));
  EXPECT_FALSE(Hears(listener, second));

  EXPECT_EQ(Ask(chair, Act::kTakePodium, &first, kStage), Outcome::kDone);
  EXPECT_EQ(Ask(chair, Act::kGivePodium, &second, kStage), Outcome::kDone);
  EXPECT_FALSE(Hears(listener, first));
  EXPECT_TRUE(Hears(listener, second));
  EXPECT_EQ(listener.LastEvent(EventKind::kPodiumGiven)->other, second.id);
  EXPECT_EQ(listener.LastEvent(EventKind::kPodiumTaken)->other, first.id);
}

TEST_F(ActsTest, H15_WithoutTheGrantNothingHappens) {
  Person& one = JoinAs({"one"});
  Person& other = JoinAs({"other"});
  WalkTo(other, {93, 50});
  EXPECT_EQ(Ask(one, Act::kMegaphone, nullptr, -1, 1), Outcome::kNotAllowed);
  EXPECT_EQ(Ask(one, Act::kBeam, &other), Outcome::kNotAllowed);
  EXPECT_EQ(Ask(one, Act::kGivePodium, &other, kStage), Outcome::kNotAllowed);
  EXPECT_NE(Ask(one, Act::kAdmit, &other, kOffice, 5), Outcome::kDone);
  EXPECT_NE(Ask(one, Act::kRevoke, &other, kOffice), Outcome::kDone);
  EXPECT_NE(Ask(one, Act::kSetDoor, nullptr, kMeetingDoor, 2), Outcome::kDone);
  EXPECT_FALSE(Hears(other, one));
}

TEST_F(ActsTest, AMegaphoneIsHeardEverywhereUntilItIsPutDown) {
  Person& speaker = JoinAs({"speaker"}, {.megaphone = true});
  Person& far = JoinAs({"far"});
  WalkTo(far, {5, 50});
  EXPECT_FALSE(Hears(far, speaker));
  EXPECT_EQ(Ask(speaker, Act::kMegaphone, nullptr, -1, 1), Outcome::kDone);
  EXPECT_TRUE(Hears(far, speaker));
  EXPECT_EQ(Ask(speaker, Act::kMegaphone, nullptr, -1, 0), Outcome::kDone);
  EXPECT_FALSE(Hears(far, speaker));
  EXPECT_TRUE(far.LastEvent(EventKind::kMegaphoneOff));
}

TEST_F(ActsTest, AWhisperReachesOneOfTwo) {
  Person& one = JoinAs({"one"});
  Person& other = JoinAs({"other"});
  Person& third = JoinAs({"third"});
  ASSERT_TRUE(Hears(third, one));
  EXPECT_EQ(Ask(one, Act::kWhisper, &other), Outcome::kDone);
  EXPECT_TRUE(Hears(other, one));
  EXPECT_FALSE(Hears(third, one));
  EXPECT_EQ(other.LastEvent(EventKind::kWhisper)->other, one.id);
  EXPECT_EQ(Ask(one, Act::kWhisper), Outcome::kDone);
  EXPECT_TRUE(Hears(third, one));
}

TEST_F(ActsTest, ABubbleMufflesOthersByPolicy) {
  FloorPlan plan = TownHall();
  plan.bubble_transmission = 0;
  link_.ReplacePlan(plan);
  Person& one = JoinAs({"one"});
  Person& other = JoinAs({"other"});
  Person& third = JoinAs({"third"});
  EXPECT_EQ(Ask(one, Act::kInvite, &other), Outcome::kDone);
  ASSERT_TRUE(other.LastEvent(EventKind::kBubbleInvite));
  EXPECT_EQ(Ask(other, Act::kAcceptInvite, &one), Outcome::kDone);
  EXPECT_TRUE(Hears(other, one));
  EXPECT_FALSE(Hears(third, one));
  EXPECT_EQ(Ask(one, Act::kLeaveBubble), Outcome::kDone);
  EXPECT_TRUE(Hears(third, one));
}

TEST_F(ActsTest, WhoIsNotToBeDisturbedIsNotCalled) {
  Person& one = JoinAs({"one"});
  Person& other = JoinAs({"other"});
  EXPECT_EQ(Ask(other, Act::kDoNotDisturb, nullptr, -1, 1), Outcome::kDone);
  EXPECT_EQ(Ask(one, Act::kCall, &other), Outcome::kDisturbs);
  EXPECT_EQ(Ask(one, Act::kInvite, &other), Outcome::kDisturbs);
  EXPECT_EQ(Ask(other, Act::kDoNotDisturb, nullptr, -1, 0), Outcome::kDone);
  EXPECT_EQ(Ask(one, Act::kCall, &other), Outcome::kDone);
}

TEST_F(ActsTest, ACallBringsTheCalledAcrossTheFloor) {
  Person& caller = JoinAs({"caller"});
  Person& called = JoinAs({"called"});
  WalkTo(called, {5, 50});
  EXPECT_FALSE(Hears(called, caller));
  EXPECT_EQ(Ask(caller, Act::kCall, &called), Outcome::kDone);
  ASSERT_TRUE(called.LastEvent(EventKind::kCalled));
  EXPECT_EQ(called.LastEvent(EventKind::kCalled)->name, "Person 1");
  EXPECT_EQ(Ask(called, Act::kAcceptCall, &caller), Outcome::kDone);
  EXPECT_TRUE(Hears(called, caller));
  const auto told = called.client.TakeCorrectedPose();
  ASSERT_TRUE(told);
  EXPECT_EQ(told->position, link_.engine->StanceOf(called.id)->pose.position);
}

TEST_F(ActsTest, WhoMayBeamStandsNextToTheOther) {
  Person& one = JoinAs({"one"}, {.beam = true});
  Person& other = JoinAs({"other"});
  WalkTo(other, {5, 50});
  EXPECT_FALSE(Hears(one, other));
  EXPECT_EQ(Ask(one, Act::kBeam, &other), Outcome::kDone);
  EXPECT_TRUE(Hears(one, other));
}

TEST_F(ActsTest, AFollowerComesAlongAndOthersSeeItMove) {
  Person& leader = JoinAs({"leader"});
  Person& follower = JoinAs({"follower"});
  EXPECT_EQ(Ask(follower, Act::kFollow, &leader), Outcome::kDone);
  EXPECT_EQ(leader.LastEvent(EventKind::kFollowed)->other, follower.id);
  // At walking speed.
  const Point from = link_.engine->StanceOf(leader.id)->pose.position;
  for (int i = 1; i <= 200; ++i) {
    link_.Move(leader, {{from.x - 0.15f * static_cast<float>(i), from.y}, 0});
    link_.Run(Duration::Millis(50));
  }
  link_.Run(Duration::Seconds(1));
  const Point at = link_.engine->StanceOf(follower.id)->pose.position;
  EXPECT_LT(Distance(at, link_.engine->StanceOf(leader.id)->pose.position), 3);
  EXPECT_LT(at.x, 30);
  EXPECT_NEAR(leader.client.people().at(follower.id).pose.position.x, at.x, 0.02);
}

TEST_F(ActsTest, R9_TooManyActsAreRefusedAndDoNothing) {
  Person& one = JoinAs({"one"});
  Person& other = JoinAs({"other"});
  for (int i = 0; i < 60; ++i) Ask(one, Act::kWhisper, i % 2 == 0 ? &other : nullptr);
  // A refusal waits for company.
  link_.Run(Duration::Millis(200));
  const auto refused = std::count_if(one.messages.begin(), one.messages.end(),
                                     [](const std::vector<uint8_t>& message) {
                                       const auto outcome = ParseOutcome(message);
                                       return outcome && outcome->outcome == Outcome::kTooOften;
                                     });
  EXPECT_GT(refused, 10);
  EXPECT_EQ(link_.counters.acts[static_cast<size_t>(Outcome::kTooOften)].value(),
            static_cast<uint64_t>(refused));
  link_.Run(Duration::Seconds(3));
  EXPECT_NE(Ask(one, Act::kWhisper), Outcome::kTooOften);
}

TEST_F(ActsTest, H16_EveryActWithEveryNumberGetsAnOutcome) {
  Person& one = JoinAs({"one"}, {.moderator = true, .megaphone = true, .beam = true});
  Person& other = JoinAs({"other"});
  SeededRandom random(16);
  const std::array<int16_t, 7> places = {-1, -32768, 0, 1, 3, 4, 32767};
  const std::array<uint16_t, 5> values = {0, 1, 2, 480, 65535};
  for (int i = 0; i < 400; ++i) {
    const std::array<ParticipantId, 4> people = {kNoParticipant, one.id, other.id,
                                                 ParticipantId{0xffffffff}};
    const ActMessage act{0, Act{static_cast<uint8_t>(random.Below(22))}, people[random.Below(4)],
                         places[random.Below(7)], values[random.Below(5)]};
    one.messages.clear();
    EXPECT_TRUE(link_.Ask(one, act));
    link_.Run(Duration::Millis(100));
  }
  EXPECT_TRUE(link_.closed.empty());
  EXPECT_EQ(link_.counters.invariant_violations.value(), 0u);
}

TEST_F(ActsTest, E10_WhoLeavesTakesItsAgreementsAlong) {
  Person& clerk = JoinAs({"clerk"});
  Person& one = JoinAs({"one"}, {.megaphone = true});
  Person& other = JoinAs({"other"});
  WalkTo(other, {50, 48});
  ASSERT_EQ(Ask(one, Act::kMegaphone, nullptr, -1, 1), Outcome::kDone);
  ASSERT_EQ(Ask(one, Act::kWhisper, &other), Outcome::kDone);
  ASSERT_EQ(Ask(other, Act::kFollow, &one), Outcome::kDone);
  ASSERT_EQ(Ask(other, Act::kKnock, nullptr, kOffice), Outcome::kDone);
  link_.Leave(one);
  link_.Run(Duration::Millis(100));
  EXPECT_TRUE(other.LastEvent(EventKind::kFollowEnded));
  link_.Leave(other);
  EXPECT_EQ(Ask(clerk, Act::kAdmit, &other, kOffice, 5), Outcome::kNothingToDo);
  EXPECT_EQ(link_.counters.invariant_violations.value(), 0u);
}

TEST_F(ActsTest, WhoIsAloneIsToldToRestUntilSomebodyComes) {
  Person& alone = JoinAs({"alone"});
  const auto last_wanted = [&alone]() -> std::optional<SourceSet> {
    for (auto message = alone.messages.rbegin(); message != alone.messages.rend(); ++message) {
      if (const auto wanted = ParseWanted(*message)) return wanted->sources;
    }
    return std::nullopt;
  };
  EXPECT_EQ(last_wanted(), SourceSet::All()) << "at the start";
  WalkTo(alone, {5, 50});
  link_.Run(Duration::Seconds(3));
  ASSERT_TRUE(last_wanted());
  EXPECT_FALSE(last_wanted()->Has(SourceKind::kMic));
  Person& visitor = JoinAs({"visitor"});
  WalkTo(visitor, {16.5, 50});
  link_.Run(Duration::Millis(400));
  EXPECT_TRUE(last_wanted()->Has(SourceKind::kMic));
  EXPECT_FALSE(Hears(visitor, alone)) << "not in earshot yet";
}

TEST_F(ActsTest, ALateComerIsToldWhatIsNotInThePlan) {
  Person& one = JoinAs({"one"}, {.megaphone = true});
  WalkTo(one, {50, 52});
  ASSERT_EQ(Ask(one, Act::kSetDoor, nullptr, kMeetingDoor, 0), Outcome::kDone);
  ASSERT_EQ(Ask(one, Act::kMegaphone, nullptr, -1, 1), Outcome::kDone);
  Person& late = JoinAs({"late"});
  ASSERT_TRUE(late.LastEvent(EventKind::kDoorChanged));
  EXPECT_EQ(late.LastEvent(EventKind::kDoorChanged)->door, kMeetingDoor);
  EXPECT_EQ(late.LastEvent(EventKind::kMegaphoneOn)->other, one.id);
  // And the plan that comes with the join has the door as it is.
  EXPECT_EQ(late.joined.plan->doors[kMeetingDoor].state, DoorState::kOpen);
  EXPECT_EQ(late.joined.plan->doors[kOfficeDoor].state, DoorState::kShut);
}

TEST_F(ActsTest, APlanIsReplacedUnderEverybodysFeet) {
  Person& one = JoinAs({"one"});
  Person& other = JoinAs({"other"});
  ASSERT_TRUE(Hears(one, other));
  FloorPlan plan = TownHall();
  plan.zones.push_back({"New office", Box(46, 48, 8, 4)});
  plan.zones.back().kind = ZoneKind::kPrivate;
  plan.zones.back().owner = "one";
  plan.doors.push_back({"New office", {46, 49}, {46, 51}});
  plan.spawn = {30, 50};
  link_.Forget();
  link_.ReplacePlan(plan);
  link_.Run(Duration::Millis(100));
  EXPECT_TRUE(link_.closed.empty());
  // Both stood where the office is now: it is the one's own, who stays, and the other begins anew.
  EXPECT_GT(link_.engine->StanceOf(one.id)->pose.position.x, 46);
  EXPECT_LT(link_.engine->StanceOf(other.id)->pose.position.x, 35);
  EXPECT_FALSE(Hears(one, other));
  const auto starts_over = [](const std::vector<uint8_t>& message) {
    return message == std::vector<uint8_t>{static_cast<uint8_t>(MessageType::kReset)};
  };
  EXPECT_TRUE(std::any_of(one.messages.begin(), one.messages.end(), starts_over));
  // With its door open, too, the other is kept out.
  WalkTo(one, {47, 50});
  EXPECT_EQ(Ask(one, Act::kSetDoor, nullptr, 2, 0), Outcome::kDone);
  WalkTo(other, {45, 50});
  EXPECT_FALSE(Hears(other, one));
  link_.Walk(other, {47, 50});
  EXPECT_LT(link_.engine->StanceOf(other.id)->pose.position.x, 46);
}

}  // namespace
}  // namespace earshot
