#include "wire/stun_format.h"

#include <cstring>

#include "base/hmac_sha1.h"
#include "wire/crc32.h"

namespace earshot::stun {

bool ComputeIntegrity(ByteView message, size_t offset, std::string_view password, Integrity& out) {
  if (password.empty() || offset < kHeaderSize || offset > message.size()) return false;
  std::array<uint8_t, kLengthPosition + 2> head;
  std::memcpy(head.data(), message.data(), kLengthPosition);
  StoreBigEndian(
      head.data() + kLengthPosition,
      static_cast<uint16_t>(offset + kAttributeHeaderSize + kIntegritySize - kHeaderSize));
  const HmacSha1 hmac({reinterpret_cast<const uint8_t*>(password.data()), password.size()});
  out = hmac.Compute({head, message.subspan(head.size(), offset - head.size())});
  return true;
}

uint32_t ComputeFingerprint(ByteView before) { return Crc32(before) ^ kFingerprintMask; }

}  // namespace earshot::stun
