#pragma once

// What the reader and the writer of STUN messages share: numbers of RFC 8489 and RFC 8445, and the
// two checksums. Used by stun.cc and stun_writer.cc only.

#include <array>
#include <string_view>

#include "base/bytes.h"

namespace earshot::stun {

inline constexpr size_t kHeaderSize = 20;
inline constexpr size_t kAttributeHeaderSize = 4;
inline constexpr size_t kLengthPosition = 2;
inline constexpr size_t kIntegritySize = 20;
inline constexpr size_t kFingerprintSize = 4;
inline constexpr uint32_t kMagicCookie = 0x2112a442;
inline constexpr uint32_t kFingerprintMask = 0x5354554e;  // "STUN"
inline constexpr uint8_t kFamilyIpv4 = 1;
inline constexpr uint8_t kFamilyIpv6 = 2;

enum Attribute : uint16_t {
  kMappedAddress = 0x0001,
  kUsername = 0x0006,
  kMessageIntegrity = 0x0008,
  kErrorCode = 0x0009,
  kUnknownAttributes = 0x000a,
  kRealm = 0x0014,
  kNonce = 0x0015,
  kXorMappedAddress = 0x0020,
  kPriority = 0x0024,
  kUseCandidate = 0x0025,
  kFirstComprehensionOptional = 0x8000,
  kFingerprint = 0x8028,
  kIceControlled = 0x8029,
  kIceControlling = 0x802a,
};

constexpr size_t PaddingOf(size_t value_size) { return (4 - value_size % 4) % 4; }

using Integrity = std::array<uint8_t, kIntegritySize>;

/// The HMAC-SHA1 that MESSAGE-INTEGRITY at `offset` of the message must have: over everything in
/// front of it, with a header whose length ends behind it (RFC 8489 section 14.5). False when
/// there is no password.
bool ComputeIntegrity(ByteView message, size_t offset, std::string_view password, Integrity& out);

/// What FINGERPRINT behind these bytes must say; their header already counts the FINGERPRINT.
uint32_t ComputeFingerprint(ByteView before);

}  // namespace earshot::stun
