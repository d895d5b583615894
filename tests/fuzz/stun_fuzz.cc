// Whatever parses as STUN survives being written and parsed again, and no message matches a
// password that it was not signed with.

#include <array>
#include <vector>

#include "fuzz_check.h"
#include "wire/stun.h"

namespace earshot {
namespace {

constexpr std::string_view kPassword = "0123456789abcdefABCDEF";

size_t Rewrite(const StunMessage& message, ByteSpan out) {
  StunWriter writer(out, message.message_class, message.method, message.transaction_id);
  if (message.username.data() != nullptr) writer.Username(message.username);
  if (message.priority) writer.Priority(*message.priority);
  if (message.ice_controlling) writer.IceControlling(*message.ice_controlling);
  if (message.ice_controlled) writer.IceControlled(*message.ice_controlled);
  if (message.use_candidate) writer.UseCandidate();
  if (message.xor_mapped_address) writer.XorMappedAddress(*message.xor_mapped_address);
  if (message.error_code) writer.ErrorCode(*message.error_code, "reason");
  return writer.Finish(kPassword);
}

// A mapped IPv6 address is rewritten as the IPv4 address that it stands for, so compare values.
void CheckSame(const StunMessage& before, const StunMessage& after) {
  FUZZ_CHECK(before.message_class == after.message_class);
  FUZZ_CHECK(before.method == after.method);
  FUZZ_CHECK(before.transaction_id == after.transaction_id);
  FUZZ_CHECK(before.username == after.username);
  FUZZ_CHECK(before.priority == after.priority);
  FUZZ_CHECK(before.ice_controlling == after.ice_controlling);
  FUZZ_CHECK(before.ice_controlled == after.ice_controlled);
  FUZZ_CHECK(before.use_candidate == after.use_candidate);
  FUZZ_CHECK(before.xor_mapped_address == after.xor_mapped_address);
  FUZZ_CHECK(before.error_code == after.error_code);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view username = PeekStunUsername({data, size});
  const auto message = StunMessage::Parse({data, size});
  if (message && message->username.data() != nullptr) FUZZ_CHECK(message->username == username);
  if (!message) return 0;
  FUZZ_CHECK(message->unknown_required.size() <= 16);
  FUZZ_CHECK(!message->IntegrityMatches(kPassword));
  std::array<uint8_t, 1024> room;
  const size_t written = Rewrite(*message, room);
  FUZZ_CHECK(written > 0);
  const auto again = StunMessage::Parse(ByteView(room).first(written));
  FUZZ_CHECK(again.has_value());
  FUZZ_CHECK(again->IntegrityMatches(kPassword));
  CheckSame(*message, *again);
  for (size_t too_small = 0; too_small < written; ++too_small) {
    std::vector<uint8_t> exact(too_small);
    FUZZ_CHECK(Rewrite(*message, exact) == 0);
  }
  return 0;
}

}  // namespace earshot
