#include "transport/dcep.h"

namespace earshot {
namespace {

constexpr uint8_t kAckType = 0x02;
constexpr uint8_t kOpenType = 0x03;
constexpr uint8_t kUnorderedBit = 0x80;
constexpr size_t kOpenHeaderSize = 12;

ByteView AsBytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

std::optional<std::string> TakeText(ByteReader& reader, size_t size) {
  if (size > DcepOpen::kMaxTextSize) return std::nullopt;
  const ByteView text = reader.Take(size);
  if (!reader.ok() || !IsValidUtf8(text)) return std::nullopt;
  return std::string(text.begin(), text.end());
}

std::optional<DcepMessage> ParseOpen(ByteReader& reader) {
  DcepOpen open;
  const uint8_t type = reader.U8();
  open.priority = reader.U16();
  open.reliability_parameter = reader.U32();
  const size_t label_size = reader.U16();
  const size_t protocol_size = reader.U16();
  const uint8_t reliability = type & static_cast<uint8_t>(~kUnorderedBit);
  if (!reader.ok() || reliability > 2) return std::nullopt;
  open.ordered = (type & kUnorderedBit) == 0;
  open.reliability = static_cast<DcepOpen::Reliability>(reliability);
  // RFC 8832 section 5.1: the receiving side ignores the field when the channel is reliable.
  if (open.reliability == DcepOpen::Reliability::kReliable) open.reliability_parameter = 0;
  std::optional<std::string> label = TakeText(reader, label_size);
  std::optional<std::string> protocol = TakeText(reader, protocol_size);
  if (!label || !protocol || reader.remaining() != 0) return std::nullopt;
  open.label = *std::move(label);
  open.protocol = *std::move(protocol);
  return open;
}

// How many continuation bytes follow a lead byte, and the range of the first of them, which is
// what rules out overlong forms, surrogates and code points above the last (RFC 3629 section 4).
struct Sequence {
  size_t continuations = 0;
  uint8_t low = 0x80;
  uint8_t high = 0xbf;
};

std::optional<Sequence> SequenceOf(uint8_t lead) {
  if (lead < 0x80) return Sequence{};
  if (lead < 0xc2) return std::nullopt;
  if (lead < 0xe0) return Sequence{1};
  if (lead == 0xe0) return Sequence{2, 0xa0};
  if (lead == 0xed) return Sequence{2, 0x80, 0x9f};
  if (lead < 0xf0) return Sequence{2};
  if (lead == 0xf0) return Sequence{3, 0x90};
  if (lead < 0xf4) return Sequence{3};
  if (lead == 0xf4) return Sequence{3, 0x80, 0x8f};
  return std::nullopt;
}

}  // namespace

bool IsValidUtf8(ByteView text) {
  size_t position = 0;
  while (position < text.size()) {
    const std::optional<Sequence> sequence = SequenceOf(text[position++]);
    if (!sequence || text.size() - position < sequence->continuations) return false;
    for (size_t i = 0; i < sequence->continuations; ++i) {
      const uint8_t byte = text[position++];
      const uint8_t low = i == 0 ? sequence->low : uint8_t{0x80};
      const uint8_t high = i == 0 ? sequence->high : uint8_t{0xbf};
      if (byte < low || byte > high) return false;
    }
  }
  return true;
}

std::optional<DcepMessage> ParseDcepMessage(ByteView bytes) {
  ByteReader reader(bytes);
  switch (reader.U8()) {
    case kOpenType:
      return ParseOpen(reader);
    case kAckType:
      if (reader.remaining() != 0) return std::nullopt;
      return DcepAck{};
    default:
      return std::nullopt;
  }
}

std::vector<uint8_t> WriteDcepOpen(const DcepOpen& open) {
  std::vector<uint8_t> bytes(kOpenHeaderSize + open.label.size() + open.protocol.size());
  ByteWriter writer(bytes);
  const auto reliability = static_cast<uint8_t>(open.reliability);
  writer.U8(kOpenType);
  writer.U8(open.ordered ? reliability : static_cast<uint8_t>(reliability | kUnorderedBit));
  writer.U16(open.priority);
  writer.U32(open.reliability_parameter);
  writer.U16(static_cast<uint16_t>(open.label.size()));
  writer.U16(static_cast<uint16_t>(open.protocol.size()));
  writer.Bytes(AsBytes(open.label));
  writer.Bytes(AsBytes(open.protocol));
  return bytes;
}

std::vector<uint8_t> WriteDcepAck() { return {kAckType}; }

}  // namespace earshot
