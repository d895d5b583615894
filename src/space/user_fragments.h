#pragma once

// Whose ICE user fragments are whose: each is drawn here, so that no two participants can have the
// same (threat row S18), and a check is for whom its user fragment belongs to. One thread.

#include <string>
#include <variant>

#include "absl/container/flat_hash_map.h"
#include "base/bytes.h"
#include "base/drop_reason.h"
#include "base/random.h"
#include "earshot/media.h"
#include "transport/ice_lite.h"

namespace earshot {

class UserFragments {
 public:
  /// New credentials for the participant.
  IceCredentials Make(ParticipantId id, Random& random);
  void Erase(const std::string& ufrag) { owners_.erase(ufrag); }

  /// Whom a STUN datagram is for, or why it is for nobody.
  std::variant<ParticipantId, DropReason> Find(ByteView datagram) const;

 private:
  // Two of each participant at most: before and after an ICE restart.
  absl::flat_hash_map<std::string, ParticipantId> owners_;
};

}  // namespace earshot
