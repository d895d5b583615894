// An offer that parses is bounded, reads back the same from what our own client would write of it,
// and its answer holds no line that the writer did not start. An error names its line and repeats
// nothing.

#include <algorithm>
#include <string>

#include "fuzz_check.h"
#include "sdp/session.h"

namespace earshot::sdp {
namespace {

constexpr std::string_view kServerText = "AA:BB";

void CheckBounds(const Offer& offer) {
  FUZZ_CHECK(!offer.media.empty() && offer.media.size() <= kMaxMediaSections);
  FUZZ_CHECK(!offer.fingerprints.empty() && offer.fingerprints.size() <= kMaxFingerprints);
  for (const MediaSection& media : offer.media) {
    FUZZ_CHECK(media.mid.size() <= kMaxMidSize && media.ssrcs.size() <= kMaxSsrcs);
    FUZZ_CHECK(media.codecs.size() <= 128 && (!media.is_usable() || !media.mid.empty()));
    for (const CodecDescription& codec : media.codecs) {
      FUZZ_CHECK(codec.payload_type <= 127 && codec.feedback.size() <= kMaxFeedback);
    }
  }
}

void CheckError(const Error& error, std::string_view text) {
  FUZZ_CHECK(error.code == "offer-invalid" && !error.message.empty());
  for (const char c : error.message) FUZZ_CHECK(c >= ' ' && c < 0x7f);
  FUZZ_CHECK(error.message.size() < 200 || error.message.size() < text.size());
}

void CheckSame(const MediaSection& before, const MediaSection& after) {
  FUZZ_CHECK(before.kind == after.kind && before.mid == after.mid);
  FUZZ_CHECK(before.is_usable() == after.is_usable());
  if (!before.is_usable()) return;
  // Each kind is read back by what belongs to it; the rest of its lines means nothing.
  if (before.kind == SectionKind::kData) {
    FUZZ_CHECK(before.sctp_port == after.sctp_port);
    FUZZ_CHECK(before.max_message_size == after.max_message_size);
    return;
  }
  FUZZ_CHECK(before.direction == after.direction);
  FUZZ_CHECK(before.ssrcs == after.ssrcs && before.rtx_ssrc == after.rtx_ssrc);
  FUZZ_CHECK(before.codecs.size() == after.codecs.size());
  for (size_t i = 0; i < before.codecs.size(); ++i) {
    const CodecDescription& codec = before.codecs[i];
    const CodecDescription& again = after.codecs[i];
    FUZZ_CHECK(codec.payload_type == again.payload_type && codec.name == again.name);
    FUZZ_CHECK(codec.clock_rate == again.clock_rate && codec.channels == again.channels);
    FUZZ_CHECK(codec.parameters == again.parameters && codec.feedback == again.feedback);
    FUZZ_CHECK(codec.repairs == again.repairs);
  }
  FUZZ_CHECK(before.extensions.size() == after.extensions.size());
  for (size_t i = 0; i < before.extensions.size(); ++i) {
    FUZZ_CHECK(before.extensions[i].id == after.extensions[i].id);
    FUZZ_CHECK(before.extensions[i].uri == after.extensions[i].uri);
    FUZZ_CHECK(before.extensions[i].direction == after.extensions[i].direction);
  }
}

void CheckRoundTrip(const Offer& offer) {
  const OfferDescription description{.ice_ufrag = offer.ice_ufrag,
                                     .ice_password = offer.ice_password,
                                     .fingerprint_algorithm = offer.fingerprints[0].algorithm,
                                     .fingerprint = offer.fingerprints[0].value,
                                     .media = offer.media};
  const Result<Offer> again = ParseOffer(WriteOffer(description));
  FUZZ_CHECK(again && again->media.size() == offer.media.size());
  FUZZ_CHECK(again->ice_ufrag == offer.ice_ufrag && again->ice_password == offer.ice_password);
  for (size_t i = 0; i < offer.media.size(); ++i) CheckSame(offer.media[i], again->media[i]);
}

void CheckAnswer(const Offer& offer) {
  Answer answer;
  answer.ice_ufrag = "server";
  answer.ice_password = "abcdefghijklmnopqrstuvwx";
  answer.fingerprint_algorithm = "sha-256";
  answer.fingerprint = kServerText;
  for (const MediaSection& media : offer.media) {
    AnswerSection section;
    section.offered = &media;
    section.rejected = !media.is_usable();
    section.codecs = media.codecs;
    section.extensions = media.extensions;
    answer.media.push_back(std::move(section));
  }
  const std::string text = WriteAnswer(answer);
  for (size_t at = 0; at < text.size();) {
    const size_t end = text.find("\r\n", at);
    FUZZ_CHECK(end != std::string::npos && end >= at + 2 && text[at + 1] == '=');
    for (size_t i = at; i < end; ++i) FUZZ_CHECK(text[i] >= ' ' && text[i] != 0x7f);
    at = end + 2;
  }
}

}  // namespace
}  // namespace earshot::sdp

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using earshot::sdp::ParseOffer;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto offer = ParseOffer(text);
  if (!offer) {
    earshot::sdp::CheckError(offer.error(), text);
    return 0;
  }
  earshot::sdp::CheckBounds(*offer);
  earshot::sdp::CheckRoundTrip(*offer);
  earshot::sdp::CheckAnswer(*offer);
  return 0;
}
