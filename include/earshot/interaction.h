#pragma once

// What people do with each other and with doors besides walking and talking: what they may ask for,
// what comes of it, and what the others are told. The numbers are those of the client protocol.
// Values only, any thread.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "earshot/floor_plan.h"
#include "earshot/media.h"

namespace earshot {

/// What a client can ask for.
enum class Act : uint8_t {
  kSetDoor = 1,
  kKnock = 2,
  kAdmit = 3,
  kDeny = 4,
  kRevoke = 5,
  kAskForPodium = 6,
  kGivePodium = 7,
  kTakePodium = 8,
  kInvite = 9,
  kAcceptInvite = 10,
  kLeaveBubble = 11,
  kWhisper = 12,
  kMegaphone = 13,
  kDoNotDisturb = 14,
  kFollow = 15,
  kCall = 16,
  kAcceptCall = 17,
  kBeam = 18,
  kStopKnocking = 19,
};
inline constexpr size_t kActCount = 19;

/// What came of it. Anything but kDone changed nothing.
enum class Outcome : uint8_t {
  kDone = 0,
  /// No such participant, zone, door or request; or it is so already.
  kNothingToDo = 1,
  /// Without the privilege that it takes.
  kNotAllowed = 2,
  /// Not in the zone, out of sight or out of hearing.
  kTooFar = 3,
  /// The zone or the list is full.
  kFull = 4,
  /// The other person does not want to be disturbed.
  kDisturbs = 5,
  /// More than one participant may ask for in so short a time.
  kTooOften = 6,
};
inline constexpr size_t kOutcomeCount = 7;

/// The metric label: lower case with underscores.
constexpr std::string_view OutcomeName(Outcome outcome) {
  constexpr std::array<std::string_view, kOutcomeCount> kNames = {
      "done", "nothing_to_do", "not_allowed", "too_far", "full", "disturbs", "too_often"};
  return kNames[static_cast<size_t>(outcome)];
}

/// What a participant may do beyond walking and talking.
struct Grants {
  /// Opens and shuts every door, gives and takes podiums.
  bool moderator = false;
  bool megaphone = false;
  /// May place itself next to others without being called.
  bool beam = false;
};

/// How a participant stands towards the others at the moment.
struct Stance {
  Pose pose;
  /// The moderated stage on which it may speak, by its place in FloorPlan::zones; -1 for none.
  int16_t podium = -1;
  /// The same for all who are in one bubble; 0 for none. Reused when the bubble has dissolved.
  uint16_t bubble = 0;
  ParticipantId whispers_to = kNoParticipant;
  bool megaphone = false;
  bool operator==(const Stance&) const = default;
};

/// What somebody is told that is neither a slot nor a sight.
enum class EventKind : uint8_t {
  /// You stand at `pose` now, by no step of your own.
  kMoved = 0,
  /// You may not step into `zone`.
  kEntryRefused = 1,
  /// `door` of the plan is in `state`. To everybody.
  kDoorChanged = 2,
  /// `other` knocks at your `zone`.
  kKnock = 3,
  /// You may enter `zone` until `until`; or you no longer may; or `other` did not let you in.
  kAdmitted = 4,
  kGrantEnded = 5,
  kDenied = 6,
  /// `other` would like to speak on the stage `zone`, or no longer would. To moderators.
  kAsksForPodium = 7,
  kAsksNoLonger = 8,
  /// `other` has been given the podium of the stage `zone`, or has it no longer. To all who stand
  /// on it or in its audience, and to `other`.
  kPodiumGiven = 9,
  kPodiumTaken = 10,
  /// `other` invites you to a bubble; or has joined yours, or was there when you joined; or has
  /// left it. If `other` is yourself, you are in no bubble any longer.
  kBubbleInvite = 11,
  kBubbleJoined = 12,
  kBubbleLeft = 13,
  /// `other` whispers to you, or has stopped.
  kWhisper = 14,
  kWhisperEnded = 15,
  /// `other` speaks to everybody, or has stopped. To everybody.
  kMegaphoneOn = 16,
  kMegaphoneOff = 17,
  /// `other` follows you, or has stopped; to the follower: you no longer follow.
  kFollowed = 18,
  kFollowEnded = 19,
  /// `other` asks you to come.
  kCalled = 20,
  /// Your whisper to `other` has ended: everybody around hears you again.
  kOwnWhisperEnded = 21,
  /// You have walked into a portal, whose place in FloorPlan::portals is in `zone`.
  kPortalReached = 22,
  /// `other` no longer knocks at your `zone`: it has gone, or somebody else has answered.
  kKnockEnded = 23,
};

}  // namespace earshot
