#include <algorithm>
#include <limits>

#include "wire/rtcp.h"
#include "wire/rtcp_format.h"

namespace earshot {
namespace {

// The common header of one message, whose length is filled in when the body is known.
class MessageWriter {
 public:
  MessageWriter(uint8_t type, size_t count_or_format, ByteWriter& out)
      : out_(out), start_(out.size()) {
    if (count_or_format > kMaxRtcpCount) out_.Fail();
    out_.U8(static_cast<uint8_t>(rtcp::kVersion << 6 | count_or_format));
    out_.U8(type);
    out_.U16(0);
  }
  ~MessageWriter() {
    out_.Zeros((4 - (out_.size() - start_) % 4) % 4);
    if (!out_.ok()) return;
    const size_t words = (out_.size() - start_) / 4 - 1;
    if (words > std::numeric_limits<uint16_t>::max()) out_.Fail();
    out_.PatchU16(start_ + 2, static_cast<uint16_t>(words));
  }
  MessageWriter(const MessageWriter&) = delete;
  MessageWriter& operator=(const MessageWriter&) = delete;

 private:
  ByteWriter& out_;
  size_t start_;
};

void WriteReports(const ReportBlocks& reports, ByteWriter& out) {
  for (const ReportBlock& report : reports) {
    // RFC 3550 A.3: a count beyond the 24 bits is clamped, not wrapped.
    const int32_t lost = std::clamp(report.cumulative_lost, -0x800000, 0x7fffff);
    out.U32(report.ssrc);
    out.U8(report.fraction_lost);
    out.U24(static_cast<uint32_t>(lost));
    out.U32(report.extended_highest_sequence);
    out.U32(report.jitter);
    out.U32(report.last_sr);
    out.U32(report.delay_since_last_sr);
  }
}

rtcp::Symbol SymbolOf(const TransportFeedback::Packet& packet) {
  if (!packet.received) return rtcp::kNotReceived;
  return packet.delta >= 0 && packet.delta <= 0xff ? rtcp::kSmallDelta : rtcp::kLargeDelta;
}

using Packets = std::span<const TransportFeedback::Packet>;

size_t RunLength(Packets packets) {
  const rtcp::Symbol symbol = SymbolOf(packets[0]);
  size_t length = 1;
  while (length < packets.size() && length < rtcp::kMaxRunLength &&
         SymbolOf(packets[length]) == symbol) {
    ++length;
  }
  return length;
}

uint16_t VectorOf(Packets packets, bool one_bit) {
  const size_t capacity = one_bit ? rtcp::kOneBitSymbols : rtcp::kTwoBitSymbols;
  const unsigned bits = one_bit ? 1 : 2;
  unsigned chunk = rtcp::kVectorChunk | (one_bit ? 0u : rtcp::kTwoBitVector);
  for (size_t i = 0; i < std::min(capacity, packets.size()); ++i) {
    chunk |= static_cast<unsigned>(SymbolOf(packets[i])) << (bits * (capacity - 1 - i));
  }
  return static_cast<uint16_t>(chunk);
}

// Writes the chunk that covers most of what comes next and returns how many packets it covers.
size_t WriteChunk(Packets packets, ByteWriter& out) {
  const size_t run = RunLength(packets);
  const Packets window = packets.first(std::min(packets.size(), rtcp::kOneBitSymbols));
  const bool one_bit = std::none_of(window.begin(), window.end(), [](const auto& packet) {
    return SymbolOf(packet) == rtcp::kLargeDelta;
  });
  const size_t vector = std::min(packets.size(), one_bit ? window.size() : rtcp::kTwoBitSymbols);
  if (run < vector) {
    out.U16(VectorOf(packets, one_bit));
    return vector;
  }
  out.U16(static_cast<uint16_t>(static_cast<unsigned>(SymbolOf(packets[0])) << 13 | run));
  return run;
}

}  // namespace

void Write(const SenderReport& message, ByteWriter& out) {
  MessageWriter header(rtcp::kSenderReport, message.reports.size(), out);
  out.U32(message.sender_ssrc);
  out.U64(message.ntp_time);
  out.U32(message.rtp_timestamp);
  out.U32(message.packet_count);
  out.U32(message.octet_count);
  WriteReports(message.reports, out);
}

void Write(const ReceiverReport& message, ByteWriter& out) {
  MessageWriter header(rtcp::kReceiverReport, message.reports.size(), out);
  out.U32(message.sender_ssrc);
  WriteReports(message.reports, out);
}

void Write(const Sdes& message, ByteWriter& out) {
  MessageWriter header(rtcp::kSdes, message.chunks.size(), out);
  for (const Sdes::Chunk& chunk : message.chunks) {
    const size_t size = chunk.cname.size();
    if (size > std::numeric_limits<uint8_t>::max()) out.Fail();
    out.U32(chunk.ssrc);
    out.U8(rtcp::kSdesCname);
    out.U8(static_cast<uint8_t>(size));
    out.Bytes({reinterpret_cast<const uint8_t*>(chunk.cname.data()), size});
    // The null octet that ends the items counts as the first of the padding.
    out.Zeros(4 - (2 + size) % 4);
  }
}

void Write(const Bye& message, ByteWriter& out) {
  MessageWriter header(rtcp::kBye, message.ssrcs.size(), out);
  for (const uint32_t ssrc : message.ssrcs) out.U32(ssrc);
}

void Write(const Nack& message, ByteWriter& out) {
  const auto& numbers = message.sequence_numbers;
  if (numbers.empty()) return;
  MessageWriter header(rtcp::kTransportLayerFeedback, rtcp::kFormatNack, out);
  out.U32(message.sender_ssrc);
  out.U32(message.media_ssrc);
  for (size_t i = 0; i < numbers.size();) {
    const uint16_t first = numbers[i++];
    unsigned following = 0;
    for (; i < numbers.size(); ++i) {
      const auto ahead = static_cast<uint16_t>(numbers[i] - first);
      if (ahead > 16) break;
      if (ahead > 0) following |= 1u << (ahead - 1);
    }
    out.U16(first);
    out.U16(static_cast<uint16_t>(following));
  }
}

void Write(const Pli& message, ByteWriter& out) {
  MessageWriter header(rtcp::kPayloadSpecificFeedback, rtcp::kFormatPli, out);
  out.U32(message.sender_ssrc);
  out.U32(message.media_ssrc);
}

void Write(const Fir& message, ByteWriter& out) {
  if (message.entries.empty()) return;
  MessageWriter header(rtcp::kPayloadSpecificFeedback, rtcp::kFormatFir, out);
  out.U32(message.sender_ssrc);
  out.U32(0);  // RFC 5104 section 4.3.1.2: the media SSRC is not used
  for (const Fir::Entry& entry : message.entries) {
    out.U32(entry.ssrc);
    out.U8(entry.command_sequence);
    out.U24(0);
  }
}

void Write(const Remb& message, ByteWriter& out) {
  if (message.ssrcs.size() > std::numeric_limits<uint8_t>::max()) out.Fail();
  MessageWriter header(rtcp::kPayloadSpecificFeedback, rtcp::kFormatApplication, out);
  out.U32(message.sender_ssrc);
  out.U32(0);
  out.U32(rtcp::kRembIdentifier);
  uint64_t mantissa = message.bits_per_second;
  uint32_t exponent = 0;
  for (; mantissa >> rtcp::kRembMantissaBits != 0; ++exponent) mantissa >>= 1;
  out.U8(static_cast<uint8_t>(message.ssrcs.size()));
  out.U24(exponent << rtcp::kRembMantissaBits | static_cast<uint32_t>(mantissa));
  for (const uint32_t ssrc : message.ssrcs) out.U32(ssrc);
}

void Write(const TransportFeedback& message, ByteWriter& out) {
  if (message.packets.empty()) return;
  if (message.packets.size() > kMaxFeedbackPackets) out.Fail();
  MessageWriter header(rtcp::kTransportLayerFeedback, rtcp::kFormatTransportFeedback, out);
  out.U32(message.sender_ssrc);
  out.U32(message.media_ssrc);
  out.U16(message.base_sequence);
  out.U16(static_cast<uint16_t>(message.packets.size()));
  out.U24(message.reference_time);
  out.U8(message.feedback_count);
  for (Packets rest = message.packets; !rest.empty() && out.ok();) {
    rest = rest.subspan(WriteChunk(rest, out));
  }
  for (const TransportFeedback::Packet& packet : message.packets) {
    const rtcp::Symbol symbol = SymbolOf(packet);
    if (symbol == rtcp::kSmallDelta) out.U8(static_cast<uint8_t>(packet.delta));
    if (symbol != rtcp::kLargeDelta) continue;
    if (packet.delta != static_cast<int16_t>(packet.delta)) out.Fail();
    out.U16(static_cast<uint16_t>(packet.delta));
  }
  // The words are filled up with zeros and without the padding bit, which only the last message of
  // a compound may have. A reader knows from the symbols how many deltas there are.
}

}  // namespace earshot
