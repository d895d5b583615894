#pragma once

// Compares what a router has done with what the Oracle and the Agreements make of it, after every
// call: rights, slots, agreements that rest on sight, and how often slots change hands. Who draws
// what people do derives from it. For tests only.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "spatial/agreements.h"
#include "spatial/oracle.h"
#include "spatial/router_driver.h"

namespace earshot {

class DayJudge {
 protected:
  explicit DayJudge(const FloorPlan& plan)
      : oracle_(plan), office_(plan), agreed_(oracle_, office_) {}

  const FloorPlan& plan() const { return oracle_.plan(); }
  bool SeesAnyOfBubble(uint32_t id) const {
    const uint32_t bubble = oracle_.people.at(id).bubble;
    return std::any_of(oracle_.people.begin(), oracle_.people.end(), [&](const auto& entry) {
      return entry.first != id && entry.second.bubble == bubble && office_.Sees(id, entry.first);
    });
  }

  void Check() {
    CheckRights();
    if (::testing::Test::HasFailure()) return;
    CheckSymmetry();
    CheckHearing();
    CheckSlots();
    CheckAgreements();
    CheckChurn();
  }

 private:
  // All pairs are judged by what held before, then all are remembered.
  void CheckRights() {
    std::vector<std::pair<Oracle::Pair, Oracle::Answer>> plain;
    actual_.clear();
    for (const auto& [listener, here] : oracle_.people) {
      for (const auto& [speaker, there] : oracle_.people) {
        if (listener == speaker) continue;
        const Oracle::Answer actual = Actual(listener, speaker);
        actual_[{listener, speaker}] = actual;
        const auto judgement = oracle_.MayGet(listener, speaker);
        uncertain_ += !judgement;
        ++judged_;
        if (judgement) {
          const Oracle::Answer& expected = judgement->answer;
          ASSERT_EQ(actual.hears, expected.hears) << listener << " hears " << speaker;
          ASSERT_EQ(actual.watches, expected.watches) << listener << " watches " << speaker;
          ASSERT_EQ(actual.sees, expected.sees) << listener << " sees " << speaker;
          const bool sees = judgement->plain.sees;
          ASSERT_TRUE(sees || there.whispers_to != listener) << "a whisper outlives sight";
          ASSERT_FALSE(sees && lost_whispers_.contains({listener, speaker})) << "a lost whisper";
        }
        if (judgement) {
          plain.push_back({{listener, speaker}, judgement->plain});
        } else {
          oracle_.Doubt({listener, speaker});
        }
        CheckPerception(listener, speaker, actual);
      }
    }
    for (const auto& [pair, answer] : plain) oracle_.Remember(pair, answer);
    lost_whispers_.clear();
    EXPECT_LT(uncertain_, 1000 + judged_ / 3) << "the oracle must know most of the time";
  }
  // Who hears somebody is heard by it, unless a stage, a megaphone, a whisper or a quiet zone says
  // otherwise.
  void CheckSymmetry() {
    for (const auto& [pair, answer] : actual_) {
      if (pair.first > pair.second || !IsPlain(pair.first) || !IsPlain(pair.second)) continue;
      ASSERT_EQ(answer, actual_.at({pair.second, pair.first}))
          << pair.first << " and " << pair.second << " are not alike to each other";
    }
  }
  // What everybody has been told of who hears whom is what is forwarded.
  void CheckHearing() {
    for (const auto& [viewer, here] : oracle_.people) {
      VoiceReach reach;
      office_.router().ReachOf(Id(viewer), reach);
      ASSERT_EQ(office_.ToldReach(viewer), reach) << viewer << " was not told of its reach";
      uint32_t hearers = reach.hearers_out_of_sight;
      uint32_t heard = reach.heard_out_of_sight;
      std::map<uint32_t, Hearing> in_sight;
      for (const auto& [person, there] : oracle_.people) {
        if (person == viewer) continue;
        const Hearing told = office_.ToldHearing(viewer, person);
        const Hearing actual{actual_.at({viewer, person}).hears,
                             actual_.at({person, viewer}).hears};
        ASSERT_EQ(told, office_.Sees(viewer, person) ? actual : Hearing{})
            << viewer << " and " << person;
        if (told != Hearing{}) in_sight[person] = told;
        const Hearing missing = office_.Sees(viewer, person) ? Hearing{} : actual;
        heard -= uint32_t{missing.hears};
        hearers -= uint32_t{missing.is_heard};
      }
      ASSERT_EQ(hearers, 0u) << viewer << " is told of other hearers";
      ASSERT_EQ(heard, 0u) << viewer << " is told of others whom it hears";
      CheckRecapitulation(viewer, in_sight);
    }
  }
  void CheckRecapitulation(uint32_t viewer, const std::map<uint32_t, Hearing>& in_sight) {
    RoutingOutput out;
    office_.router().Recapitulate(Id(viewer), out);
    std::map<uint32_t, Hearing> told;
    for (const HearingChange& change : out.hearing) {
      told[static_cast<uint32_t>(change.person)] = change.hearing;
    }
    ASSERT_EQ(told, in_sight);
  }
  bool IsPlain(uint32_t id) const {
    const Oracle::Person& person = oracle_.people.at(id);
    const std::optional<int> zone = oracle_.ZoneAt(person.position);
    return zone && !person.whispers_to && !person.has_megaphone &&
           !oracle_.IsOnStage(person, *zone) && !oracle_.IsKind(*zone, ZoneKind::kQuiet);
  }
  Oracle::Answer Actual(uint32_t listener, uint32_t speaker) {
    const SpatialRouter& router = office_.router();
    const Oracle::Answer answer{router.MayReceive(Id(listener), MicOf(speaker)),
                                router.MayReceive(Id(listener), CameraOf(speaker)),
                                office_.Sees(listener, speaker)};
    EXPECT_EQ(router.MayReceive(Id(listener), ScreenAudioOf(speaker)), answer.hears);
    EXPECT_EQ(router.MayReceive(Id(listener), ScreenOf(speaker)), answer.watches);
    return answer;
  }
  void CheckPerception(uint32_t listener, uint32_t speaker, const Oracle::Answer& may) {
    const Audible audible = office_.router().AudibleNow(Id(listener), Id(speaker));
    ASSERT_TRUE(may.hears || audible.gain == 0);
    ASSERT_TRUE(may.hears || may.watches || audible == Audible{});
    ASSERT_TRUE(audible.gain >= 0 && audible.gain <= 1);
  }
  void CheckSlots() {
    std::map<std::pair<uint32_t, MediaKind>, size_t> used;
    for (const auto& [key, source] : office_.slots()) {
      const auto listener = static_cast<uint32_t>(key.first);
      const auto speaker = static_cast<uint32_t>(source.participant());
      ++used[{listener, key.second.kind}];
      ASSERT_TRUE(Held(listener, source)) << "a slot without the right";
      ASSERT_TRUE(oracle_.people[speaker].sources.Has(source.kind())) << "a source that is off";
    }
    for (const auto& [listener, person] : oracle_.people) {
      std::map<MediaKind, size_t> wanted;
      for (const auto& [speaker, other] : oracle_.people) {
        for (const SourceId source :
             {MicOf(speaker), CameraOf(speaker), ScreenOf(speaker), ScreenAudioOf(speaker)}) {
          if (speaker == listener || !other.sources.Has(source.kind())) continue;
          if (!Held(listener, source)) continue;
          ++wanted[MediaKindOf(source.kind())];
        }
      }
      // A source is counted once however many slots it has.
      ASSERT_EQ(office_.Sources(listener).size(), used[std::pair(listener, MediaKind::kAudio)] +
                                                      used[std::pair(listener, MediaKind::kVideo)])
          << "a source in two slots";
      CheckUse(used[{listener, MediaKind::kAudio}], wanted[MediaKind::kAudio], person.slots.audio);
      CheckUse(used[{listener, MediaKind::kVideo}], wanted[MediaKind::kVideo], person.slots.video);
    }
  }
  bool Held(uint32_t listener, SourceId source) const {
    const Oracle::Answer& may = actual_.at({listener, static_cast<uint32_t>(source.participant())});
    return MediaKindOf(source.kind()) == MediaKind::kAudio ? may.hears : may.watches;
  }
  // While slots suffice, everybody in range who sends has one in the same call: well within 200 ms.
  // Where they do not, a crowd may take a few milliseconds to fill all that became free.
  void CheckUse(size_t used, size_t wanted, size_t slots) {
    if (wanted <= slots || office_.router().NextDeadline() > office_.now()) {
      ASSERT_EQ(used, std::min(wanted, slots));
    } else {
      ASSERT_LE(used, slots);
    }
  }
  void CheckAgreements() {
    const bool is_late = office_.router().NextDeadline() <= office_.now();
    for (const auto& [id, member] : agreed_.members) {
      const std::optional<int> zone = agreed_.ZoneOf(id);
      const int room = zone ? oracle_.SpaceOf(*zone) : -1;
      ASSERT_TRUE(!agreed_.IsPrivate(room) || agreed_.HasKey(id, room))
          << "R17: " << id << " is in a private zone";
      for (const auto& [granted, until] : member.grants) {
        ASSERT_TRUE(is_late || until > office_.now()) << "a grant outlives its time";
      }
      ASSERT_TRUE(!member.follows || office_.Sees(id, *member.follows)) << "a lost leader";
    }
    for (const SightChange& change : history_.sights) {
      const auto viewer = static_cast<uint32_t>(change.viewer);
      const auto person = static_cast<uint32_t>(change.person);
      if (change.visible || !oracle_.people.contains(viewer) || !oracle_.people.contains(person) ||
          office_.Sees(viewer, person)) {
        continue;
      }
      const uint32_t bubble = oracle_.people[viewer].bubble;
      if (bubble == 0 || bubble != oracle_.people[person].bubble) continue;
      ASSERT_TRUE(SeesAnyOfBubble(viewer)) << viewer << " is lost to its bubble";
    }
  }
  // A slot that changes hands though its source could have stayed does so seldom.
  void CheckChurn() {
    for (const SlotChange& change : history_.slots) {
      const RouterDriver::SlotKey key(change.listener, change.slot);
      const auto held = before_.find(key);
      const bool is_swap = held != before_.end() && change.source && held->second != change.source;
      if (is_swap && CouldStay(static_cast<uint32_t>(change.listener), held->second)) {
        std::vector<Timestamp>& swaps = swaps_[change.listener];
        std::erase_if(swaps,
                      [&](Timestamp at) { return at + Duration::Seconds(1) <= office_.now(); });
        swaps.push_back(office_.now());
        EXPECT_LE(swaps.size(), static_cast<size_t>(ChurnLimits().swaps_per_second));
      }
      if (change.source) {
        before_[key] = change.source;
      } else {
        before_.erase(key);
      }
    }
  }
  bool CouldStay(uint32_t listener, SourceId source) const {
    const auto speaker = static_cast<uint32_t>(source.participant());
    const auto it = oracle_.people.find(speaker);
    return oracle_.people.contains(listener) && it != oracle_.people.end() &&
           it->second.sources.Has(source.kind()) && Held(listener, source);
  }

 protected:
  Oracle oracle_;
  RouterDriver office_;
  Agreements agreed_;
  // What was reported in the last step.
  RoutingOutput history_;
  // By listener and whisperer.
  std::set<Oracle::Pair> lost_whispers_;

 private:
  // By the router, at the last check.
  std::map<Oracle::Pair, Oracle::Answer> actual_;
  std::map<RouterDriver::SlotKey, SourceId> before_;
  std::map<ParticipantId, std::vector<Timestamp>> swaps_;
  size_t judged_ = 0;
  size_t uncertain_ = 0;
};

}  // namespace earshot
