// Writes the server's one answer.

#include <algorithm>

#include "sdp/text_writer.h"

namespace earshot::sdp {
namespace {

constexpr uint16_t kSctpPort = 5000;  // RFC 8841 section 5: what every WebRTC endpoint uses

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
  writer.Line("a=rtcp-rsize");
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

void WriteRejected(const AnswerSection& section, TextWriter& writer) {
  const auto& offered = section.offered->codecs;
  WriteMediaLine(*section.offered, {offered.begin(), offered.begin() + !offered.empty()}, true,
                 writer);
  WriteDirection(Direction::kInactive, writer);
}

}  // namespace

std::string WriteAnswer(const Answer& answer) {
  TextWriter writer;
  WriteSessionLines(answer.session_id, writer);
  writer.Append("a=group:BUNDLE");
  for (const AnswerSection& section : answer.media) {
    if (section.rejected) continue;
    writer.Append(" ");
    writer.Append(section.offered->mid);
  }
  writer.Line();
  writer.Line("a=ice-lite");
  writer.Line("a=extmap-allow-mixed");
  writer.Line("a=msid-semantic: WMS *");
  const SectionTransport transport = {answer.ice_ufrag, answer.ice_password,
                                      answer.fingerprint_algorithm, answer.fingerprint, "passive"};
  bool has_candidates = false;
  for (const AnswerSection& section : answer.media) {
    if (section.rejected) {
      WriteRejected(section, writer);
      continue;
    }
    WriteMediaLine(*section.offered, section.codecs, false, writer);
    WriteTransport(transport, writer);
    // The first bundled section carries the transport of all (RFC 8843 section 7.1.3).
    if (!has_candidates) WriteCandidates(answer.candidates, writer);
    has_candidates = true;
    if (section.offered->kind == SectionKind::kData) {
      WriteData(kSctpPort, answer.max_message_size, writer);
    } else {
      WriteRtp(section, writer);
    }
  }
  return writer.Take();
}

}  // namespace earshot::sdp
