// What makes a description an offer that Earshot can answer: one bundled transport, a client that
// does full ICE and can be the DTLS client, and identifiers that mean the same in every section.

#include <array>
#include <utility>

#include "sdp/description.h"
#include "sdp/session.h"
#include "sdp/tokens.h"

namespace earshot::sdp {
namespace {

constexpr std::string_view kErrorCode = "offer-invalid";

// A payload type may have to tell which section a packet belongs to, so it must mean one thing in
// the whole bundle (RFC 8843 section 9.1). So should an extension id (section 10), but some choose
// ids for audio and video apart; each packet is read with the ids of its own section.
class BundleIdentifiers {
 public:
  // Empty, or what contradicts an earlier section. The section must outlive this object.
  std::string_view Add(const MediaSection& media) {
    for (const CodecDescription& codec : media.codecs) {
      const CodecDescription*& known = codecs_[codec.payload_type];
      if (known == nullptr) known = &codec;
      if (!EqualsIgnoringCase(known->name, codec.name) || known->clock_rate != codec.clock_rate ||
          known->repairs != codec.repairs) {
        return "a payload type must mean the same in all media sections";
      }
    }
    return {};
  }

 private:
  std::array<const CodecDescription*, 128> codecs_{};
};

std::optional<Error> CheckIdentifiers(const ParsedDescription& description) {
  BundleIdentifiers identifiers;
  for (const ParsedSection& section : description.sections) {
    if (!section.media.is_usable()) continue;
    const std::string_view problem = identifiers.Add(section.media);
    if (!problem.empty()) return LineError(kErrorCode, section.line, problem);
  }
  return std::nullopt;
}

}  // namespace

Result<Offer> ParseOffer(std::string_view text) {
  Result<ParsedDescription> description = ParseDescription(text, kErrorCode);
  if (!description) return description.error();
  if (description->is_ice_lite) {
    return LineError(kErrorCode, 0, "a=ice-lite: the client must be a full ICE agent");
  }
  if (auto error = CheckBundle(*description, kErrorCode)) return *std::move(error);
  if (auto error = CheckIdentifiers(*description)) return *std::move(error);
  Result<TransportAttributes> transport = SharedTransport(*description, kErrorCode);
  if (!transport) return transport.error();
  if (transport->setup != "actpass" && transport->setup != "active") {
    return LineError(kErrorCode, description->sections[description->bundle_tag].line,
                     "a=setup must be actpass or active in an offer");
  }
  Offer offer;
  offer.ice_ufrag = std::move(transport->ice_ufrag);
  offer.ice_password = std::move(transport->ice_password);
  offer.setup = std::move(transport->setup);
  offer.fingerprints = std::move(transport->fingerprints);
  offer.allows_mixed_extensions = description->allows_mixed_extensions;
  offer.bundle_tag = description->bundle_tag;
  offer.media.reserve(description->sections.size());
  for (ParsedSection& section : description->sections) {
    offer.media.push_back(std::move(section.media));
  }
  return offer;
}

}  // namespace earshot::sdp
