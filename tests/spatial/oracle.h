#pragma once

// What the rules say, written down a second time from their description and in the plainest way:
// all pairs, all lines, points instead of stretches. Shares no code with src/spatial but the types
// of the plan. Where two answers lie within rounding of each other it says so, and the caller
// passes over the pair. For tests only.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "earshot/floor_plan.h"
#include "earshot/media.h"
#include "spatial/routing.h"

namespace earshot {

class Oracle {
 public:
  struct Person {
    Point position;
    SourceSet sources;
    SlotCounts slots;
    uint32_t bubble = 0;
    std::optional<uint32_t> whispers_to;
    bool has_megaphone = false;
    std::optional<int> podium;
  };
  using Pair = std::pair<uint32_t, uint32_t>;
  struct Answer {
    bool hears = false;
    bool watches = false;
    bool sees = false;
    bool operator==(const Answer&) const = default;
  };

  explicit Oracle(const FloorPlan& plan) : plan_(plan) {
    for (const Door& door : plan.doors) doors.push_back(door.state);
    for (int zone = 0; zone < static_cast<int>(plan.zones.size()); ++zone) {
      spaces_.push_back(FindSpaceOf(zone));
      edges_.push_back(FindEdgesOf(static_cast<size_t>(zone)));
    }
    for (int zone = 0; zone < static_cast<int>(plan.zones.size()); ++zone) {
      for (size_t door = 0; door < doors.size(); ++door) {
        if (FindDoorOf(door, zone)) doors_of_.insert({door, zone});
      }
    }
  }

  struct Judgement {
    Answer answer;
    /// What distance, walls and zones allow both, which decides between the radii from now on.
    Answer plain;
  };

  /// What the listener may get of the speaker; nothing where it is a matter of rounding.
  std::optional<Judgement> MayGet(uint32_t listener_id, uint32_t speaker_id) const {
    const std::optional<int> here = ZoneAt(people.at(listener_id).position);
    const std::optional<int> there = ZoneAt(people.at(speaker_id).position);
    if (!here || !there) return std::nullopt;
    const std::optional<Answer> plain = PlainRights({listener_id, speaker_id}, *here, *there);
    if (!plain) return std::nullopt;
    return Judgement{Special({listener_id, speaker_id}, *here, *there, *plain), *plain};
  }

  /// What held is not known until distance alone decides.
  void Doubt(Pair pair) { doubted_.insert(pair); }
  bool IsDoubted(Pair pair) const { return doubted_.contains(pair); }
  void Remember(Pair pair, const Answer& answer) {
    doubted_.erase(pair);
    if (answer == Answer{}) {
      held_.erase(pair);
    } else {
      held_[pair] = answer;
    }
  }
  const Answer& Held(Pair pair) const {
    static const Answer kNothing;
    const auto it = held_.find(pair);
    return it == held_.end() ? kNothing : it->second;
  }
  void Forget(uint32_t id) {
    people.erase(id);
    std::erase_if(held_, [id](const auto& entry) {
      return entry.first.first == id || entry.first.second == id;
    });
  }

