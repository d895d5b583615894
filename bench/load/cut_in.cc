#include "cut_in.h"

#include <algorithm>

#include "spatial/geometry.h"

namespace earshot::load {

CutIn::CutIn(const Reach& audible, size_t people)
    : audible_(audible), members_(people), is_near_(people * people), waits_(people) {}

void CutIn::Enter(size_t person, ParticipantId participant, Point place) {
  members_[person] = {true, false, participant, place};
  for (size_t other = 0; other < members_.size(); ++other) {
    if (other == person || !members_[other].is_here) continue;
    SetNear(person, other, Distance(place, members_[other].place) <= audible_.enter);
  }
}

void CutIn::Leave(size_t person) {
  members_[person].is_here = false;
  waits_[person].clear();
  for (size_t other = 0; other < members_.size(); ++other) {
    SetNear(person, other, false);
    Forget(other, person);
  }
}

void CutIn::SetTalking(size_t person, bool talking) {
  members_[person].is_talking = talking;
  if (talking) return;
  for (size_t other = 0; other < members_.size(); ++other) Forget(other, person);
}

void CutIn::Move(size_t person, Point place, Timestamp now) {
  members_[person].place = place;
  for (size_t other = 0; other < members_.size(); ++other) {
    if (other == person || !members_[other].is_here) continue;
    const double distance = DistanceSquared(place, members_[other].place);
    const double enter = double{audible_.enter} * audible_.enter;
    const double leave = double{audible_.leave} * audible_.leave;
    if (IsNear(person, other)) {
      if (distance <= leave) continue;
      SetNear(person, other, false);
      Forget(person, other);
      Forget(other, person);
    } else if (distance <= enter) {
      SetNear(person, other, true);
      Await(person, other, now);
      Await(other, person, now);
    }
  }
}

std::optional<Duration> CutIn::Hear(size_t listener, ParticipantId speaker, Timestamp now) {
  std::vector<Wait>& waits = waits_[listener];
  const auto found = std::find_if(waits.begin(), waits.end(),
                                  [speaker](const Wait& wait) { return wait.speaker == speaker; });
  if (found == waits.end()) return std::nullopt;
  const Duration waited = now - found->since;
  waits.erase(found);
  return waited;
}

uint64_t CutIn::TakeMissed(Timestamp now) {
  uint64_t missed = 0;
  for (std::vector<Wait>& waits : waits_) {
    missed +=
        std::erase_if(waits, [now](const Wait& wait) { return now - wait.since > kPatience; });
  }
  return missed;
}

void CutIn::SetNear(size_t a, size_t b, bool near) {
  is_near_[a * members_.size() + b] = is_near_[b * members_.size() + a] = near ? 1 : 0;
}

void CutIn::Await(size_t listener, size_t speaker, Timestamp now) {
  const Member& member = members_[speaker];
  if (member.is_talking) waits_[listener].push_back({member.participant, now});
}

void CutIn::Forget(size_t listener, size_t speaker) {
  const ParticipantId participant = members_[speaker].participant;
  std::erase_if(waits_[listener],
                [participant](const Wait& wait) { return wait.speaker == participant; });
}

}  // namespace earshot::load
