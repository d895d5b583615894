#include "space/user_fragments.h"

#include <string_view>

#include "wire/stun.h"

namespace earshot {

IceCredentials UserFragments::Make(ParticipantId id, Random& random) {
  IceCredentials credentials = IceCredentials::Make(random);
  while (!owners_.try_emplace(credentials.ufrag, id).second) {
    credentials = IceCredentials::Make(random);
  }
  return credentials;
}

std::variant<ParticipantId, DropReason> UserFragments::Find(ByteView datagram) const {
  const std::string_view username = PeekStunUsername(datagram);
  const std::string_view ufrag = username.substr(0, username.find(':'));
  const auto it = owners_.find(absl::string_view(ufrag.data(), ufrag.size()));
  if (it != owners_.end()) return it->second;
  // Whoever it belongs to would have said what is wrong with it.
  const auto message = StunMessage::Parse(datagram);
  if (!message) return DropReason::kStunMalformed;
  const bool is_check =
      message->message_class == StunClass::kRequest && message->method == kStunBindingMethod;
  return is_check ? DropReason::kStunUnknownUfrag : DropReason::kStunUnexpected;
}

}  // namespace earshot
