#include "scenario.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "test_data.h"

namespace earshot::load {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// What is said about the text, as the user sees it.
std::string Complaint(const std::string& text) {
  Scenario scenario;
  earshotd::ConfigLog log;
  ReadScenario(text, scenario, log);
  return earshotd::ProblemsAsText("s.yaml", log.problems);
}

TEST(ScenarioTest, EveryScenarioThatComesWithItIsRight) {
  size_t count = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(ProjectFile("bench/load/scenarios"))) {
    Scenario scenario;
    earshotd::ConfigLog log;
    ReadScenarioFile(entry.path().native(), scenario, log);
    EXPECT_THAT(earshotd::ProblemsAsText(entry.path().filename().native(), log.problems),
                IsEmpty());
    ++count;
  }
  EXPECT_EQ(count, 9u);
}

TEST(ScenarioTest, MeetingExplainsEveryKey) {
  Scenario scenario;
  earshotd::ConfigLog log;
  ReadScenarioFile(ProjectFile("bench/load/scenarios/meeting.yaml"), scenario, log);
  EXPECT_EQ(log.fields.size(), log.known.size());
}

TEST(ScenarioTest, ValuesArriveWhereTheyBelong) {
  Scenario scenario;
  earshotd::ConfigLog log;
  ReadScenario(
      "people: 7\nspace: hall\nmeasure: 5s\nsettle: 1s\njoins_per_second: 9\n"
      "media: {mic: talkers, camera: nobody, audio_payload: 60, dtx: true, cameras: 5, video_kbps: "
      "500,\n"
      "        frames_per_second: 25, video_payload: 900}\n"
      "slots: {audio: 3, video: 4}\ntalk: {who: some, share: 0.25, spurt: 2s}\n"
      "places: {layout: walk, group: 6, square_metres: 12, walking_speed: 2, audience: 3}\n"
      "meetings: {at_once: 2, people: 4, length: 30s}\nchurn_per_minute: 6\n"
      "hostile: {people: 3, acts_per_second: 40, turn: 20s, seed: 9}\n",
      scenario, log);
  ASSERT_THAT(log.problems, IsEmpty());
  EXPECT_EQ(scenario.people, 7u);
  EXPECT_THAT(scenario.spaces, ElementsAre("hall"));
  EXPECT_EQ(scenario.measure, Duration::Seconds(5));
  EXPECT_EQ(scenario.mic, Publishers::kTalkers);
  EXPECT_EQ(scenario.camera, Publishers::kNobody);
  EXPECT_EQ(scenario.media.opus_payload, 60u);
  EXPECT_TRUE(scenario.media.rests_in_silence);
  EXPECT_EQ(scenario.media.video_rate, DataRate::KilobitsPerSecond(500));
  EXPECT_EQ(scenario.media.frame_interval, Duration::Millis(40));
  EXPECT_EQ(scenario.media.video_payload, 900u);
  EXPECT_EQ(scenario.audio_slots, 3);
  EXPECT_EQ(scenario.video_slots, 4);
  EXPECT_EQ(scenario.talk, Talk::kSome);
  EXPECT_FLOAT_EQ(scenario.talking_share, 0.25f);
  EXPECT_EQ(scenario.layout, Layout::kWalk);
  EXPECT_FLOAT_EQ(scenario.walking_speed, 2);
  EXPECT_EQ(scenario.group, 6u);
  EXPECT_EQ(scenario.audience, 3u);
  EXPECT_EQ(scenario.meetings, 2u);
  EXPECT_EQ(scenario.meeting_length, Duration::Seconds(30));
  EXPECT_EQ(scenario.churn_per_minute, 6u);
  EXPECT_EQ(scenario.hostile.people, 3u);
  EXPECT_EQ(scenario.hostile.acts_per_second, 40u);
  EXPECT_EQ(scenario.hostile.turn, Duration::Seconds(20));
  EXPECT_EQ(scenario.hostile.seed, 9u);
}

TEST(ScenarioTest, AMistakeIsNamedWithItsLineKeyAndWhatIsAllowed) {
  EXPECT_EQ(Complaint("space: hall\npeople: 0\n"),
            "s.yaml:2: people: must be a whole number from 1 to 20000\n");
  EXPECT_EQ(Complaint("people: 3\ntalk:\n  who: loud\n"),
            "s.yaml:3: talk.who: must be one of nobody, one, some, everybody\n");
  EXPECT_THAT(Complaint("media: {video_kpbs: 300}"), HasSubstr("did you mean \"video_kbps\"?"));
  EXPECT_THAT(Complaint("measure: 30"), HasSubstr("must be a duration such as 15s"));
  EXPECT_THAT(Complaint("people: [1"), HasSubstr("is not YAML"));
  EXPECT_THAT(Complaint("- people"), HasSubstr("must be a map"));
  EXPECT_THAT(Complaint("meetings: {at_once: 3}"), HasSubstr("only walkers meet"));
  EXPECT_THAT(Complaint("flood: 5\nhostile: {people: 1}"), HasSubstr("along with a flood"));
  EXPECT_THAT(Complaint("places: {layout: groups, group: 1}"),
              HasSubstr("places.group: must be a whole number from 2 to 100"));
  EXPECT_THAT(Complaint("places: {layout: groups, audience: 3}"),
              HasSubstr("places.audience: would take people out of the groups"));
}

TEST(ScenarioTest, SpacesMayBeSeveral) {
  Scenario scenario;
  earshotd::ConfigLog log;
  ReadScenario("space: [hall, hall-2]", scenario, log);
  EXPECT_THAT(log.problems, IsEmpty());
  EXPECT_THAT(scenario.spaces, ElementsAre("hall", "hall-2"));
  EXPECT_THAT(Complaint("space: []"), HasSubstr("space: must name at least one space"));
  EXPECT_THAT(Complaint("space: [hall, \"\"]"), HasSubstr("space[1]: must be the id of a space"));
  EXPECT_THAT(Complaint("space: [hall, town-hall, hall]"), HasSubstr("space[2]: is there already"));
  EXPECT_THAT(Complaint("space: {a: b}"), HasSubstr("space: must be a text"));
}

TEST(ScenarioTest, WithOtherPeopleTheLoadOfEachStays) {
  Scenario scenario;
  scenario.people = 500;
  scenario.audience = 40;
  scenario.meetings = 10;
  scenario.churn_per_minute = 30;
  const Scenario quarter = Scaled(scenario, 125);
  EXPECT_EQ(quarter.people, 125u);
  EXPECT_EQ(quarter.audience, 10u);
  EXPECT_EQ(quarter.meetings, 3u) << "2.5, rounded";
  EXPECT_EQ(quarter.churn_per_minute, 8u);
  EXPECT_EQ(quarter.joins_per_second, scenario.joins_per_second);
  EXPECT_EQ(quarter.meeting_people, scenario.meeting_people);
  const Scenario large = Scaled(scenario, kMaxPeople);
  EXPECT_EQ(large.audience, 1600u);
  EXPECT_EQ(large.churn_per_minute, 1200u);
}

TEST(ScenarioTest, AMissingFileIsNamed) {
  Scenario scenario;
  earshotd::ConfigLog log;
  ReadScenarioFile("/nowhere/at-all.yaml", scenario, log);
  EXPECT_THAT(earshotd::ProblemsAsText("x", log.problems), HasSubstr("/nowhere/at-all.yaml"));
}

}  // namespace
}  // namespace earshot::load
