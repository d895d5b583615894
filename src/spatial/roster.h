#pragma once

// Everybody on the floor, in one dense array: where they stand, what they send, how much they
// talk. Knows no rules. Its size is bounded by whoever admits people. One thread.

#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "spatial/audibility.h"
#include "spatial/speech_level.h"

namespace earshot {

/// A place in the roster: small, stable while the person stays, reused afterwards.
using PersonIndex = uint32_t;
inline constexpr PersonIndex kNobody = UINT32_MAX;

struct Person {
  ParticipantId id = kNoParticipant;
  Pose pose;
  ZoneIndex zone = kOpenFloor;
  SourceSet sources;
  SpeechLevel speech;
  /// Up to when the time that has passed is used up by walking.
  Timestamp walked_until;

  Standing standing() const { return {pose.position, zone}; }
};

class Roster {
 public:
  /// kNobody if the id is already there.
  PersonIndex Add(ParticipantId id) {
    const auto [it, inserted] = index_.try_emplace(id, kNobody);
    if (!inserted) return kNobody;
    if (vacant_.empty()) {
      vacant_.push_back(static_cast<PersonIndex>(people_.size()));
      people_.emplace_back();
    }
    it->second = vacant_.back();
    vacant_.pop_back();
    people_[it->second].id = id;
    return it->second;
  }
  void Remove(PersonIndex person) {
    index_.erase(people_[person].id);
    people_[person] = Person{};
    vacant_.push_back(person);
  }

  PersonIndex Find(ParticipantId id) const {
    const auto it = index_.find(id);
    return it == index_.end() ? kNobody : it->second;
  }
  Person& operator[](PersonIndex person) { return people_[person]; }
  const Person& operator[](PersonIndex person) const { return people_[person]; }

  size_t size() const { return index_.size(); }
  /// All indices ever given are below this.
  size_t capacity() const { return people_.size(); }

 private:
  std::vector<Person> people_;
  std::vector<PersonIndex> vacant_;
  absl::flat_hash_map<ParticipantId, PersonIndex> index_;
};

}  // namespace earshot
