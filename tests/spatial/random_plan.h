#pragma once

// Random plans for property tests: a chequerboard of zones of all kinds, some sharing edges, some
// L-shaped, with doors and walls. For tests only.

#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "earshot/floor_plan.h"

namespace earshot {

class RandomPlan {
 public:
  explicit RandomPlan(SeededRandom& random) : random_(random) {}

  FloorPlan Make() {
    plan_ = {};
    plan_.width = 30 + Unit() * 40;
    plan_.height = 20 + Unit() * 30;
    MakePolicy(plan_);
    plan_.sight_radius = 3 + Unit() * 30;
    plan_.bubble_transmission = random_.Below(2) == 0 ? 0 : Unit();
    const float pitch = 7 + Unit() * 6;
    for (float x = 1; x + pitch < plan_.width; x += pitch) {
      for (float y = 1; y + pitch < plan_.height; y += pitch) {
        if (random_.Below(3) > 0) AddZone(x, y, pitch);
      }
    }
    plan_.spawn = {0.5f, 0.5f};  // beside all zones
    AddWalls();
    while (!ValidateFloorPlan(WithoutDoors()).empty()) plan_.walls.pop_back();
    DropUnclearDoors();
    AddArrivals();
    return plan_;
  }

 private:
  float Unit() { return static_cast<float>(random_.Unit()); }

  void MakePolicy(Policy& policy) {
    policy.audible.enter = 2 + Unit() * 8;
    policy.audible.leave = policy.audible.enter + 0.3f + Unit() * 2;
    policy.visible.enter = 2 + Unit() * 12;
    policy.visible.leave = policy.visible.enter + 0.3f + Unit() * 2;
    policy.full_gain_radius = policy.audible.enter * (0.1f + Unit() * 0.8f);
    policy.falloff = static_cast<Falloff>(random_.Below(3));
    policy.rolloff = Unit();
    policy.cut_below = random_.Below(2) == 0 ? 0.05f : 0.01f + Unit() * 0.5f;
  }
  void AddZone(float x, float y, float pitch) {
    // A full width shares edges with its neighbours.
    const float w = random_.Below(2) == 0 ? pitch : pitch * (0.5f + Unit() * 0.5f);
    const float h = random_.Below(2) == 0 ? pitch : pitch * (0.5f + Unit() * 0.5f);
    const std::string name = "zone " + std::to_string(plan_.zones.size());
    Zone zone{name, {{x, y}, {x + w, y}, {x + w, y + h}, {x, y + h}}};
    const uint32_t kind = random_.Below(8);
    zone.kind = kind < 6 ? static_cast<ZoneKind>(kind) : ZoneKind::kRoom;
    if (zone.kind == ZoneKind::kPrivate) zone.owner = "owner";
    if (random_.Below(3) == 0) zone.transmission = Unit();
    if (random_.Below(4) == 0) MakePolicy(zone.policy.emplace(plan_));
    if (zone.kind == ZoneKind::kStage) {
      // The upper part is the stage, the rest its audience.
      const float cut = y + h * 0.4f;
      Zone audience{name + " audience", {{x, cut}, {x + w, cut}, {x + w, y + h}, {x, y + h}}};
      audience.kind = random_.Below(2) == 0 ? ZoneKind::kRoom : ZoneKind::kLobby;
      zone.outline[2].y = zone.outline[3].y = cut;
      zone.audience = audience.name;
      zone.podium = static_cast<Podium>(random_.Below(2));
      plan_.zones.push_back(zone);
      plan_.zones.push_back(audience);
      if (audience.kind == ZoneKind::kRoom && random_.Below(4) > 0) AddDoor(audience, 2);
      return;
    }
    if (random_.Below(3) == 0) {
      zone.outline = {{x, y},
                      {x + w, y},
                      {x + w, y + h * 0.4f},
                      {x + w * 0.6f, y + h * 0.4f},
                      {x + w * 0.6f, y + h},
                      {x, y + h}};
    }
    if (IsWalled(zone.kind)) {
      for (uint32_t doors = random_.Below(3); doors-- > 0;) {
        AddDoor(zone, random_.Below(static_cast<uint32_t>(zone.outline.size())));
      }
      if (random_.Below(3) == 0) zone.capacity = 1 + static_cast<int>(random_.Below(4));
    }
    plan_.zones.push_back(zone);
  }
  void AddDoor(const Zone& zone, uint32_t edge) {
    const Point from = zone.outline[edge];
    const Point to = zone.outline[(edge + 1) % zone.outline.size()];
    const float begin = 0.1f + Unit() * 0.4f;
    const float end = begin + 0.2f + Unit() * 0.2f;
    const auto at = [&](float t) {
      return Point{from.x + (to.x - from.x) * t, from.y + (to.y - from.y) * t};
    };
    Door door{"door", at(begin), at(end), static_cast<DoorState>(random_.Below(3))};
    if (random_.Below(3) == 0) door.transmission = {1, Unit() * 0.5f, Unit() * 0.2f};
    plan_.doors.push_back(door);
  }
  // Drawn for each zone by itself, doors of neighbours may overlap.
  void DropUnclearDoors() {
    const std::vector<Door> drawn = std::exchange(plan_.doors, {});
    for (const Door& door : drawn) {
      plan_.doors.push_back(door);
      if (!ValidateFloorPlan(plan_).empty()) plan_.doors.pop_back();
    }
  }
  FloorPlan WithoutDoors() const {
    FloorPlan plan = plan_;
    plan.doors.clear();
    return plan;
  }
  // Anywhere that people can be put.
  void AddArrivals() {
    const auto draw = [this] { return Point{Unit() * plan_.width, Unit() * plan_.height}; };
    const Point outside = std::exchange(plan_.spawn, draw());
    if (!ValidateFloorPlan(plan_).empty()) plan_.spawn = outside;
    for (uint32_t portals = random_.Below(4); portals-- > 0;) {
      const std::string space = "p" + std::to_string(random_.Below(3));
      plan_.portals.push_back({"portal", draw(), 0.3f + Unit() * 2, space});
      if (!ValidateFloorPlan(plan_).empty()) plan_.portals.pop_back();
    }
  }
  void AddWalls() {
    for (uint32_t walls = random_.Below(6); walls-- > 0;) {
      const Point from{Unit() * plan_.width, Unit() * plan_.height};
      const Point to{Unit() * plan_.width, Unit() * plan_.height};
      plan_.walls.push_back({from, to, random_.Below(2) == 0 ? 0 : Unit()});
    }
  }

  SeededRandom& random_;
  FloorPlan plan_;
};

}  // namespace earshot
