#include "sdp/text_writer.h"

namespace earshot::sdp {
namespace {

MediaLine DefaultLine(SectionKind kind) {
  if (kind == SectionKind::kData) return {"application", "UDP/DTLS/SCTP", "webrtc-datachannel"};
  return {kind == SectionKind::kAudio ? "audio" : "video", "UDP/TLS/RTP/SAVPF", "0"};
}

std::string_view DirectionName(Direction direction) {
  switch (direction) {
    case Direction::kSendRecv:
      return "sendrecv";
    case Direction::kSendOnly:
      return "sendonly";
    case Direction::kRecvOnly:
      return "recvonly";
    case Direction::kInactive:
      break;
  }
  return "inactive";
}

}  // namespace

void TextWriter::Append(std::string_view part) {
  for (const char c : part) {
    if (c >= 0x20 && c < 0x7f) text_.push_back(c);
  }
}

void WriteSessionLines(uint64_t session_id, TextWriter& writer) {
  writer.Line("v=0");
  // RFC 9429 section 5.2.1: the session id fits a signed 64-bit integer.
  writer.Line("o=- ", session_id & 0x7fffffffffffffffu, " 1 IN IP4 0.0.0.0");
  writer.Line("s=-");
  writer.Line("t=0 0");
}

void WriteTransport(const SectionTransport& transport, TextWriter& writer) {
  writer.Line("a=ice-ufrag:", transport.ice_ufrag);
  writer.Line("a=ice-pwd:", transport.ice_password);
  writer.Line("a=fingerprint:", transport.fingerprint_algorithm, " ", transport.fingerprint);
  writer.Line("a=setup:", transport.setup);
}

void WriteMediaLine(const MediaSection& offered, const std::vector<CodecDescription>& codecs,
                    bool rejected, TextWriter& writer) {
  const MediaLine line = offered.line.media.empty() ? DefaultLine(offered.kind) : offered.line;
  writer.Append("m=");
  writer.Append(line.media);
  writer.Append(rejected ? " 0 " : " 9 ");
  writer.Append(line.protocol);
  if (rejected || codecs.empty()) {
    writer.Append(" ");
    // The grammar wants one format at least; in a rejected section it means nothing.
    writer.Append(rejected ? line.formats.substr(0, line.formats.find(' ')) : line.formats);
  } else {
    for (const CodecDescription& codec : codecs) {
      writer.Append(" ");
      writer.Append(codec.payload_type);
    }
  }
  writer.Line();
  writer.Line("c=IN IP4 0.0.0.0");
  if (!offered.mid.empty()) writer.Line("a=mid:", offered.mid);
}

void WriteCodec(const CodecDescription& codec, TextWriter& writer) {
  writer.Append("a=rtpmap:");
  writer.Append(codec.payload_type);
  writer.Append(" ");
  writer.Append(codec.name);
  writer.Append("/");
  writer.Append(codec.clock_rate);
  if (codec.channels > 1) {
    writer.Append("/");
    writer.Append(codec.channels);
  }
  writer.Line();
  for (const std::string& feedback : codec.feedback) {
    writer.Line("a=rtcp-fb:", codec.payload_type, " ", feedback);
  }
  if (!codec.parameters.empty()) {
    writer.Line("a=fmtp:", codec.payload_type, " ", codec.parameters);
  }
}

void WriteExtension(const HeaderExtension& extension, TextWriter& writer) {
  writer.Append("a=extmap:");
  writer.Append(extension.id);
  if (extension.direction != Direction::kSendRecv) {
    writer.Append("/");
    writer.Append(DirectionName(extension.direction));
  }
  writer.Line(" ", extension.uri);
}

void WriteDirection(Direction direction, TextWriter& writer) {
  writer.Line("a=", DirectionName(direction));
}

void WriteSsrcs(const std::vector<uint32_t>& ssrcs, std::string_view cname, TextWriter& writer) {
  for (const uint32_t ssrc : ssrcs) writer.Line("a=ssrc:", ssrc, " cname:", cname);
}

void WriteFidGroup(uint32_t primary, uint32_t rtx, TextWriter& writer) {
  writer.Line("a=ssrc-group:FID ", primary, " ", rtx);
}

void WriteEncodings(const std::vector<std::string>& encodings, std::string_view direction,
                    TextWriter& writer) {
  if (encodings.empty()) return;
  for (const std::string& rid : encodings) writer.Line("a=rid:", rid, " ", direction);
  writer.Append("a=simulcast:");
  writer.Append(direction);
  std::string_view separator = " ";
  for (const std::string& rid : encodings) {
    writer.Append(separator);
    writer.Append(rid);
    separator = ";";
  }
  writer.Line();
}

void WriteData(const MediaSection& section, uint32_t max_message_size, TextWriter& writer) {
  // The form of before RFC 8841 has the port in the m= line, and says how many streams there are.
  if (section.HasLegacyFormat()) {
    writer.Line("a=sctpmap:", kSctpPort, " webrtc-datachannel 1024");
  } else {
    writer.Line("a=sctp-port:", kSctpPort);
  }
  writer.Line("a=max-message-size:", max_message_size);
}

}  // namespace earshot::sdp
