#pragma once

// RTCP (RFC 3550 section 6, RFC 4585, RFC 5104, REMB, transport-wide feedback): compound packets to
// values and back. Stateless. What a value means is decided elsewhere.

#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "base/bytes.h"

namespace earshot {

// Bounds on what one message may make us hold. The first follows from the 5 bits of the count; the
// second is what a NACK of 1 kB carries, and expands to at most 17 numbers each; the third keeps
// one feedback message below 64 KiB of memory, far above the few hundred packets that real ones
// report.
inline constexpr size_t kMaxRtcpCount = 31;
inline constexpr size_t kMaxFeedbackEntries = 253;
inline constexpr size_t kMaxFeedbackPackets = 8192;

struct ReportBlock {
  uint32_t ssrc = 0;
  uint8_t fraction_lost = 0;
  int32_t cumulative_lost = 0;  // signed 24 bits on the wire
  uint32_t extended_highest_sequence = 0;
  uint32_t jitter = 0;
  uint32_t last_sr = 0;
  uint32_t delay_since_last_sr = 0;  // in 1/65536 s
};

using ReportBlocks = absl::InlinedVector<ReportBlock, 4>;

struct SenderReport {
  uint32_t sender_ssrc = 0;
  uint64_t ntp_time = 0;  // 32.32 fixed point
  uint32_t rtp_timestamp = 0;
  uint32_t packet_count = 0;
  uint32_t octet_count = 0;
  ReportBlocks reports = {};
};
struct ReceiverReport {
  uint32_t sender_ssrc = 0;
  ReportBlocks reports = {};
};
struct Sdes {
  struct Chunk {
    uint32_t ssrc = 0;
    std::string_view cname = {};
  };
  absl::InlinedVector<Chunk, 4> chunks = {};
};
struct Bye {
  absl::InlinedVector<uint32_t, 4> ssrcs = {};
};
/// RFC 4585 section 6.2.1, each PID and BLP pair expanded to sequence numbers. Of more than
/// kMaxFeedbackEntries pairs the rest is ignored.
struct Nack {
  uint32_t sender_ssrc = 0;
  uint32_t media_ssrc = 0;
  absl::InlinedVector<uint16_t, 32> sequence_numbers = {};
};
struct Pli {
  uint32_t sender_ssrc = 0;
  uint32_t media_ssrc = 0;
};
/// RFC 5104 section 4.3.1. Of more than kMaxFeedbackEntries entries the rest is ignored.
struct Fir {
  struct Entry {
    uint32_t ssrc = 0;
    uint8_t command_sequence = 0;
  };
  uint32_t sender_ssrc = 0;
  absl::InlinedVector<Entry, 4> entries = {};
};
/// draft-alvestrand-rmcat-remb-03.
struct Remb {
  uint32_t sender_ssrc = 0;
  uint64_t bits_per_second = 0;  // saturates
  absl::InlinedVector<uint32_t, 4> ssrcs = {};
};
/// draft-holmer-rmcat-transport-wide-cc-extensions-01.
struct TransportFeedback {
  struct Packet {
    bool received = false;
    int32_t delta = 0;  // in 250 us ticks, against the packet received before it
  };
  uint32_t sender_ssrc = 0;
  uint32_t media_ssrc = 0;
  uint16_t base_sequence = 0;
  uint32_t reference_time = 0;  // 24 bits, in 64 ms
  uint8_t feedback_count = 0;
  std::vector<Packet> packets = {};  // from base_sequence on; at most kMaxFeedbackPackets
};
static_assert(sizeof(TransportFeedback::Packet) * kMaxFeedbackPackets <= 65536);

using RtcpMessage =
    std::variant<SenderReport, ReceiverReport, Sdes, Bye, Nack, Pli, Fir, Remb, TransportFeedback>;

/// Walks a compound packet. Unknown types are skipped; a malformed message ends the walk, and
/// what came before it stands (threat row C1). So does a message with padding that is not the last
/// one: it stands itself, what follows does not.
class RtcpReader {
 public:
  explicit RtcpReader(ByteView compound) : rest_(compound) {}
  /// The next message that Earshot knows; nothing at the end or at the first malformed one.
  std::optional<RtcpMessage> Next();
  /// True once a malformed message was met.
  bool malformed() const { return malformed_; }

 private:
  std::optional<RtcpMessage> EndMalformed();
  ByteView rest_;
  bool malformed_ = false;
};

// Each appends one message and fails the writer when it does not fit, or when a list is longer than
// the format can carry. A message whose list must not be empty (Nack, Fir, TransportFeedback) is
// left out when it is.
void Write(const SenderReport& message, ByteWriter& out);
void Write(const ReceiverReport& message, ByteWriter& out);
void Write(const Sdes& message, ByteWriter& out);
void Write(const Bye& message, ByteWriter& out);
/// Sequence numbers must be in ascending order; they are packed into PID and BLP pairs.
void Write(const Nack& message, ByteWriter& out);
void Write(const Pli& message, ByteWriter& out);
void Write(const Fir& message, ByteWriter& out);
void Write(const Remb& message, ByteWriter& out);
void Write(const TransportFeedback& message, ByteWriter& out);

}  // namespace earshot