  /// The zone by a ray upwards; -1 for open floor, nothing next to a line.
  std::optional<int> ZoneAt(Point p) const {
    for (size_t i = 0; i < plan_.zones.size(); ++i) {
      bool inside = false;
      for (const Line& edge : EdgesOf(i)) {
        if (DistanceTo(edge, p) < kSlack) return std::nullopt;
        if ((edge.a.x < p.x) == (edge.b.x < p.x)) continue;
        const double y =
            edge.a.y + (edge.b.y - edge.a.y) * (p.x - edge.a.x) / (edge.b.x - edge.a.x);
        if (y < p.y) inside = !inside;
      }
      if (inside) return static_cast<int>(i);
    }
    return -1;
  }
  bool IsKind(int zone, ZoneKind kind) const {
    return zone >= 0 && plan_.zones[static_cast<size_t>(zone)].kind == kind;
  }
  /// The share that walls and doors let through; nothing next to the end of a line.
  std::optional<double> Passing(Point a, Point b, bool in_one_room) const {
    double share = 1;
    std::set<size_t> doors_met;
    bool is_certain = true;
    const auto meet = [&](const Line& line, double transmission, std::optional<size_t> zone) {
      const std::optional<Spot> spot = Meeting({{a.x, a.y}, {b.x, b.y}}, line, is_certain);
      if (!spot) return;
      if (IsOddDoorway(line, *spot)) is_certain = false;
      for (size_t i = 0; i < plan_.doors.size(); ++i) {
        const Line door = LineOf(plan_.doors[i].from, plan_.doors[i].to);
        const double d = DistanceTo(door, *spot);
        if (d < 1e-3) {
          // Near its ends, the door or the wall.
          if (std::min(Length(*spot, door.a), Length(*spot, door.b)) < 5e-3) is_certain = false;
          if (doors_met.insert(i).second) {
            share *= plan_.doors[i].transmission[static_cast<size_t>(doors[i])];
          }
          return;
        }
        if (d < 5e-3) is_certain = false;
      }
      if (zone && IsInnerBorder(*zone, *spot, is_certain)) return;
      share *= transmission;
    };
    for (size_t i = 0; i < plan_.zones.size() && !in_one_room; ++i) {
      const int space = SpaceOf(static_cast<int>(i));
      if (space < 0) continue;
      for (const Line& edge : EdgesOf(i)) meet(edge, Share(static_cast<size_t>(space)), i);
    }
    for (const Wall& wall : plan_.walls) {
      meet(LineOf(wall.from, wall.to), wall.transmission, std::nullopt);
    }
    if (!is_certain) return std::nullopt;
    return share;
  }

  /// The room that surrounds the zone, or -1.
  int SpaceOf(int zone) const { return zone < 0 ? -1 : spaces_[static_cast<size_t>(zone)]; }
  int AudienceOf(int stage) const {
    const std::string& name = plan_.zones[static_cast<size_t>(stage)].audience;
    for (size_t i = 0; i < plan_.zones.size(); ++i) {
      if (plan_.zones[i].name == name && plan_.zones[i].kind != ZoneKind::kStage) {
        return static_cast<int>(i);
      }
    }
    return -1;
  }
  bool HearsStage(int zone, int stage) const { return zone == stage || zone == AudienceOf(stage); }
  bool IsOnStage(const Person& person, int zone) const {
    if (!IsKind(zone, ZoneKind::kStage)) return false;
    return plan_.zones[static_cast<size_t>(zone)].podium == Podium::kOpen || person.podium == zone;
  }
  /// Whether a door of the plan is in the outline of the zone's room.
  bool IsDoorOf(size_t door, int zone) const { return doors_of_.contains({door, zone}); }

