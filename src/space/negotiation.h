#pragma once

// From the client's one offer to what the server will do: which sections are sources, which are
// slots, what is accepted of each, and the answer's sections. Pure; decides nothing later.

#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "earshot/options.h"
#include "earshot/server.h"
#include "earshot/socket_address.h"
#include "forwarding/slot.h"
#include "forwarding/source.h"
#include "sdp/session.h"
#include "transport/dtls.h"
#include "transport/ice_lite.h"

namespace earshot {

struct NegotiatedSource {
  SourceFormat format;
  /// Without simulcast.
  std::optional<uint32_t> ssrc;
  std::optional<uint32_t> rtx_ssrc;
  /// The RIDs of the layers, lowest first, at most kMaxLayers; empty without simulcast.
  std::vector<std::string> rids;
};

struct Negotiated {
  std::vector<NegotiatedSource> sources;
  std::vector<SlotFormat> audio_slots;
  std::vector<SlotFormat> video_slots;
  /// In the order of the offer; points into the offer.
  std::vector<sdp::AnswerSection> sections;
  size_t bundle_tag = 0;  // the offer's, likewise
  bool allows_mixed_extensions = false;
  std::vector<Notice> notices;
  /// Random, new for each session, the same for all of its streams (RFC 7022, threat row C7).
  std::string cname;
};

/// The offer must outlive the result. SSRCs of slots are drawn from `random`. Error code
/// "offer-invalid".
Result<Negotiated> Negotiate(const sdp::Offer& offer, const JoinRequest& request,
                             ParticipantId participant, const MediaOptions& limits, Random& random);

std::vector<Fingerprint> FingerprintsOf(const sdp::Offer& offer);

/// The answer, as SDP.
std::string WriteAnswer(const Negotiated& negotiated, const IceCredentials& local,
                        const Fingerprint& certificate,
                        const std::vector<SocketAddress>& candidates);

}  // namespace earshot
