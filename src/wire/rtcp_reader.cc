#include <algorithm>
#include <limits>

#include "wire/rtcp.h"
#include "wire/rtcp_format.h"

namespace earshot {
namespace {

// What the common header says of one message (RFC 3550 section 6.1).
struct Header {
  uint8_t count = 0;  // or "FMT"
  uint8_t type = 0;
};

enum class Outcome : uint8_t { kMessage, kUnknown, kMalformed };

int32_t SignExtend24(uint32_t value) { return static_cast<int32_t>(value << 8) >> 8; }

bool ReadReports(ByteReader& reader, size_t count, ReportBlocks& reports) {
  for (size_t i = 0; i < count; ++i) {
    ReportBlock& report = reports.emplace_back();
    report.ssrc = reader.U32();
    report.fraction_lost = reader.U8();
    report.cumulative_lost = SignExtend24(reader.U24());
    report.extended_highest_sequence = reader.U32();
    report.jitter = reader.U32();
    report.last_sr = reader.U32();
    report.delay_since_last_sr = reader.U32();
  }
  return reader.ok();  // profile-specific extensions may follow
}

bool Read(ByteReader& reader, size_t count, SenderReport& message) {
  message.sender_ssrc = reader.U32();
  message.ntp_time = reader.U64();
  message.rtp_timestamp = reader.U32();
  message.packet_count = reader.U32();
  message.octet_count = reader.U32();
  return ReadReports(reader, count, message.reports);
}

bool Read(ByteReader& reader, size_t count, ReceiverReport& message) {
  message.sender_ssrc = reader.U32();
  return ReadReports(reader, count, message.reports);
}

// Items up to the zero octet that ends the chunk, and on to the next word (RFC 3550 section 6.5).
// The body of a message starts at a word, so positions in it tell the alignment.
bool ReadSdesItems(ByteReader& reader, Sdes::Chunk& chunk) {
  while (const uint8_t type = reader.U8()) {
    const ByteView text = reader.Take(reader.U8());
    if (!reader.ok()) return false;
    if (type == rtcp::kSdesCname && chunk.cname.empty()) {
      chunk.cname = {reinterpret_cast<const char*>(text.data()), text.size()};
    }
  }
  while (reader.ok() && reader.position() % 4 != 0) reader.U8();
  return reader.ok();
}

bool Read(ByteReader& reader, size_t count, Sdes& message) {
  for (size_t i = 0; i < count; ++i) {
    Sdes::Chunk& chunk = message.chunks.emplace_back();
    chunk.ssrc = reader.U32();
    if (!ReadSdesItems(reader, chunk)) return false;
  }
  return true;
}

bool Read(ByteReader& reader, size_t count, Bye& message) {
  for (size_t i = 0; i < count; ++i) message.ssrcs.push_back(reader.U32());
  return reader.ok();  // a reason may follow
}

bool Read(ByteReader& reader, size_t, Nack& message) {
  message.sender_ssrc = reader.U32();
  message.media_ssrc = reader.U32();
  const size_t pairs = std::min(reader.remaining() / 4, kMaxFeedbackEntries);
  for (size_t i = 0; i < pairs; ++i) {
    const uint16_t first = reader.U16();
    const uint16_t following = reader.U16();
    message.sequence_numbers.push_back(first);
    for (unsigned bit = 0; bit < 16; ++bit) {
      if (following >> bit & 1u) {
        message.sequence_numbers.push_back(static_cast<uint16_t>(first + bit + 1));
      }
    }
  }
  // RFC 4585 section 6.2.1: "The FCI field MUST contain at least one ... Generic NACK."
  return reader.ok() && pairs > 0;
}

bool Read(ByteReader& reader, size_t, Pli& message) {
  message.sender_ssrc = reader.U32();
  message.media_ssrc = reader.U32();
  return reader.ok();
}

bool Read(ByteReader& reader, size_t, Fir& message) {
  message.sender_ssrc = reader.U32();
  reader.U32();  // media SSRC, unused
  const size_t entries = std::min(reader.remaining() / 8, kMaxFeedbackEntries);
  for (size_t i = 0; i < entries; ++i) {
    Fir::Entry& entry = message.entries.emplace_back();
    entry.ssrc = reader.U32();
    entry.command_sequence = reader.U8();
    reader.U24();
  }
  return reader.ok() && entries > 0;
}

uint64_t SaturatingShift(uint64_t mantissa, unsigned exponent) {
  constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();
  return mantissa > (kMax >> exponent) ? kMax : mantissa << exponent;
}

// Behind the identifier.
bool Read(ByteReader& reader, size_t, Remb& message) {
  const uint8_t count = reader.U8();
  const uint32_t rate = reader.U24();
  message.bits_per_second = SaturatingShift(rate & ((1u << rtcp::kRembMantissaBits) - 1),
                                            rate >> rtcp::kRembMantissaBits);
  for (size_t i = 0; i < count; ++i) {
    const uint32_t ssrc = reader.U32();
    if (!reader.ok()) return false;
    message.ssrcs.push_back(ssrc);
  }
  return reader.ok();
}

// The symbols of a chunk, until `count` packets are described: a chunk may say more than that.
// Received packets keep their symbol in `delta` until the deltas are read.
bool ReadChunk(uint16_t chunk, size_t count, std::vector<TransportFeedback::Packet>& packets) {
  const auto add = [&packets](unsigned symbol) {
    packets.push_back({symbol != rtcp::kNotReceived, static_cast<int32_t>(symbol)});
    return symbol != rtcp::kReserved;
  };
  const size_t missing = count - packets.size();
  bool valid = true;
  if (!(chunk & rtcp::kVectorChunk)) {
    const size_t length = std::min<size_t>(missing, chunk & rtcp::kMaxRunLength);
    for (size_t i = 0; i < length; ++i) valid &= add(chunk >> 13 & 3u);
  } else if (chunk & rtcp::kTwoBitVector) {
    const size_t length = std::min(missing, rtcp::kTwoBitSymbols);
    for (size_t i = 0; i < length; ++i) valid &= add(chunk >> (2 * (6 - i)) & 3u);
  } else {
    const size_t length = std::min(missing, rtcp::kOneBitSymbols);
    for (size_t i = 0; i < length; ++i) valid &= add(chunk >> (13 - i) & 1u);
  }
  return valid;
}

bool Read(ByteReader& reader, size_t, TransportFeedback& message) {
  message.sender_ssrc = reader.U32();
  message.media_ssrc = reader.U32();
  message.base_sequence = reader.U16();
  const size_t count = reader.U16();
  message.reference_time = reader.U24();
  message.feedback_count = reader.U8();
  if (!reader.ok() || count == 0 || count > kMaxFeedbackPackets) return false;
  message.packets.reserve(count);
  while (message.packets.size() < count) {
    const uint16_t chunk = reader.U16();
    if (!reader.ok() || !ReadChunk(chunk, count, message.packets)) return false;
  }
  for (TransportFeedback::Packet& packet : message.packets) {
    if (packet.delta == rtcp::kSmallDelta) {
      packet.delta = reader.U8();
    } else if (packet.delta == rtcp::kLargeDelta) {
      packet.delta = static_cast<int16_t>(reader.U16());
    }
  }
  return reader.ok();
}

template <typename Message>
Outcome ReadAs(ByteReader& reader, size_t count, RtcpMessage& out) {
  return Read(reader, count, out.emplace<Message>()) ? Outcome::kMessage : Outcome::kMalformed;
}

// RFC 4585 section 6.4: format 15 belongs to applications, which tell themselves apart inside.
Outcome ReadApplicationFeedback(ByteReader& reader, RtcpMessage& out) {
  const uint32_t sender_ssrc = reader.U32();
  reader.U32();  // media SSRC, always zero
  if (!reader.ok()) return Outcome::kMalformed;
  if (reader.remaining() < 4 || reader.U32() != rtcp::kRembIdentifier) return Outcome::kUnknown;
  const Outcome outcome = ReadAs<Remb>(reader, 0, out);
  std::get_if<Remb>(&out)->sender_ssrc = sender_ssrc;
  return outcome;
}

Outcome ReadFeedback(const Header& header, ByteReader& reader, RtcpMessage& out) {
  if (header.type == rtcp::kTransportLayerFeedback) {
    switch (header.count) {
      case rtcp::kFormatNack:
        return ReadAs<Nack>(reader, 0, out);
      case rtcp::kFormatTransportFeedback:
        return ReadAs<TransportFeedback>(reader, 0, out);
      default:
        return Outcome::kUnknown;
    }
  }
  switch (header.count) {
    case rtcp::kFormatPli:
      return ReadAs<Pli>(reader, 0, out);
    case rtcp::kFormatFir:
      return ReadAs<Fir>(reader, 0, out);
    case rtcp::kFormatApplication:
      return ReadApplicationFeedback(reader, out);
    default:
      return Outcome::kUnknown;
  }
}

Outcome ReadMessage(const Header& header, ByteView body, RtcpMessage& out) {
  ByteReader reader(body);
  switch (header.type) {
    case rtcp::kSenderReport:
      return ReadAs<SenderReport>(reader, header.count, out);
    case rtcp::kReceiverReport:
      return ReadAs<ReceiverReport>(reader, header.count, out);
    case rtcp::kSdes:
      return ReadAs<Sdes>(reader, header.count, out);
    case rtcp::kBye:
      return ReadAs<Bye>(reader, header.count, out);
    case rtcp::kTransportLayerFeedback:
    case rtcp::kPayloadSpecificFeedback:
      return ReadFeedback(header, reader, out);
    default:
      return Outcome::kUnknown;
  }
}

// Takes the padding off the end of a body; false when it says nonsense.
bool StripPadding(ByteView& body) {
  if (body.empty()) return false;
  const uint8_t padding = body.back();
  if (padding == 0 || padding % 4 != 0 || padding > body.size()) return false;
  body = body.first(body.size() - padding);
  return true;
}

}  // namespace

std::optional<RtcpMessage> RtcpReader::EndMalformed() {
  malformed_ = true;
  rest_ = {};
  return std::nullopt;
}

std::optional<RtcpMessage> RtcpReader::Next() {
  while (!rest_.empty()) {
    ByteReader reader(rest_);
    const uint8_t first = reader.U8();
    const Header header{static_cast<uint8_t>(first & 0x1f), reader.U8()};
    const size_t size = reader.U16() * size_t{4};
    ByteView body = reader.Take(size);
    if (!reader.ok() || first >> 6 != rtcp::kVersion) return EndMalformed();
    rest_ = rest_.subspan(reader.position());
    if (first & rtcp::kPaddingBit) {
      if (!StripPadding(body)) return EndMalformed();
      if (!rest_.empty()) EndMalformed();
    }
    RtcpMessage message;
    switch (ReadMessage(header, body, message)) {
      case Outcome::kMessage:
        return message;
      case Outcome::kUnknown:
        break;
      case Outcome::kMalformed:
        return EndMalformed();
    }
  }
  return std::nullopt;
}

}  // namespace earshot
