#include "space/negotiation.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "absl/container/flat_hash_set.h"

namespace earshot {
namespace {

using sdp::AnswerSection;
using sdp::CodecDescription;
using sdp::Direction;
using sdp::MediaSection;
using sdp::SectionKind;

struct KnownExtension {
  std::string_view uri;
  uint8_t ExtensionIds::*id;
  bool audio;
  bool video;
};
constexpr std::array<KnownExtension, 5> kExtensions = {{
    {"urn:ietf:params:rtp-hdrext:sdes:mid", &ExtensionIds::mid, true, true},
    {"urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id", &ExtensionIds::rid, false, true},
    {"urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id", &ExtensionIds::repaired_rid, false,
     true},
    {"urn:ietf:params:rtp-hdrext:ssrc-audio-level", &ExtensionIds::audio_level, true, false},
    {"http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time", &ExtensionIds::abs_send_time,
     true, true},
}};

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return (x | 0x20) == (y | 0x20); });
}

bool HasParameter(std::string_view parameters, std::string_view wanted) {
  while (!parameters.empty()) {
    const size_t end = parameters.find(';');
    std::string_view one = parameters.substr(0, end);
    while (!one.empty() && one.front() == ' ') one.remove_prefix(1);
    if (EqualsIgnoringCase(one, wanted)) return true;
    if (end == std::string_view::npos) break;
    parameters.remove_prefix(end + 1);
  }
  return false;
}

// H264 only in the form that every browser can decode: constrained baseline, and NAL units
// fragmented as needed (RFC 6184 section 8.1). One profile, so that any source fits any slot.
std::optional<Codec> KnownCodec(const CodecDescription& codec) {
  if (EqualsIgnoringCase(codec.name, "opus") && codec.clock_rate == 48000) return Codec::kOpus;
  if (EqualsIgnoringCase(codec.name, "VP8") && codec.clock_rate == 90000) return Codec::kVp8;
  if (EqualsIgnoringCase(codec.name, "H264") && codec.clock_rate == 90000 &&
      HasParameter(codec.parameters, "packetization-mode=1") &&
      HasParameter(codec.parameters, "profile-level-id=42e01f")) {
    return Codec::kH264;
  }
  return std::nullopt;
}

struct AcceptedCodecs {
  PayloadFormats formats;
  std::vector<CodecDescription> descriptions;
};

void AcceptFeedback(CodecDescription& codec, bool video) {
  static constexpr std::array<std::string_view, 3> kFeedback = {"nack", "nack pli", "ccm fir"};
  std::erase_if(codec.feedback, [video](const std::string& offered) {
    return !video || std::find(kFeedback.begin(), kFeedback.end(), offered) == kFeedback.end();
  });
}

AcceptedCodecs AcceptCodecs(const MediaSection& section) {
  AcceptedCodecs accepted;
  const bool video = section.kind == SectionKind::kVideo;
  for (const CodecDescription& codec : section.codecs) {
    const std::optional<Codec> known = KnownCodec(codec);
    if (!known || (*known == Codec::kOpus) == video) continue;
    const bool repeated =
        std::any_of(accepted.formats.begin(), accepted.formats.end(),
                    [&](const PayloadFormat& format) { return format.codec == *known; });
    if (repeated) continue;
    PayloadFormat format{*known, codec.payload_type, std::nullopt};
    accepted.descriptions.push_back(codec);
    AcceptFeedback(accepted.descriptions.back(), video);
    // We ask for nothing of audio again, so nothing is to come again.
    for (const CodecDescription& repair : section.codecs) {
      if (!video) break;
      if (!EqualsIgnoringCase(repair.name, "rtx") || repair.repairs != codec.payload_type) continue;
      format.rtx_payload_type = repair.payload_type;
      accepted.descriptions.push_back(repair);
      accepted.descriptions.back().feedback.clear();
      break;
    }
    accepted.formats.push_back(format);
  }
  return accepted;
}

ExtensionIds AcceptExtensions(const MediaSection& section, AnswerSection& answer) {
  ExtensionIds ids;
  const bool video = section.kind == SectionKind::kVideo;
  for (const sdp::HeaderExtension& offered : section.extensions) {
    // Ids above 14 need the two-byte form, which Earshot reads but never writes.
    if (offered.id == 0 || offered.id > 14) continue;
    for (const KnownExtension& known : kExtensions) {
      if (offered.uri != known.uri || !(video ? known.video : known.audio)) continue;
      ids.*known.id = offered.id;
      answer.extensions.push_back(offered);
    }
  }
  return ids;
}

