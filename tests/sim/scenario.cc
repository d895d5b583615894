#include "scenario.h"

#include <algorithm>
#include <array>

#include "acts.h"
#include "base/random.h"

namespace earshot::sim {
namespace {

constexpr float kCell = 8.0f;

float Draw(Random& random, float low, float high) {
  return low + static_cast<float>(random.Unit()) * (high - low);
}

Reach DrawReach(Random& random) {
  Reach reach;
  reach.enter = Draw(random, 3, 9);
  reach.leave = reach.enter + Draw(random, 0.5f, 3);
  return reach;
}

// Adds a zone of any kind that keeps clear of its cell's border, so that no two ever touch but a
// stage and its audience: a rectangle, an L or a triangle.
void AddZone(Random& random, float x, float y, FloorPlan& plan) {
  const float left = x + Draw(random, 0.5f, 1.5f);
  const float top = y + Draw(random, 0.5f, 1.5f);
  const float right = x + kCell - Draw(random, 0.5f, 1.5f);
  const float bottom = y + kCell - Draw(random, 0.5f, 1.5f);
  const float middle_x = (left + right) / 2;
  const float middle_y = (top + bottom) / 2;
  Zone zone;
  zone.name = "Zone " + std::to_string(plan.zones.size());
  const uint32_t kind = random.Below(10);
  zone.kind = kind < 6 ? static_cast<ZoneKind>(kind) : ZoneKind::kRoom;
  if (zone.kind == ZoneKind::kPrivate) zone.owner = kOwner;
  if (random.Below(4) == 0) zone.transmission = Draw(random, 0, 1);
  if (zone.kind == ZoneKind::kStage) {
    zone.outline = {{left, top}, {right, top}, {right, middle_y}, {left, middle_y}};
    zone.audience = zone.name + " audience";
    zone.podium = static_cast<Podium>(random.Below(2));
    plan.zones.push_back(zone);
    zone = {zone.audience,
            {{left, middle_y}, {right, middle_y}, {right, bottom}, {left, bottom}},
            ZoneKind::kLobby};
    plan.zones.push_back(zone);
    return;
  }
  switch (random.Below(3)) {
    case 0:
      zone.outline = {{left, top}, {right, top}, {right, bottom}, {left, bottom}};
      break;
    case 1:
      zone.outline = {{left, top},          {right, top},       {right, middle_y},
                      {middle_x, middle_y}, {middle_x, bottom}, {left, bottom}};
      break;
    default:
      zone.outline = {{left, top}, {right, middle_y}, {left, bottom}};
      break;
  }
  plan.zones.push_back(zone);
  if (!IsWalled(zone.kind) || random.Below(3) == 0) return;
  // In the left wall, which all shapes have.
  Door door{
      "Door " + std::to_string(plan.doors.size()), {left, middle_y - 1}, {left, middle_y + 1}};
  door.state = static_cast<DoorState>(random.Below(kDoorStateCount));
  plan.doors.push_back(door);
}

FloorPlan DrawPlan(Random& random) {
  const uint32_t columns = 2 + random.Below(3);
  const uint32_t rows = 2 + random.Below(2);
  FloorPlan plan;
  plan.width = static_cast<float>(columns) * kCell;
  plan.height = static_cast<float>(rows) * kCell;
  plan.audible = DrawReach(random);
  plan.visible = DrawReach(random);
  plan.full_gain_radius = plan.audible.enter / 4;
  plan.sight_radius = std::max(plan.audible.leave, plan.visible.leave) + Draw(random, 0, 20);
  // Between the cells, where no zone is.
  plan.spawn = {kCell, kCell};
  for (uint32_t row = 0; row < rows; ++row) {
    for (uint32_t column = 0; column < columns; ++column) {
      if (random.Unit() < 0.6) continue;
      AddZone(random, static_cast<float>(column) * kCell, static_cast<float>(row) * kCell, plan);
    }
  }
  for (uint32_t walls = random.Below(4); walls-- > 0;) {
    plan.walls.push_back({{Draw(random, 0, plan.width), Draw(random, 0, plan.height)},
                          {Draw(random, 0, plan.width), Draw(random, 0, plan.height)},
                          random.Below(2) == 0 ? 0 : Draw(random, 0, 1)});
    // Not where people arrive.
    if (!ValidateFloorPlan(plan).empty()) plan.walls.pop_back();
  }
  return plan;
}

NetworkOptions DrawNetwork(Random& random) {
  NetworkOptions network;
  network.delay = Duration::Millis(5 + random.Below(60));
  // A third of the runs is undisturbed, which allows the strictest demands; a third loses nothing.
  const uint32_t roughness = random.Below(3);
  if (roughness == 0) return network;
  network.jitter = Duration::Millis(1 + random.Below(40));
  network.reordering = Draw(random, 0, 0.02f);
  network.duplication = Draw(random, 0, 0.02f);
  if (roughness == 1) return network;
  network.loss = Draw(random, 0, 0.08f);
  network.burst_start = Draw(random, 0, 0.003f);
  network.burst_stay = Draw(random, 0.5f, 0.95f);
  return network;
}

// Threat row L3: ten seconds before milliseconds fill 31 or 32 bits, abs-send-time wraps, or
// microseconds fill 45 bits, which leave no room for 18 more.
Timestamp DrawBeginning(Random& random) {
  constexpr std::array<Timestamp, 5> kWraps = {
      Timestamp::Seconds(1000), Timestamp::Millis(int64_t{1} << 31),
      Timestamp::Millis(int64_t{1} << 32), Timestamp::Seconds(64 * 100),
      Timestamp::Micros(int64_t{1} << 45)};
  return kWraps[random.Below(kWraps.size())] - Duration::Seconds(10);
}

}  // namespace

Scenario Scenario::FromSeed(uint64_t seed) {
  SeededRandom random(seed);
  Scenario scenario;
  scenario.seed = seed;
  scenario.people = 6 + random.Below(25);
  scenario.space = {"office", DrawPlan(random)};
  scenario.network = DrawNetwork(random);
  if (!scenario.network.loses_nothing()) {
    scenario.habits.change_address_every = Duration::Seconds(30);
  }
  // In every fourth office slots are short, and have to be ranked.
  if (random.Below(4) == 0) {
    scenario.media.audio_slots = static_cast<uint8_t>(1 + random.Below(3));
    scenario.media.video_slots = static_cast<uint8_t>(random.Below(3));
  }
  scenario.habits.walking_speed = Draw(random, 1, 6);
  scenario.shares_egress = seed % 2 == 0;
  scenario.same_sequence_numbers = random.Below(2) == 0;
  scenario.begins_at = DrawBeginning(random);
  scenario.begins_before_wraps = random.Below(3) == 0;
  return scenario;
}

}  // namespace earshot::sim
