#pragma once

// What people have been granted and have agreed on, and what should come of each thing that they
// ask for: a second account of access.h, stages.h, conversations.h and company.h, from their
// description. Each method is told what has come of an operation, says so if that is wrong, and
// keeps what follows from it. Where zones or walls are a matter of rounding, it believes. For tests
// only.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "earshot/units.h"
#include "spatial/oracle.h"
#include "spatial/router_driver.h"

namespace earshot {

class Agreements {
 public:
  struct Member {
    bool is_moderator = false;
    bool may_use_megaphone = false;
    bool may_beam = false;
    std::set<int> owned;
    std::map<int, Timestamp> grants;
    // By who asked.
    std::map<uint32_t, Timestamp> invites;
    std::map<uint32_t, Timestamp> calls;
    std::optional<uint32_t> follows;
    bool is_busy = false;
  };
  using Expected = std::optional<Outcome>;

  /// Keeps references.
  Agreements(Oracle& oracle, const RouterDriver& office) : oracle_(oracle), office_(office) {}

  std::map<uint32_t, Member> members;
  // By room, and by stage.
  std::map<std::pair<int, uint32_t>, Timestamp> knocks;
  std::set<std::pair<int, uint32_t>> asks;

  bool HasKey(uint32_t id, int room) const {
    if (room < 0) return false;
    const Member& member = members.at(id);
    if (member.grants.contains(room)) return true;
    return IsPrivate(room) ? member.owned.contains(room) : member.is_moderator;
  }
  /// Whether the zone lets the person in, doors apart; nothing where zones are uncertain.
  std::optional<Outcome> MayEnter(uint32_t id, std::optional<int> to) const {
    const std::optional<int> from = ZoneOf(id);
    if (!from || !to) return std::nullopt;
    if (*to < 0 || *from == *to) return Outcome::kDone;
    const int room = oracle_.SpaceOf(*to);
    if (room >= 0 && IsPrivate(room) && oracle_.SpaceOf(*from) != room) {
      if (!HasKey(id, room)) return Outcome::kNotAllowed;
      if (members.at(id).owned.contains(room)) return Outcome::kDone;
    }
    const int capacity = oracle_.plan().zones[static_cast<size_t>(*to)].capacity;
    if (capacity == 0) return Outcome::kDone;
    int inside = 0;
    for (const auto& [other, person] : oracle_.people) {
      const std::optional<int> zone = ZoneOf(other);
      if (!zone) return std::nullopt;
      inside += *zone == *to;
    }
    return inside < capacity ? Outcome::kDone : Outcome::kFull;
  }

  void SetDoor(Outcome actual, uint32_t id, int door, DoorState state) {
    Judge("door", actual, DoorOutcome(id, door, state));
    if (actual == Outcome::kDone) oracle_.doors[static_cast<size_t>(door)] = state;
  }
  void Knock(Outcome actual, uint32_t id, int zone) {
    const int room = RoomAt(zone);
    Judge("knock", actual, KnockOutcome(id, room));
    if (actual == Outcome::kDone) knocks[{room, id}] = Now() + Duration::Seconds(120);
  }
  void StopKnocking(Outcome actual, uint32_t id, int zone) {
    const int room = RoomAt(zone);
    const bool has_knocked = room >= 0 && HasKnocked(room, id);
    Judge("stop knocking", actual, has_knocked ? Outcome::kDone : Outcome::kNothingToDo);
    knocks.erase({room, id});
  }
  void Admit(Outcome actual, uint32_t host, uint32_t id, int zone, Duration time) {
    const int room = RoomAt(zone);
    const auto answer = [&] {
      const bool is_due = members.at(id).grants.contains(room) || HasKnocked(room, id);
      return is_due ? Outcome::kDone : Outcome::kNothingToDo;
    };
    Judge("admit", actual, HostOutcome(host, id, room, answer));
    if (actual != Outcome::kDone) return;
    if (!members[id].grants.contains(room)) knocks.erase({room, id});
    members[id].grants[room] = Now() + time;
  }
  void Deny(Outcome actual, uint32_t host, uint32_t id, int zone) {
    const int room = RoomAt(zone);
    const auto answer = [&] {
      return HasKnocked(room, id) ? Outcome::kDone : Outcome::kNothingToDo;
    };
    Judge("deny", actual, HostOutcome(host, id, room, answer));
    if (actual == Outcome::kDone) knocks.erase({room, id});
  }
  void Revoke(Outcome actual, uint32_t host, uint32_t id, int zone) {
    const int room = RoomAt(zone);
    const auto answer = [&] {
      return members.at(id).grants.contains(room) ? Outcome::kDone : Outcome::kNothingToDo;
    };
    Judge("revoke", actual, HostOutcome(host, id, room, answer));
  }