constexpr std::array<std::string_view, kSourceKindCount> kSourceNames = {
    "microphone", "camera", "screen", "audio of the screen"};

constexpr std::string_view CodecsOf(SectionKind kind) {
  return kind == SectionKind::kAudio
             ? "opus with 48000 Hz"
             : "VP8, and H264 with packetization-mode=1 and profile-level-id=42e01f";
}

class Negotiator {
 public:
  Negotiator(const JoinRequest& request, ParticipantId participant, const MediaOptions& limits,
             Random& random)
      : request_(request), participant_(participant), limits_(limits), random_(random) {
    result_.cname = random.IceChars(16);
  }

  /// One section cannot be rejected, as it carries the bundle: then it is inactive with what it
  /// has.
  void Add(const MediaSection& section, bool carries_bundle) {
    AnswerSection answer;
    answer.offered = &section;
    if (!section.is_usable()) NotifyUnusable(section);
    if (!section.is_usable() || !Accept(section, answer)) {
      answer.rejected = !carries_bundle;
      answer.codecs = section.codecs;
    }
    result_.sections.push_back(std::move(answer));
  }

  Result<Negotiated> Finish() {
    if (auto error = CheckData()) return *std::move(error);
    for (const auto& mid : request_.track_mids) {
      if (mid && !named_.contains(*mid)) {
        return Error{"offer-invalid",
                     "A track names a section that the offer does not have as media to be sent of "
                     "the right kind."};
      }
    }
    return std::move(result_);
  }

 private:
  std::optional<Error> CheckData() const {
    std::string message = "The offer must have a data section that can be used";
    for (const AnswerSection& section : result_.sections) {
      if (section.offered->kind != SectionKind::kData) continue;
      if (section.offered->is_usable()) return std::nullopt;
      if (!section.offered->unusable.empty()) {
        message.append(": ").append(section.offered->unusable);
      }
    }
    return Error{"offer-invalid", message + "."};
  }

  bool Accept(const MediaSection& section, AnswerSection& answer) {
    if (section.kind == SectionKind::kData) return true;
    AcceptedCodecs codecs = AcceptCodecs(section);
    if (codecs.formats.empty()) {
      Notify(
          "codecs-unusable", section,
          "it has none of the codecs that are forwarded: " + std::string(CodecsOf(section.kind)));
      return false;
    }
    const ExtensionIds ids = AcceptExtensions(section, answer);
    answer.codecs = std::move(codecs.descriptions);
    if (section.direction == Direction::kRecvOnly) {
      AcceptSlot(section, codecs.formats, ids, answer);
    } else if (section.direction != Direction::kInactive) {
      AcceptSource(section, codecs.formats, ids, answer);
    }
    return true;
  }

  // Whoever offers port 0 knows that it is not used, unless it is meant for a track.
  void NotifyUnusable(const MediaSection& section) {
    if (!section.rejected)
      return Notify("section-unusable", section, std::string(section.unusable));
    const auto& named = request_.track_mids;
    if (std::find(named.begin(), named.end(), section.mid) == named.end()) return;
    Notify("section-unusable", section, "its section has port 0");
  }

  // Who names the section for a track knows afterwards why nobody gets it.
  void Notify(std::string code, const MediaSection& section, const std::string& why) {
    std::string message = "This section is not used";
    for (size_t i = 0; i < kSourceKindCount; ++i) {
      if (request_.track_mids[i] != section.mid) continue;
      message = "The " + std::string(kSourceNames[i]) + " cannot be published";
      named_.insert(section.mid);
      break;
    }
    result_.notices.push_back({std::move(code), section.mid, message + ": " + why + "."});
  }

