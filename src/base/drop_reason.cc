#include "base/drop_reason.h"

#include <array>

namespace earshot {

std::string_view DropReasonName(DropReason reason) {
  static constexpr std::array<std::string_view, kDropReasonCount> kNames = {
      "demux",
      "empty",
      "oversize",
      "truncated",
      "invalid_source",
      "unknown_source",
      "stun_malformed",
      "stun_unexpected",
      "stun_unknown_ufrag",
      "stun_unauthenticated",
      "stun_rate_limited",
      "stun_role_conflict",
      "stun_table_full",
      "dtls_unexpected",
      "dtls_malformed",
      "srtp_not_ready",
      "srtp_unauthenticated",
      "srtp_replayed",
      "srtp_too_many_ssrcs",
      "rtp_malformed",
      "rtcp_malformed",
      "unsignalled_ssrc",
      "unsignalled_payload_type",
      "unsignalled_mid",
      "rtx_unmatched",
      "codec_malformed",
      "source_switched_off",
      "media_rate_limited",
      "rtcp_rate_limited",
      "data_rate_limited",
      "sctp_malformed",
      "data_channel_violation",
      "message_malformed",
      "message_too_frequent",
      "egress_index_used",
      "egress_send_failed",
      "egress_queue_full",
      "egress_too_late",
      "transport_closed",
  };
  static_assert(!kNames.back().empty(), "every reason has a name");
  return kNames[static_cast<size_t>(reason)];
}

}  // namespace earshot
