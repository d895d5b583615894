#include "rule.h"

namespace earshot::sim {

void Rule::Set(ParticipantId id, const Stance& stance) {
  Oracle::Person& person = oracle_.people[static_cast<uint32_t>(id)];
  person.position = stance.pose.position;
  person.bubble = stance.bubble;
  person.has_megaphone = stance.megaphone;
  person.podium.reset();
  if (stance.podium >= 0) person.podium = stance.podium;
  person.whispers_to.reset();
  if (stance.whispers_to != kNoParticipant) {
    person.whispers_to = static_cast<uint32_t>(stance.whispers_to);
  }
}

Ruling Rule::Judge(ParticipantId listener, ParticipantId speaker, const Oracle::Answer& may_hold) {
  const Oracle::Pair pair(static_cast<uint32_t>(listener), static_cast<uint32_t>(speaker));
  oracle_.Remember(pair, {});
  const auto strict = oracle_.MayGet(pair.first, pair.second);
  oracle_.Remember(pair, may_hold);
  const auto loose = oracle_.MayGet(pair.first, pair.second);
  constexpr Oracle::Answer kAll{true, true, true};
  if (!strict || !loose) return {{}, kAll, kAll};
  return {strict->answer, loose->answer, loose->plain};
}

}  // namespace earshot::sim
