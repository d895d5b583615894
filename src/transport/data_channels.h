#pragma once

// WebRTC data channels over one SCTP association (RFC 8831, RFC 8832): opens, accepts, closes and
// bounds them. Owns the association. One thread.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "transport/sctp.h"

namespace earshot {

struct ChannelOptions {
  bool ordered = true;
  std::optional<uint16_t> max_retransmits;
};

/// By the peer; a channel of our own is not announced.
struct ChannelOpened {
  uint16_t channel;
  std::string label;
};
/// By the peer, or by us because the peer broke a rule, or together with the association.
struct ChannelClosed {
  uint16_t channel;
};
struct ChannelMessage {
  uint16_t channel;
  bool text = false;
  std::vector<uint8_t> bytes;
};

struct ChannelOutput {
  PacketList packets;  // to be sent through DTLS
  std::vector<ChannelOpened> opened;
  std::vector<ChannelClosed> closed;
  std::vector<ChannelMessage> messages;
};

class DataChannels {
 public:
  static constexpr size_t kMaxChannels = 16;  // threat row T6
  static constexpr size_t kMaxLabelSize = 256;

  /// We open channels with even ids as the DTLS client and with odd ones as the server (RFC 8832
  /// section 6), and take those that the peer opens with any.
  DataChannels(bool is_dtls_client, Timestamp now);
  ~DataChannels();

  /// Starts the association: after DTLS has connected.
  void Start(Timestamp now, ChannelOutput& out);
  std::optional<DropReason> HandlePacket(ByteView packet, Timestamp now, ChannelOutput& out);
  /// Opens a channel of our own; its id, or nothing when there are too many. Messages may be sent
  /// as soon as the association is connected, without waiting for the peer's answer.
  std::optional<uint16_t> Open(std::string_view label, const ChannelOptions& options, Timestamp now,
                               ChannelOutput& out);
  /// False when the channel is not open or its buffer is full.
  bool Send(uint16_t channel, bool text, ByteView message, Timestamp now, ChannelOutput& out);
  /// Closes a channel from our side; what was sent before still arrives.
  void Close(uint16_t channel, Timestamp now, ChannelOutput& out);
  /// See SctpAssociation.
  void Probe(ChannelOutput& out);
  void HandleDeadline(Timestamp now, ChannelOutput& out);
  Timestamp NextDeadline() const;
  /// The association is gone for good (too large a message, abort by the peer).
  bool closed() const;
  /// Whether messages can flow; not yet while the handshake runs, and not when closed.
  bool connected() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace earshot