  void AskForPodium(Outcome actual, uint32_t id, int stage, bool on) {
    Judge("ask for podium", actual, AskOutcome(id, stage, on));
    if (actual != Outcome::kDone) return;
    if (on) {
      asks.insert({stage, id});
    } else {
      asks.erase({stage, id});
    }
  }
  void GivePodium(Outcome actual, uint32_t moderator, uint32_t id, int stage) {
    Judge("give podium", actual, GiveOutcome(moderator, id, stage));
    if (actual != Outcome::kDone) return;
    asks.erase({stage, id});
    oracle_.people[id].podium = stage;
  }
  void TakePodium(Outcome actual, uint32_t actor, uint32_t id, int stage) {
    Expected expected = Outcome::kDone;
    if (!IsModerated(stage) || !IsHere(id)) {
      expected = Outcome::kNothingToDo;
    } else if (actor != id && !members.at(actor).is_moderator) {
      expected = Outcome::kNotAllowed;
    } else if (oracle_.people.at(id).podium != stage) {
      expected = Outcome::kNothingToDo;
    }
    Judge("take podium", actual, expected);
    if (actual == Outcome::kDone) oracle_.people[id].podium.reset();
  }

  void Invite(Outcome actual, uint32_t id, uint32_t other) {
    Expected expected = Outcome::kDone;
    if (!IsHere(other) || id == other || AreInOneBubble(id, other)) {
      expected = Outcome::kNothingToDo;
    } else if (!office_.Sees(id, other) || !office_.Sees(other, id)) {
      expected = Outcome::kTooFar;
    } else if (members.at(other).is_busy) {
      expected = Outcome::kDisturbs;
    } else if (BubbleSize(id) >= 16) {
      expected = Outcome::kFull;
    } else {
      expected = RequestOutcome(members.at(other).invites, id, other);
    }
    Judge("invite", actual, expected);
    if (actual == Outcome::kDone) members[other].invites[id] = Now() + Duration::Seconds(60);
  }
  void AcceptInvite(Outcome actual, uint32_t id, uint32_t inviter) {
    Expected expected = Outcome::kDone;
    if (!IsHere(inviter) || !Waits(members.at(id).invites, inviter)) {
      expected = Outcome::kNothingToDo;
    } else if (!office_.Sees(id, inviter) || !office_.Sees(inviter, id)) {
      expected = Outcome::kTooFar;
    } else if (AreInOneBubble(id, inviter)) {
      expected = Outcome::kNothingToDo;
    } else if (BubbleSize(inviter) >= 16) {
      expected = Outcome::kFull;
    }
    Judge("accept invite", actual, expected);
    if (actual != Outcome::kDone) return;
    members[id].invites.erase(inviter);
    LeaveBubble(id);
    if (oracle_.people[inviter].bubble == 0) oracle_.people[inviter].bubble = ++last_bubble_;
    oracle_.people[id].bubble = oracle_.people[inviter].bubble;
  }
  void LeaveBubble(Outcome actual, uint32_t id) {
    Judge("leave bubble", actual,
          oracle_.people.at(id).bubble == 0 ? Outcome::kNothingToDo : Outcome::kDone);
    LeaveBubble(id);
  }
  /// Whoever is left alone leaves, too.
  void LeaveBubble(uint32_t id) {
    const uint32_t bubble = std::exchange(oracle_.people[id].bubble, 0);
    std::set<uint32_t> rest;
    for (const auto& [other, person] : oracle_.people) {
      if (bubble != 0 && person.bubble == bubble) rest.insert(other);
    }
    if (rest.size() == 1) oracle_.people[*rest.begin()].bubble = 0;
  }

