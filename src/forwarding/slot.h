#pragma once

// One outbound stream of a listener: one SSRC, one MID, one continuous numbering for the life of
// the connection, whatever source fills it. Says what each outbound packet looks like; sealing and
// sending happen elsewhere. One thread.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "forwarding/rtp_rewriter.h"
#include "forwarding/sent_history.h"
#include "forwarding/source.h"

namespace earshot {

struct SlotFormat {
  SlotRef ref;
  std::string mid;
  uint32_t ssrc = 0;
  uint32_t rtx_ssrc = 0;
  PayloadFormats payloads;
  ExtensionIds extensions;
};

/// A finished header and where its payload lies.
struct OutboundPacket {
  RtpHeader header;
  uint64_t packet_index = 0;
  ByteView payload;
  bool starts_source = false;
};

class Slot {
 public:
  Slot(SlotFormat format, Random& random);

  const SlotFormat& format() const { return format_; }
  SourceId source() const { return source_; }
  /// Binds another source, or none. What was sent of the one before can no longer be repaired:
  /// its media is not this listener's business any more (threat row R17).
  void Assign(SourceId source);
  /// The layer to be at: the slot changes over with its next keyframe. Nothing: what the source
  /// sends is not written any more.
  void AimAt(std::optional<uint8_t> layer);
  std::optional<uint8_t> aim() const { return aim_; }

  /// Nothing for what must not be sent: another codec than negotiated, or video before its first
  /// keyframe (the caller asks for one when waiting_for_keyframe).
  std::optional<OutboundPacket> Write(const SourcePacket& packet, Timestamp now);
  bool waiting_for_keyframe() const {
    return source_ && aim_ && (stream_->rewriter.waiting() || layer_ != aim_);
  }

  /// The packet that answers a NACK for `sequence_number`: RTX where negotiated (RFC 4588). The
  /// payload is built in `scratch`. Nothing when it is not ours, not there any more, or was
  /// repaired within the last 20 ms (threat row C2). `layers` are those of our source.
  std::optional<OutboundPacket> Repair(uint16_t sequence_number, std::span<const Source> layers,
                                       Timestamp now, std::vector<uint8_t>& scratch);

  /// Long ago before the first packet.
  Timestamp last_sent() const {
    return stream_ == nullptr ? Timestamp::LongAgo() : stream_->rewriter.last_sent();
  }
  /// Nothing has been sent for so long that what was can no longer be repaired: frees its memory.
  void ForgetPackets() {
    if (stream_ != nullptr) stream_->history.Clear();
  }

  /// Nothing before the first packet.
  std::optional<SenderReport> MakeSenderReport(Timestamp now) const;
  void CountSent(size_t payload_size) {
    ++stream_->packets_sent;
    stream_->octets_sent += static_cast<uint32_t>(payload_size);
  }

 private:
  // From the first source on, for the life of the connection: most slots of most people stay empty.
  struct Stream {
    explicit Stream(const RtpOrigin& origin) : rewriter(origin) {}

    RtpRewriter rewriter;
    // The last packet of a source and layer that was written; stays when the slot changes hands.
    SourceId written_source;
    uint8_t written_layer = 0;
    int64_t written_sequence = 0;
    Codec codec = Codec::kOpus;
    SentHistory history;  // video only
    uint32_t packets_sent = 0;
    uint32_t octets_sent = 0;
  };

  const PayloadFormat* FindPayload(Codec codec) const;
  bool FollowLayer(const SourcePacket& packet);
  RtpHeader MakeHeader(const PayloadFormat& payload, const OutboundPosition& position,
                       bool marker) const;

  SlotFormat format_;
  SourceId source_;
  std::optional<uint8_t> aim_ = 0;
  std::optional<uint8_t> layer_;  // of what is written
  RtpOrigin origin_;
  uint64_t rtx_index_;
  std::unique_ptr<Stream> stream_;
};

}  // namespace earshot
