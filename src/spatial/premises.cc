#include "spatial/premises.h"

#include <algorithm>
#include <optional>

#include "spatial/outlines.h"

namespace earshot {
namespace {

CameraPolicy Combine(const CameraPolicy& a, const CameraPolicy& b) {
  return {.full_within = std::min(a.full_within, b.full_within),
          .medium_within = std::min(a.medium_within, b.medium_within),
          .pauses_beyond = a.pauses_beyond || b.pauses_beyond,
          .follows_gaze = a.follows_gaze || b.follows_gaze};
}

PairPolicy Combine(const Policy& a, const Policy& b) {
  const Policy& nearer = b.audible.leave < a.audible.leave ? b : a;
  return {.audible = {std::min(a.audible.enter, b.audible.enter), nearer.audible.leave},
          .visible = {std::min(a.visible.enter, b.visible.enter),
                      std::min(a.visible.leave, b.visible.leave)},
          .full_gain_radius = nearer.full_gain_radius,
          .falloff = nearer.falloff,
          .rolloff = nearer.rolloff,
          .cut_below = std::max(a.cut_below, b.cut_below),
          .pre_roll = a.pre_roll && b.pre_roll,
          .camera = Combine(a.camera, b.camera)};
}

bool LiesOnOutline(const Segment& line, std::span<const Point> outline) {
  for (size_t i = 0; i < outline.size(); ++i) {
    if (LiesOn(line, EdgeAt(outline, i))) return true;
  }
  return false;
}

// The stretch that two edges have in common; nothing if they only meet in a point.
std::optional<Segment> CommonStretch(const Segment& a, const Segment& b) {
  constexpr float kLeast = 0.01f;
  const Segment part{PointAlong(a, FractionAlong(b.from, a)),
                     PointAlong(a, FractionAlong(b.to, a))};
  if (Distance(part.from, part.to) < kLeast || !LiesOn(part, b)) return std::nullopt;
  return part;
}

}  // namespace

Premises::Premises(const FloorPlan& plan)
    : plan_(plan), map_(plan_), facts_(GatherFacts()), barriers_(BuildBarriers()) {
  BuildPolicies();
  for (const Door& door : plan_.doors) {
    states_.push_back(door.state);
    SetDoor(static_cast<DoorIndex>(states_.size() - 1), door.state);
  }
  for (size_t zone = 0; zone < plan_.zones.size(); ++zone) {
    RefreshClosed(static_cast<ZoneIndex>(zone));
  }
}

std::vector<Premises::ZoneFacts> Premises::GatherFacts() const {
  std::vector<ZoneFacts> facts(plan_.zones.size() + 1);
  const auto index_of = [this](const std::string& name) {
    for (size_t i = 0; i < plan_.zones.size(); ++i) {
      const Zone& zone = plan_.zones[i];
      if (zone.name == name && zone.kind != ZoneKind::kStage) return static_cast<ZoneIndex>(i);
    }
    return kOpenFloor;
  };
  for (size_t i = 0; i < plan_.zones.size(); ++i) {
    const Zone& zone = plan_.zones[i];
    ZoneFacts& fact = facts[i + 1];
    if (IsWalled(zone.kind)) fact.space = static_cast<ZoneIndex>(i);
    if (zone.kind == ZoneKind::kStage) {
      fact.audience = index_of(zone.audience);
      if (IsWalled(plan_.zones[static_cast<size_t>(fact.audience)].kind)) {
        fact.space = fact.audience;
      }
      facts[static_cast<size_t>(fact.audience + 1)].stages.push_back(static_cast<ZoneIndex>(i));
      fact.stages.push_back(static_cast<ZoneIndex>(i));
    }
    if (fact.space == kOpenFloor) fact.border_transmission = TransmissionOf(zone);
  }
  // The doors of a room are also those of its stage.
  for (size_t i = 0; i < plan_.zones.size(); ++i) {
    const ZoneIndex space = facts[i + 1].space;
    if (space == kOpenFloor) continue;
    for (size_t door = 0; door < plan_.doors.size(); ++door) {
      const Segment line{plan_.doors[door].from, plan_.doors[door].to};
      if (!LiesOnOutline(line, plan_.zones[i].outline)) continue;
      facts[static_cast<size_t>(space + 1)].doors.push_back(static_cast<DoorIndex>(door));
    }
  }
  return facts;
}

Barriers Premises::BuildBarriers() const {
  std::vector<BarrierLine> lines;
  for (size_t i = 0; i < plan_.zones.size(); ++i) {
    const ZoneIndex space = facts_[i + 1].space;
    if (space == kOpenFloor) continue;
    for (size_t edge = 0; edge < plan_.zones[i].outline.size(); ++edge) {
      BarrierLine line{EdgeAt(plan_.zones[i].outline, edge),
                       space,
                       TransmissionOf(*ZoneOf(space)),
                       !At(space).doors.empty(),
                       {}};
      for (size_t mate = 0; mate < plan_.zones.size(); ++mate) {
        if (mate == i || facts_[mate + 1].space != space) continue;
        for (size_t k = 0; k < plan_.zones[mate].outline.size(); ++k) {
          const auto common = CommonStretch(line.line, EdgeAt(plan_.zones[mate].outline, k));
          if (common) line.openings.push_back(*common);
        }
      }
      lines.push_back(std::move(line));
    }
  }
  for (const Wall& wall : plan_.walls) {
    lines.push_back({{wall.from, wall.to}, kOpenFloor, wall.transmission, true, {}});
  }
  return Barriers(plan_.width, plan_.height, lines, plan_.doors);
}

void Premises::BuildPolicies() {
  std::vector<const Policy*> distinct{&plan_};
  for (size_t i = 0; i < plan_.zones.size(); ++i) {
    if (!plan_.zones[i].policy) continue;
    facts_[i + 1].policy = static_cast<uint32_t>(distinct.size());
    distinct.push_back(&*plan_.zones[i].policy);
  }
  policy_count_ = distinct.size();
  for (const Policy* a : distinct) {
    for (const Policy* b : distinct) policies_.push_back(Combine(*a, *b));
  }
  for (const PairPolicy& policy : policies_) {
    widest_enter_ = std::max({widest_enter_, policy.audible.enter, policy.visible.enter});
    widest_media_ = std::max({widest_media_, policy.audible.leave, policy.visible.leave});
  }
  widest_enter_ = std::max(widest_enter_, plan_.sight_radius);
  widest_leave_ = std::max(widest_media_, plan_.sight_radius + kSightHysteresis);
}

void Premises::SetDoor(DoorIndex door, DoorState state) {
  states_[static_cast<size_t>(door)] = state;
  const Door& of_plan = plan_.doors[static_cast<size_t>(door)];
  barriers_.SetDoor(door, of_plan.transmission[static_cast<size_t>(state)],
                    state == DoorState::kLocked);
  for (size_t zone = 0; zone < plan_.zones.size(); ++zone) {
    if (IsDoorOf(door, static_cast<ZoneIndex>(zone))) RefreshClosed(static_cast<ZoneIndex>(zone));
  }
}

int16_t Premises::PortalAt(Point point) const {
  for (size_t i = 0; i < plan_.portals.size(); ++i) {
    const Portal& portal = plan_.portals[i];
    if (Distance(portal.at, point) <= portal.radius) return static_cast<int16_t>(i);
  }
  return -1;
}

bool Premises::IsDoorOf(DoorIndex door, ZoneIndex zone) const {
  if (SpaceOf(zone) == kOpenFloor) return false;
  const std::vector<DoorIndex>& doors = At(SpaceOf(zone)).doors;
  return std::find(doors.begin(), doors.end(), door) != doors.end();
}

bool Premises::IsLocked(ZoneIndex zone) const {
  if (SpaceOf(zone) == kOpenFloor) return false;
  const std::vector<DoorIndex>& doors = At(SpaceOf(zone)).doors;
  return !doors.empty() && std::all_of(doors.begin(), doors.end(), [this](DoorIndex door) {
    return StateOf(door) == DoorState::kLocked;
  });
}

bool Premises::LocksSpawn(DoorIndex door, DoorState state) const {
  const ZoneIndex room = SpaceOf(ZoneAt(plan_.spawn));
  if (state != DoorState::kLocked || !IsDoorOf(door, room)) return false;
  const std::vector<DoorIndex>& doors = At(room).doors;
  return std::all_of(doors.begin(), doors.end(), [&](DoorIndex other) {
    return other == door || StateOf(other) == DoorState::kLocked;
  });
}

void Premises::FindDoorsteps(ZoneIndex zone, std::vector<Point>& out) const {
  constexpr float kStep = 0.6f;
  out.clear();
  const ZoneIndex space = SpaceOf(zone);
  for (const DoorIndex door : At(space).doors) {
    const Door& of_plan = plan_.doors[static_cast<size_t>(door)];
    const float length = Distance(of_plan.from, of_plan.to);
    const Point middle{(of_plan.from.x + of_plan.to.x) / 2, (of_plan.from.y + of_plan.to.y) / 2};
    const Point across{(of_plan.to.y - of_plan.from.y) / length * kStep,
                       (of_plan.from.x - of_plan.to.x) / length * kStep};
    for (const Point step : {Point{middle.x + across.x, middle.y + across.y},
                             Point{middle.x - across.x, middle.y - across.y}}) {
      const bool is_on_floor =
          step.x >= 0 && step.x <= plan_.width && step.y >= 0 && step.y <= plan_.height;
      if (!is_on_floor || SpaceOf(ZoneAt(step)) == space) continue;
      const bool is_cut_off =
          barriers_.FirstStop(middle, step, [door](DoorIndex other) { return other == door; })
              .has_value();
      if (!is_cut_off) out.push_back(step);
    }
  }
}

void Premises::RefreshClosed(ZoneIndex space) {
  ZoneFacts& fact = At(space);
  if (fact.space != space) return;
  const Zone& zone = *ZoneOf(space);
  const bool lets_something_through =
      TransmissionOf(zone) > 0 ||
      std::any_of(fact.doors.begin(), fact.doors.end(), [this](DoorIndex door) {
        const auto index = static_cast<size_t>(door);
        return index < states_.size() &&
               plan_.doors[index].transmission[static_cast<size_t>(states_[index])] > 0;
      });
  fact.is_closed = zone.kind == ZoneKind::kPrivate || !lets_something_through;
}

// From inside, a locked door opens, unless it leads into another locked room.
bool Premises::LetsOut(DoorIndex door, ZoneIndex from, ZoneIndex to) const {
  return IsDoorOf(door, from) && !IsDoorOf(door, to);
}

std::optional<Stop> Premises::FirstStop(Point from, Point to, ZoneIndex unlocked) const {
  const ZoneIndex from_zone = ZoneAt(from);
  const ZoneIndex to_zone = ZoneAt(to);
  return barriers_.FirstStop(from, to, [&](DoorIndex door) {
    return LetsOut(door, from_zone, to_zone) || IsDoorOf(door, unlocked);
  });
}

Point Premises::SpotNear(Point point, Point offset) const {
  const auto at = [&](float share) {
    return Point{std::clamp(point.x + offset.x * share, 0.0f, plan_.width),
                 std::clamp(point.y + offset.y * share, 0.0f, plan_.height)};
  };
  // With some way to spare, so that nobody stands in a wall.
  if (FirstStop(point, at(1.1f), kOpenFloor) || ZoneAt(at(1)) != ZoneAt(point)) return point;
  return at(1);
}

float Premises::DuckingIn(ZoneIndex zone) const {
  float ducking = 1;
  for (const ZoneIndex stage : At(zone).stages) {
    if (At(stage).is_live) ducking = std::min(ducking, ZoneOf(stage)->duck);
  }
  return ducking;
}

}  // namespace earshot
