#pragma once

// Helpers of the SRTP tests: hex, random packets, and halves of a session with the same key.

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "transport/srtp.h"

namespace earshot {

using Bytes = std::vector<uint8_t>;

inline Bytes FromHex(std::string_view text) {
  Bytes bytes;
  int high = -1;
  for (const char c : text) {
    if (c == ' ') continue;
    const int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
    if (high >= 0) bytes.push_back(static_cast<uint8_t>(high << 4 | digit));
    high = high >= 0 ? -1 : digit;
  }
  return bytes;
}

inline SrtpMasterKey RandomMasterKey(Random& random) {
  SrtpMasterKey key;
  random.Fill(key.key);
  random.Fill(key.salt);
  return key;
}

/// A plain RTP packet in two parts, as the sealer takes them.
struct RtpParts {
  Bytes header;
  Bytes payload;

  Bytes Joined() const {
    Bytes joined = header;
    joined.insert(joined.end(), payload.begin(), payload.end());
    return joined;
  }
};

inline RtpParts SimpleRtp(uint32_t ssrc, uint64_t index, size_t payload_size = 100) {
  RtpParts packet{.header = Bytes(12), .payload = Bytes(payload_size)};
  packet.header[0] = 0x80;
  packet.header[1] = 111;
  StoreBigEndian(packet.header.data() + 2, static_cast<uint16_t>(index));
  StoreBigEndian(packet.header.data() + 8, ssrc);
  for (size_t i = 0; i < payload_size; ++i) {
    packet.payload[i] = static_cast<uint8_t>(index * 31 + i);
  }
  return packet;
}

/// With CSRCs, a header extension of arbitrary content, and a payload that may be empty.
inline RtpParts RandomRtp(Random& random, uint32_t ssrc, uint64_t index) {
  RtpParts packet = SimpleRtp(ssrc, index, random.Below(1200));
  random.Fill(packet.payload);
  packet.header[1] = static_cast<uint8_t>(random.U32());
  random.Fill(ByteSpan(packet.header).subspan(4, 4));
  const uint32_t csrcs = random.Below(2) == 0 ? 0 : random.Below(16);
  packet.header[0] = static_cast<uint8_t>(packet.header[0] | csrcs);
  Bytes rest(4 * csrcs);
  if (random.Below(2) == 0) {
    packet.header[0] |= 0x10;
    const uint32_t words = random.Below(8);
    rest.resize(rest.size() + 4 + 4 * words);
    random.Fill(rest);
    StoreBigEndian<uint16_t>(rest.data() + 4 * csrcs, 0xbede);
    StoreBigEndian(rest.data() + 4 * csrcs + 2, static_cast<uint16_t>(words));
  }
  packet.header.insert(packet.header.end(), rest.begin(), rest.end());
  return packet;
}

inline Bytes RandomRtcp(Random& random, uint32_t ssrc) {
  Bytes packet(8 + 4 * random.Below(60));
  random.Fill(packet);
  packet[0] = 0x80;
  packet[1] = 200;
  StoreBigEndian(packet.data() + 2, static_cast<uint16_t>(packet.size() / 4 - 1));
  StoreBigEndian(packet.data() + 4, ssrc);
  return packet;
}

/// Empty when sealing failed.
inline Bytes Seal(SrtpSealer& sealer, const RtpParts& packet, uint64_t index) {
  Bytes out = packet.header;
  out.resize(packet.header.size() + packet.payload.size() + kMaxSrtpOverhead);
  const uint32_t ssrc = LoadBigEndian<uint32_t>(packet.header.data() + 8);
  std::optional<UnusedIndex> unused = sealer.TakeIndex({ssrc, index});
  if (!unused) return {};
  out.resize(sealer.SealRtp(out, packet.header.size(), packet.payload, *std::move(unused)));
  return out;
}

inline Bytes SealRtcp(SrtpSealer& sealer, const Bytes& packet) {
  Bytes out = packet;
  out.resize(packet.size() + kMaxSrtpOverhead);
  out.resize(sealer.SealRtcp(out, packet.size()));
  return out;
}

/// The plain packet; empty when it was dropped.
inline Bytes Open(SrtpOpener& opener, Bytes packet) {
  const SrtpOpener::Result result = opener.OpenRtp(packet);
  const auto* opened = std::get_if<SrtpOpener::Opened>(&result);
  packet.resize(opened == nullptr ? 0 : opened->size);
  return packet;
}

inline Bytes OpenRtcp(SrtpOpener& opener, Bytes packet) {
  const SrtpOpener::Result result = opener.OpenRtcp(packet);
  const auto* opened = std::get_if<SrtpOpener::Opened>(&result);
  packet.resize(opened == nullptr ? 0 : opened->size);
  return packet;
}

/// Why it was dropped; kCount when it was not.
inline DropReason DropOf(SrtpOpener& opener, Bytes packet) {
  const SrtpOpener::Result result = opener.OpenRtp(packet);
  const auto* reason = std::get_if<DropReason>(&result);
  return reason == nullptr ? DropReason::kCount : *reason;
}

inline DropReason RtcpDropOf(SrtpOpener& opener, Bytes packet) {
  const SrtpOpener::Result result = opener.OpenRtcp(packet);
  const auto* reason = std::get_if<DropReason>(&result);
  return reason == nullptr ? DropReason::kCount : *reason;
}

inline constexpr DropReason kNotDropped = DropReason::kCount;

}  // namespace earshot
