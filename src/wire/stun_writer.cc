#include <algorithm>

#include "wire/stun.h"
#include "wire/stun_format.h"

namespace earshot {
namespace {

uint16_t TypeOf(StunClass message_class, uint16_t method) {
  const auto bits = static_cast<unsigned>(message_class);
  return static_cast<uint16_t>((bits & 1u) << 4 | (bits & 2u) << 7 | (method & 0x000fu) |
                               (method & 0x0070u) << 1 | (method & 0x0f80u) << 2);
}

ByteView AsBytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

}  // namespace

StunWriter::StunWriter(ByteSpan out, StunClass message_class, uint16_t method,
                       const StunTransactionId& transaction_id)
    : writer_(out), out_(out), transaction_id_(transaction_id) {
  writer_.U16(TypeOf(message_class, method));
  writer_.U16(0);
  writer_.U32(stun::kMagicCookie);
  writer_.Bytes(transaction_id_);
}

void StunWriter::BeginAttribute(uint16_t type, size_t size) {
  if (size > UINT16_MAX) writer_.Fail();
  writer_.U16(type);
  writer_.U16(static_cast<uint16_t>(size));
}

void StunWriter::PatchLength(size_t extra) {
  const size_t length = writer_.size() + extra - stun::kHeaderSize;
  if (length > UINT16_MAX) writer_.Fail();
  if (writer_.ok()) writer_.PatchU16(stun::kLengthPosition, static_cast<uint16_t>(length));
}

void StunWriter::Username(std::string_view username) {
  BeginAttribute(stun::kUsername, username.size());
  writer_.Bytes(AsBytes(username));
  writer_.Zeros(stun::PaddingOf(username.size()));
}

void StunWriter::Priority(uint32_t priority) {
  BeginAttribute(stun::kPriority, sizeof(priority));
  writer_.U32(priority);
}

void StunWriter::IceControlling(uint64_t tie_breaker) {
  BeginAttribute(stun::kIceControlling, sizeof(tie_breaker));
  writer_.U64(tie_breaker);
}

void StunWriter::IceControlled(uint64_t tie_breaker) {
  BeginAttribute(stun::kIceControlled, sizeof(tie_breaker));
  writer_.U64(tie_breaker);
}

void StunWriter::UseCandidate() { BeginAttribute(stun::kUseCandidate, 0); }

void StunWriter::XorMappedAddress(const SocketAddress& address) {
  std::array<uint8_t, 16> key;
  StoreBigEndian(key.data(), stun::kMagicCookie);
  std::copy(transaction_id_.begin(), transaction_id_.end(), key.begin() + 4);
  const ByteView host = address.host();
  BeginAttribute(stun::kXorMappedAddress, 4 + host.size());
  writer_.U8(0);
  writer_.U8(address.is_ipv4() ? stun::kFamilyIpv4 : stun::kFamilyIpv6);
  writer_.U16(static_cast<uint16_t>(address.port() ^ (stun::kMagicCookie >> 16)));
  for (size_t i = 0; i < host.size(); ++i) writer_.U8(host[i] ^ key[i]);
}

void StunWriter::ErrorCode(uint16_t code, std::string_view reason) {
  BeginAttribute(stun::kErrorCode, 4 + reason.size());
  writer_.U16(0);
  writer_.U8(static_cast<uint8_t>(code / 100));
  writer_.U8(static_cast<uint8_t>(code % 100));
  writer_.Bytes(AsBytes(reason));
  writer_.Zeros(stun::PaddingOf(reason.size()));
}

void StunWriter::UnknownAttributes(ByteView big_endian_types) {
  BeginAttribute(stun::kUnknownAttributes, big_endian_types.size());
  writer_.Bytes(big_endian_types);
  writer_.Zeros(stun::PaddingOf(big_endian_types.size()));
}

size_t StunWriter::Finish(std::string_view password) {
  if (!password.empty()) {
    stun::Integrity integrity{};
    const bool computed = writer_.ok() && stun::ComputeIntegrity(writer_.written(), writer_.size(),
                                                                 password, integrity);
    if (!computed) writer_.Fail();
    BeginAttribute(stun::kMessageIntegrity, integrity.size());
    writer_.Bytes(integrity);
  }
  PatchLength(stun::kAttributeHeaderSize + stun::kFingerprintSize);
  const uint32_t fingerprint = writer_.ok() ? stun::ComputeFingerprint(writer_.written()) : 0;
  BeginAttribute(stun::kFingerprint, sizeof(fingerprint));
  writer_.U32(fingerprint);
  return writer_.ok() ? writer_.size() : 0;
}

}  // namespace earshot
