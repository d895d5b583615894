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

/// What the packets of a client's sources are like.
struct MediaShape {
  /// All payloads are at least kMinSyntheticPayload and at most MediaSender::kMaxPayload.
  size_t opus_payload = 80;
  /// Opus with DTX: during silence one small packet each 400 ms.
  bool rests_in_silence = false;
  Duration frame_interval = Duration::Micros(66667);
  /// Unset: small frames of one and two packets in turn, so that marker bits and frame starts
  /// differ.
  DataRate video_rate = {};
  /// A frame of a given rate is cut into as few packets of equal size as this allows.
  size_t video_payload = 1100;
};

class MediaSender {
 public:
  static constexpr Duration kAudioInterval = Duration::Millis(20);
  /// RFC 6716 section 2.1.9: with DTX, "only one frame is encoded every 400 milliseconds".
  static constexpr Duration kSilenceInterval = Duration::Millis(400);
  static constexpr size_t kMaxPayload = 1200;

  /// `first_index` is the first packet's SRTP index; its low half should be below 2^15, or a loss
  /// of the first packets is taken for a roll-over (RFC 3711 section 3.3.1).
  MediaSender(const SentStream& stream, const ClientNumbers& numbers, uint64_t first_index,
              Random& random, const MediaShape& shape = {});

  SourceKind kind() const { return stream_.kind; }
  const SentStream& stream() const { return stream_; }
  bool is_on() const { return !next_deadline_.IsNever(); }
  /// Sends from now on, as this source; video begins with a keyframe.
  void Start(SourceId source, Timestamp now);
  void Stop() { next_deadline_ = Timestamp::Never(); }
  /// What the packets of audio say from now on. A voice need not wait for the end of a silence.
  void SetAudioLevel(AudioLevel level);

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
  // A second of 2 Mbit/s; small, since payloads are rebuilt.
  static constexpr size_t kHistory = 256;
  struct FrameCut {
    size_t packets;
    size_t payload;
  };

  bool is_video() const { return MediaKindOf(kind()) == MediaKind::kVideo; }
  bool rests() const { return shape_.rests_in_silence && !level_.voice_activity; }
  Duration interval() const;
  FrameCut CutFrame(bool keyframe) const;
  uint32_t TimestampAt(Timestamp now) const;
  void SendAudio(Timestamp now, ClientTransport& transport, DatagramList& out);
  void SendFrame(Timestamp now, ClientTransport& transport, DatagramList& out);
  void Send(const Packet& packet, ClientTransport& transport, DatagramList& out);
  void SendRepair(const Packet& packet, ClientTransport& transport, DatagramList& out);

  SentStream stream_;
  ClientNumbers numbers_;
  MediaShape shape_;
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
  Timestamp last_turn_ = Timestamp::LongAgo();
  std::vector<Packet> history_;  // video only
};

}  // namespace earshot
