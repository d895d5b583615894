#pragma once

// One published source of a client: makes packets at the pace of its kind, keyframes when asked,
// retransmissions for NACKs, and sender reports. Knows no server and no floor. One thread.

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "client/client_transport.h"
#include "client/session.h"
#include "client/synthetic_media.h"
#include "wire/rtcp.h"

namespace earshot {

class MediaSender {
 public:
  static constexpr Duration kAudioInterval = Duration::Millis(20);
  static constexpr Duration kVideoInterval = Duration::Micros(66667);

  /// `first_index` is the first packet's SRTP index; its low half should be below 2^15, or a loss
  /// of the first packets is taken for a roll-over (RFC 3711 section 3.3.1).
  MediaSender(const SentStream& stream, const ClientNumbers& numbers, uint64_t first_index,
              Random& random);

  SourceKind kind() const { return stream_.kind; }
  const SentStream& stream() const { return stream_; }
  bool is_on() const { return !next_deadline_.IsNever(); }
  /// Sends from now on, as this source; video begins with a keyframe.
  void Start(SourceId source, Timestamp now);
  void Stop() { next_deadline_ = Timestamp::Never(); }
  /// What the audio level says; -dBov.
  void SetAudioLevel(AudioLevel level) { level_ = level; }

  void HandleDeadline(Timestamp now, ClientTransport& transport, DatagramList& out);
  Timestamp NextDeadline() const { return next_deadline_; }

  void WantKeyframe() { wants_keyframe_ = true; }
  /// Answers what is still known, by RTX.
  void HandleNack(std::span<const uint16_t> sequence_numbers, ClientTransport& transport,
                  DatagramList& out);
  /// Nothing before the first packet.
  std::optional<SenderReport> MakeReport(Timestamp now) const;

  uint64_t packets_sent() const { return sent_; }

 private:
  struct Packet {
    uint64_t index = 0;
    uint32_t timestamp = 0;
    bool marker = false;
    SyntheticPayload payload;
  };
  // A second of video; small, since payloads are rebuilt.
  static constexpr size_t kHistory = 128;
  static constexpr size_t kMaxPayload = 1100;

  bool is_video() const { return MediaKindOf(kind()) == MediaKind::kVideo; }
  uint32_t TimestampAt(Timestamp now) const;
  void SendAudio(Timestamp now, ClientTransport& transport, DatagramList& out);
  void SendFrame(Timestamp now, ClientTransport& transport, DatagramList& out);
  void Send(const Packet& packet, ClientTransport& transport, DatagramList& out);
  void SendRepair(const Packet& packet, ClientTransport& transport, DatagramList& out);

  SentStream stream_;
  ClientNumbers numbers_;
  SourceId source_;
  AudioLevel level_;
  const uint32_t timestamp_base_;
  uint64_t next_index_;
  uint64_t next_rtx_index_;
  uint64_t sent_ = 0;
  uint32_t octets_ = 0;
  uint16_t picture_id_;
  uint8_t tl0_pic_idx_;
  bool wants_keyframe_ = false;
  Timestamp next_deadline_ = Timestamp::Never();
  std::vector<Packet> history_;  // video only
};

}  // namespace earshot
