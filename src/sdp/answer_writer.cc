// Writes the server's one answer.

#include <algorithm>

#include "sdp/text_writer.h"

namespace earshot::sdp {
namespace {

// RFC 8445 section 5.1.2.1, for a host candidate of component 1; the earlier, the better.
uint32_t CandidatePriority(size_t position) {
  constexpr uint32_t kHostPreference = 126;
  const auto local_preference = static_cast<uint32_t>(65535 - std::min<size_t>(position, 65535));
  return kHostPreference << 24 | local_preference << 8 | 255;
}

void WriteCandidates(const std::vector<SocketAddress>& candidates, TextWriter& writer) {
  for (size_t i = 0; i < candidates.size(); ++i) {
    writer.Line("a=candidate:", i + 1, " 1 udp ", CandidatePriority(i), " ",
                candidates[i].HostLiteral(), " ", candidates[i].port(), " typ host");
  }
  writer.Line("a=end-of-candidates");
}

// RFC 8285 section 8: what the offerer only receives, the answerer only sends.
Direction Reversed(Direction direction) {
  if (direction == Direction::kSendOnly) return Direction::kRecvOnly;
  if (direction == Direction::kRecvOnly) return Direction::kSendOnly;
  return direction;
}

void WriteRtp(const AnswerSection& section, TextWriter& writer) {
  writer.Line("a=rtcp-mux");
  // RFC 5506 section 5: only if the offer has it.
  if (section.offered->has_rtcp_rsize) writer.Line("a=rtcp-rsize");
  WriteDirection(section.direction, writer);
  for (const CodecDescription& codec : section.codecs) WriteCodec(codec, writer);
  for (HeaderExtension extension : section.extensions) {
    extension.direction = Reversed(extension.direction);
    WriteExtension(extension, writer);
  }
  WriteEncodings(section.encodings, "recv", writer);
  if (!section.ssrc) return;
  if (!section.stream_id.empty()) {
    writer.Line("a=msid:", section.stream_id, " ", section.stream_id);
  }
  if (section.rtx_ssrc) WriteFidGroup(*section.ssrc, *section.rtx_ssrc, writer);
  std::vector<uint32_t> ssrcs = {*section.ssrc};
  if (section.rtx_ssrc) ssrcs.push_back(*section.rtx_ssrc);
  WriteSsrcs(ssrcs, section.cname, writer);
}

// What the offer says, unless that section is rejected nevertheless.
size_t TaggedSection(const Answer& answer) {
  if (!answer.media[answer.bundle_tag].rejected) return answer.bundle_tag;
  const auto first = std::find_if(answer.media.begin(), answer.media.end(),
                                  [](const AnswerSection& section) { return !section.rejected; });
  return static_cast<size_t>(first - answer.media.begin());
}

// RFC 8843 section 7.3.1: the first in the list is the section that carries the bundle.
void WriteGroup(const Answer& answer, size_t tagged, TextWriter& writer) {
  writer.Append("a=group:BUNDLE");
  const auto add = [&writer](const AnswerSection& section) {
    writer.Append(" ");
    writer.Append(section.offered->mid);
  };
  if (tagged < answer.media.size()) add(answer.media[tagged]);
  for (size_t i = 0; i < answer.media.size(); ++i) {
    if (i != tagged && !answer.media[i].rejected) add(answer.media[i]);
  }
  writer.Line();
}

}  // namespace

std::string WriteAnswer(const Answer& answer) {
  TextWriter writer;
  WriteSessionLines(answer.session_id, writer);
  const size_t tagged = TaggedSection(answer);
  WriteGroup(answer, tagged, writer);
  writer.Line("a=ice-lite");
  if (answer.allows_mixed_extensions) writer.Line("a=extmap-allow-mixed");
  writer.Line("a=msid-semantic: WMS *");
  const SectionTransport transport = {answer.ice_ufrag, answer.ice_password,
                                      answer.fingerprint_algorithm, answer.fingerprint, "passive"};
  for (size_t i = 0; i < answer.media.size(); ++i) {
    const AnswerSection& section = answer.media[i];
    WriteMediaLine(*section.offered, section.codecs, section.rejected, writer);
    if (!section.rejected) WriteTransport(transport, writer);
    // The section that carries the bundle has the candidates of all (RFC 8843 section 7.1.3).
    if (i == tagged) WriteCandidates(answer.candidates, writer);
    if (section.rejected || !section.offered->is_usable()) {
      WriteDirection(Direction::kInactive, writer);
    } else if (section.offered->kind == SectionKind::kData) {
      WriteData(*section.offered, answer.max_message_size, writer);
    } else {
      WriteRtp(section, writer);
    }
  }
  return writer.Take();
}

}  // namespace earshot::sdp
