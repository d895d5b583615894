#pragma once

// The data channel establishment protocol (RFC 8832): parser and writer of its two messages, and
// the UTF-8 check of their texts. Knows no channel. Any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"

namespace earshot {

struct DcepOpen {
  enum class Reliability : uint8_t { kReliable = 0, kMaxRetransmits = 1, kMaxLifetime = 2 };
  static constexpr size_t kMaxTextSize = 256;  // of label and protocol each; threat row T6

  Reliability reliability = Reliability::kReliable;
  bool ordered = true;
  uint16_t priority = 256;  // "normal" (RFC 8831 section 6.4)
  /// Retransmissions or milliseconds; zero when reliable.
  uint32_t reliability_parameter = 0;
  std::string label;
  std::string protocol;
  bool operator==(const DcepOpen&) const = default;
};

struct DcepAck {
  bool operator==(const DcepAck&) const = default;
};

using DcepMessage = std::variant<DcepOpen, DcepAck>;

/// Nothing unless the message is whole, exactly as long as it says, of a known type, and its texts
/// are valid UTF-8 within the limit.
std::optional<DcepMessage> ParseDcepMessage(ByteView bytes);
std::vector<uint8_t> WriteDcepOpen(const DcepOpen& open);
std::vector<uint8_t> WriteDcepAck();

/// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
bool IsValidUtf8(ByteView text);

}  // namespace earshot