  void Whisper(Outcome actual, uint32_t id, uint32_t other) {
    const Oracle::Person& speaker = oracle_.people.at(id);
    Expected expected = Outcome::kDone;
    const std::optional<int> zone = ZoneOf(id);
    const auto whisperers =
        std::count_if(oracle_.people.begin(), oracle_.people.end(),
                      [other](const auto& entry) { return entry.second.whispers_to == other; });
    if (other == 0) {
      expected = speaker.whispers_to ? Outcome::kDone : Outcome::kNothingToDo;
    } else if (!IsHere(other) || id == other || speaker.whispers_to == other) {
      expected = Outcome::kNothingToDo;
    } else if (!zone || oracle_.IsDoubted({other, id})) {
      expected.reset();
    } else if (!oracle_.Held({other, id}).sees || oracle_.IsKind(*zone, ZoneKind::kQuiet)) {
      expected = Outcome::kTooFar;
    } else if (members.at(other).is_busy) {
      expected = Outcome::kDisturbs;
    } else if (whisperers >= 8) {
      expected = Outcome::kFull;
    }
    Judge("whisper", actual, expected);
    if (actual != Outcome::kDone) return;
    oracle_.people[id].whispers_to = other == 0 ? std::nullopt : std::optional<uint32_t>(other);
  }
  void SetMegaphone(Outcome actual, uint32_t id, bool on) {
    Oracle::Person& person = oracle_.people.at(id);
    const auto megaphones =
        std::count_if(oracle_.people.begin(), oracle_.people.end(),
                      [](const auto& entry) { return entry.second.has_megaphone; });
    Expected expected = Outcome::kDone;
    if (person.has_megaphone == on) {
      expected = Outcome::kNothingToDo;
    } else if (on && !members.at(id).may_use_megaphone) {
      expected = Outcome::kNotAllowed;
    } else if (on && megaphones >= 8) {
      expected = Outcome::kFull;
    }
    Judge("megaphone", actual, expected);
    if (actual == Outcome::kDone) person.has_megaphone = on;
  }
  void SetDoNotDisturb(Outcome actual, uint32_t id, bool on) {
    Member& member = members.at(id);
    Judge("do not disturb", actual, member.is_busy == on ? Outcome::kNothingToDo : Outcome::kDone);
    if (actual != Outcome::kDone) return;
    member.is_busy = on;
    if (!on) return;
    member.invites.clear();
    member.calls.clear();
    EndTiesTo(id);
  }

  void Follow(Outcome actual, uint32_t id, uint32_t other) {
    Expected expected = Outcome::kDone;
    if (other == 0) {
      expected = members.at(id).follows ? Outcome::kDone : Outcome::kNothingToDo;
    } else if (!IsHere(other) || id == other || members.at(id).follows == other ||
               IsLedBy(other, id)) {
      expected = Outcome::kNothingToDo;
    } else if (!office_.Sees(id, other)) {
      expected = Outcome::kTooFar;
    } else if (members.at(other).is_busy) {
      expected = Outcome::kDisturbs;
    }
    Judge("follow", actual, expected);
    if (actual != Outcome::kDone) return;
    members[id].follows = other == 0 ? std::nullopt : std::optional<uint32_t>(other);
  }
  void Call(Outcome actual, uint32_t id, uint32_t other) {
    Expected expected = Outcome::kDone;
    if (!IsHere(other) || id == other) {
      expected = Outcome::kNothingToDo;
    } else if (members.at(other).is_busy) {
      expected = Outcome::kDisturbs;
    } else {
      expected = RequestOutcome(members.at(other).calls, id, other);
    }
    Judge("call", actual, expected);
    if (actual == Outcome::kDone) members[other].calls[id] = Now() + Duration::Seconds(60);
  }
  void AcceptCall(Outcome actual, uint32_t id, uint32_t caller) {
    Expected expected = Outcome::kNothingToDo;
    if (IsHere(caller) && Waits(members.at(id).calls, caller)) {
      expected = MayEnter(id, ZoneOf(caller));
    }
    Judge("accept call", actual, expected);
    if (actual == Outcome::kDone) members[id].calls.erase(caller);
  }
  void Beam(Outcome actual, uint32_t id, uint32_t other) {
    Expected expected = Outcome::kDone;
    if (!IsHere(other) || id == other) {
      expected = Outcome::kNothingToDo;
    } else if (!members.at(id).may_beam) {
      expected = Outcome::kNotAllowed;
    } else if (members.at(other).is_busy) {
      expected = Outcome::kDisturbs;
    } else if (!ZoneOf(id) || !ZoneOf(other)) {
      expected.reset();
    } else {
      const int room = oracle_.SpaceOf(*ZoneOf(other));
      const bool is_barred = room >= 0 && oracle_.SpaceOf(*ZoneOf(id)) != room &&
                             !HasKey(id, room) && (IsPrivate(room) || oracle_.IsLocked(room));
      expected = is_barred ? Outcome::kNotAllowed : MayEnter(id, ZoneOf(other));
    }
    Judge("beam", actual, expected);
  }

