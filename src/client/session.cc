#include "client/session.h"

#include <utility>

namespace earshot {
namespace {

using sdp::Direction;
using sdp::MediaSection;
using sdp::SectionKind;

constexpr std::string_view kMidUri = "urn:ietf:params:rtp-hdrext:sdes:mid";
constexpr std::string_view kAudioLevelUri = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
constexpr std::string_view kAbsSendTimeUri =
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";
constexpr std::string_view kRidUri = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";
constexpr std::string_view kRepairedRidUri =
    "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";
// A quarter of each side, a half, all of it.
constexpr std::array<std::string_view, kMaxLayers> kRids = {"q", "h", "f"};
constexpr uint32_t kMaxMessageSize = 256 * 1024;

void AddExtension(uint8_t id, std::string_view uri, MediaSection& media) {
  if (id != 0) media.extensions.push_back({id, std::string(uri), Direction::kSendRecv});
}

void AddCodecs(const ClientNumbers& numbers, MediaSection& media) {
  if (media.kind == SectionKind::kAudio) {
    media.codecs.push_back({.payload_type = numbers.opus_payload_type,
                            .name = "opus",
                            .clock_rate = 48000,
                            .channels = 2,
                            .parameters = "minptime=10;useinbandfec=1",
                            .feedback = {},
                            .repairs = std::nullopt});
    return;
  }
  media.codecs.push_back({.payload_type = numbers.vp8_payload_type,
                          .name = "VP8",
                          .clock_rate = 90000,
                          .parameters = "",
                          .feedback = {"nack", "nack pli", "ccm fir"},
                          .repairs = std::nullopt});
  media.codecs.push_back({.payload_type = numbers.vp8_rtx_payload_type,
                          .name = "rtx",
                          .clock_rate = 90000,
                          .parameters = "apt=" + std::to_string(numbers.vp8_payload_type),
                          .feedback = {},
                          .repairs = numbers.vp8_payload_type});
}

}  // namespace

ClientSession::ClientSession(const ClientOffer& offer, const Fingerprint& fingerprint,
                             Random& random)
    : offer_(offer), fingerprint_(fingerprint), local_(IceCredentials::Make(random)) {
  for (size_t i = 0; i < kSourceKindCount; ++i) {
    const auto kind = static_cast<SourceKind>(i);
    if (!offer.sources.Has(kind)) continue;
    // Two in a row are never equal, and random ones of the others collide once in 2^30.
    const bool video = MediaKindOf(kind) == MediaKind::kVideo;
    const uint8_t layers = kind == SourceKind::kCamera ? offer.camera_layers : uint8_t{1};
    for (uint8_t layer = 0; layer < layers; ++layer) {
      const uint32_t ssrc = random.U32() | 1u;
      streams_.push_back({.kind = kind,
                          .mid = "s" + std::to_string(i),
                          .rid = layers > 1 ? std::string(kRids[layer]) : "",
                          .layer = layer,
                          .ssrc = ssrc,
                          .rtx_ssrc = video ? ssrc + 1 : 0});
    }
  }
}

MediaSection ClientSession::MediaOf(MediaKind kind, std::string mid) const {
  const ExtensionIds& ids = offer_.numbers.extensions;
  MediaSection media;
  media.kind = kind == MediaKind::kAudio ? SectionKind::kAudio : SectionKind::kVideo;
  media.mid = std::move(mid);
  AddCodecs(offer_.numbers, media);
  AddExtension(ids.mid, kMidUri, media);
  if (kind == MediaKind::kAudio) AddExtension(ids.audio_level, kAudioLevelUri, media);
  AddExtension(ids.abs_send_time, kAbsSendTimeUri, media);
  return media;
}

std::string ClientSession::WriteOffer() const {
  sdp::OfferDescription description;
  description.ice_ufrag = local_.ufrag;
  description.ice_password = local_.password;
  description.fingerprint_algorithm = fingerprint_.algorithm;
  description.fingerprint = fingerprint_.value;
  for (const SentStream& stream : streams_) {
    if (stream.layer > 0) {
      description.media.back().encodings.push_back(stream.rid);
      continue;
    }
    MediaSection media = MediaOf(MediaKindOf(stream.kind), stream.mid);
    media.direction = Direction::kSendOnly;
    if (!stream.rid.empty()) {
      // As browsers do: the SSRCs of layers are known by what the packets say.
      AddExtension(offer_.numbers.extensions.rid, kRidUri, media);
      AddExtension(offer_.numbers.extensions.repaired_rid, kRepairedRidUri, media);
      media.encodings.push_back(stream.rid);
    } else if (offer_.announces_ssrcs) {
      media.ssrcs.push_back(stream.ssrc);
      if (stream.rtx_ssrc != 0) {
        media.ssrcs.push_back(stream.rtx_ssrc);
        media.rtx_ssrc = stream.rtx_ssrc;
      }
    }
    description.media.push_back(std::move(media));
  }
  const std::array<uint8_t, kMediaKindCount> counts = {offer_.audio_slots, offer_.video_slots};
  for (const MediaKind kind : {MediaKind::kAudio, MediaKind::kVideo}) {
    const std::string prefix = kind == MediaKind::kAudio ? "a" : "v";
    for (unsigned i = 0; i < counts[static_cast<size_t>(kind)]; ++i) {
      MediaSection media = MediaOf(kind, prefix + std::to_string(i));
      media.direction = Direction::kRecvOnly;
      description.media.push_back(std::move(media));
    }
  }
  MediaSection data;
  data.kind = SectionKind::kData;
  data.mid = "data";
  data.max_message_size = kMaxMessageSize;
  description.media.push_back(std::move(data));
  return sdp::WriteOffer(description);
}

std::array<std::optional<std::string>, kSourceKindCount> ClientSession::TrackMids() const {
  std::array<std::optional<std::string>, kSourceKindCount> mids;
  for (const SentStream& stream : streams_) mids[static_cast<size_t>(stream.kind)] = stream.mid;
  return mids;
}

Result<AcceptedAnswer> ClientSession::Accept(const std::string& answer) const {
  const Result<sdp::ParsedAnswer> parsed = sdp::ParseAnswer(answer);
  if (!parsed) return parsed.error();
  AcceptedAnswer accepted;
  accepted.remote = {parsed->ice_ufrag, parsed->ice_password};
  for (const sdp::Offer::Fingerprint& one : parsed->fingerprints) {
    accepted.fingerprints.push_back({one.algorithm, one.value});
  }
  accepted.candidates = parsed->candidates;
  std::array<uint8_t, kMediaKindCount> counts{};
  for (const MediaSection& media : parsed->media) {
    if (media.direction != Direction::kSendOnly || !media.is_usable()) continue;
    if (media.ssrcs.empty()) continue;
    const MediaKind kind =
        media.kind == SectionKind::kAudio ? MediaKind::kAudio : MediaKind::kVideo;
    accepted.slots.push_back({{kind, counts[static_cast<size_t>(kind)]++},
                              media.mid,
                              media.ssrcs.front(),
                              media.rtx_ssrc.value_or(0)});
  }
  return accepted;
}

}  // namespace earshot
