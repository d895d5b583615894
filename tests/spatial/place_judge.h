#pragma once

// Judges where people stand: that nobody walks faster than legs or through what stops people, and
// that whoever the router puts somewhere may be there. For tests only.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "spatial/day_judge.h"

namespace earshot {

class PlaceJudge : public DayJudge {
 protected:
  using DayJudge::DayJudge;

  static constexpr double kMetresPerSecond = 12;

  // How somebody walks, apart from what the oracle knows.
  struct Legs {
    Timestamp moved_at;
    // Metres that could have been gone until then and have not, at most a second's worth.
    double metres = 0;
  };

  void ForgetPlacements() {
    jumpers_.clear();
    called_.clear();
    inside_before_.clear();
    is_replaced_ = false;
  }

  // R17: the router has put the person there, whom somebody inside has let in or not.
  void CheckPlaced(uint32_t id, Point at, bool is_let_in) {
    const std::optional<int> zone = oracle_.ZoneAt(at);
    if (!zone || *zone < 0) return;
    const int room = oracle_.SpaceOf(*zone);
    const bool has_key = room >= 0 && agreed_.HasKey(id, room);
    EXPECT_FALSE(agreed_.IsPrivate(room) && !has_key) << id << " is put into a private zone";
    EXPECT_FALSE(oracle_.IsLocked(room) && !has_key && !is_let_in)
        << id << " is put into a locked room";
    const int capacity = plan().zones[static_cast<size_t>(*zone)].capacity;
    const bool is_owner = room >= 0 && agreed_.members.at(id).owned.contains(room);
    if (capacity == 0 || is_owner) return;
    int inside = 0;
    for (const auto& [other, person] : oracle_.people) {
      // What the router has done with the others is not followed yet.
      const Pose* pose = office_.router().PoseOf(Id(other));
      if (pose == nullptr) continue;
      const std::optional<int> where = other == id ? zone : oracle_.ZoneAt(pose->position);
      if (where == zone && !agreed_.members.at(other).owned.contains(room)) ++inside;
    }
    EXPECT_LE(inside, capacity) << id << " is put where there is no room";
  }
  // Around the spawn point or the portal: in its zone, no wall between.
  void CheckArrival(const std::string& from, Point at) {
    const auto is_around = [&](Point anchor) {
      return std::hypot(at.x - anchor.x, at.y - anchor.y) <= 1.51 &&
             oracle_.IsFreeWay(anchor, at, false).value_or(true) &&
             (!oracle_.ZoneAt(at) || oracle_.ZoneAt(at) == oracle_.ZoneAt(anchor));
    };
    const bool is_at_portal = std::any_of(
        plan().portals.begin(), plan().portals.end(),
        [&](const Portal& portal) { return portal.space == from && is_around(portal.at); });
    EXPECT_TRUE(is_at_portal || is_around(plan().spawn)) << "where nobody arrives";
  }

  // What has become of everything in the new plan; `owned` by whom it is given anew.
  void FollowPlan(const FloorPlan& next, const std::map<uint32_t, std::set<int>>& owned) {
    const Oracle before = oracle_;
    oracle_ = Oracle(next);
    oracle_.TakeOver(before);
    FollowDoors(before);
    const auto zone_now = [&](int old) { return ZoneNow(before, old); };
    for (const auto& [id, person] : oracle_.people) {
      jumpers_.insert(id);
      const std::optional<int> zone = before.ZoneAt(person.position);
      if (!zone) continue;
      inside_before_[id] = oracle_.SpaceOf(zone_now(*zone));
    }
    agreed_.Renumber(zone_now);
    for (const auto& [id, zones] : owned) agreed_.members[id].owned = zones;
    is_replaced_ = true;
    // Who stays is put there no less than who goes.
    for (const auto& [id, person] : oracle_.people) {
      const Point at = office_.router().PoseOf(Id(id))->position;
      if (at == person.position) CheckPlaced(id, at, WasInside(id, at));
    }
  }

