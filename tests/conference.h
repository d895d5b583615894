#pragma once

// One engine and a room in which one person speaks, with camera, to listeners: whole connections
// (ICE, DTLS, SRTP, SCTP), but no sockets, no threads and a clock that the owner moves. For what
// must be counted or timed per packet: packets are made and sealed apart from being handled.

#include <algorithm>
#include <array>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "base/counters.h"
#include "base/random.h"
#include "client/client.h"
#include "earshot/engine.h"
#include "transport/dtls.h"
#include "wire/messages.h"
#include "wire/rtcp.h"
#include "wire/rtp_packet.h"

namespace earshot {

class Conference {
 public:
  /// Everybody is connected afterwards, and the links from the speaker to all listeners are there;
  /// see IsComplete.
  explicit Conference(size_t listeners)
      : engine_(MakeOptions(), DtlsCertificate::Make(), random_, counters) {
    for (size_t i = 0; i <= listeners; ++i) Join(i);
    Run(Duration::Seconds(2));
    // Told by hand: with Publish the client would send media at its own pace.
    SourceSet published;
    published.Set(SourceKind::kMic, true);
    published.Set(SourceKind::kCamera, true);
    std::array<uint8_t, kMaxMessageBytes> room;
    ByteWriter writer(room);
    WriteIPublish(published, writer);
    speaker().SendOnEvents(writer.written(), now, answers_);
    CarryToEngine(attendees_[0]);
    Run(Duration::Seconds(2));
  }
  /// Whether each listener has the speaker in an audio and a video slot.
  bool IsComplete() const {
    const size_t listeners = attendees_.size() - 1;
    return counters.slots_in_use[0].value() == listeners &&
           counters.slots_in_use[1].value() == listeners;
  }

  /// The speaker's next packet of 20 ms, sealed.
  std::vector<uint8_t> MakeAudio(size_t payload_size = 120) {
    RtpHeader header;
    header.payload_type = speaker().session().numbers().opus_payload_type;
    header.sequence_number = static_cast<uint16_t>(audio_index_);
    header.timestamp = static_cast<uint32_t>(audio_index_ * 960);
    header.ssrc = StreamOf(SourceKind::kMic).ssrc;
    header.mid = StreamOf(SourceKind::kMic).mid;
    header.audio_level = AudioLevel{true, 30};
    payload_.assign(payload_size, 0x5a);
    return Seal(header, audio_index_++);
  }
  /// The camera's next packet, sealed: VP8 frames of four packets, the first one a keyframe.
  std::vector<uint8_t> MakeVideo(size_t payload_size = 1100) {
    const uint64_t frame = video_index_ / kPacketsPerFrame;
    const bool starts_frame = video_index_ % kPacketsPerFrame == 0;
    RtpHeader header;
    header.marker = video_index_ % kPacketsPerFrame == kPacketsPerFrame - 1;
    header.payload_type = speaker().session().numbers().vp8_payload_type;
    header.sequence_number = static_cast<uint16_t>(video_index_);
    header.timestamp = static_cast<uint32_t>(frame * 3000);
    header.ssrc = StreamOf(SourceKind::kCamera).ssrc;
    header.mid = StreamOf(SourceKind::kCamera).mid;
    payload_.assign(payload_size, 0x5a);
    payload_[0] = starts_frame ? 0x90 : 0x80;
    payload_[1] = 0xc0;
    StoreBigEndian(payload_.data() + 2, static_cast<uint16_t>(0x8000 | frame));
    payload_[4] = static_cast<uint8_t>(frame);
    payload_[5] = frame == 0 ? 0x10 : 0x11;
    return Seal(header, video_index_++);
  }
  static constexpr Duration kFrameInterval = Duration::Micros(33333);
  static constexpr uint64_t kPacketsPerFrame = 4;

  /// A datagram of the speaker. What it causes is added to `out`.
  void FromSpeaker(ByteSpan datagram) {
    engine_.HandleDatagram(attendees_[0].address, datagram, now, out);
  }
  /// The engine's timers only. What they cause is added to `out`.
  void HandleDeadline() { engine_.HandleDeadline(now, out); }
  void FromListener(size_t listener, ByteSpan datagram) {
    engine_.HandleDatagram(attendees_[listener + 1].address, datagram, now, out);
  }
  /// Sealed: a listener asks for the last packet of video again.
  std::vector<uint8_t> MakeNack(size_t listener) {
    Attendee& attendee = attendees_[listener + 1];
    std::array<uint8_t, 100> room;
    ByteWriter writer(room);
    Write(Nack{1, VideoSlotOf(attendee.client).ssrc, {attendee.last_video}}, writer);
    attendee.client.SendRtcp(writer.written(), answers_);
    return TakeAnswer();
  }
  /// Media packets that came to the listener, repairs included.
  uint64_t received(size_t listener) const { return attendees_[listener + 1].received; }

