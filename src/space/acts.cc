#include "space/acts.h"

#include <optional>

namespace earshot {
namespace {

// A guest may stay for a working day; whoever stays longer is let in again.
constexpr uint16_t kMaxMinutes = 480;

std::optional<DoorState> DoorStateOf(uint16_t value) {
  if (value >= kDoorStateCount) return std::nullopt;
  return static_cast<DoorState>(value);
}

std::optional<bool> SwitchOf(uint16_t value) {
  if (value > 1) return std::nullopt;
  return value == 1;
}

std::optional<Duration> StayOf(uint16_t minutes) {
  if (minutes == 0 || minutes > kMaxMinutes) return std::nullopt;
  return Duration::Seconds(int64_t{60} * minutes);
}

// `operation` with the value, if it is one.
template <typename Value, typename Operation>
Outcome With(const std::optional<Value>& value, Operation&& operation) {
  return value ? operation(*value) : Outcome::kNothingToDo;
}

}  // namespace

Outcome Perform(const ActMessage& act, ParticipantId actor, SpatialRouter& router, Timestamp now,
                RoutingOutput& out) {
  const ParticipantId other = act.participant;
  switch (act.act) {
    case Act::kSetDoor:
      return With(DoorStateOf(act.value), [&](DoorState state) {
        return router.SetDoor(actor, act.place, state, now, out);
      });
    case Act::kKnock:
      return router.Knock(actor, act.place, now, out);
    case Act::kStopKnocking:
      return router.StopKnocking(actor, act.place, now, out);
    case Act::kAdmit:
      return With(StayOf(act.value), [&](Duration stay) {
        return router.Admit(actor, other, act.place, stay, now, out);
      });
    case Act::kDeny:
      return router.Deny(actor, other, act.place, now, out);
    case Act::kRevoke:
      return router.Revoke(actor, other, act.place, now, out);
    case Act::kAskForPodium:
      return With(SwitchOf(act.value),
                  [&](bool on) { return router.AskForPodium(actor, act.place, on, now, out); });
    case Act::kGivePodium:
      return router.GivePodium(actor, other, act.place, now, out);
    case Act::kTakePodium:
      return router.TakePodium(actor, other, act.place, now, out);
    case Act::kInvite:
      return router.Invite(actor, other, now, out);
    case Act::kAcceptInvite:
      return router.AcceptInvite(actor, other, now, out);
    case Act::kLeaveBubble:
      return router.LeaveBubble(actor, now, out);
    case Act::kWhisper:
      return router.Whisper(actor, other, now, out);
    case Act::kMegaphone:
      return With(SwitchOf(act.value),
                  [&](bool on) { return router.SetMegaphone(actor, on, now, out); });
    case Act::kDoNotDisturb:
      return With(SwitchOf(act.value),
                  [&](bool on) { return router.SetDoNotDisturb(actor, on, now, out); });
    case Act::kFollow:
      return router.Follow(actor, other, now, out);
    case Act::kCall:
      return router.Call(actor, other, now, out);
    case Act::kAcceptCall:
      return router.AcceptCall(actor, other, now, out);
    case Act::kBeam:
      return router.Beam(actor, other, now, out);
  }
  return Outcome::kNothingToDo;
}

}  // namespace earshot