  void FollowMove(uint32_t id, const Pose& pose) {
    const Point from = oracle_.people[id].position;
    if (jumpers_.contains(id)) {
      legs_[id] = {office_.now(), 0};
      CheckPlaced(id, pose.position, called_.contains(id));
    } else {
      const auto leader = agreed_.members[id].follows;
      EXPECT_TRUE(leader) << id << " was moved for no reason";
      // Which zones were full when it was moved, in the middle of a call, is not known.
      if (leader) CheckStep(id, oracle_.people[*leader].position, pose, {});
    }
    if (is_replaced_) {
      EXPECT_EQ(pose.position, plan().spawn);
      EXPECT_FALSE(CouldStay(id, from)) << id << " could have stayed";
    }
    MoveTo(id, pose.position);
  }

  // Zones whose border stops the person.
  std::set<int> BarredTo(uint32_t id) const {
    std::set<int> barred;
    for (int zone = 0; zone < static_cast<int>(plan().zones.size()); ++zone) {
      if (agreed_.MayEnter(id, zone) != Outcome::kDone) barred.insert(zone);
    }
    return barred;
  }
  bool HasKeyAt(uint32_t id, Point to) const {
    const std::optional<int> zone = oracle_.ZoneAt(to);
    return zone && agreed_.HasKey(id, oracle_.SpaceOf(*zone));
  }
  bool ShouldArrive(uint32_t id, Point wish) const {
    const Point from = oracle_.people.at(id).position;
    // Whoever was held up before has lost some of a second's way, but no more.
    const bool is_rested = office_.now() - legs_.at(id).moved_at >= Duration::Seconds(1);
    return is_rested && std::hypot(wish.x - from.x, wish.y - from.y) < kMetresPerSecond - 1e-2 &&
           oracle_.IsFreeWay(from, wish, HasKeyAt(id, wish), BarredTo(id)) == true;
  }
  // R18: nobody is faster than legs, nobody leaves the floor or walks through what stops people.
  // `barred` as it was before the step.
  void CheckStep(uint32_t id, Point wish, const Pose& pose, const std::set<int>& barred) {
    const Point from = oracle_.people.at(id).position;
    Legs& legs = legs_[id];
    const double elapsed = (office_.now() - legs.moved_at).seconds();
    const double step = std::hypot(pose.position.x - from.x, pose.position.y - from.y);
    legs.metres = std::min(legs.metres + kMetresPerSecond * elapsed, kMetresPerSecond) - step;
    legs.moved_at = office_.now();
    EXPECT_GE(legs.metres, -1e-2) << id << " is too fast";
    EXPECT_TRUE(pose.position.x >= 0 && pose.position.x <= plan().width);
    EXPECT_TRUE(pose.position.y >= 0 && pose.position.y <= plan().height);
    // A border may have opened in the same call; whether it may be where it is now is asked below.
    EXPECT_TRUE(IsReached(id, from, wish, pose.position, barred) ||
                IsReached(id, from, wish, pose.position, {}))
        << id << " walked through a wall from (" << from.x << ", " << from.y << ") to ("
        << pose.position.x << ", " << pose.position.y << ") on the way to (" << wish.x << ", "
        << wish.y << ")";
    EXPECT_EQ(agreed_.MayEnter(id, oracle_.ZoneAt(pose.position)).value_or(Outcome::kDone),
              Outcome::kDone)
        << id << " is where it may not enter";
  }
  // Where a call changes one thing after the other, each counts for what is held from then on.
  void MoveTo(uint32_t id, Point to) {
    oracle_.people[id].position = to;
    RememberPairsOf(id);
  }
  void RememberPairsOf(uint32_t id) {
    for (const auto& [other, person] : oracle_.people) {
      if (other == id) continue;
      for (const Oracle::Pair& pair : {Oracle::Pair(id, other), Oracle::Pair(other, id)}) {
        const auto judgement = oracle_.MayGet(pair.first, pair.second);
        if (judgement) {
          oracle_.Remember(pair, judgement->plain);
        } else {
          oracle_.Doubt(pair);
        }
      }
    }
  }

