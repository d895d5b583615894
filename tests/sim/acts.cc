#include "acts.h"

#include <algorithm>
#include <array>
#include <vector>

namespace earshot::sim {
namespace {

// By the number of the act, from 1. Those that answer others come with what they answer; a
// megaphone is rare, or everybody hears everybody.
constexpr std::array<uint32_t, kActCount> kWeights = {12, 4, 1, 1, 2, 3, 2, 3, 6, 1,
                                                      3,  6, 1, 1, 3, 3, 1, 2, 1};

Act DrawKind(Random& random) {
  uint32_t total = 0;
  for (const uint32_t weight : kWeights) total += weight;
  uint32_t drawn = random.Below(total);
  size_t kind = 0;
  while (drawn >= kWeights[kind]) drawn -= kWeights[kind++];
  return static_cast<Act>(kind + 1);
}

int16_t DrawIndex(size_t size, Random& random) {
  return size == 0 ? int16_t{-1} : static_cast<int16_t>(random.Below(static_cast<uint32_t>(size)));
}

ParticipantId DrawPerson(const Client& client, Random& random) {
  // In an order that does not depend on the table's.
  std::vector<ParticipantId> seen;
  for (const auto& [id, person] : client.people()) seen.push_back(id);
  if (seen.empty()) return kNoParticipant;
  std::sort(seen.begin(), seen.end());
  return seen[random.Below(static_cast<uint32_t>(seen.size()))];
}

bool EndsWithNobody(Act act) { return act == Act::kWhisper || act == Act::kFollow; }
bool IsSwitch(Act act) {
  return act == Act::kAskForPodium || act == Act::kMegaphone || act == Act::kDoNotDisturb;
}

}  // namespace

void DrawPrivileges(Random& random, JoinRequest& request) {
  request.grants.moderator = random.Unit() < 0.3;
  request.grants.megaphone = random.Unit() < 0.2;
  request.grants.beam = random.Unit() < 0.2;
  if (random.Unit() < 0.25) request.identities = {kOwner};
}

ActMessage DrawAct(const Client& client, const FloorPlan& plan, Random& random) {
  ActMessage act{.number = static_cast<uint8_t>(random.Below(256)), .act = DrawKind(random)};
  act.place = DrawIndex(act.act == Act::kSetDoor ? plan.doors.size() : plan.zones.size(), random);
  act.participant = DrawPerson(client, random);
  if (EndsWithNobody(act.act) && random.Unit() < 0.4) act.participant = kNoParticipant;
  // A speaker steps down of its own accord more often than it is sent away.
  if (act.act == Act::kTakePodium && random.Unit() < 0.7) act.participant = client.self();
  if (act.act == Act::kSetDoor) {
    act.value = static_cast<uint16_t>(random.Below(kDoorStateCount));
  } else if (IsSwitch(act.act)) {
    act.value = random.Unit() < 0.4 ? 1 : 0;
  } else {
    act.value = static_cast<uint16_t>(1 + random.Below(2));  // minutes
  }
  return act;
}

std::optional<ActMessage> AnswerTo(const EventMessage& event, Random& random) {
  ActMessage answer{.participant = event.other, .place = event.zone, .value = 1};
  switch (event.kind) {
    case EventKind::kKnock:
      answer.act = random.Unit() < 0.8 ? Act::kAdmit : Act::kDeny;
      return answer;
    case EventKind::kAsksForPodium:
      answer.act = Act::kGivePodium;
      break;
    case EventKind::kBubbleInvite:
      answer.act = Act::kAcceptInvite;
      break;
    case EventKind::kCalled:
      answer.act = Act::kAcceptCall;
      break;
    default:
      return std::nullopt;
  }
  if (random.Unit() < 0.3) return std::nullopt;
  return answer;
}

}  // namespace earshot::sim
