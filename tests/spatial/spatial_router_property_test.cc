// Random plans, random walks, random wishes, and after every single call a comparison with what the
// Oracle and the Agreements make of it, which know the rules from their description.
//
// EARSHOT_SPATIAL_SEEDS says how many seeds; a failure names its own.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "spatial/place_judge.h"
#include "spatial/random_plan.h"
#include "spatial/router_driver.h"

namespace earshot {
namespace {

constexpr uint32_t kPeople = 16;
// Draws what people do, and follows where they go.
class RandomDay : public PlaceJudge {
 public:
  RandomDay(SeededRandom& random, const FloorPlan& plan) : PlaceJudge(plan), random_(random) {}

  void Run(int steps) {
    ASSERT_EQ(ValidateFloorPlan(plan()), "");
    for (int i = 0; i < steps && !::testing::Test::HasFailure(); ++i) {
      ForgetPlacements();
      Step();
      FollowEvents();
      Check();
    }
  }

 private:
  float Unit() { return static_cast<float>(random_.Unit()); }
  bool IsOneIn(uint32_t count) { return random_.Below(count) == 0; }
  // Now and then nobody.
  uint32_t Anybody() {
    if (oracle_.people.empty() || IsOneIn(40)) return 0;
    return std::next(oracle_.people.begin(),
                     random_.Below(static_cast<uint32_t>(oracle_.people.size())))
        ->first;
  }
  int AnyZone() {
    return static_cast<int>(random_.Below(static_cast<uint32_t>(plan().zones.size() + 2))) - 1;
  }

  void Step() {
    const uint32_t id = Anybody();
    if (oracle_.people.size() < kPeople && IsOneIn(4)) return Join();
    if (id == 0) return office_.Pass(Duration::Millis(random_.Below(400)));
    switch (random_.Below(30)) {
      case 0:
        return Leave(id);
      case 1:
      case 2: {
        const SourceSet sources(static_cast<uint8_t>(random_.Below(16)));
        office_.SetSources(id, sources);
        oracle_.people[id].sources = sources;
        return;
      }
      case 3:
        return office_.Pass(Duration::Millis(random_.Below(400)));
      case 4:
        return office_.Talk(id, Unit(), Duration::Millis(100));
      case 5:
        return IsOneIn(4) ? ReplacePlan() : SetPrivileges(id);
      case 6:
      case 7:
      case 8:
        return UseDoors(id);
      case 9:
      case 10:
        return AnswerKnock();
      case 11:
      case 12:
        return UseStage(id);
      case 13:
      case 14:
      case 15:
        return UseBubble(id);
      case 16:
      case 17:
        return Speak(id);
      case 18:
      case 19:
        return Meet(id);
      default:
        return Walk(id);
    }
  }

