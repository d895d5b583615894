#pragma once

// What a client says in its one offer and learns from the one answer: its streams out, its slots,
// and the credentials of both sides. Values only; moves no packet. One thread.

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "earshot/media.h"
#include "earshot/result.h"
#include "sdp/session.h"
#include "transport/dtls.h"
#include "transport/ice_lite.h"
#include "wire/rtp_packet.h"

namespace earshot {

/// Numbers that every client chooses for itself; the server has to keep to them.
struct ClientNumbers {
  uint8_t opus_payload_type = 111;
  uint8_t vp8_payload_type = 96;
  uint8_t vp8_rtx_payload_type = 97;
  ExtensionIds extensions{
      .mid = 4, .rid = 10, .repaired_rid = 11, .audio_level = 1, .abs_send_time = 2};
};

struct ClientOffer {
  SourceSet sources = SourceSet::All();
  uint8_t audio_slots = 24;
  uint8_t video_slots = 16;
  ClientNumbers numbers = {};
  /// Of the camera, by simulcast: 1 to kMaxLayers.
  uint8_t camera_layers = 1;
  /// Without them the server learns the SSRCs from the MIDs of the first packets.
  bool announces_ssrcs = true;
};

/// A stream that the client sends; of a camera by simulcast one layer, lowest first.
struct SentStream {
  SourceKind kind = SourceKind::kMic;
  std::string mid;
  std::string rid = {};
  uint8_t layer = 0;
  uint32_t ssrc = 0;
  uint32_t rtx_ssrc = 0;  // video only
};

/// A slot as the answer describes it.
struct SlotStream {
  SlotRef ref;
  std::string mid;
  uint32_t ssrc = 0;
  uint32_t rtx_ssrc = 0;  // video only
};

struct AcceptedAnswer {
  IceCredentials remote;
  std::vector<Fingerprint> fingerprints;
  std::vector<SocketAddress> candidates;
  std::vector<SlotStream> slots;
};

class ClientSession {
 public:
  ClientSession(const ClientOffer& offer, const Fingerprint& fingerprint, Random& random);

  std::string WriteOffer() const;
  /// As JoinRequest wants them.
  std::array<std::optional<std::string>, kSourceKindCount> TrackMids() const;
  /// For an ICE restart: the next offer has them, all else stays.
  void RenewCredentials(Random& random) { local_ = IceCredentials::Make(random); }

  /// Error code "answer-invalid".
  Result<AcceptedAnswer> Accept(const std::string& answer) const;

  const IceCredentials& local() const { return local_; }
  const ClientNumbers& numbers() const { return offer_.numbers; }
  const std::vector<SentStream>& streams() const { return streams_; }

 private:
  sdp::MediaSection MediaOf(MediaKind kind, std::string mid) const;

  ClientOffer offer_;
  Fingerprint fingerprint_;
  IceCredentials local_;
  std::vector<SentStream> streams_;
};

}  // namespace earshot
