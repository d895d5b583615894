#include "spatial/audibility.h"

#include <gtest/gtest.h>

#include <cmath>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"

namespace earshot {
namespace {

// Hear 8 / 9, watch 10 / 11, see 30 / 31.
const FloorPlan kPlan;
constexpr Rights kHear = Rights::Only(Right::kHear);
constexpr Rights kWatch = Rights::Only(Right::kWatch);
constexpr Rights kSee = Rights::Only(Right::kSee);
constexpr PairRights kAllOfBoth{Rights::All(), Rights::All(), Rights::All()};

class Floor {
 public:
  explicit Floor(const FloorPlan& plan) : premises_(plan), rules_(premises_) {
    EXPECT_EQ(ValidateFloorPlan(plan), "");
  }
  Standing At(Point point, PersonIndex person = 0) const {
    return {.position = point, .person = person, .zone = premises_.ZoneAt(point)};
  }
  PairRights Between(const Standing& a, const Standing& b, PairRights before = {}) const {
    return rules_.Between(a, b, before);
  }
  Rights At(float distance, Rights before) const {
    return Between(At({1, 1}), At({1 + distance, 1}), {{}, {}, before}).here;
  }
  float Loudness(const Standing& listener, const Standing& speaker) const {
    return rules_.Loudness(listener, speaker);
  }
  Premises& premises() { return premises_; }
  const AudibilityRules& rules() const { return rules_; }