  void Join() {
    const uint32_t id = ++last_id_;
    Oracle::Person person;
    // Some are always short of slots, some never.
    const uint32_t most = IsOneIn(2) ? 3 : 64;
    person.slots = {static_cast<uint8_t>(random_.Below(most + 1)),
                    static_cast<uint8_t>(random_.Below(most + 1))};
    agreed_.members[id] = {};
    const Privileges privileges = DrawPrivileges(id);
    const Pose wish =
        IsOneIn(3) ? Arrival(privileges) : Pose{{Unit() * plan().width, Unit() * plan().height}, 0};
    office_.Join(id, wish.position, person.slots, 0, privileges);
    person.position = office_.router().PoseOf(Id(id))->position;
    oracle_.people[id] = person;
    legs_[id] = {office_.now(), 0};
    CheckPlaced(id, person.position, false);
    EXPECT_TRUE(person.position == wish.position || person.position == plan().spawn);
  }
  Pose Arrival(const Privileges& privileges) {
    const std::string from = "p" + std::to_string(random_.Below(3));
    const double angle = random_.Unit() * 6.28;
    const Point offset{static_cast<float>(std::cos(angle)) * Unit(),
                       static_cast<float>(std::sin(angle)) * Unit()};
    const Pose pose = office_.router().ArrivalOf(from, offset, privileges);
    CheckArrival(from, pose.position);
    return pose;
  }
  void Leave(uint32_t id) {
    office_.Leave(id);
    agreed_.Forget(id);
    legs_.erase(id);
    oracle_.Forget(id);
  }
  Privileges DrawPrivileges(uint32_t id) {
    Agreements::Member& member = agreed_.members[id];
    member.is_moderator = IsOneIn(4);
    member.may_use_megaphone = IsOneIn(3);
    member.may_beam = IsOneIn(3);
    member.owned.clear();
    for (size_t zone = 0; zone < plan().zones.size(); ++zone) {
      if (agreed_.IsPrivate(static_cast<int>(zone)) && IsOneIn(3)) {
        member.owned.insert(static_cast<int>(zone));
      }
    }
    Privileges privileges{member.is_moderator, member.may_use_megaphone, member.may_beam, {}};
    privileges.owned_zones.assign(member.owned.begin(), member.owned.end());
    return privileges;
  }
  void SetPrivileges(uint32_t id) {
    const Privileges privileges = DrawPrivileges(id);
    office_.SetPrivileges(id, privileges);
    if (!privileges.megaphone) oracle_.people[id].has_megaphone = false;
    jumpers_.insert(id);
  }
  void ReplacePlan() {
    FloorPlan next = plan();
    for (Zone& zone : next.zones) {
      if (IsOneIn(6)) Rename(next, zone);
    }
    if (IsOneIn(2)) {
      next = RandomPlan(random_).Make();
    } else if (!next.zones.empty()) {
      const auto gone = static_cast<ptrdiff_t>(random_.Below(uint32_t(next.zones.size())));
      if (IsOneIn(2)) next.zones.erase(next.zones.begin() + gone);
      std::reverse(next.zones.begin(), next.zones.end());
      std::reverse(next.doors.begin(), next.doors.end());
    }
    if (!ValidateFloorPlan(next).empty()) return;
    std::vector<Ownership> owners;
    std::map<uint32_t, std::set<int>> owned;
    for (const auto& [id, member] : agreed_.members) {
      if (IsOneIn(2)) continue;
      for (size_t zone = 0; zone < next.zones.size(); ++zone) {
        if (next.zones[zone].kind == ZoneKind::kPrivate && IsOneIn(3)) {
          owned[id].insert(static_cast<int>(zone));
        }
      }
      owners.push_back({Id(id), {owned[id].begin(), owned[id].end()}});
    }
    office_.ReplacePlan(next, owners);
    FollowPlan(next, owned);
  }
  static void Rename(FloorPlan& plan, Zone& zone) {
    const std::string name = std::exchange(zone.name, zone.name + " anew");
    for (Zone& stage : plan.zones) {
      if (stage.audience == name) stage.audience = zone.name;
    }
  }

