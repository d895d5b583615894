#pragma once

// STUN messages for ICE (RFC 8489, RFC 8445 section 16): parsing with MESSAGE-INTEGRITY and
// FINGERPRINT, and writing. Stateless; policy lives in transport/ice_lite.

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "absl/container/inlined_vector.h"
#include "base/bytes.h"
#include "earshot/socket_address.h"

namespace earshot {

using StunTransactionId = std::array<uint8_t, 12>;

enum class StunClass : uint8_t { kRequest, kIndication, kSuccess, kError };
inline constexpr uint16_t kStunBindingMethod = 0x001;

/// A received message. Views point into the packet. Attributes behind MESSAGE-INTEGRITY are
/// ignored except FINGERPRINT (RFC 8489 section 14.5), and of duplicates the first counts.
struct StunMessage {
  StunClass message_class = StunClass::kRequest;
  uint16_t method = 0;
  StunTransactionId transaction_id{};
  std::string_view username;
  std::optional<uint32_t> priority;
  std::optional<uint64_t> ice_controlling;
  std::optional<uint64_t> ice_controlled;
  bool use_candidate = false;
  std::optional<SocketAddress> xor_mapped_address;
  std::optional<uint16_t> error_code;
  /// Comprehension-required attributes that Earshot does not know.
  absl::InlinedVector<uint16_t, 4> unknown_required;
  bool has_integrity = false;

  /// Nothing for a malformed message, or one whose FINGERPRINT is wrong.
  static std::optional<StunMessage> Parse(ByteView packet);
  /// Constant-time check of MESSAGE-INTEGRITY (HMAC-SHA1) with the short-term password.
  bool IntegrityMatches(std::string_view password) const;

 private:
  ByteView packet_;
  size_t integrity_offset_ = 0;  // of the attribute header
};

/// The USERNAME of what may be a message, for who has to find the one to parse it; nothing else is
/// checked. Empty if there is none.
std::string_view PeekStunUsername(ByteView packet);

/// Builds one message into `out`; finish with Finish, which returns the size or zero when it did
/// not fit.
class StunWriter {
 public:
  StunWriter(ByteSpan out, StunClass message_class, uint16_t method,
             const StunTransactionId& transaction_id);
  void Username(std::string_view username);
  void Priority(uint32_t priority);
  void IceControlling(uint64_t tie_breaker);
  void IceControlled(uint64_t tie_breaker);
  void UseCandidate();
  void XorMappedAddress(const SocketAddress& address);
  void ErrorCode(uint16_t code, std::string_view reason);
  void UnknownAttributes(ByteView big_endian_types);
  /// Adds MESSAGE-INTEGRITY (unless the password is empty) and FINGERPRINT.
  size_t Finish(std::string_view password);

 private:
  void BeginAttribute(uint16_t type, size_t size);
  void PatchLength(size_t extra);
  ByteWriter writer_;
  ByteSpan out_;
  StunTransactionId transaction_id_;
};

}  // namespace earshot
