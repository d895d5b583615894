#pragma once

// Everybody on the floor, in one dense array: where they stand, what they send, how much they
// talk. Knows no rules. Its size is bounded by whoever admits people. One thread.

#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "spatial/audibility.h"
#include "spatial/speech_level.h"

namespace earshot {

/// One call into the router: its time and where its results go.
struct Turn {
  Timestamp now;
  RoutingOutput& out;
};

/// Leave to enter a private zone, or a room whose doors are locked.
struct ZoneGrant {
  ZoneIndex zone = kOpenFloor;
  Timestamp until;
};

enum class RequestKind : uint8_t { kBubble, kCall };
/// What others have asked somebody and may still be answered.
struct Request {
  RequestKind kind;
  ParticipantId from;
  Timestamp until;
};

struct Person {
  ParticipantId id = kNoParticipant;
  Pose pose;
  /// Its position is the pose's.
  Standing standing;
  SourceSet sources;
  SpeechLevel speech;
  /// Up to when the time that has passed is used up by walking.
  Timestamp walked_until;

  /// In the list of the people in its zone.
  uint32_t zone_position = 0;
  Privileges privileges;
  std::vector<ZoneGrant> grants;
  std::vector<Request> requests;
  /// Of a moderated stage; kOpenFloor for none.
  ZoneIndex podium = kOpenFloor;
  PersonIndex follows = kNobody;
  /// Who follows this person, and who whispers to it.
  std::vector<PersonIndex> followers;
  std::vector<PersonIndex> whisperers;
  bool do_not_disturb = false;
  /// When it was last told that it may not enter a zone.
  Timestamp refused_at = Timestamp::LongAgo();
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
    people_[it->second].standing.person = it->second;
    last_steps_.resize(people_.size());
    last_steps_[it->second] = {};
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

  const LastStep& LastStepOf(PersonIndex person) const { return last_steps_[person]; }
  void NoteStep(PersonIndex person, Timestamp now) { last_steps_[person] = {now, ++steps_}; }
  uint64_t steps() const { return steps_; }

  bool IsHere(PersonIndex person) const {
    return person < people_.size() && people_[person].id != kNoParticipant;
  }
  size_t size() const { return index_.size(); }
  /// All indices ever given are below this.
  size_t capacity() const { return people_.size(); }

 private:
  std::vector<Person> people_;
  // By themselves: many are looked at for one that is new.
  std::vector<LastStep> last_steps_;
  uint64_t steps_ = 0;
  std::vector<PersonIndex> vacant_;
  absl::flat_hash_map<ParticipantId, PersonIndex> index_;
};

}  // namespace earshot
