#pragma once

// What the simulated people do, as a scenario file says it; scenarios/*.yaml show every key. Plain
// values and their reader. Any thread.

#include <cstdint>
#include <string>
#include <vector>

#include "client/media_sender.h"
#include "config_problem.h"

namespace earshot::load {

inline constexpr uint32_t kMaxPeople = 20000;

enum class Publishers : uint8_t { kNobody, kTalkers, kEverybody };
enum class Talk : uint8_t { kNobody, kOne, kSome, kEverybody };
enum class Layout : uint8_t { kTogether, kGroups, kGrid, kWalk };

/// Who come in every other turn, and misbehave.
struct HostileScenario {
  uint32_t people = 0;
  /// Of each.
  uint32_t acts_per_second = 300;
  Duration turn = Duration::Seconds(60);
  /// What they do goes by it.
  uint32_t seed = 1;
};

struct Scenario {
  uint32_t people = 10;
  /// People are dealt to them in turn; each has a crowd of its own.
  std::vector<std::string> spaces = {"town-hall"};
  /// How long is measured, once all have joined and stand where they belong, and `settle` after.
  Duration measure = Duration::Seconds(30);
  Duration settle = Duration::Seconds(3);
  uint32_t joins_per_second = 50;

  Publishers mic = Publishers::kEverybody;
  Publishers camera = Publishers::kNobody;
  /// Of those who would show themselves, the first so many do.
  uint32_t cameras = kMaxPeople;
  MediaShape media{.opus_payload = 160,
                   .frame_interval = Duration::Micros(1000000 / 30),
                   .video_rate = DataRate::KilobitsPerSecond(1000)};
  uint8_t audio_slots = 24;
  uint8_t video_slots = 16;

  Talk talk = Talk::kEverybody;
  /// With kSome: of the time that each talks, and for how long at a time on average.
  float talking_share = 0.1f;
  Duration spurt = Duration::Seconds(4);

  Layout layout = Layout::kTogether;
  /// People in each group, with kGroups.
  uint32_t group = 10;
  /// Floor for each person, in the grid and for walkers.
  float square_metres = 10;
  /// Metres per second.
  float walking_speed = 1.4f;

  /// So many at once, of so many walkers each, for so long on average.
  uint32_t meetings = 0;
  uint32_t meeting_people = 5;
  Duration meeting_length = Duration::Seconds(20);

  /// So many of the people stand in the audience of the plan's stage, and one on it.
  uint32_t audience = 0;
  /// So many leave each minute, and as many come.
  uint32_t churn_per_minute = 0;
  /// Packets per second that the last of the people sends in every other second; nothing else.
  uint32_t flood = 0;
  /// With any, it is a soak: what reaches the others is checked packet by packet, and the server's
  /// memory is watched.
  HostileScenario hostile = {};
};

/// The same with another number of people: so many more or fewer meet, listen to the stage, come
/// and go, so that the load of each person stays what it is.
Scenario Scaled(const Scenario& scenario, uint32_t people);

/// Notes every mistake with its line, key and what is allowed.
void ReadScenario(const std::string& text, Scenario& scenario, earshotd::ConfigLog& log);
void ReadScenarioFile(const std::string& path, Scenario& scenario, earshotd::ConfigLog& log);

}  // namespace earshot::load