  /// Carries what is in `out` to the clients, their answers back, and so on.
  void Exchange() {
    while (!out.datagrams.empty() || !to_engine_.empty()) {
      std::swap(out, from_engine_);
      for (size_t i = 0; i < from_engine_.datagrams.size(); ++i) {
        ToClient(from_engine_.datagrams[i]);
      }
      from_engine_.Clear();
      for (auto& [peer, bytes] : to_engine_) engine_.HandleDatagram(peer, bytes, now, out);
      to_engine_.clear();
    }
  }
  /// Everybody's timers, until `duration` has passed.
  void Run(Duration duration) {
    const Timestamp end = now + duration;
    while (true) {
      Timestamp next = engine_.NextDeadline();
      for (const Attendee& one : attendees_) next = std::min(next, one.client.NextDeadline());
      if (next > end) break;
      now = std::max(now, next);
      engine_.HandleDeadline(now, out);
      for (Attendee& one : attendees_) {
        one.client.HandleDeadline(now, answers_);
        CarryToEngine(one);
      }
      Exchange();
    }
    now = end;
  }

  Counters counters;
  EngineOutput out;
  Timestamp now = Timestamp::Seconds(1000);

 private:
  struct Attendee {
    Attendee(uint16_t port, const DtlsCertificate& certificate, Random& random)
        : address(*SocketAddress::FromLiteral("192.0.2.77", port)),
          client(MakeClientOptions(), certificate, random) {}

    const SocketAddress address;
    Client client;
    uint64_t received = 0;
    uint16_t last_video = 0;
  };
  static constexpr uint16_t kFirstPort = 10000;
  inline static const SocketAddress kServer = *SocketAddress::FromLiteral("192.0.2.1", 40000);

  static EngineOptions MakeOptions() {
    EngineOptions options;
    options.spaces.push_back({.id = "hall", .plan = {}});
    options.candidates = {kServer};
    return options;
  }
  static ClientOptions MakeClientOptions() {
    ClientOptions options;
    options.offer.audio_slots = options.offer.video_slots = 1;
    return options;
  }
  static const SlotStream& VideoSlotOf(const Client& client) {
    return std::ranges::find_if(client.slots(),
                                [](const SlotReceiver& slot) {
                                  return slot.stream().ref == SlotRef{MediaKind::kVideo, 0};
                                })
        ->stream();
  }

  void Join(size_t index) {
    const auto port = static_cast<uint16_t>(kFirstPort + index);
    Client& client = attendees_.emplace_back(port, *certificate_, random_).client;
    JoinRequest request;
    request.space = "hall";
    request.offer = client.Offer();
    request.track_mids = client.TrackMids();
    const Joined joined = *engine_.Join(request, now);
    client.Accept(joined.answer, joined.participant, now);
  }
  Client& speaker() { return attendees_[0].client; }
  const SentStream& StreamOf(SourceKind kind) {
    return *std::ranges::find(speaker().session().streams(), kind, &SentStream::kind);
  }
  void ToClient(const Datagram& datagram) {
    Attendee& attendee = attendees_[datagram.peer.port() - kFirstPort];
    std::vector<uint8_t> bytes(datagram.bytes.begin(), datagram.bytes.end());
    attendee.client.HandleDatagram(kServer, bytes, now, answers_);
    if (const auto& media = answers_.media) {
      ++attendee.received;
      const auto sequence = static_cast<uint16_t>(media->extended_sequence);
      if (media->slot.kind == MediaKind::kVideo) attendee.last_video = sequence;
    }
    CarryToEngine(attendee);
  }
  void CarryToEngine(const Attendee& from) {
    for (size_t i = 0; i < answers_.datagrams.size(); ++i) {
      const ByteView bytes = answers_.datagrams[i].bytes;
      to_engine_.emplace_back(from.address, std::vector<uint8_t>(bytes.begin(), bytes.end()));
    }
    answers_.Clear();
  }
  std::vector<uint8_t> TakeAnswer() {
    const ByteView bytes = answers_.datagrams[0].bytes;
    std::vector<uint8_t> datagram(bytes.begin(), bytes.end());
    answers_.Clear();
    return datagram;
  }
  std::vector<uint8_t> Seal(const RtpHeader& header, uint64_t packet_index) {
    const ExtensionIds& ids = speaker().session().numbers().extensions;
    speaker().transport()->SendRtp([&](ByteSpan room) { return WriteRtpHeader(header, ids, room); },
                                   payload_, packet_index, answers_.datagrams);
    return TakeAnswer();
  }

  SeededRandom random_{1};
  std::shared_ptr<const DtlsCertificate> certificate_ = DtlsCertificate::Make();
  Engine engine_;
  std::deque<Attendee> attendees_;  // the first is the speaker
  EngineOutput from_engine_;
  ClientOutput answers_;
  std::vector<std::pair<SocketAddress, std::vector<uint8_t>>> to_engine_;
  std::vector<uint8_t> payload_;
  uint64_t audio_index_ = 0;
  uint64_t video_index_ = 0;
};

}  // namespace earshot
