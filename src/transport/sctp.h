#pragma once

// One SCTP association over DTLS (RFC 9260, RFC 8261, RFC 3758) behind a small interface; usrsctp,
// which is process-global and keeps timers of its own, hides in sctp_usrsctp.cc. Packets are
// validated before usrsctp sees them (threat row T2). One thread per association.

#include <memory>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/drop_reason.h"
#include "earshot/datagrams.h"
#include "earshot/units.h"

namespace earshot {

/// RFC 8831 section 8.
enum class SctpPpid : uint32_t {
  kDcep = 50,
  kString = 51,
  kBinary = 53,
  kStringEmpty = 56,
  kBinaryEmpty = 57,
};

struct SctpMessage {
  uint16_t stream = 0;
  uint32_t ppid = 0;
  std::vector<uint8_t> bytes;
};

struct SctpSendOptions {
  bool ordered = true;
  /// Partial reliability (RFC 3758): give up after this many retransmissions.
  std::optional<uint16_t> max_retransmits;
};

enum class SctpState : uint8_t { kConnecting, kConnected, kClosed };

/// What came of the packets and timers handled so far; the caller takes and clears it.
struct SctpOutput {
  PacketList packets;                   // to be sent through DTLS
  std::vector<SctpMessage> messages;    // whole messages received
  std::vector<uint16_t> reset_streams;  // closed by the peer (RFC 6525)
};

class SctpAssociation {
 public:
  static constexpr size_t kMaxMessageSize = 64 * 1024;  // threat row T5, a=max-message-size
  /// Threat row T3. usrsctp keeps 100 bytes for each; so many channels as DataChannels allows have
  /// their ids four times.
  static constexpr uint16_t kMaxStreams = 64;
  static constexpr uint16_t kPort = 5000;         // RFC 8841, a=sctp-port
  static constexpr size_t kMaxPacketSize = 1150;  // fits a DTLS record in 1200 bytes

  static std::unique_ptr<SctpAssociation> Create(Timestamp now);
  virtual ~SctpAssociation() = default;

  /// Both sides may connect; RFC 9260 resolves the collision.
  virtual void Connect(Timestamp now, SctpOutput& out) = 0;
  virtual std::optional<DropReason> HandlePacket(ByteView packet, Timestamp now,
                                                 SctpOutput& out) = 0;
  /// False when not connected, too large, or the send buffer is full.
  virtual bool Send(uint16_t stream, SctpPpid ppid, ByteView message,
                    const SctpSendOptions& options, Timestamp now, SctpOutput& out) = 0;
  virtual void ResetStream(uint16_t stream, Timestamp now, SctpOutput& out) = 0;
  /// Asks the peer for a sign of life: one HEARTBEAT, which every peer acknowledges at once
  /// (RFC 9260 section 8.3) and nobody waits for. Nothing before the association is connected.
  virtual void Probe(SctpOutput& out) = 0;
  virtual void HandleDeadline(Timestamp now, SctpOutput& out) = 0;
  virtual Timestamp NextDeadline() const = 0;
  virtual SctpState state() const = 0;
};

}  // namespace earshot
