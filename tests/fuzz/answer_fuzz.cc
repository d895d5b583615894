// What comes over the signalling as an answer: it is bounded, or refused with an error that names a
// line and repeats nothing, and a client goes on with what was accepted.

#include <string>

#include "base/random.h"
#include "client/session.h"
#include "fuzz_check.h"
#include "sdp/session.h"

namespace earshot {
namespace {

const ClientSession& Session() {
  static SeededRandom random(1);
  static const ClientSession session({}, {"sha-256", "AA"}, random);
  return session;
}

void CheckBounds(const sdp::ParsedAnswer& answer) {
  FUZZ_CHECK(!answer.media.empty() && answer.media.size() <= sdp::kMaxMediaSections);
  FUZZ_CHECK(answer.candidates.size() <= sdp::kMaxCandidates);
  FUZZ_CHECK(!answer.fingerprints.empty());
  FUZZ_CHECK(answer.fingerprints.size() <= sdp::kMaxFingerprints);
  for (const SocketAddress& candidate : answer.candidates) FUZZ_CHECK(candidate.IsValidPeer());
  for (const sdp::MediaSection& media : answer.media) {
    FUZZ_CHECK(!media.mid.empty() || !media.is_usable());
    FUZZ_CHECK(media.mid.size() <= sdp::kMaxMidSize && media.ssrcs.size() <= sdp::kMaxSsrcs);
    FUZZ_CHECK(media.encodings.size() <= sdp::kMaxEncodings);
  }
}

}  // namespace
}  // namespace earshot

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace earshot;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto answer = sdp::ParseAnswer(text);
  const auto accepted = Session().Accept(text);
  FUZZ_CHECK(static_cast<bool>(answer) == static_cast<bool>(accepted));
  if (answer) {
    CheckBounds(*answer);
    FUZZ_CHECK(accepted->slots.size() <= answer->media.size());
    return 0;
  }
  FUZZ_CHECK(answer.error().code == "answer-invalid" && !answer.error().message.empty());
  for (const char c : answer.error().message) FUZZ_CHECK(c >= ' ' && c < 0x7f);
  return 0;
}