  void UseDoors(uint32_t id) {
    if (IsOneIn(3)) {
      const int zone = AnyZone();
      const auto room = static_cast<ZoneIndex>(zone);
      if (IsOneIn(6)) return agreed_.StopKnocking(office_.StopKnocking(id, room), id, zone);
      return agreed_.Knock(office_.Knock(id, room), id, zone);
    }
    const int door =
        static_cast<int>(random_.Below(static_cast<uint32_t>(plan().doors.size() + 1))) - 1;
    const auto state = static_cast<DoorState>(random_.Below(3));
    agreed_.SetDoor(office_.SetDoor(id, static_cast<DoorIndex>(door), state), id, door, state);
  }
  // Mostly of somebody who has knocked or was admitted, by somebody who may be a host.
  void AnswerKnock() {
    const uint32_t host = Anybody();
    uint32_t id = Anybody();
    int zone = AnyZone();
    if (host == 0) return;
    if (!agreed_.knocks.empty() && IsOneIn(2)) {
      std::tie(zone, id) = std::next(agreed_.knocks.begin(),
                                     random_.Below(static_cast<uint32_t>(agreed_.knocks.size())))
                               ->first;
    } else if (id != 0 && !agreed_.members[id].grants.empty()) {
      zone = agreed_.members[id].grants.begin()->first;
    }
    const auto room = static_cast<ZoneIndex>(zone);
    switch (random_.Below(4)) {
      case 0:
        return agreed_.Deny(office_.Deny(host, id, room), host, id, zone);
      case 1:
        agreed_.Revoke(office_.Revoke(host, id, room), host, id, zone);
        jumpers_.insert(id);
        return;
      default: {
        const Duration time = Duration::Millis(1 + random_.Below(20000));
        return agreed_.Admit(office_.Admit(host, id, room, time), host, id, zone, time);
      }
    }
  }
  void UseStage(uint32_t id) {
    const uint32_t other = Anybody();
    const int zone = AnyZone();
    const auto stage = static_cast<ZoneIndex>(zone);
    switch (random_.Below(3)) {
      case 0: {
        const bool on = !IsOneIn(3);
        return agreed_.AskForPodium(office_.AskForPodium(id, stage, on), id, zone, on);
      }
      case 1:
        return agreed_.GivePodium(office_.GivePodium(id, other, stage), id, other, zone);
      default:
        return agreed_.TakePodium(office_.TakePodium(id, other, stage), id, other, zone);
    }
  }
  void UseBubble(uint32_t id) {
    uint32_t other = Anybody();
    switch (random_.Below(5)) {
      case 0:
        return agreed_.LeaveBubble(office_.LeaveBubble(id), id);
      case 1:
      case 2:
        if (!agreed_.members[id].invites.empty()) {
          other = agreed_.members[id].invites.begin()->first;
        }
        return agreed_.AcceptInvite(office_.AcceptInvite(id, other), id, other);
      default:
        return agreed_.Invite(office_.Invite(id, other), id, other);
    }
  }
  void Speak(uint32_t id) {
    const uint32_t other = IsOneIn(3) ? 0 : Anybody();
    const bool on = IsOneIn(2);
    switch (random_.Below(5)) {
      case 0:
        return agreed_.SetMegaphone(office_.SetMegaphone(id, on), id, on);
      case 1:
        return agreed_.SetDoNotDisturb(office_.SetDoNotDisturb(id, on), id, on);
      default:
        return agreed_.Whisper(office_.Whisper(id, other), id, other);
    }
  }
  void Meet(uint32_t id) {
    uint32_t other = Anybody();
    switch (random_.Below(6)) {
      case 0:
      case 1:
        if (IsOneIn(4)) other = 0;
        return agreed_.Follow(office_.Follow(id, other), id, other);
      case 2:
        return Arrive(id, other, office_.Beam(id, other), &Agreements::Beam);
      case 3:
        if (!agreed_.members[id].calls.empty()) other = agreed_.members[id].calls.begin()->first;
        return Arrive(id, other, office_.AcceptCall(id, other), &Agreements::AcceptCall);
      default:
        return agreed_.Call(office_.Call(id, other), id, other);
    }
  }
  void Arrive(uint32_t id, uint32_t other, Outcome outcome,
              void (Agreements::*judge)(Outcome, uint32_t, uint32_t)) {
    (agreed_.*judge)(outcome, id, other);
    if (outcome != Outcome::kDone) return;
    jumpers_.insert(id);
    if (judge == &Agreements::AcceptCall) called_.insert(id);
    const Pose at = *office_.router().PoseOf(Id(id));
    const Pose there = *office_.router().PoseOf(Id(other));
    // Who was arrived at may walk on at once, after somebody who follows the newcomer.
    if (agreed_.members[other].follows) return;
    EXPECT_LT(std::hypot(at.position.x - there.position.x, at.position.y - there.position.y), 1.1);
  }