  void AcceptSource(const MediaSection& section, const PayloadFormats& formats,
                    const ExtensionIds& ids, AnswerSection& answer) {
    const MediaKind kind =
        section.kind == SectionKind::kAudio ? MediaKind::kAudio : MediaKind::kVideo;
    for (size_t i = 0; i < kSourceKindCount; ++i) {
      const auto source_kind = static_cast<SourceKind>(i);
      if (request_.track_mids[i] != section.mid || MediaKindOf(source_kind) != kind) continue;
      named_.insert(section.mid);
      // Inactive rather than rejected, here and below: the section may carry the bundle.
      if (!request_.may_publish.Has(source_kind)) return;
      NegotiatedSource source;
      source.format = {SourceId(participant_, source_kind), section.mid, formats, ids};
      if (source_kind == SourceKind::kCamera && ids.mid != 0 && ids.rid != 0) {
        source.rids = answer.encodings = section.encodings;
      }
      if (source.rids.empty()) {
        if (!section.ssrcs.empty()) source.ssrc = section.ssrcs.front();
        source.rtx_ssrc = section.rtx_ssrc;
      }
      result_.sources.push_back(std::move(source));
      answer.direction = Direction::kRecvOnly;
      return;
    }
  }

  void AcceptSlot(const MediaSection& section, const PayloadFormats& formats,
                  const ExtensionIds& ids, AnswerSection& answer) {
    const bool audio = section.kind == SectionKind::kAudio;
    std::vector<SlotFormat>& slots = audio ? result_.audio_slots : result_.video_slots;
    const uint8_t limit = audio ? limits_.audio_slots : limits_.video_slots;
    if (slots.size() >= limit) return;
    SlotFormat slot;
    slot.ref = {audio ? MediaKind::kAudio : MediaKind::kVideo, static_cast<uint8_t>(slots.size())};
    slot.mid = section.mid;
    slot.ssrc = NewSsrc();
    slot.payloads = formats;
    slot.extensions = ids;
    answer.direction = Direction::kSendOnly;
    answer.ssrc = slot.ssrc;
    const auto has_repair = [](const PayloadFormat& format) {
      return format.rtx_payload_type.has_value();
    };
    if (std::any_of(formats.begin(), formats.end(), has_repair)) {
      slot.rtx_ssrc = NewSsrc();
      answer.rtx_ssrc = slot.rtx_ssrc;
    }
    answer.cname = result_.cname;
    // A stream of its own for each slot: no false lip-sync between one slot's audio and another
    // person's picture (design: each slot is filled on its own).
    answer.stream_id = std::string(audio ? "a" : "v") + std::to_string(slot.ref.index);
    slots.push_back(std::move(slot));
  }

  uint32_t NewSsrc() {
    uint32_t ssrc = 0;
    while (ssrc == 0 || !ssrcs_.insert(ssrc).second) ssrc = random_.U32();
    return ssrc;
  }

  const JoinRequest& request_;
  ParticipantId participant_;
  const MediaOptions& limits_;
  Random& random_;
  absl::flat_hash_set<uint32_t> ssrcs_;
  absl::flat_hash_set<std::string> named_;
  Negotiated result_;
};

}  // namespace

Result<Negotiated> Negotiate(const sdp::Offer& offer, const JoinRequest& request,
                             ParticipantId participant, const MediaOptions& limits,
                             Random& random) {
  Negotiator negotiator(request, participant, limits, random);
  for (size_t i = 0; i < offer.media.size(); ++i) {
    negotiator.Add(offer.media[i], i == offer.bundle_tag);
  }
  Result<Negotiated> negotiated = negotiator.Finish();
  if (negotiated) {
    negotiated->bundle_tag = offer.bundle_tag;
    negotiated->allows_mixed_extensions = offer.allows_mixed_extensions;
  }
  return negotiated;
}

std::vector<Fingerprint> FingerprintsOf(const sdp::Offer& offer) {
  std::vector<Fingerprint> fingerprints;
  for (const auto& one : offer.fingerprints) fingerprints.push_back({one.algorithm, one.value});
  return fingerprints;
}

std::string WriteAnswer(const Negotiated& negotiated, const IceCredentials& local,
                        const Fingerprint& certificate,
                        const std::vector<SocketAddress>& candidates) {
  sdp::Answer answer;
  answer.session_id = 1;
  answer.ice_ufrag = local.ufrag;
  answer.ice_password = local.password;
  answer.fingerprint_algorithm = certificate.algorithm;
  answer.fingerprint = certificate.value;
  answer.candidates = candidates;
  answer.media = negotiated.sections;
  answer.bundle_tag = negotiated.bundle_tag;
  answer.allows_mixed_extensions = negotiated.allows_mixed_extensions;
  return sdp::WriteAnswer(answer);
}

}  // namespace earshot
