// The client role's half: an offer of the shape that browsers write.

#include "sdp/text_writer.h"

namespace earshot::sdp {
namespace {

void WriteRtp(const MediaSection& media, TextWriter& writer) {
  writer.Line("a=rtcp-mux");
  if (media.has_rtcp_rsize) writer.Line("a=rtcp-rsize");
  WriteDirection(media.direction, writer);
  for (const CodecDescription& codec : media.codecs) WriteCodec(codec, writer);
  for (const HeaderExtension& extension : media.extensions) WriteExtension(extension, writer);
  WriteEncodings(media.encodings, "send", writer);
  if (media.rtx_ssrc && !media.ssrcs.empty()) {
    WriteFidGroup(media.ssrcs.front(), *media.rtx_ssrc, writer);
  }
  WriteSsrcs(media.ssrcs, "client", writer);
}

}  // namespace

std::string WriteOffer(const OfferDescription& offer) {
  TextWriter writer;
  WriteSessionLines(1, writer);
  writer.Append("a=group:BUNDLE");
  for (const MediaSection& media : offer.media) {
    if (!media.is_usable()) continue;
    writer.Append(" ");
    writer.Append(media.mid);
  }
  writer.Line();
  writer.Line("a=extmap-allow-mixed");
  const SectionTransport transport = {offer.ice_ufrag, offer.ice_password,
                                      offer.fingerprint_algorithm, offer.fingerprint, "actpass"};
  for (const MediaSection& media : offer.media) {
    WriteMediaLine(media, media.codecs, !media.is_usable(), writer);
    if (!media.is_usable()) continue;
    WriteTransport(transport, writer);
    if (media.kind == SectionKind::kData) {
      WriteData(media, media.max_message_size, writer);
    } else {
      WriteRtp(media, writer);
    }
  }
  return writer.Take();
}

}  // namespace earshot::sdp
