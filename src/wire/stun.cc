#include "wire/stun.h"

#include <openssl/crypto.h>

#include <algorithm>

#include "wire/stun_format.h"

namespace earshot {
namespace {

// A 420 answer names what was not understood; nobody needs more of them than this.
constexpr size_t kMaxUnknownRequired = 16;
constexpr size_t kMaxUsernameSize = 508;  // RFC 8489 section 14.3: "less than 509 bytes"

StunClass ClassOf(uint16_t type) {
  return static_cast<StunClass>(((type >> 7) & 2u) | ((type >> 4) & 1u));
}

// RFC 8489 section 5: the two class bits lie between the bits of the method.
uint16_t MethodOf(uint16_t type) {
  return static_cast<uint16_t>((type & 0x000fu) | ((type >> 1) & 0x0070u) |
                               ((type >> 2) & 0x0f80u));
}

// The XOR key is the cookie and the transaction id, which lie side by side in the header.
std::optional<SocketAddress> ReadXorAddress(ByteView value, ByteView packet) {
  ByteReader reader(value);
  reader.U8();
  const uint8_t family = reader.U8();
  const auto port = static_cast<uint16_t>(reader.U16() ^ (stun::kMagicCookie >> 16));
  const ByteView host = reader.TakeRest();
  const bool family_fits = (family == stun::kFamilyIpv4 && host.size() == 4) ||
                           (family == stun::kFamilyIpv6 && host.size() == 16);
  if (!reader.ok() || !family_fits) return std::nullopt;
  std::array<uint8_t, 16> plain;
  for (size_t i = 0; i < host.size(); ++i) plain[i] = host[i] ^ packet[4 + i];
  return SocketAddress(ByteView(plain).first(host.size()), port);
}

std::optional<uint16_t> ReadErrorCode(ByteView value) {
  if (value.size() < 4) return std::nullopt;
  const unsigned hundreds = value[2] & 7u;
  if (hundreds < 3 || hundreds > 6 || value[3] > 99) return std::nullopt;
  return static_cast<uint16_t>(hundreds * 100 + value[3]);
}

template <typename T>
bool ReadInteger(ByteView value, std::optional<T>& out) {
  if (value.size() != sizeof(T)) return false;
  if (!out) out = LoadBigEndian<T>(value.data());
  return true;
}

void NoteUnknown(uint16_t type, StunMessage& message) {
  if (type >= stun::kFirstComprehensionOptional) return;
  auto& unknown = message.unknown_required;
  if (unknown.size() >= kMaxUnknownRequired) return;
  if (std::find(unknown.begin(), unknown.end(), type) == unknown.end()) unknown.push_back(type);
}

// Reads one attribute that stands before MESSAGE-INTEGRITY. False if its value is malformed.
bool ReadAttribute(uint16_t type, ByteView value, ByteView packet, StunMessage& message) {
  switch (type) {
    case stun::kUsername:
      if (value.size() > kMaxUsernameSize) return false;
      if (message.username.data() == nullptr) {
        message.username = {reinterpret_cast<const char*>(value.data()), value.size()};
      }
      return true;
    case stun::kPriority:
      return ReadInteger(value, message.priority);
    case stun::kIceControlling:
      return ReadInteger(value, message.ice_controlling);
    case stun::kIceControlled:
      return ReadInteger(value, message.ice_controlled);
    case stun::kUseCandidate:
      message.use_candidate = true;
      return value.empty();
    case stun::kXorMappedAddress:
      if (!message.xor_mapped_address) message.xor_mapped_address = ReadXorAddress(value, packet);
      return message.xor_mapped_address.has_value();
    case stun::kErrorCode:
      if (!message.error_code) message.error_code = ReadErrorCode(value);
      return message.error_code.has_value();
    case stun::kMappedAddress:
    case stun::kUnknownAttributes:
    case stun::kRealm:
    case stun::kNonce:
      return true;  // understood, and of no use to ICE
    default:
      NoteUnknown(type, message);
      return true;
  }
}

bool ReadHeader(ByteReader& reader, size_t packet_size, StunMessage& message) {
  const uint16_t type = reader.U16();
  const uint16_t length = reader.U16();
  const uint32_t cookie = reader.U32();
  const ByteView id = reader.Take(message.transaction_id.size());
  if (!reader.ok() || type >> 14 != 0 || cookie != stun::kMagicCookie) return false;
  if (length % 4 != 0 || stun::kHeaderSize + length != packet_size) return false;
  std::copy(id.begin(), id.end(), message.transaction_id.begin());
  message.message_class = ClassOf(type);
  message.method = MethodOf(type);
  return true;
}

// RFC 8489 section 14.7: FINGERPRINT is the last attribute.
bool FingerprintMatches(ByteView packet, size_t offset, ByteView value) {
  return value.size() == stun::kFingerprintSize &&
         offset + stun::kAttributeHeaderSize + stun::kFingerprintSize == packet.size() &&
         LoadBigEndian<uint32_t>(value.data()) == stun::ComputeFingerprint(packet.first(offset));
}

}  // namespace

std::optional<StunMessage> StunMessage::Parse(ByteView packet) {
  StunMessage message;
  ByteReader reader(packet);
  if (!ReadHeader(reader, packet.size(), message)) return std::nullopt;
  message.packet_ = packet;
  while (reader.remaining() > 0) {
    const size_t offset = reader.position();
    const uint16_t type = reader.U16();
    const uint16_t size = reader.U16();
    const ByteView value = reader.Take(size);
    reader.Take(stun::PaddingOf(size));
    if (!reader.ok()) return std::nullopt;
    if (type == stun::kFingerprint) {
      if (!FingerprintMatches(packet, offset, value)) return std::nullopt;
    } else if (message.has_integrity) {
      continue;
    } else if (type == stun::kMessageIntegrity) {
      if (value.size() != stun::kIntegritySize) return std::nullopt;
      message.has_integrity = true;
      message.integrity_offset_ = offset;
    } else if (!ReadAttribute(type, value, packet, message)) {
      return std::nullopt;
    }
  }
  return message;
}

std::string_view PeekStunUsername(ByteView packet) {
  ByteReader reader(packet);
  reader.Take(stun::kHeaderSize);
  while (reader.remaining() > 0) {
    const uint16_t type = reader.U16();
    const uint16_t size = reader.U16();
    const ByteView value = reader.Take(size);
    if (type == stun::kUsername && reader.ok()) {
      return {reinterpret_cast<const char*>(value.data()), value.size()};
    }
    reader.Take(stun::PaddingOf(size));
  }
  return {};
}

bool StunMessage::IntegrityMatches(std::string_view password) const {
  if (!has_integrity) return false;
  stun::Integrity expected;
  if (!stun::ComputeIntegrity(packet_, integrity_offset_, password, expected)) return false;
  const uint8_t* actual = packet_.data() + integrity_offset_ + stun::kAttributeHeaderSize;
  return CRYPTO_memcmp(expected.data(), actual, expected.size()) == 0;
}

}  // namespace earshot
