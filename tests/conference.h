#pragma once

// One engine and a room in which people speak, with camera, to all others: whole connections (ICE,
// DTLS, SRTP, SCTP), but no sockets, no threads and a clock that the owner moves. For what must be
// counted or timed per packet: packets are made and sealed apart from being handled.

#include <algorithm>
#include <array>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/counters.h"
#include "base/random.h"
#include "client/client.h"
#include "earshot/engine.h"
#include "transport/dtls.h"
#include "wire/messages.h"
#include "wire/rtcp.h"
#include "wire/rtp_packet.h"

namespace earshot {

/// Who meets, and where their datagrams come from and go to.
struct Attendance {
  /// The first of the addresses are the speakers'.
  static Attendance MadeUp(size_t speakers, size_t listeners) {
    Attendance attendance{speakers, *SocketAddress::FromLiteral("192.0.2.1", 40000), {}};
    constexpr uint16_t kFirstPort = 10000;
    for (size_t i = 0; i < speakers + listeners; ++i) {
      const auto port = static_cast<uint16_t>(kFirstPort + i);
      attendance.people.push_back(*SocketAddress::FromLiteral("192.0.2.77", port));
    }
    return attendance;
  }
  size_t speakers;
  SocketAddress server;
  std::vector<SocketAddress> people;
};

class Conference {
 public:
  using Sent = std::vector<std::pair<SocketAddress, std::vector<uint8_t>>>;

  /// One speaker.
  explicit Conference(size_t listeners) : Conference(Attendance::MadeUp(1, listeners)) {}
  /// Everybody is connected afterwards, and the links from the speakers to all others are there;
  /// see IsComplete.
  explicit Conference(const Attendance& attendance)
      : speakers_(attendance.speakers),
        server_(attendance.server),
        engine_(MakeOptions(), DtlsCertificate::Make(), random_, counters) {
    for (const SocketAddress& address : attendance.people) Join(address);
    Run(Duration::Seconds(2));
    // Told by hand: with Publish the client would send media at its own pace.
    SourceSet published;
    published.Set(SourceKind::kMic, true);
    published.Set(SourceKind::kCamera, true);
    std::array<uint8_t, kMaxMessageBytes> room;
    ByteWriter writer(room);
    WriteIPublish(published, writer);
    for (size_t i = 0; i < speakers_; ++i) {
      attendees_[i].client.SendOnEvents(writer.written(), now, answers_);
      CarryToEngine(attendees_[i]);
    }
    Run(Duration::Seconds(2));
  }
  /// Whether everybody has each speaker, but for themselves, in an audio and a video slot.
  bool IsComplete() const {
    const size_t links = speakers_ * (attendees_.size() - 1);
    return counters.slots_in_use[0].value() == links && counters.slots_in_use[1].value() == links;
  }

  /// A speaker's next packet of 20 ms, sealed.
  std::vector<uint8_t> MakeAudio(size_t payload_size = 120, size_t speaker = 0) {
    Attendee& from = attendees_[speaker];
    const SentStream& stream = StreamOf(from, SourceKind::kMic);
    RtpHeader header;
    header.payload_type = from.client.session().numbers().opus_payload_type;
    header.sequence_number = static_cast<uint16_t>(from.audio_index);
    header.timestamp = static_cast<uint32_t>(from.audio_index * 960);
    header.ssrc = stream.ssrc;
    header.mid = stream.mid;
    header.audio_level = AudioLevel{true, 30};
    payload_.assign(payload_size, 0x5a);
    return Seal(from, header, from.audio_index++);
  }
  /// A camera's next packet, sealed: VP8 frames of four packets, the first one a keyframe.
  std::vector<uint8_t> MakeVideo(size_t payload_size = 1100, size_t speaker = 0) {
    Attendee& from = attendees_[speaker];
    const SentStream& stream = StreamOf(from, SourceKind::kCamera);
    const uint64_t frame = from.video_index / kPacketsPerFrame;
    const bool starts_frame = from.video_index % kPacketsPerFrame == 0;
    RtpHeader header;
    header.marker = from.video_index % kPacketsPerFrame == kPacketsPerFrame - 1;
    header.payload_type = from.client.session().numbers().vp8_payload_type;
    header.sequence_number = static_cast<uint16_t>(from.video_index);
    header.timestamp = static_cast<uint32_t>(frame * 3000);
    header.ssrc = stream.ssrc;
    header.mid = stream.mid;
    payload_.assign(payload_size, 0x5a);
    payload_[0] = starts_frame ? 0x90 : 0x80;
    payload_[1] = 0xc0;
    StoreBigEndian(payload_.data() + 2, static_cast<uint16_t>(0x8000 | frame));
    payload_[4] = static_cast<uint8_t>(frame);
    payload_[5] = frame == 0 ? 0x10 : 0x11;
    return Seal(from, header, from.video_index++);
  }
  static constexpr Duration kFrameInterval = Duration::Micros(33333);
  static constexpr uint64_t kPacketsPerFrame = 4;

