#pragma once

// Numbers that the reader and the writer of RTCP share. Used by rtcp_reader.cc and rtcp_writer.cc
// only.

#include <cstddef>
#include <cstdint>

namespace earshot::rtcp {

inline constexpr size_t kHeaderSize = 4;
inline constexpr uint8_t kVersion = 2;
inline constexpr uint8_t kPaddingBit = 0x20;

enum PacketType : uint8_t {
  kSenderReport = 200,
  kReceiverReport = 201,
  kSdes = 202,
  kBye = 203,
  kTransportLayerFeedback = 205,  // RFC 4585 section 6.1
  kPayloadSpecificFeedback = 206,
};

// "FMT" of the two feedback types.
inline constexpr uint8_t kFormatNack = 1;
inline constexpr uint8_t kFormatTransportFeedback = 15;
inline constexpr uint8_t kFormatPli = 1;
inline constexpr uint8_t kFormatFir = 4;
inline constexpr uint8_t kFormatApplication = 15;

inline constexpr uint8_t kSdesCname = 1;
inline constexpr uint32_t kRembIdentifier = 0x52454d42;  // "REMB"
inline constexpr unsigned kRembMantissaBits = 18;

// Transport-wide feedback: chunks of 16 bits describe packets by 2-bit symbols.
enum Symbol : uint8_t { kNotReceived = 0, kSmallDelta = 1, kLargeDelta = 2, kReserved = 3 };
inline constexpr uint16_t kVectorChunk = 0x8000;
inline constexpr uint16_t kTwoBitVector = 0x4000;
inline constexpr size_t kOneBitSymbols = 14;
inline constexpr size_t kTwoBitSymbols = 7;
inline constexpr uint16_t kMaxRunLength = 0x1fff;

}  // namespace earshot::rtcp