  std::map<uint32_t, Legs> legs_;
  // Of the last step: who may have been placed somewhere, and who of them was called there.
  std::set<uint32_t> jumpers_;
  std::set<uint32_t> called_;

 private:
  // Straight on, or along the one or two lines that are met first.
  bool IsReached(uint32_t id, Point from, Point wish, Point to, const std::set<int>& barred) const {
    bool is_certain = true;
    constexpr int kLegs = 3;
    for (int leg = 0; leg < kLegs; ++leg) {
      if (oracle_.IsFreeWay(from, to, HasKeyAt(id, to), barred).value_or(true)) return true;
      const auto stop = oracle_.FirstStop(from, wish, HasKeyAt(id, wish), barred, is_certain);
      if (!is_certain) return true;
      if (!stop) return false;
      const double share =
          (wish.x - stop->before.x) * stop->along.x + (wish.y - stop->before.y) * stop->along.y;
      from = stop->before;
      wish = {from.x + static_cast<float>(share) * stop->along.x,
              from.y + static_cast<float>(share) * stop->along.y};
    }
    return false;
  }
  // The room in which it was is still around it.
  bool WasInside(uint32_t id, Point at) const {
    const auto before = inside_before_.find(id);
    if (before == inside_before_.end()) return true;  // not known
    const std::optional<int> zone = oracle_.ZoneAt(at);
    return zone && oracle_.SpaceOf(*zone) == before->second;
  }
  bool CouldStay(uint32_t id, Point at) const {
    if (at.x > plan().width || at.y > plan().height) return false;
    const std::optional<int> zone = oracle_.ZoneAt(at);
    if (!zone || !inside_before_.contains(id)) return false;
    if (*zone < 0) return true;
    const int room = oracle_.SpaceOf(*zone);
    if (room < 0) return true;
    if (plan().zones[static_cast<size_t>(*zone)].capacity > 0) return false;  // who came first
    if (agreed_.HasKey(id, room)) return true;
    return !agreed_.IsPrivate(room) && (!oracle_.IsLocked(room) || WasInside(id, at));
  }
  // By its line; but never so that the room that newcomers arrive in is locked.
  void FollowDoors(const Oracle& before) {
    for (size_t old = 0; old < before.doors.size(); ++old) {
      for (size_t door = 0; door < oracle_.doors.size(); ++door) {
        const Door& was = before.plan().doors[old];
        if (was.from != plan().doors[door].from || was.to != plan().doors[door].to) continue;
        const DoorState of_plan = oracle_.doors[door];
        oracle_.doors[door] = before.doors[old];
        if (oracle_.LocksSpawn(door)) oracle_.doors[door] = of_plan;
      }
    }
    for (size_t door = 0; door < oracle_.doors.size(); ++door) {
      ASSERT_EQ(office_.router().StateOf(static_cast<DoorIndex>(door)), oracle_.doors[door]);
    }
  }
  // By name, and by outline where that is nobody's.
  int ZoneNow(const Oracle& before, int old) const {
    if (old < 0) return -1;
    const auto named = [](const FloorPlan& in, const Zone& like) {
      for (size_t i = 0; i < in.zones.size(); ++i) {
        if (in.zones[i].name == like.name && in.zones[i].kind == like.kind) {
          return static_cast<int>(i);
        }
      }
      return -1;
    };
    const Zone& was = before.plan().zones[static_cast<size_t>(old)];
    if (const int found = named(plan(), was); found >= 0) return found;
    for (size_t i = 0; i < plan().zones.size(); ++i) {
      const Zone& zone = plan().zones[i];
      if (zone.outline != was.outline || zone.kind != was.kind) continue;
      if (named(before.plan(), zone) < 0) return static_cast<int>(i);
    }
    return -1;
  }

  bool is_replaced_ = false;
  // Room of the new plan, by who was in it.
  std::map<uint32_t, int> inside_before_;
};

}  // namespace earshot