  bool IsLocked(int room) const {
    bool has_doors = false;
    for (size_t door = 0; door < doors.size(); ++door) {
      if (!IsDoorOf(door, room)) continue;
      has_doors = true;
      if (doors[door] != DoorState::kLocked) return false;
    }
    return has_doors;
  }
  /// Whether newcomers would find the door locked, as the last of their room's.
  bool LocksSpawn(size_t door) const {
    const int room = SpaceOf(ZoneAt(plan_.spawn).value_or(-1));
    return room >= 0 && IsDoorOf(door, room) && IsLocked(room);
  }
  double DistanceToDoor(size_t door, Point p) const {
    return DistanceTo(LineOf(plan_.doors[door].from, plan_.doors[door].to), p);
  }
  /// What stops somebody on the straight way: where it stands then, 2 cm from the line, and which
  /// way the line runs.
  struct Obstacle {
    Point before;
    Point along;
  };
  /// The nearest on the way of somebody who may pass the locked doors of the room at its end, or
  /// may not, and may not enter some zones. `is_certain` falls where it is a matter of rounding.
  std::optional<Obstacle> FirstStop(Point a, Point b, bool has_key, const std::set<int>& barred,
                                    bool& is_certain) const {
    if (Length(a, b) < 1e-6) return std::nullopt;
    const std::optional<int> here = ZoneAt(a);
    const std::optional<int> there = ZoneAt(b);
    is_certain = is_certain && here && there;
    if (!is_certain) return std::nullopt;
    double nearest = Length(a, b);
    std::optional<Obstacle> first;
    const auto stop_at = [&](const Line& line, Spot spot) {
      if (Length(a, spot) > nearest) return;
      nearest = Length(a, spot);
      const double length = Length(line.a, line.b);
      const double ux = (line.b.x - line.a.x) / length, uy = (line.b.y - line.a.y) / length;
      const double side = std::abs((a.y - line.a.y) * ux - (a.x - line.a.x) * uy);
      const double share = std::max(0.0, 1 - 0.02 / side);
      first = {{float(a.x + (spot.x - a.x) * share), float(a.y + (spot.y - a.y) * share)},
               {float(ux), float(uy)}};
    };
    const auto meet = [&](const Line& line, std::optional<size_t> zone) {
      const std::optional<Spot> spot = Meeting({a, b}, line, is_certain);
      if (!spot) return;
      if (IsOddDoorway(line, *spot)) is_certain = false;
      for (size_t i = 0; i < plan_.doors.size(); ++i) {
        const Line door = LineOf(plan_.doors[i].from, plan_.doors[i].to);
        const double d = DistanceTo(door, *spot);
        if (d < 5e-3 && std::min(Length(*spot, door.a), Length(*spot, door.b)) < 5e-3) {
          is_certain = false;
        }
        if (d >= 1e-3) continue;
        const bool lets_out = IsDoorOf(i, *here) && !IsDoorOf(i, *there);
        const bool lets_in = has_key && IsDoorOf(i, *there);
        if (doors[i] == DoorState::kLocked && !lets_out && !lets_in) stop_at(line, *spot);
        return;
      }
      if (!zone || !IsInnerBorder(*zone, *spot, is_certain)) stop_at(line, *spot);
    };
    for (const int zone : barred) {
      for (const Line& edge : EdgesOf(static_cast<size_t>(zone))) {
        if (const auto spot = Meeting({a, b}, edge, is_certain)) stop_at(edge, *spot);
      }
    }
    for (size_t i = 0; i < plan_.zones.size(); ++i) {
      const int space = SpaceOf(static_cast<int>(i));
      if (space < 0 || !HasDoors(space)) continue;
      for (const Line& edge : EdgesOf(i)) meet(edge, i);
    }
    for (const Wall& wall : plan_.walls) meet(LineOf(wall.from, wall.to), std::nullopt);
    return first;
  }
  /// Whether nothing stops it; nothing where it is a matter of rounding.
  std::optional<bool> IsFreeWay(Point a, Point b, bool has_key,
                                const std::set<int>& barred = {}) const {
    bool is_certain = true;
    const bool is_free = !FirstStop(a, b, has_key, barred, is_certain);
    if (!is_certain) return std::nullopt;
    return is_free;
  }

  const FloorPlan& plan() const { return plan_; }
  /// Takes over who is there and what held.
  void TakeOver(const Oracle& before) {
    people = before.people;
    held_ = before.held_;
    doubted_ = before.doubted_;
  }
  std::map<uint32_t, Person> people;
  std::vector<DoorState> doors;

 private:
  static constexpr double kSlack = 2e-3;
  struct Spot {
    double x, y;
    Spot(double x_in, double y_in) : x(x_in), y(y_in) {}
    Spot(Point p) : x(p.x), y(p.y) {}
  };
  struct Line {
    Spot a, b;
  };