  void Walk(uint32_t id) {
    const Duration pause = Duration::Millis(random_.Below(1500));
    // Deadlines may be handled late.
    if (IsOneIn(2)) {
      office_.Pass(pause);
      FollowEvents();
    } else {
      office_.AdvanceBy(pause);
    }
    Oracle::Person& person = oracle_.people[id];
    const float far = IsOneIn(4) ? 100.0f : 4.0f;
    Point wish{person.position.x + (Unit() - 0.5f) * far,
               person.position.y + (Unit() - 0.5f) * far};
    // Doors are narrow, people aim at them.
    if (!plan().doors.empty() && IsOneIn(4)) {
      const Door& door = plan().doors[random_.Below(static_cast<uint32_t>(plan().doors.size()))];
      const Point middle{(door.from.x + door.to.x) / 2, (door.from.y + door.to.y) / 2};
      wish = {middle.x * 1.2f - person.position.x * 0.2f,
              middle.y * 1.2f - person.position.y * 0.2f};
    }
    wish = {std::clamp(wish.x, 0.0f, plan().width), std::clamp(wish.y, 0.0f, plan().height)};
    const Point from = person.position;
    if (agreed_.members[id].follows) {
      EXPECT_EQ(office_.Move(id, {wish, 0}).position, from) << "who follows only turns";
      return;
    }
    const bool should_arrive = ShouldArrive(id, wish);
    const std::set<int> barred = BarredTo(id);
    const Pose pose = office_.Move(id, {wish, Unit() * 10 - 5});
    EXPECT_LE(std::abs(pose.heading), 3.1416f);
    CheckStep(id, wish, pose, barred);
    if (should_arrive) {
      EXPECT_NEAR(pose.position.x, wish.x, 1e-3) << id << " was held up";
      EXPECT_NEAR(pose.position.y, wish.y, 1e-3) << id << " was held up";
    }
    MoveTo(id, pose.position);
  }
  // What the router reports of its own accord.
  void FollowEvents() {
    history_ = office_.TakeHistory();
    for (const SpatialEvent& event : history_.events) {
      const auto id = static_cast<uint32_t>(event.to);
      const auto other = static_cast<uint32_t>(event.other);
      if (event.kind == EventKind::kDoorChanged || !oracle_.people.contains(id)) continue;
      switch (event.kind) {
        case EventKind::kGrantEnded:
          if (!jumpers_.contains(id)) {
            EXPECT_LE(agreed_.members[id].grants[event.zone], office_.now()) << "too early";
          }
          agreed_.members[id].grants.erase(event.zone);
          jumpers_.insert(id);
          break;
        case EventKind::kMoved:
          FollowMove(id, event.pose);
          break;
        case EventKind::kOwnWhisperEnded:
          if (oracle_.people[id].whispers_to == other) {
            oracle_.people[id].whispers_to.reset();
            lost_whispers_.insert({other, id});
          }
          break;
        case EventKind::kFollowEnded:
          if (agreed_.members[id].follows == other) {
            EXPECT_TRUE(HasLostSight(id, other)) << id << " no longer follows " << other;
            agreed_.members[id].follows.reset();
          }
          break;
        case EventKind::kBubbleLeft:
          if (id == other && oracle_.people[id].bubble != 0 && !HasJoined(id)) {
            EXPECT_FALSE(SeesAnyOfBubble(id)) << id << " should be in its bubble";
            for (const auto& [member, person] : oracle_.people) RememberPairsOf(member);
            agreed_.LeaveBubble(id);
          }
          break;
        default:
          break;
      }
    }
  }
  bool HasLostSight(uint32_t viewer, uint32_t person) const {
    return std::any_of(history_.sights.begin(), history_.sights.end(), [&](const auto& change) {
      return change.viewer == Id(viewer) && change.person == Id(person) && !change.visible;
    });
  }
  // Left one bubble for another.
  bool HasJoined(uint32_t id) const {
    return std::any_of(history_.events.begin(), history_.events.end(), [&](const auto& event) {
      return event.kind == EventKind::kBubbleJoined && event.to == Id(id);
    });
  }

  SeededRandom& random_;
  uint32_t last_id_ = 0;
};

constexpr uint64_t kParts = 20;

class SpatialRouterPropertyTest : public ::testing::TestWithParam<uint64_t> {};

TEST_P(SpatialRouterPropertyTest, R17_R18_E8_H16_RandomDaysNeverLeaveTheRules) {
  const char* wanted = std::getenv("EARSHOT_SPATIAL_SEEDS");
  const uint64_t seeds = wanted == nullptr ? 100 : std::strtoull(wanted, nullptr, 10);
  for (uint64_t seed = GetParam(); seed <= seeds && !HasFailure(); seed += kParts) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    const FloorPlan plan = RandomPlan(random).Make();
    RandomDay(random, plan).Run(300);
  }
}

INSTANTIATE_TEST_SUITE_P(Parts, SpatialRouterPropertyTest,
                         ::testing::Range<uint64_t>(1, kParts + 1));

}  // namespace
}  // namespace earshot