  /// All that the person held ends.
  void Forget(uint32_t id) {
    LeaveBubble(id);
    EndTiesTo(id);
    std::erase_if(knocks, [id](const auto& knock) { return knock.first.second == id; });
    std::erase_if(asks, [id](const auto& ask) { return ask.second == id; });
    members.erase(id);
  }
  /// `now` gives the new index of a zone of the plan before; -1 for none.
  template <typename ZoneNow>
  void Renumber(ZoneNow&& now) {
    for (auto& [id, member] : members) {
      std::set<int> owned;
      for (const int zone : member.owned) owned.insert(now(zone));
      owned.erase(-1);
      member.owned = owned;
      std::map<int, Timestamp> grants;
      for (const auto& [zone, until] : member.grants) grants[now(zone)] = until;
      grants.erase(-1);
      member.grants = grants;
      std::optional<int>& podium = oracle_.people[id].podium;
      if (podium) podium = now(*podium);
      if (podium && !IsModerated(*podium)) podium.reset();
    }
    std::map<std::pair<int, uint32_t>, Timestamp> knocks_now;
    for (const auto& [key, until] : knocks) knocks_now[{now(key.first), key.second}] = until;
    std::erase_if(knocks_now, [](const auto& knock) { return knock.first.first < 0; });
    knocks = knocks_now;
    std::set<std::pair<int, uint32_t>> asks_now;
    for (const auto& [stage, id] : asks) asks_now.insert({now(stage), id});
    std::erase_if(asks_now, [&](const auto& ask) { return !IsModerated(ask.first); });
    asks = asks_now;
  }

  std::optional<int> ZoneOf(uint32_t id) const {
    return oracle_.ZoneAt(oracle_.people.at(id).position);
  }
  bool IsPrivate(int room) const { return oracle_.IsKind(room, ZoneKind::kPrivate); }

 private:
  static void Judge(const char* operation, Outcome actual, Expected expected) {
    EXPECT_EQ(actual, expected.value_or(actual)) << operation;
  }
  Timestamp Now() const { return office_.now(); }
  bool IsHere(uint32_t id) const { return members.contains(id); }
  bool Waits(const std::map<uint32_t, Timestamp>& requests, uint32_t from) const {
    const auto it = requests.find(from);
    return it != requests.end() && it->second > Now();
  }
  Outcome RequestOutcome(const std::map<uint32_t, Timestamp>& requests, uint32_t from,
                         uint32_t asked) const {
    if (Waits(requests, from)) return Outcome::kNothingToDo;
    int waiting = 0;
    for (const auto* list : {&members.at(asked).invites, &members.at(asked).calls}) {
      for (const auto& [other, until] : *list) waiting += until > Now();
    }
    return waiting < 16 ? Outcome::kDone : Outcome::kFull;
  }
  bool HasKnocked(int room, uint32_t id) const {
    const auto it = knocks.find({room, id});
    return it != knocks.end() && it->second > Now();
  }
  bool IsZone(int zone) const {
    return zone >= 0 && zone < static_cast<int>(oracle_.plan().zones.size());
  }
  int RoomAt(int zone) const { return IsZone(zone) ? oracle_.SpaceOf(zone) : -1; }
  bool IsModerated(int stage) const {
    return IsZone(stage) && oracle_.IsKind(stage, ZoneKind::kStage) &&
           oracle_.plan().zones[static_cast<size_t>(stage)].podium == Podium::kModerated;
  }
  bool AreInOneBubble(uint32_t a, uint32_t b) const {
    return oracle_.people.at(a).bubble != 0 &&
           oracle_.people.at(a).bubble == oracle_.people.at(b).bubble;
  }
  int BubbleSize(uint32_t id) const {
    int size = 0;
    for (const auto& [other, person] : oracle_.people) {
      size += person.bubble != 0 && person.bubble == oracle_.people.at(id).bubble;
    }
    return size;
  }
  bool IsLedBy(uint32_t id, uint32_t leader) const {
    while (members.at(id).follows) {
      id = *members.at(id).follows;
      if (id == leader) return true;
    }
    return false;
  }
  // Nobody whispers to the person or follows it any longer.
  void EndTiesTo(uint32_t id) {
    for (auto& [other, person] : oracle_.people) {
      if (person.whispers_to == id) person.whispers_to.reset();
    }
    for (auto& [other, member] : members) {
      if (member.follows == id) member.follows.reset();
    }
  }
  std::optional<bool> IsInside(uint32_t id, int room) const {
    const std::optional<int> zone = ZoneOf(id);
    if (!zone) return std::nullopt;
    return oracle_.SpaceOf(*zone) == room;
  }