  int FindSpaceOf(int zone) const {
    const Zone& of = plan_.zones[static_cast<size_t>(zone)];
    if (of.kind == ZoneKind::kRoom || of.kind == ZoneKind::kPrivate) return zone;
    return of.kind == ZoneKind::kStage ? FindSpaceOf(AudienceOf(zone)) : -1;
  }
  bool FindDoorOf(size_t door, int zone) const {
    const int space = SpaceOf(zone);
    if (space < 0) return false;
    for (size_t i = 0; i < plan_.zones.size(); ++i) {
      if (SpaceOf(static_cast<int>(i)) != space) continue;
      for (const Line& edge : EdgesOf(i)) {
        const auto on = [&](Point p) { return DistanceTo(edge, {p.x, p.y}) < 2e-3; };
        if (on(plan_.doors[door].from) && on(plan_.doors[door].to)) return true;
      }
    }
    return false;
  }
  static Line LineOf(Point a, Point b) { return {{a.x, a.y}, {b.x, b.y}}; }
  static double Length(Spot a, Spot b) { return std::hypot(a.x - b.x, a.y - b.y); }
  static double DistanceTo(const Line& line, Spot p) {
    const double dx = line.b.x - line.a.x;
    const double dy = line.b.y - line.a.y;
    double t = ((p.x - line.a.x) * dx + (p.y - line.a.y) * dy) / (dx * dx + dy * dy);
    t = std::min(1.0, std::max(0.0, t));
    return Length(p, {line.a.x + t * dx, line.a.y + t * dy});
  }
  const std::vector<Line>& EdgesOf(size_t zone) const { return edges_[zone]; }
  std::vector<Line> FindEdgesOf(size_t zone) const {
    const std::vector<Point>& corners = plan_.zones[zone].outline;
    std::vector<Line> edges;
    for (size_t i = 0; i < corners.size(); ++i) {
      edges.push_back(LineOf(corners[i], corners[(i + 1) % corners.size()]));
    }
    return edges;
  }
  // Cramer's rule; is_certain falls if one end is on the other line or they are as good as
  // parallel.
  static std::optional<Spot> Meeting(const Line& way, const Line& line, bool& is_certain) {
    for (const auto& [end, other] : {std::pair(way.a, line), std::pair(way.b, line),
                                     std::pair(line.a, way), std::pair(line.b, way)}) {
      if (DistanceTo(other, end) < 1e-3) is_certain = false;
    }
    const double ux = way.b.x - way.a.x, uy = way.b.y - way.a.y;
    const double vx = line.b.x - line.a.x, vy = line.b.y - line.a.y;
    const double cross = ux * vy - uy * vx;
    if (cross == 0) return std::nullopt;
    const double wx = line.a.x - way.a.x, wy = line.a.y - way.a.y;
    const double t = (wx * vy - wy * vx) / cross;
    const double u = (wx * uy - wy * ux) / cross;
    if (t < 0 || t > 1 || u < 0 || u > 1) return std::nullopt;
    return Spot(way.a.x + t * ux, way.a.y + t * uy);
  }
  // Where two doors overlap, or a door only overlaps the line, the plan is not clear.
  bool IsOddDoorway(const Line& line, Spot spot) const {
    int doors_here = 0;
    for (const Door& of_plan : plan_.doors) {
      const Line door = LineOf(of_plan.from, of_plan.to);
      if (DistanceTo(door, spot) > 5e-3) continue;
      const bool is_on_line = DistanceTo(line, door.a) < 2e-3 && DistanceTo(line, door.b) < 2e-3;
      if (!is_on_line || ++doors_here > 1) return true;
    }
    return false;
  }
  // Between a stage and its audience there is no wall.
  bool IsInnerBorder(size_t zone, Spot spot, bool& is_certain) const {
    for (size_t i = 0; i < plan_.zones.size(); ++i) {
      if (i == zone || SpaceOf(static_cast<int>(i)) != SpaceOf(static_cast<int>(zone))) continue;
      for (const Line& edge : EdgesOf(i)) {
        const double d = DistanceTo(edge, spot);
        if (d < 1e-3) {
          if (std::min(Length(spot, edge.a), Length(spot, edge.b)) < 2e-2) is_certain = false;
          return true;
        }
      }
    }
    return false;
  }
  double Share(size_t zone) const {
    static constexpr double kByKind[] = {0, 0, 1, 0, 0.3f, 1};
    const Zone& of = plan_.zones[zone];
    return of.transmission ? *of.transmission : kByKind[static_cast<size_t>(of.kind)];
  }
  const Policy& PolicyOf(int zone) const {
    if (zone >= 0 && plan_.zones[static_cast<size_t>(zone)].policy) {
      return *plan_.zones[static_cast<size_t>(zone)].policy;
    }
    return plan_;
  }
  bool HasDoors(int room) const {
    for (size_t door = 0; door < doors.size(); ++door) {
      if (IsDoorOf(door, room)) return true;
    }
    return false;
  }
  // A private zone lets nothing through, nor does a room without any gap.
  bool IsTight(int space) const {
    if (space < 0) return false;
    if (IsKind(space, ZoneKind::kPrivate)) return true;
    if (Share(static_cast<size_t>(space)) > 0) return false;
    for (size_t door = 0; door < doors.size(); ++door) {
      if (plan_.doors[door].transmission[static_cast<size_t>(doors[door])] > 0 &&
          IsDoorOf(door, space)) {
        return false;
      }
    }
    return true;
  }

