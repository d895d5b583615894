// The client role's half: what a client needs of Earshot's answer.

#include <utility>

#include "sdp/description.h"
#include "sdp/session.h"

namespace earshot::sdp {
namespace {

constexpr std::string_view kErrorCode = "answer-invalid";

}  // namespace

Result<ParsedAnswer> ParseAnswer(std::string_view text) {
  Result<ParsedDescription> description = ParseDescription(text, kErrorCode);
  if (!description) return description.error();
  if (auto error = CheckBundle(*description, kErrorCode)) return *std::move(error);
  Result<TransportAttributes> transport = SharedTransport(*description, kErrorCode);
  if (!transport) return transport.error();
  if (transport->setup != "passive") {
    return LineError(kErrorCode, description->sections[0].line,
                     "a=setup must be passive in an answer");
  }
  ParsedAnswer answer;
  answer.ice_ufrag = std::move(transport->ice_ufrag);
  answer.ice_password = std::move(transport->ice_password);
  answer.fingerprints = std::move(transport->fingerprints);
  for (ParsedSection& section : description->sections) {
    if (answer.candidates.empty()) answer.candidates = std::move(section.candidates);
    answer.media.push_back(std::move(section.media));
  }
  return answer;
}

}  // namespace earshot::sdp
