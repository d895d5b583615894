#include "scenario.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include "client/synthetic_media.h"
#include "file_reader.h"
#include "yaml_map.h"

namespace earshot::load {
namespace {

using earshotd::YamlMap;

constexpr size_t kMaxFileSize = 64 * 1024;
constexpr std::pair<std::string_view, Publishers> kPublishers[] = {
    {"nobody", Publishers::kNobody},
    {"talkers", Publishers::kTalkers},
    {"everybody", Publishers::kEverybody}};
constexpr std::pair<std::string_view, Talk> kTalks[] = {{"nobody", Talk::kNobody},
                                                        {"one", Talk::kOne},
                                                        {"some", Talk::kSome},
                                                        {"everybody", Talk::kEverybody}};
constexpr std::pair<std::string_view, Layout> kLayouts[] = {{"together", Layout::kTogether},
                                                            {"groups", Layout::kGroups},
                                                            {"grid", Layout::kGrid},
                                                            {"walk", Layout::kWalk}};
// Far more than any machine has workers.
constexpr size_t kMaxSpaces = 64;

std::string SpaceRule(const std::string& text) {
  return !text.empty() && text.size() <= 64 ? "" : "must be the id of a space of the server";
}

void ReadSpaces(YamlMap& root, Scenario& scenario) {
  std::vector<std::string>& spaces = scenario.spaces;
  if (!root.IsList("space")) return root.ReadText("space", SpaceRule, spaces.front());
  root.ReadTexts("space", kMaxSpaces, SpaceRule, spaces);
  if (spaces.empty()) return root.Note("space", "must name at least one space");
  for (size_t i = 1; i < spaces.size(); ++i) {
    const auto before = spaces.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::find(spaces.begin(), before, spaces[i]) == before) continue;
    root.NoteItem("space", i, "is there already: two crowds would stand in each other's way");
  }
}

void ReadMedia(YamlMap& map, Scenario& scenario) {
  const earshotd::Range<size_t> payload{kMinSyntheticPayload, MediaSender::kMaxPayload};
  MediaShape& media = scenario.media;
  map.ReadChoice<Publishers>("mic", kPublishers, scenario.mic);
  map.ReadChoice<Publishers>("camera", kPublishers, scenario.camera);
  map.ReadInteger<uint32_t>("cameras", {0, kMaxPeople}, scenario.cameras);
  map.ReadInteger<size_t>("audio_payload", payload, media.opus_payload);
  map.ReadBoolean("dtx", media.rests_in_silence);
  int64_t kilobits = media.video_rate.bits_per_second() / 1000;
  map.ReadInteger<int64_t>("video_kbps", {50, 20000}, kilobits);
  media.video_rate = DataRate::KilobitsPerSecond(kilobits);
  int64_t frames_per_second = 1000000 / media.frame_interval.micros();
  map.ReadInteger<int64_t>("frames_per_second", {1, 60}, frames_per_second);
  media.frame_interval = Duration::Micros(1000000 / frames_per_second);
  map.ReadInteger<size_t>("video_payload", payload, media.video_payload);
}

void ReadTalk(YamlMap& map, Scenario& scenario) {
  map.ReadChoice<Talk>("who", kTalks, scenario.talk);
  map.ReadNumber("share", {0.01, 0.99}, scenario.talking_share);
  map.ReadDuration("spurt", {Duration::Millis(100), Duration::Seconds(600)}, scenario.spurt);
}

void ReadPlaces(YamlMap& map, Scenario& scenario) {
  map.ReadChoice<Layout>("layout", kLayouts, scenario.layout);
  map.ReadInteger<uint32_t>("group", {2, 100}, scenario.group);
  map.ReadNumber("square_metres", {1, 10000}, scenario.square_metres);
  map.ReadNumber("walking_speed", {0.1, 10}, scenario.walking_speed);
  map.ReadInteger<uint32_t>("audience", {0, kMaxPeople}, scenario.audience);
  if (scenario.audience > 0 && scenario.layout == Layout::kGroups) {
    map.Note("audience", "would take people out of the groups of places.layout");
  }
}

void ReadMeetings(YamlMap& map, Scenario& scenario) {
  map.ReadInteger<uint32_t>("at_once", {0, 1000}, scenario.meetings);
  map.ReadInteger<uint32_t>("people", {2, 100}, scenario.meeting_people);
  map.ReadDuration("length", {Duration::Seconds(1), Duration::Seconds(3600)},
                   scenario.meeting_length);
}

void ReadSlots(YamlMap& map, Scenario& scenario) {
  constexpr earshotd::Range<uint8_t> kCount{0, kMaxSlotsPerKind};
  map.ReadInteger<uint8_t>("audio", kCount, scenario.audio_slots);
  map.ReadInteger<uint8_t>("video", kCount, scenario.video_slots);
}

void ReadHostile(YamlMap& map, HostileScenario& hostile) {
  map.ReadInteger<uint32_t>("people", {0, 100}, hostile.people);
  map.ReadInteger<uint32_t>("acts_per_second", {1, 100'000}, hostile.acts_per_second);
  map.ReadDuration("turn", {Duration::Seconds(1), Duration::Seconds(3600)}, hostile.turn);
  map.ReadInteger<uint32_t>("seed", {0, 0xffffffff}, hostile.seed);
}

void ReadRoot(YamlMap& root, Scenario& scenario) {
  root.ReadInteger<uint32_t>("people", {1, kMaxPeople}, scenario.people);
  ReadSpaces(root, scenario);
  root.ReadDuration("measure", {Duration::Seconds(1), Duration::Seconds(86400)}, scenario.measure);
  root.ReadDuration("settle", {Duration::Zero(), Duration::Seconds(600)}, scenario.settle);
  root.ReadInteger<uint32_t>("joins_per_second", {1, 1000}, scenario.joins_per_second);
  root.ReadMap("media", [&](YamlMap& map) { ReadMedia(map, scenario); });
  root.ReadMap("slots", [&](YamlMap& map) { ReadSlots(map, scenario); });
  root.ReadMap("talk", [&](YamlMap& map) { ReadTalk(map, scenario); });
  root.ReadMap("places", [&](YamlMap& map) { ReadPlaces(map, scenario); });
  root.ReadMap("meetings", [&](YamlMap& map) { ReadMeetings(map, scenario); });
  root.ReadInteger<uint32_t>("churn_per_minute", {0, 6000}, scenario.churn_per_minute);
  root.ReadInteger<uint32_t>("flood", {0, 1'000'000}, scenario.flood);
  root.ReadMap("hostile", [&](YamlMap& map) { ReadHostile(map, scenario.hostile); });
  if (scenario.flood > 0 && scenario.hostile.people > 0) {
    root.Note("hostile", "cannot be along with a flood, which takes turns as well");
  }
  if (scenario.meetings > 0 && scenario.layout != Layout::kWalk) {
    root.Note("meetings", "needs places.layout to be walk, as only walkers meet");
  }
}

}  // namespace

Scenario Scaled(const Scenario& scenario, uint32_t people) {
  const auto in_proportion = [&](uint32_t number) {
    return static_cast<uint32_t>(std::lround(double{1} * number * people / scenario.people));
  };
  Scenario scaled = scenario;
  scaled.people = people;
  scaled.audience = in_proportion(scenario.audience);
  scaled.meetings = in_proportion(scenario.meetings);
  scaled.churn_per_minute = in_proportion(scenario.churn_per_minute);
  return scaled;
}

void ReadScenario(const std::string& text, Scenario& scenario, earshotd::ConfigLog& log) {
  try {
    const auto document = earshotd::LoadDocument(text, log);
    if (!document) return;
    YamlMap root(*document, "", log);
    ReadRoot(root, scenario);
    root.Finish();
  } catch (const YAML::Exception& error) {
    log.problems.push_back({std::max(error.mark.line + 1, 0), "", "is not YAML: " + error.msg, ""});
  }
}

void ReadScenarioFile(const std::string& path, Scenario& scenario, earshotd::ConfigLog& log) {
  const auto text = earshotd::ReadWholeFile(path, kMaxFileSize, earshotd::FileSecrecy::kPublic);
  if (!text) {
    log.problems.push_back({0, "", text.error().message, ""});
    return;
  }
  ReadScenario(*text, scenario, log);
}

}  // namespace earshot::load
