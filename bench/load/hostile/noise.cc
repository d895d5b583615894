#include "hostile/noise.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "transport/sctp_packet.h"
#include "wire/act_messages.h"
#include "wire/messages.h"

namespace earshot::load {
namespace {

template <typename T>
const T& OneOf(Random& random, std::span<const T> values) {
  return values[random.Below(static_cast<uint32_t>(values.size()))];
}

uint8_t RandomByte(Random& random) { return static_cast<uint8_t>(random.U32()); }

void Append(Bytes& bytes, ByteView more) { bytes.insert(bytes.end(), more.begin(), more.end()); }

// One message of RTCP behind its header of four bytes; the length is right.
Bytes RtcpMessageNoise(Random& random, std::span<const uint32_t> targets) {
  constexpr std::array<uint8_t, 10> kTypes = {200, 201, 202, 203, 204, 205, 205, 206, 206, 207};
  Bytes message = {static_cast<uint8_t>(0x80 | random.Below(32)), OneOf<uint8_t>(random, kTypes), 0,
                   0};
  // Generic NACK, PLI, FIR, REMB and transport-wide feedback are what has an effect.
  constexpr std::array<uint8_t, 5> kFormats = {1, 1, 4, 15, 15};
  const bool is_feedback = message[1] == 205 || message[1] == 206;
  if (is_feedback && !OnceIn(random, 4)) {
    message[0] = static_cast<uint8_t>(0x80 | OneOf<uint8_t>(random, kFormats));
  }
  const size_t words = 2 + random.Below(OnceIn(random, 8) ? 200 : 12);
  message.resize(4 + words * 4);
  random.Fill(ByteSpan(message).subspan(4));
  if (!targets.empty() && !OnceIn(random, 4)) {
    StoreBigEndian(message.data() + 8, OneOf(random, targets));
  }
  const bool is_remb = message[1] == 206 && (message[0] & 0x1f) == 15 && words >= 4;
  if (is_remb && !OnceIn(random, 4)) std::ranges::copy(std::string_view("REMB"), &message[12]);
  if (OnceIn(random, 16)) message[0] |= 0x20;  // padding, as the last byte has it
  StoreBigEndian(message.data() + 2, static_cast<uint16_t>(words));
  return message;
}

std::string RandomWord(Random& random) {
  constexpr std::array<std::string_view, 12> kWords = {
      "join", "ice-restart", "leave-not", "offer",   "tracks", "token",
      "mic",  "\xff\xfe",    "",          "\\u0000", "id",     "v=0\\r\\no=- 1 1 IN IP4 0.0.0.0"};
  return std::string(OneOf<std::string_view>(random, kWords));
}

std::string RandomValue(Random& random, int depth) {
  switch (random.Below(depth > 0 ? 7 : 5)) {
    case 0:
      return "\"" + RandomWord(random) + "\"";
    case 1:
      return std::to_string(static_cast<int32_t>(random.U32()));
    case 2:
      return "null";
    case 3:
      return OnceIn(random, 2) ? "true" : "1e999";
    case 4:
      return "\"" + std::string(random.Below(2000), 'x') + "\"";
    case 5:
      return "[" + RandomValue(random, depth - 1) + "," + RandomValue(random, depth - 1) + "]";
    default:
      return "{\"" + RandomWord(random) + "\":" + RandomValue(random, depth - 1) + "}";
  }
}

// Of one chunk, its value; behind type, flags and length.
Bytes ChunkNoise(Random& random) {
  constexpr std::array<uint8_t, 18> kTypes = {0, 1,  2,  3,  4,  5,   6,   7,   8,
                                              9, 10, 11, 14, 64, 130, 132, 192, 193};
  Bytes chunk = {OneOf<uint8_t>(random, kTypes), RandomByte(random), 0, 0};
  if (OnceIn(random, 8)) chunk[0] = RandomByte(random);
  Append(chunk, RandomBytes(random, 80));
  const size_t size = OnceIn(random, 16) ? random.Below(200) : chunk.size();
  StoreBigEndian(chunk.data() + 2, static_cast<uint16_t>(size));
  chunk.resize((chunk.size() + 3) & ~size_t{3});
  return chunk;
}

ActMessage ActNoise(Random& random, std::span<const ParticipantId> people) {
  ActMessage act;
  act.number = RandomByte(random);
  act.act = static_cast<Act>(random.Below(24));
  act.participant = people.empty() || OnceIn(random, 4) ? ParticipantId{random.Below(200)}
                                                        : OneOf(random, people);
  act.place = static_cast<int16_t>(random.Below(8)) - 1;
  if (OnceIn(random, 8)) act.place = static_cast<int16_t>(random.U32());
  act.value = static_cast<uint16_t>(OnceIn(random, 8) ? random.U32() : random.Below(4));
  return act;
}

}  // namespace

Bytes RandomBytes(Random& random, size_t max_size) {
  Bytes bytes(random.Below(static_cast<uint32_t>(max_size) + 1));
  random.Fill(bytes);
  return bytes;
}

void Mutate(Random& random, Bytes& bytes) {
  const auto size = static_cast<uint32_t>(bytes.size());
  switch (size == 0 ? 1 : random.Below(4)) {
    case 0:
      bytes.resize(random.Below(size));
      return;
    case 1:
      Append(bytes, RandomBytes(random, 40));
      return;
    default:
      for (uint32_t i = 1 + random.Below(4); i > 0; --i) {
        bytes[random.Below(size)] ^= static_cast<uint8_t>(1u << random.Below(8));
      }
  }
}

RtpNoise RtpNoiseMaker::Make(Random& random, std::span<const SentStream> streams,
                             const ClientNumbers& numbers) {
  const SentStream& stream = OneOf(random, streams);
  const bool is_video = MediaKindOf(stream.kind) == MediaKind::kVideo;
  RtpNoise noise;
  RtpHeader& header = noise.header;
  header.marker = OnceIn(random, 2);
  header.payload_type = is_video ? numbers.vp8_payload_type : numbers.opus_payload_type;
  header.ssrc = stream.ssrc;
  if (is_video && OnceIn(random, 4)) {
    header.ssrc = stream.rtx_ssrc;
    header.payload_type = numbers.vp8_rtx_payload_type;
  }
  if (OnceIn(random, 4)) header.payload_type = RandomByte(random) & 0x7f;
  if (OnceIn(random, 8)) header.ssrc = random.U32();
  if (OnceIn(random, 4)) header.mid = stream.mid;
  if (OnceIn(random, 16)) header.mid = OneOf(random, streams).mid;
  if (OnceIn(random, 16)) header.rid = "nobody";
  if (!is_video) header.audio_level = AudioLevel{OnceIn(random, 2), RandomByte(random)};
  if (OnceIn(random, 16)) header.csrc = random.U32();
  noise.index = NextIndex(random);
  header.sequence_number = static_cast<uint16_t>(noise.index);
  header.timestamp = OnceIn(random, 8) ? random.U32() : static_cast<uint32_t>(noise.index * 960);
  noise.payload = RandomBytes(random, OnceIn(random, 8) ? 1150 : 120);
  return noise;
}

// Mostly the next one; at times far ahead, so that the 16 bits on the wire wrap, or behind.
uint64_t RtpNoiseMaker::NextIndex(Random& random) {
  uint64_t index = next_index_++;
  if (OnceIn(random, 16)) index = next_index_ += random.Below(70'000);
  if (OnceIn(random, 16)) index -= std::min<uint64_t>(index, random.Below(70'000));
  return index;
}

Bytes RtcpNoise(Random& random, std::span<const uint32_t> targets) {
  Bytes compound;
  for (uint32_t i = 1 + random.Below(4); i > 0; --i) {
    const Bytes message = RtcpMessageNoise(random, targets);
    if (compound.size() + message.size() > 1100) break;
    Append(compound, message);
  }
  if (OnceIn(random, 8)) compound.resize(8 + random.Below(static_cast<uint32_t>(compound.size())));
  if (OnceIn(random, 16)) compound[2] = 0xff;  // a length beyond the end
  return compound;
}

Bytes MessageNoise(Random& random, std::span<const ParticipantId> people) {
  std::array<uint8_t, kMaxMessageBytes> buffer;
  ByteWriter writer(buffer);
  const auto finished = [&] { return Bytes(writer.written().begin(), writer.written().end()); };
  switch (random.Below(6)) {
    case 0:
      // Mostly something is on, so that what it sends is forwarded.
      WriteIPublish(OnceIn(random, 4) ? SourceSet(RandomByte(random)) : SourceSet::All(), writer);
      return finished();
    case 1:
    case 2:
    case 3:
      Write(ActNoise(random, people), writer);
      return finished();
    case 4: {
      constexpr std::array<uint8_t, 6> kTypes = {0x81, 0x82, 0x91, 0x07, 0x04, 0x11};
      Bytes bytes = {OneOf<uint8_t>(random, kTypes)};
      Append(bytes, RandomBytes(random, OnceIn(random, 32) ? 60'000 : 40));
      return bytes;
    }
    default:
      return RandomBytes(random, 64);
  }
}

std::string TextNoise(Random& random) {
  switch (random.Below(6)) {
    case 0:
      return R"({"type":"join","id":"2","offer":)" + RandomValue(random, 1) + R"(,"tracks":)" +
             RandomValue(random, 3) + "}";
    case 1:
      return R"({"type":"ice-restart","id":"3","offer":)" + RandomValue(random, 1) + "}";
    case 2:
      return std::string(random.Below(40), '[') + RandomValue(random, 5);
    case 3:
      return R"({"type":")" + RandomWord(random) + R"(","id":)" + RandomValue(random, 2) + "}";
    case 4:
      return R"({"type":"join","type":"join"})";
    default:
      return RandomValue(random, 8);
  }
}

Bytes DatagramNoise(Random& random) {
  // RFC 7983: STUN, DTLS, RTP, RTCP, and what is nothing.
  constexpr std::array<uint8_t, 8> kFirst = {0, 1, 20, 21, 22, 23, 0x80, 0xff};
  Bytes bytes = RandomBytes(random, OnceIn(random, 16) ? 1500 : 150);
  if (bytes.empty()) return bytes;
  bytes[0] = OneOf<uint8_t>(random, kFirst);
  if (bytes.size() < 20) return bytes;
  if (bytes[0] <= 1) {
    StoreBigEndian(bytes.data() + 2, static_cast<uint16_t>((bytes.size() - 20) & ~size_t{3}));
    StoreBigEndian(bytes.data() + 4, uint32_t{0x2112a442});
  } else if (bytes[0] < 0x80) {
    StoreBigEndian(bytes.data() + 1, uint16_t{0xfefd});
    StoreBigEndian(bytes.data() + 11, static_cast<uint16_t>(bytes.size() - 13));
  } else if (OnceIn(random, 2)) {
    bytes[1] = static_cast<uint8_t>(200 + random.Below(8));
  }
  return bytes;
}

Bytes SctpNoise(Random& random, uint32_t tag) {
  constexpr uint16_t kPort = 5000;
  Bytes packet(12);
  StoreBigEndian(packet.data(), kPort);
  StoreBigEndian(packet.data() + 2, OnceIn(random, 32) ? uint16_t{1} : kPort);
  StoreBigEndian(packet.data() + 4, OnceIn(random, 8) ? random.U32() : tag);
  for (uint32_t i = random.Below(4); i > 0; --i) Append(packet, ChunkNoise(random));
  WriteSctpChecksum(packet);
  return packet;
}

}  // namespace earshot::load