 private:
  Premises premises_;
  AudibilityRules rules_;
};

std::vector<Point> Box4(float x, float y) {
  return {{x, y}, {x + 4, y}, {x + 4, y + 4}, {x, y + 4}};
}

TEST(AudibilityTest, RightsAreGainedWithinEnterAndLostBeyondLeave) {
  const Floor floor(kPlan);
  struct Case {
    Right right;
    float enter, leave;
  };
  for (const Case& c :
       {Case{Right::kHear, 8, 9}, Case{Right::kWatch, 10, 11}, Case{Right::kSee, 30, 31}}) {
    EXPECT_TRUE(floor.At(c.enter, Rights()).Has(c.right));
    EXPECT_FALSE(floor.At(c.enter + 0.001f, Rights()).Has(c.right));
    EXPECT_TRUE(floor.At(c.leave, Rights::Only(c.right)).Has(c.right));
    EXPECT_FALSE(floor.At(c.leave + 0.001f, Rights::Only(c.right)).Has(c.right));
  }
}

TEST(AudibilityTest, OneRightDoesNotKeepAnother) {
  const Floor floor(kPlan);
  EXPECT_EQ(floor.At(8.5f, kSee), kSee | kWatch);
  EXPECT_EQ(floor.At(10.5f, kHear), kSee);
}

TEST(AudibilityTest, OnlyPlainRightsAreRemembered) {
  const Floor floor(kPlan);
  const PairRights rights =
      floor.Between(floor.At({1, 1}), floor.At({9.5f, 1}), {Rights::All(), Rights::All(), {}});
  EXPECT_EQ(rights, (PairRights{kSee | kWatch, kSee | kWatch, kSee | kWatch}));
}

// Two zones of every pair of kinds, a metre apart, with people 3 m from each other and a door of
// each room on the line between them. Written down by hand:
//   A  all, at full share     d  hears 0.3 of it     e  hears 0.09 of it
//   w  watches and sees, hears nothing       -  nothing
struct KindCase {
  const char* name;
  ZoneKind kind;
  // Against open floor, room, private, stage, quiet, desk, lobby.
  const char* doors_open;
  const char* doors_shut;
};
constexpr KindCase kKindCases[] = {
    {"room", ZoneKind::kRoom, "AA-AwdA", "-------"},
    {"private", ZoneKind::kPrivate, "-------", "-------"},
    {"stage", ZoneKind::kStage, "AA-AwdA", "A--AwdA"},
    {"quiet", ZoneKind::kQuiet, "ww-wwww", "w--wwww"},
    {"desk", ZoneKind::kDesk, "dd-dwed", "d--dwed"},
    {"lobby", ZoneKind::kLobby, "AA-AwdA", "A--AwdA"},
};

Zone ZoneOfKind(ZoneKind kind, const char* name, float x) {
  Zone zone{name, Box4(x, 10)};
  zone.kind = kind;
  if (kind == ZoneKind::kPrivate) zone.owner = "owner";
  if (kind == ZoneKind::kStage) zone.audience = "elsewhere";
  return zone;
}

FloorPlan PlanOfPair(ZoneKind left, std::optional<ZoneKind> right, DoorState doors) {
  FloorPlan plan;
  plan.zones.push_back(ZoneOfKind(left, "left", 5));
  if (right) plan.zones.push_back(ZoneOfKind(*right, "right", 10));
  plan.zones.push_back({"elsewhere", Box4(30, 20), ZoneKind::kLobby});
  plan.full_gain_radius = 4;
  if (IsWalled(left)) plan.doors.push_back({"left", {9, 11}, {9, 13}, doors});
  if (right && IsWalled(*right)) plan.doors.push_back({"right", {10, 11}, {10, 13}, doors});
  return plan;
}

void ExpectOutcome(char expected, const Floor& floor, const Standing& a, const Standing& b,
                   const std::string& what) {
  const PairRights rights = floor.Between(a, b);
  const bool hears = expected != 'w' && expected != '-';
  EXPECT_EQ(rights.here, rights.there) << what;
  EXPECT_EQ(rights.here.Has(Right::kHear), hears) << what;
  EXPECT_EQ(rights.here.Has(Right::kWatch), expected != '-') << what;
  EXPECT_EQ(rights.here.Has(Right::kSee), expected != '-') << what;
  // What is held within the radii makes no difference to walls.
  EXPECT_EQ(floor.Between(a, b, kAllOfBoth), rights) << what;
  if (!hears) return;
  const float share = expected == 'd' ? 0.3f : expected == 'e' ? 0.09f : 1;
  EXPECT_FLOAT_EQ(floor.Loudness(a, b), share) << what;
  EXPECT_FLOAT_EQ(floor.Loudness(b, a), share) << what;
}

TEST(AudibilityTest, R17_EveryPairOfKindsAndEveryStateOfDoors) {
  constexpr std::optional<ZoneKind> kOthers[] = {
      std::nullopt,     ZoneKind::kRoom, ZoneKind::kPrivate, ZoneKind::kStage,
      ZoneKind::kQuiet, ZoneKind::kDesk, ZoneKind::kLobby};
  for (const KindCase& c : kKindCases) {
    for (size_t other = 0; other < std::size(kOthers); ++other) {
      for (const DoorState doors : {DoorState::kOpen, DoorState::kShut, DoorState::kLocked}) {
        const Floor floor(PlanOfPair(c.kind, kOthers[other], doors));
        const char* row = doors == DoorState::kOpen ? c.doors_open : c.doors_shut;
        ExpectOutcome(row[other], floor, floor.At({8, 12}), floor.At({11, 12}),
                      std::string(c.name) + " to " + std::to_string(other) + ", doors " +
                          std::to_string(static_cast<int>(doors)));
      }
    }
  }
}

TEST(AudibilityTest, InsideOneZoneAllHearEachOtherButWhereItIsQuiet) {
  for (const KindCase& c : kKindCases) {
    const Floor floor(PlanOfPair(c.kind, std::nullopt, DoorState::kShut));
    ExpectOutcome(c.kind == ZoneKind::kQuiet ? 'w' : 'A', floor, floor.At({6, 12}),
                  floor.At({8, 12}), c.name);
  }
}

TEST(AudibilityTest, R17_AnOpenDoorLetsSoundOutOnALineThroughItAlone) {
  const Floor floor(PlanOfPair(ZoneKind::kRoom, std::nullopt, DoorState::kOpen));
  ExpectOutcome('A', floor, floor.At({8, 12}), floor.At({11, 12}), "through the door");
  const PairRights beside = floor.Between(floor.At({8, 10.5f}), floor.At({11, 10.5f}));
  EXPECT_EQ(beside.here, kSee);
  EXPECT_EQ(beside.there, kSee);
}

TEST(AudibilityTest, ADoorThatLetsSomeSoundThroughMufflesAndHidesVideo) {
  FloorPlan plan = PlanOfPair(ZoneKind::kRoom, std::nullopt, DoorState::kShut);
  plan.doors[0].transmission[1] = 0.2f;
  const Floor floor(plan);
  const PairRights rights = floor.Between(floor.At({8, 12}), floor.At({11, 12}));
  EXPECT_EQ(rights.here, kHear | kSee);
  EXPECT_EQ(rights.there, kHear | kSee);
  EXPECT_FLOAT_EQ(floor.Loudness(floor.At({8, 12}), floor.At({11, 12})), 0.2f);
}

TEST(AudibilityTest, WallsOneBehindTheOtherMultiplyUntilTooLittleIsLeft) {
  FloorPlan plan;
  plan.full_gain_radius = 7;
  for (int walls = 1; walls <= 3; ++walls) {
    const float x = 10 + static_cast<float>(walls);
    plan.walls.push_back({{x, 5}, {x, 15}, 0.3f});
    const Floor floor(plan);
    const PairRights rights = floor.Between(floor.At({10, 10}), floor.At({15, 10}));
    EXPECT_EQ(rights.here.Has(Right::kHear), walls < 3);
    EXPECT_FALSE(rights.here.Has(Right::kWatch));
    EXPECT_FLOAT_EQ(floor.Loudness(floor.At({10, 10}), floor.At({15, 10})),
                    std::pow(0.3f, static_cast<float>(walls)));
  }
}

TEST(AudibilityTest, ExactlyTheCutIsHeardAndLessIsNot) {
  FloorPlan plan;
  plan.cut_below = 0.25f;
  plan.walls = {{{12, 5}, {12, 15}, 0.25f}};
  EXPECT_TRUE(Floor(plan).Between({{10, 10}}, {{15, 10}}).here.Has(Right::kHear));
  plan.cut_below = 0.26f;
  EXPECT_FALSE(Floor(plan).Between({{10, 10}}, {{15, 10}}).here.Has(Right::kHear));
}

TEST(AudibilityTest, AroundTheCornerOfOneRoomPeopleHearEachOther) {
  FloorPlan plan;
  plan.zones = {{"L", {{2, 2}, {12, 2}, {12, 6}, {6, 6}, {6, 12}, {2, 12}}},
                {"notch", {{6, 6}, {12, 6}, {12, 12}, {6, 12}}}};
  plan.full_gain_radius = 7;
  const Floor floor(plan);
  ExpectOutcome('A', floor, floor.At({9, 5}), floor.At({5, 9}), "around the corner");
  EXPECT_TRUE(floor.Between(floor.At({9, 5}), floor.At({9, 7})).IsEmpty());
  plan.walls = {{{2, 6}, {6, 6}}};
  EXPECT_FALSE(Floor(plan).Between(floor.At({4, 5}), floor.At({4, 7})).here.Has(Right::kHear));
}

// A stage in front of its audience in one room, and a lobby outside.
FloorPlan Chamber(Podium podium = Podium::kOpen) {
  FloorPlan plan;
  plan.zones = {{"stage", {{2, 2}, {22, 2}, {22, 6}, {2, 6}}, ZoneKind::kStage},
                {"stalls", {{2, 6}, {22, 6}, {22, 28}, {2, 28}}},
                {"lobby", {{24, 2}, {34, 2}, {34, 28}, {24, 28}}, ZoneKind::kLobby}};
  plan.zones[0].audience = "stalls";
  plan.zones[0].podium = podium;
  plan.zones[0].duck = 0.4f;
  return plan;
}

TEST(AudibilityTest, AStageVoiceIsHeardAllOverItsAudienceAndNowhereElse) {
  Floor floor(Chamber());
  Standing speaker = floor.At({12, 3});
  speaker.Set(Voice::kStage, true);
  for (const Point point : {Point{3, 27}, Point{21, 27}, Point{3, 3}}) {
    const PairRights rights = floor.Between(speaker, floor.At(point));
    EXPECT_EQ(rights.there, Rights::All());
    EXPECT_EQ(floor.Loudness(floor.At(point), speaker), 1);
  }
  EXPECT_EQ(floor.Between(speaker, floor.At({21, 27})).here, kSee) << "the audience is far away";
  EXPECT_TRUE(floor.Between(speaker, floor.At({24.5f, 3})).IsEmpty()) << "outside the walls";
  Standing plain = floor.At({12, 3});
  EXPECT_EQ(floor.Between(plain, floor.At({21, 27})).there, kSee) << "without the podium";
  EXPECT_EQ(floor.Between(plain, floor.At({12, 8})).there, Rights::All()) << "no wall between";
}

TEST(AudibilityTest, NeighboursInTheAudienceAreDuckedWhileTheStageIsLive) {
  Floor floor(Chamber());
  const Standing a = floor.At({12, 20});
  const Standing b = floor.At({12, 21});
  EXPECT_EQ(floor.Loudness(a, b), 1);
  floor.premises().SetLive(0, true);
  EXPECT_FLOAT_EQ(floor.Loudness(a, b), 0.4f);
  Standing speaker = floor.At({12, 3});
  speaker.Set(Voice::kStage, true);
  EXPECT_EQ(floor.Loudness(a, speaker), 1);
  floor.premises().SetLive(0, false);
  EXPECT_EQ(floor.Loudness(a, b), 1);
}

TEST(AudibilityTest, AWhisperReachesOnePersonWithinSight) {
  const Floor floor(kPlan);
  Standing speaker = floor.At({5, 5}, 1);
  speaker.Set(Voice::kWhisper, true);
  speaker.whispers_to = 2;
  EXPECT_EQ(floor.Between(speaker, floor.At({6, 5}, 2)).there, Rights::All());
  EXPECT_EQ(floor.Between(speaker, floor.At({30, 5}, 2)).there, kHear | kSee);
  EXPECT_EQ(floor.Between(speaker, floor.At({6, 5}, 3)).there, kWatch | kSee);
  EXPECT_EQ(floor.Between(speaker, floor.At({6, 5}, 3)).here, Rights::All());
  EXPECT_TRUE(floor.Between(speaker, floor.At({39, 5}, 2)).IsEmpty()) << "out of sight";
  EXPECT_EQ(floor.Loudness(floor.At({30, 5}, 2), speaker), 1);
}

TEST(AudibilityTest, AWhisperBeatsStageAndMegaphone) {
  const Floor floor(Chamber());
  Standing speaker = floor.At({12, 3}, 1);
  for (const Voice voice : {Voice::kWhisper, Voice::kStage, Voice::kMegaphone}) {
    speaker.Set(voice, true);
  }
  speaker.whispers_to = 2;
  EXPECT_FALSE(floor.Between(speaker, floor.At({12, 4}, 3)).there.Has(Right::kHear));
  EXPECT_TRUE(floor.Between(speaker, floor.At({12, 4}, 2)).there.Has(Right::kHear));
  EXPECT_TRUE(floor.Between(speaker, floor.At({30, 4}, 2)).there.IsEmpty()) << "behind the wall";
}

TEST(AudibilityTest, AMegaphoneReachesAllButPrivateZones) {
  FloorPlan plan = Chamber();
  plan.width = 100;
  plan.zones.push_back({"clerk", Box4(90, 2), ZoneKind::kPrivate});
  plan.zones.back().owner = "clerk";
  plan.zones.push_back({"quiet", Box4(90, 12), ZoneKind::kQuiet});
  const Floor floor(plan);
  Standing speaker = floor.At({30, 5});
  speaker.Set(Voice::kMegaphone, true);
  for (const Point point : {Point{99, 29}, Point{12, 20}, Point{92, 14}}) {
    EXPECT_EQ(floor.Between(speaker, floor.At(point)).there, kHear | kSee);
    EXPECT_EQ(floor.Loudness(floor.At(point), speaker), 1);
  }
  EXPECT_TRUE(floor.Between(speaker, floor.At({92, 4})).IsEmpty());
  Standing inside = floor.At({92, 4});
  inside.Set(Voice::kMegaphone, true);
  EXPECT_TRUE(floor.Between(inside, floor.At({95, 4})).IsEmpty()) << "a private room keeps all";
}

TEST(AudibilityTest, ABubbleMufflesBothWaysByPolicy) {
  FloorPlan plan;
  plan.full_gain_radius = 3;
  Standing a{.position = {5, 5}, .bubble = 1};
  const Standing b{.position = {6, 5}};
  EXPECT_EQ(Floor(plan).Between(a, b), kAllOfBoth);
  EXPECT_FLOAT_EQ(Floor(plan).Loudness(a, b), 0.2f);
  EXPECT_FLOAT_EQ(Floor(plan).Loudness(b, a), 0.2f);
  EXPECT_FLOAT_EQ(Floor(plan).Loudness(a, a), 1);
  plan.bubble_transmission = 0;
  EXPECT_EQ(Floor(plan).Between(a, b), (PairRights{kWatch | kSee, kWatch | kSee, kWatch | kSee}));
}

TEST(AudibilityTest, R17_PlainRightsAreMutual) {
  SeededRandom random(11);
  FloorPlan plan = Chamber();
  plan.zones[1].outline = {{2, 6}, {22, 6}, {22, 20}, {2, 20}};
  plan.doors = {{"door", {22, 10}, {22, 12}, DoorState::kOpen}};
  plan.walls = {{{3, 22}, {30, 23}, 0.4f}};
  const Floor floor(plan);
  const auto standing = [&] {
    Standing at =
        floor.At({static_cast<float>(random.Unit()) * 40, static_cast<float>(random.Unit()) * 30});
    at.bubble = static_cast<BubbleId>(random.Below(3));
    return at;
  };
  const auto rights = [&] {
    return Rights::Only(Right::kHear, random.Below(2) == 0) |
           Rights::Only(Right::kWatch, random.Below(2) == 0) |
           Rights::Only(Right::kSee, random.Below(2) == 0);
  };
  for (int i = 0; i < 10000; ++i) {
    const Standing a = standing();
    const Standing b = standing();
    const PairRights before{{}, {}, rights()};
    const PairRights after = floor.Between(a, b, before);
    ASSERT_EQ(after.here, after.there);
    ASSERT_EQ(floor.Between(b, a, before), after);
    ASSERT_EQ(floor.Between(a, b, after), after) << "asking again changes nothing";
    ASSERT_EQ(floor.Loudness(a, b), floor.Loudness(b, a));
  }
}

TEST(AudibilityTest, R17_SwappingTwoPeopleSwapsTheirRights) {
  SeededRandom random(12);
  const Floor floor(Chamber());
  const auto standing = [&](PersonIndex person) {
    Standing at = floor.At(
        {static_cast<float>(random.Unit()) * 40, static_cast<float>(random.Unit()) * 30}, person);
    at.voices = static_cast<uint8_t>(random.Below(8));
    at.whispers_to = random.Below(3);
    return at;
  };
  for (int i = 0; i < 10000; ++i) {
    const Standing a = standing(1);
    const Standing b = standing(2);
    const PairRights there = floor.Between(a, b);
    const PairRights back = floor.Between(b, a);
    ASSERT_EQ(there.here, back.there);
    ASSERT_EQ(there.there, back.here);
    ASSERT_EQ(floor.Between(a, b, there), there) << "asking again changes nothing";
  }
}

TEST(AudibilityTest, OfTwoPoliciesTheSmallerRadiiCount) {
  FloorPlan plan;
  plan.zones = {{"desks", Box4(5, 10), ZoneKind::kDesk, 1.0f}};
  Policy near = plan;
  near.audible = {2, 3};
  near.visible = {2.5f, 4};
  plan.zones[0].policy = near;
  const Floor floor(plan);
  EXPECT_EQ(floor.Between(floor.At({8, 12}), floor.At({9.9f, 12})).here, Rights::All());
  EXPECT_EQ(floor.Between(floor.At({8, 12}), floor.At({10.2f, 12})).here, kWatch | kSee);
  EXPECT_EQ(floor.Between(floor.At({8, 12}), floor.At({10.6f, 12})).here, kSee);
  EXPECT_EQ(floor.Between(floor.At({10.6f, 12}), floor.At({8, 12})).here, kSee);
  EXPECT_EQ(floor.Between(floor.At({10.2f, 12}), floor.At({14, 12})).here, Rights::All());
}

TEST(AudibilityTest, GainIsFlatThenFallsInALine) {
  const Floor floor(kPlan);
  EXPECT_EQ(floor.rules().GainAt(0), 1);
  EXPECT_EQ(floor.rules().GainAt(1.5f), 1);
  EXPECT_FLOAT_EQ(floor.rules().GainAt(5.25f), 0.5f);
  EXPECT_EQ(floor.rules().GainAt(9), 0);
  EXPECT_EQ(floor.rules().GainAt(100), 0);
}

TEST(AudibilityTest, FalloffsAreThoseOfTheWebAudioApi) {
  FloorPlan plan;
  plan.full_gain_radius = 2;
  plan.rolloff = 0.5f;
  EXPECT_FLOAT_EQ(Floor(plan).rules().GainAt(9), 0.5f);
  plan.falloff = Falloff::kInverse;
  EXPECT_EQ(Floor(plan).rules().GainAt(1), 1);
  EXPECT_FLOAT_EQ(Floor(plan).rules().GainAt(6), 2 / (2 + 0.5f * 4));
  plan.falloff = Falloff::kExponential;
  plan.rolloff = 2;
  EXPECT_EQ(Floor(plan).rules().GainAt(2), 1);
  EXPECT_FLOAT_EQ(Floor(plan).rules().GainAt(6), 1.0f / 9);
}

TEST(AudibilityTest, R17_NothingIsPerceivedWithoutARight) {
  const Floor floor(kPlan);
  EXPECT_EQ(floor.rules().Perceive({{1, 1}}, 0, {{2, 2}}, Rights(), Detail::kFull), Audible{});
  EXPECT_EQ(floor.rules().Perceive({{1, 1}}, 0, {{2, 2}}, kSee, Detail::kFull), Audible{});
}

TEST(AudibilityTest, AWatchedPersonHasDirectionButNoGain) {
  const Audible audible =
      Floor(kPlan).rules().Perceive({{0, 0}}, 0, {{0, 5}}, kWatch, Detail::kFull);
  EXPECT_EQ(audible.gain, 0);
  EXPECT_FLOAT_EQ(audible.distance, 5);
  EXPECT_NEAR(audible.azimuth, 1.5708, 1e-4);
}

TEST(AudibilityTest, EachRightLetsItsSourcesThrough) {
  EXPECT_EQ(Receivable(Rights()), SourceSet());
  EXPECT_EQ(Receivable(Rights::Only(Right::kSee)), SourceSet());
  EXPECT_EQ(Receivable(Rights::Only(Right::kHear)).bits(), 0b1001);
  EXPECT_EQ(Receivable(Rights::Only(Right::kWatch)).bits(), 0b0110);
  EXPECT_EQ(Receivable(Rights::All()), SourceSet::All());
}

TEST(AudibilityTest, SmallDifferencesAreNotNoticeable) {
  const Audible base{.gain = 0.5f, .azimuth = 3.13f, .distance = 5};
  EXPECT_FALSE(IsNoticeable(base, {0.515f, 3.10f, 5.2f}));
  EXPECT_FALSE(IsNoticeable(base, {0.5f, -3.13f, 5}));  // across the back
  EXPECT_TRUE(IsNoticeable(base, {0.53f, 3.13f, 5}));
  EXPECT_TRUE(IsNoticeable(base, {0.5f, 3.07f, 5}));
  EXPECT_TRUE(IsNoticeable(base, {0.5f, 3.13f, 5.3f}));
  EXPECT_TRUE(IsNoticeable(base, {0.5f, 3.13f, 5, Detail::kThumbnail}));
}

// How much somebody at the origin, who looks along x, gets of a camera at the distance and azimuth.
Detail DetailAt(const FloorPlan& plan, float distance, float azimuth = 0,
                Detail before = Detail::kPaused) {
  const Standing viewer{{20, 15}};
  const Standing person{{20 + distance * std::cos(azimuth), 15 + distance * std::sin(azimuth)}};
  return Floor(plan).rules().Perceive(viewer, 0, person, kWatch, before).detail;
}

TEST(AudibilityTest, CamerasLoseDetailByDistance) {
  EXPECT_EQ(DetailAt(kPlan, 1), Detail::kFull);
  EXPECT_EQ(DetailAt(kPlan, 4), Detail::kFull);
  EXPECT_EQ(DetailAt(kPlan, 4.1f), Detail::kMedium);
  EXPECT_EQ(DetailAt(kPlan, 7), Detail::kMedium);
  EXPECT_EQ(DetailAt(kPlan, 7.1f), Detail::kThumbnail);
  EXPECT_EQ(DetailAt(kPlan, 10.9f), Detail::kThumbnail);
  FloorPlan plan;
  plan.camera.pauses_beyond = true;
  EXPECT_EQ(DetailAt(plan, 7), Detail::kMedium);
  EXPECT_EQ(DetailAt(plan, 7.1f), Detail::kPaused);
}

TEST(AudibilityTest, OnABorderOfDetailsTheFinerOneStays) {
  EXPECT_EQ(DetailAt(kPlan, 4.4f, 0, Detail::kFull), Detail::kFull);
  EXPECT_EQ(DetailAt(kPlan, 4.6f, 0, Detail::kFull), Detail::kMedium);
  EXPECT_EQ(DetailAt(kPlan, 4.4f, 0, Detail::kMedium), Detail::kMedium);
  EXPECT_EQ(DetailAt(kPlan, 7.4f, 0, Detail::kMedium), Detail::kMedium);
  EXPECT_EQ(DetailAt(kPlan, 7.4f, 0, Detail::kThumbnail), Detail::kThumbnail);
}

TEST(AudibilityTest, PeopleBehindOnesBackGetOneStepLess) {
  EXPECT_EQ(DetailAt(kPlan, 2, 1.6f), Detail::kFull);
  EXPECT_EQ(DetailAt(kPlan, 2, 2), Detail::kMedium);
  EXPECT_EQ(DetailAt(kPlan, 2, -2), Detail::kMedium);
  EXPECT_EQ(DetailAt(kPlan, 5, 2), Detail::kThumbnail);
  EXPECT_EQ(DetailAt(kPlan, 8, 2), Detail::kThumbnail) << "never nothing";
  EXPECT_EQ(DetailAt(kPlan, 2, 1.8f, Detail::kFull), Detail::kFull) << "still beside";
  EXPECT_EQ(DetailAt(kPlan, 2, 1.8f, Detail::kMedium), Detail::kMedium) << "still behind";
  FloorPlan plan;
  plan.camera.follows_gaze = false;
  EXPECT_EQ(DetailAt(plan, 2, 3), Detail::kFull);
}

TEST(AudibilityTest, AStageIsSeenInFullAllOverItsAudience) {
  FloorPlan plan;
  plan.zones.push_back({.name = "Hall", .outline = Box4(1, 1), .kind = ZoneKind::kLobby});
  plan.zones[0].outline = {{1, 1}, {21, 1}, {21, 5}, {1, 5}};
  plan.zones.push_back({.name = "Stage",
                        .outline = {{21, 1}, {25, 1}, {25, 5}, {21, 5}},
                        .kind = ZoneKind::kStage,
                        .audience = "Hall"});
  const Floor floor(plan);
  Standing speaker = floor.At({23, 3});
  speaker.Set(Voice::kStage, true);
  EXPECT_EQ(floor.rules().Perceive(floor.At({2, 3}), 3, speaker, kWatch, Detail::kPaused).detail,
            Detail::kFull);
}

}  // namespace
}  // namespace earshot
