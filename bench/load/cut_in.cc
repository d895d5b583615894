#include "cut_in.h"

#include <algorithm>

#include "spatial/geometry.h"

namespace earshot::load {

CutIn::CutIn(const Floor& floor, size_t people)
    : audible_(floor.audible),
      members_(people),
      grid_(floor.width, floor.height, floor.audible.enter),
      waits_(people) {}

void CutIn::Enter(size_t person, ParticipantId participant, Point place) {
  Member& member = members_[person];
  member.is_here = true;
  member.participant = participant;
  member.place = place;
  grid_.Insert(static_cast<uint32_t>(person), place);
  for (const uint32_t other : NewcomersAround(person)) Meet(person, other);
}

void CutIn::Leave(size_t person) {
  Member& member = members_[person];
  if (!member.is_here) return;
  while (!member.near.empty()) Part(person, member.near.back());
  grid_.Remove(static_cast<uint32_t>(person));
  member = {};
}

void CutIn::SetTalking(size_t person, bool talking) {
  members_[person].is_talking = talking;
  if (talking) return;
  for (const uint32_t other : members_[person].near) Forget(other, person);
}

void CutIn::Move(size_t person, Point place, Timestamp now) {
  Member& member = members_[person];
  member.place = place;
  grid_.Move(static_cast<uint32_t>(person), place);
  // From the back, as parting takes one out.
  const double leave = double{audible_.leave} * audible_.leave;
  for (size_t i = member.near.size(); i-- > 0;) {
    const uint32_t other = member.near[i];
    if (DistanceSquared(place, members_[other].place) > leave) Part(person, other);
  }
  for (const uint32_t other : NewcomersAround(person)) {
    Meet(person, other);
    Await(person, other, now);
    Await(other, person, now);
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

std::vector<uint32_t> CutIn::NewcomersAround(size_t person) const {
  const Member& member = members_[person];
  const double enter = double{audible_.enter} * audible_.enter;
  std::vector<uint32_t> newcomers;
  grid_.VisitRing(member.place, 0, audible_.enter, [&](uint32_t other, Point place) {
    if (other == person || DistanceSquared(member.place, place) > enter) return;
    const bool is_known =
        std::find(member.near.begin(), member.near.end(), other) != member.near.end();
    if (!is_known) newcomers.push_back(other);
  });
  return newcomers;
}

void CutIn::Meet(size_t a, size_t b) {
  members_[a].near.push_back(static_cast<uint32_t>(b));
  members_[b].near.push_back(static_cast<uint32_t>(a));
}

void CutIn::Part(size_t a, size_t b) {
  std::erase(members_[a].near, static_cast<uint32_t>(b));
  std::erase(members_[b].near, static_cast<uint32_t>(a));
  Forget(a, b);
  Forget(b, a);
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