  Answer Special(Pair pair, int here, int there, const Answer& plain) const {
    const Person& speaker = people.at(pair.second);
    Answer answer = plain;
    if (IsKind(there, ZoneKind::kQuiet)) answer.hears = false;
    if (speaker.whispers_to) {
      answer.hears =
          *speaker.whispers_to == pair.first && plain.sees && !IsKind(there, ZoneKind::kQuiet);
      return answer;
    }
    if (IsOnStage(speaker, there) && HearsStage(here, there)) return {true, true, true};
    const bool is_private = IsKind(here, ZoneKind::kPrivate) || IsKind(there, ZoneKind::kPrivate);
    if (speaker.has_megaphone && !is_private) answer.hears = answer.sees = true;
    return answer;
  }
  std::optional<Answer> PlainRights(Pair pair, int here, int there) const {
    const Person& a = people.at(pair.first);
    const Person& b = people.at(pair.second);
    const int space = SpaceOf(here);
    if (space != SpaceOf(there) && (IsTight(space) || IsTight(SpaceOf(there)))) return Answer{};
    const double d = Length(a.position, b.position);
    const Answer& held = Held(pair);
    const auto within = [d](bool was, Reach p, Reach q) {
      return d <= (was ? std::min(p.leave, q.leave) : std::min(p.enter, q.enter));
    };
    const Policy& p = PolicyOf(here);
    const Policy& q = PolicyOf(there);
    const Reach sight{plan_.sight_radius, plan_.sight_radius + 1};
    if (doubted_.contains(pair)) {
      const auto is_edge = [&](Reach a_reach, Reach b_reach) {
        return within(true, a_reach, b_reach) != within(false, a_reach, b_reach);
      };
      if (is_edge(p.audible, q.audible) || is_edge(p.visible, q.visible) || is_edge(sight, sight)) {
        return std::nullopt;
      }
    }
    Answer answer{within(held.hears, p.audible, q.audible),
                  within(held.watches, p.visible, q.visible), within(held.sees, sight, sight)};
    if (!answer.hears && !answer.watches) return answer;
    const auto walls = Passing(a.position, b.position, space >= 0 && space == SpaceOf(there));
    if (!walls) return std::nullopt;
    double share = *walls;
    const bool are_together = here == there ||
                              (IsKind(here, ZoneKind::kStage) && HearsStage(there, here)) ||
                              (IsKind(there, ZoneKind::kStage) && HearsStage(here, there));
    for (const int zone : {here, there}) {
      if (zone >= 0 && SpaceOf(zone) < 0 && !are_together)
        share *= Share(static_cast<size_t>(zone));
    }
    if (a.bubble != b.bubble) share *= plan_.bubble_transmission;
    const double cut = std::max(p.cut_below, q.cut_below);
    if (std::abs(share - cut) < 1e-6) return std::nullopt;
    answer.hears = answer.hears && share >= cut;
    answer.watches = answer.watches && *walls > 1 - 1e-9;
    return answer;
  }

  FloorPlan plan_;
  // Found once: the room of each zone, its edges, and the doors of its room.
  std::vector<int> spaces_;
  std::vector<std::vector<Line>> edges_;
  std::set<std::pair<size_t, int>> doors_of_;
  std::map<Pair, Answer> held_;
  std::set<Pair> doubted_;
};

}  // namespace earshot
