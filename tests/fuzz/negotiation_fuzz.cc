// Any offer that can be read is negotiated, with its first sections as tracks: the answer follows
// the rules that the RFCs have for answers, and is read by our own client.

#include <string>

#include "answer_rules.h"
#include "base/random.h"
#include "fuzz_check.h"
#include "sdp/session.h"
#include "space/negotiation.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace earshot;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto offer = sdp::ParseOffer(text);
  if (!offer) return 0;
  JoinRequest request;
  for (size_t i = 0; i < kSourceKindCount && i < offer->media.size(); ++i) {
    const sdp::MediaSection& media = offer->media[i];
    const bool is_audio = MediaKindOf(static_cast<SourceKind>(i)) == MediaKind::kAudio;
    if (is_audio != (media.kind == sdp::SectionKind::kAudio)) continue;
    if (media.direction == sdp::Direction::kSendOnly) request.track_mids[i] = media.mid;
  }
  SeededRandom random(1);
  const auto negotiated = Negotiate(*offer, request, ParticipantId{1}, {}, random);
  if (!negotiated) return 0;
  FUZZ_CHECK(negotiated->notices.size() <= offer->media.size());
  const IceCredentials local{"server", "abcdefghijklmnopqrstuvwx"};
  const Fingerprint certificate{"sha-256", offer->fingerprints[0].value};
  const std::string written = WriteAnswer(*negotiated, local, certificate, {});
  const std::string broken = AnswerRules::Broken(text, written);
  if (!broken.empty()) fprintf(stderr, "%s\n%s", broken.c_str(), written.c_str());
  FUZZ_CHECK(broken.empty() && sdp::ParseAnswer(written));
  return 0;
}
