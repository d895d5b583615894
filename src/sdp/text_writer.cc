#include "sdp/text_writer.h"

namespace earshot::sdp {
namespace {

std::string_view KindName(SectionKind kind) {
  switch (kind) {
    case SectionKind::kAudio:
      return "audio";
    case SectionKind::kVideo:
      return "video";
    case SectionKind::kData:
      break;
  }
  return "application";
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
  writer.Append("m=");
  writer.Append(KindName(offered.kind));
  writer.Append(rejected ? " 0 " : " 9 ");
  if (offered.kind == SectionKind::kData) {
    writer.Append("UDP/DTLS/SCTP webrtc-datachannel");
  } else {
    writer.Append("UDP/TLS/RTP/SAVPF");
    for (const CodecDescription& codec : codecs) {
      writer.Append(" ");
      writer.Append(codec.payload_type);
    }
    // The grammar wants one format at least; in a rejected section it means nothing.
    if (codecs.empty()) writer.Append(" 0");
  }
  writer.Line();
  writer.Line("c=IN IP4 0.0.0.0");
  writer.Line("a=mid:", offered.mid);
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

void WriteData(uint16_t sctp_port, uint32_t max_message_size, TextWriter& writer) {
  writer.Line("a=sctp-port:", sctp_port);
  writer.Line("a=max-message-size:", max_message_size);
}

}  // namespace earshot::sdp