  Expected DoorOutcome(uint32_t id, int door, DoorState state) const {
    if (door < 0 || door >= static_cast<int>(oracle_.doors.size())) return Outcome::kNothingToDo;
    const auto index = static_cast<size_t>(door);
    const Member& member = members.at(id);
    const DoorState before = oracle_.doors[index];
    if (before == state) return Outcome::kNothingToDo;
    if (before != DoorState::kLocked && state != DoorState::kLocked) {
      const double distance = oracle_.DistanceToDoor(index, oracle_.people.at(id).position);
      if (std::abs(distance - 2) < 1e-4) return std::nullopt;
      return member.is_moderator || distance < 2 ? Outcome::kDone : Outcome::kTooFar;
    }
    const auto owns_room = [&](int room) {
      return member.owned.contains(room) && oracle_.IsDoorOf(index, room);
    };
    if (!member.is_moderator && std::none_of(member.owned.begin(), member.owned.end(), owns_room)) {
      return Outcome::kNotAllowed;
    }
    const std::optional<int> zone = ZoneOf(id);
    if (!zone) return std::nullopt;
    const int room = oracle_.SpaceOf(*zone);
    const bool is_inside =
        oracle_.IsDoorOf(index, room) && (member.is_moderator || owns_room(room));
    if (!is_inside) return Outcome::kTooFar;
    Oracle after = oracle_;
    after.doors[index] = state;
    return after.LocksSpawn(index) ? Outcome::kNotAllowed : Outcome::kDone;
  }
  Expected KnockOutcome(uint32_t id, int room) const {
    const std::optional<bool> is_inside = IsInside(id, room);
    if (room < 0 || HasKey(id, room)) return Outcome::kNothingToDo;
    if (!is_inside) return std::nullopt;
    if (*is_inside || (!IsPrivate(room) && !oracle_.IsLocked(room)) || HasKnocked(room, id)) {
      return Outcome::kNothingToDo;
    }
    int hosts = 0;
    int idle = 0;
    for (const auto& [other, member] : members) {
      const std::optional<bool> is_host = IsHost(other, room);
      if (!is_host) return std::nullopt;
      hosts += *is_host;
      idle += *is_host && !member.is_busy;
    }
    if (hosts == 0) return Outcome::kTooFar;
    return idle == 0 ? Outcome::kDisturbs : Outcome::kDone;
  }
  std::optional<bool> IsHost(uint32_t id, int room) const {
    if (IsPrivate(room)) return members.at(id).owned.contains(room);
    return IsInside(id, room);
  }
  template <typename Answer>
  Expected HostOutcome(uint32_t host, uint32_t id, int room, Answer&& answer) const {
    if (room < 0 || !IsHere(id)) return Outcome::kNothingToDo;
    const std::optional<bool> is_host = IsHost(host, room);
    if (!is_host) return std::nullopt;
    return *is_host ? answer() : Outcome::kNotAllowed;
  }
  // Nothing where the zone is uncertain.
  std::optional<bool> IsAtStage(uint32_t id, int stage) const {
    const std::optional<int> zone = ZoneOf(id);
    if (!zone) return std::nullopt;
    return oracle_.HearsStage(*zone, stage);
  }
  Expected AskOutcome(uint32_t id, int stage, bool on) const {
    if (!IsModerated(stage) || asks.contains({stage, id}) == on ||
        (on && oracle_.people.at(id).podium == stage)) {
      return Outcome::kNothingToDo;
    }
    const std::optional<bool> is_there = IsAtStage(id, stage);
    if (on && !is_there) return std::nullopt;
    return !on || *is_there ? Outcome::kDone : Outcome::kTooFar;
  }
  Expected GiveOutcome(uint32_t moderator, uint32_t id, int stage) const {
    if (!IsModerated(stage) || !IsHere(id)) return Outcome::kNothingToDo;
    if (!members.at(moderator).is_moderator) return Outcome::kNotAllowed;
    if (oracle_.people.at(id).podium == stage) return Outcome::kNothingToDo;
    const std::optional<bool> is_there = IsAtStage(id, stage);
    if (!is_there) return std::nullopt;
    return *is_there ? Outcome::kDone : Outcome::kTooFar;
  }

  Oracle& oracle_;
  const RouterDriver& office_;
  uint32_t last_bubble_ = 0;
};

}  // namespace earshot