  /// A datagram of the first speaker. What it causes is added to `out`.
  void FromSpeaker(ByteSpan datagram) {
    engine_.HandleDatagram(attendees_[0].address, datagram, now, out);
  }
  /// The engine's timers only. What they cause is added to `out`.
  void HandleDeadline() { engine_.HandleDeadline(now, out); }
  void FromListener(size_t listener, ByteSpan datagram) {
    engine_.HandleDatagram(attendees_[speakers_ + listener].address, datagram, now, out);
  }
  /// Sealed: a listener asks for the last packet of video again.
  std::vector<uint8_t> MakeNack(size_t listener) {
    Attendee& attendee = attendees_[speakers_ + listener];
    std::array<uint8_t, 100> room;
    ByteWriter writer(room);
    Write(Nack{1, VideoSlotOf(attendee.client).ssrc, {attendee.last_video}}, writer);
    attendee.client.SendRtcp(writer.written(), answers_);
    return TakeAnswer();
  }
  /// Media packets that came to the listener, repairs included.
  uint64_t received(size_t listener) const { return attendees_[speakers_ + listener].received; }

  /// Carries what is in `out` to the clients, their answers back, and so on.
  void Exchange() {
    while (!out.datagrams.empty() || !to_engine_.empty()) {
      std::swap(out, from_engine_);
      for (size_t i = 0; i < from_engine_.datagrams.size(); ++i) {
        const Datagram datagram = from_engine_.datagrams[i];
        std::vector<uint8_t> bytes(datagram.bytes.begin(), datagram.bytes.end());
        ToClient(person_at_.at(datagram.peer), bytes);
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
      RunClients();
      Exchange();
    }
    now = end;
  }

  // For who carries the datagrams over sockets: the engine's half, and that of the clients, whose
  // answers TakeSent gives.
  Engine& engine() { return engine_; }
  /// The clients' timers.
  void RunClients() {
    for (Attendee& one : attendees_) {
      one.client.HandleDeadline(now, answers_);
      CarryToEngine(one);
    }
  }
  void ToClient(size_t person, ByteSpan bytes) {
    Attendee& attendee = attendees_[person];
    attendee.client.HandleDatagram(server_, bytes, now, answers_);
    if (const auto& media = answers_.media) {
      ++attendee.received;
      const auto sequence = static_cast<uint16_t>(media->extended_sequence);
      if (media->slot.kind == MediaKind::kVideo) attendee.last_video = sequence;
    }
    CarryToEngine(attendee);
  }
  Sent TakeSent() { return std::exchange(to_engine_, {}); }
  size_t PersonAt(const SocketAddress& address) const { return person_at_.at(address); }
  /// Media packets that came to anybody.
  uint64_t received_by_all() const {
    uint64_t sum = 0;
    for (const Attendee& one : attendees_) sum += one.received;
    return sum;
  }

  Counters counters;
  EngineOutput out;
  Timestamp now = Timestamp::Seconds(1000);

 private:
  struct Attendee {
    Attendee(const SocketAddress& at, const ClientOptions& options,
             const DtlsCertificate& certificate, Random& random)
        : address(at), client(options, certificate, random) {}

    const SocketAddress address;
    Client client;
    uint64_t audio_index = 0;  // of the next packet
    uint64_t video_index = 0;
    uint64_t received = 0;
    uint16_t last_video = 0;
  };

  EngineOptions MakeOptions() const {
    EngineOptions options;
    options.spaces.push_back({.id = "hall", .plan = {}});
    options.candidates = {server_};
    options.media.audio_slots = options.media.video_slots = static_cast<uint8_t>(speakers_);
    // Packets come as fast as they are handled.
    constexpr RateLimit kAny{1'000'000, 10'000'000};
    options.media.ingress = {.audio = kAny,
                             .video = kAny,
                             .video_layer = kAny,
                             .rtcp = kAny,
                             .data = kAny,
                             .burst = Duration::Seconds(24 * 3600)};
    return options;
  }
  ClientOptions MakeClientOptions() const {
    ClientOptions options;
    options.offer.audio_slots = options.offer.video_slots = static_cast<uint8_t>(speakers_);
    return options;
  }
  static const SlotStream& VideoSlotOf(const Client& client) {
    return std::ranges::find_if(client.slots(),
                                [](const SlotReceiver& slot) {
                                  return slot.stream().ref == SlotRef{MediaKind::kVideo, 0};
                                })
        ->stream();
  }

  void Join(const SocketAddress& address) {
    person_at_[address] = attendees_.size();
    Client& client =
        attendees_.emplace_back(address, MakeClientOptions(), *certificate_, random_).client;
    JoinRequest request;
    request.space = "hall";
    request.offer = client.Offer();
    request.track_mids = client.TrackMids();
    const Joined joined = *engine_.Join(request, now);
    client.Accept(joined.answer, joined.participant, now);
  }
  static const SentStream& StreamOf(const Attendee& from, SourceKind kind) {
    return *std::ranges::find(from.client.session().streams(), kind, &SentStream::kind);
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
  std::vector<uint8_t> Seal(Attendee& from, const RtpHeader& header, uint64_t packet_index) {
    const ExtensionIds& ids = from.client.session().numbers().extensions;
    from.client.transport()->SendRtp(
        [&](ByteSpan room) { return WriteRtpHeader(header, ids, room); }, payload_,
        {header.ssrc, packet_index}, answers_.datagrams);
    return TakeAnswer();
  }

  const size_t speakers_;
  const SocketAddress server_;
  SeededRandom random_{1};
  std::shared_ptr<const DtlsCertificate> certificate_ = DtlsCertificate::Make();
  Engine engine_;
  std::deque<Attendee> attendees_;  // the speakers first
  absl::flat_hash_map<SocketAddress, size_t> person_at_;
  EngineOutput from_engine_;
  ClientOutput answers_;
  Sent to_engine_;
  std::vector<uint8_t> payload_;
};

}  // namespace earshot
