#pragma once

// One engine and a room in which one person speaks, with camera, to listeners: whole connections
// (ICE, DTLS, SRTP, SCTP), but no sockets, no threads and a clock that the owner moves. For what
// must be counted or timed per packet: packets are made and sealed apart from being handled.

#include <algorithm>
#include <array>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/counters.h"
#include "base/random.h"
#include "client/ice_client.h"
#include "earshot/engine.h"
#include "sdp/session.h"
#include "space/messages.h"
#include "transport/dtls.h"
#include "transport/secure_transport.h"
#include "wire/demux.h"
#include "wire/rtcp.h"
#include "wire/rtp_packet.h"

namespace earshot {

/// The numbers that everybody in the conference offers.
inline constexpr uint8_t kConferenceOpus = 111;
inline constexpr uint8_t kConferenceVp8 = 96;
inline constexpr uint8_t kConferenceVp8Rtx = 97;
inline constexpr ExtensionIds kConferenceIds{.mid = 4, .audio_level = 1, .abs_send_time = 2};

/// A client: connects, opens the events channel, and keeps consent alive.
class Attendee {
 public:
  Attendee(const SocketAddress& address, const DtlsCertificate& certificate, Random& random)
      : address_(address),
        certificate_(certificate),
        random_(random),
        credentials_(IceCredentials::Make(random)) {}

  std::string Offer() const {
    sdp::OfferDescription offer;
    offer.ice_ufrag = credentials_.ufrag;
    offer.ice_password = credentials_.password;
    offer.fingerprint_algorithm = certificate_.fingerprint().algorithm;
    offer.fingerprint = certificate_.fingerprint().value;
    for (const auto direction : {sdp::Direction::kSendOnly, sdp::Direction::kRecvOnly}) {
      const std::string prefix = direction == sdp::Direction::kSendOnly ? "s" : "r";
      offer.media.push_back(Audio(prefix + "a", direction));
      offer.media.push_back(Video(prefix + "v", direction));
    }
    sdp::MediaSection data;
    data.kind = sdp::SectionKind::kData;
    data.mid = "data";
    data.sctp_port = 5000;
    data.max_message_size = 65536;
    offer.media.push_back(data);
    return sdp::WriteOffer(offer);
  }
  void Accept(const std::string& answer_text, Timestamp now) {
    const sdp::ParsedAnswer answer = *sdp::ParseAnswer(answer_text);
    for (const sdp::MediaSection& media : answer.media) {
      if (media.mid == "rv") video_ssrc_ = media.ssrcs.at(0);
    }
    std::vector<Fingerprint> fingerprints;
    for (const auto& one : answer.fingerprints) fingerprints.push_back({one.algorithm, one.value});
    ice_.emplace(credentials_, IceCredentials{answer.ice_ufrag, answer.ice_password},
                 answer.candidates, IceClientOptions{}, random_, now);
    secure_.emplace(DtlsRole::kClient, certificate_, fingerprints, now);
  }

  const SocketAddress& address() const { return address_; }
  SecureTransport& secure() { return *secure_; }
  size_t rtp_received() const { return rtp_received_; }
  Timestamp NextDeadline() const { return std::min(ice_->NextDeadline(), secure_->NextDeadline()); }

  void HandleDatagram(const Datagram& datagram, Timestamp now, DatagramList& out) {
    if (ClassifyPacket(datagram.bytes) == PacketKind::kStun) {
      ice_->HandleStun(datagram, now);
      if (ice_->state() == IceClientState::kConnected && !std::exchange(started_, true)) {
        secure_->Start(now, secure_out_);
      }
    } else {
      std::vector<uint8_t> bytes(datagram.bytes.begin(), datagram.bytes.end());
      NoteMedia(secure_->HandleDatagram(bytes, now, secure_out_));
    }
    Settle(out);
  }
  void HandleDeadline(Timestamp now, DatagramList& out) {
    ice_->HandleDeadline(now, out);
    secure_->HandleDeadline(now, secure_out_);
    Settle(out);
  }
  void OpenEvents(Timestamp now, DatagramList& out) {
    events_ = secure_->OpenChannel(kEventsLabel, {}, now, secure_out_);
    Settle(out);
  }
  void Publish(SourceSet sources, Timestamp now, DatagramList& out) {
    std::array<uint8_t, 16> room;
    ByteWriter writer(room);
    WriteIPublish(sources, writer);
    secure_->SendOnChannel(*events_, false, writer.written(), now, secure_out_);
    Settle(out);
  }
  /// Sealed: asks for the last packet of video again.
  std::vector<uint8_t> MakeNack() {
    std::vector<uint8_t> bytes(100);
    ByteWriter writer(bytes);
    Write(Nack{1, video_ssrc_, {last_video_}}, writer);
    bytes.resize(secure_->SealRtcp(bytes, writer.size()));
    return bytes;
  }

 private:
  static sdp::MediaSection Audio(std::string mid, sdp::Direction direction) {
    sdp::MediaSection media = Section(sdp::SectionKind::kAudio, std::move(mid), direction);
    media.codecs.push_back({.payload_type = kConferenceOpus,
                            .name = "opus",
                            .clock_rate = 48000,
                            .channels = 2,
                            .parameters = "",
                            .feedback = {},
                            .repairs = {}});
    media.extensions.push_back({kConferenceIds.audio_level,
                                "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
                                sdp::Direction::kSendRecv});
    return media;
  }
  static sdp::MediaSection Video(std::string mid, sdp::Direction direction) {
    sdp::MediaSection media = Section(sdp::SectionKind::kVideo, std::move(mid), direction);
    media.codecs.push_back({.payload_type = kConferenceVp8,
                            .name = "VP8",
                            .clock_rate = 90000,
                            .parameters = "",
                            .feedback = {"nack", "nack pli"},
                            .repairs = {}});
    media.codecs.push_back({.payload_type = kConferenceVp8Rtx,
                            .name = "rtx",
                            .clock_rate = 90000,
                            .parameters = "apt=" + std::to_string(kConferenceVp8),
                            .feedback = {},
                            .repairs = kConferenceVp8});
    return media;
  }
  static sdp::MediaSection Section(sdp::SectionKind kind, std::string mid,
                                   sdp::Direction direction) {
    sdp::MediaSection media;
    media.kind = kind;
    media.mid = std::move(mid);
    media.direction = direction;
    media.extensions.push_back(
        {kConferenceIds.mid, "urn:ietf:params:rtp-hdrext:sdes:mid", sdp::Direction::kSendRecv});
    media.extensions.push_back({kConferenceIds.abs_send_time,
                                "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
                                sdp::Direction::kSendRecv});
    return media;
  }
  void NoteMedia(const Inbound& inbound) {
    if (inbound.kind != Inbound::Kind::kRtp) return;
    ++rtp_received_;
    const auto view = RtpView::Parse(inbound.packet);
    if (view && view->ssrc() == video_ssrc_) last_video_ = view->sequence_number();
  }
  void Settle(DatagramList& out) {
    for (size_t i = 0; i < secure_out_.packets.size(); ++i) {
      out.Push(ice_->selected(), secure_out_.packets[i]);
    }
    secure_out_.Clear();
  }

  const SocketAddress address_;
  const DtlsCertificate& certificate_;
  Random& random_;
  const IceCredentials credentials_;
  std::optional<IceClient> ice_;
  std::optional<SecureTransport> secure_;
  SecureOutput secure_out_;
  bool started_ = false;
  std::optional<uint16_t> events_;
  uint32_t video_ssrc_ = 0;
  uint16_t last_video_ = 0;
  size_t rtp_received_ = 0;
};

class Conference {
 public:
  /// Everybody is connected afterwards, and the links from the speaker to all listeners are there;
  /// see IsComplete.
  explicit Conference(size_t listeners)
      : engine_(MakeOptions(), DtlsCertificate::Make(), random_, counters) {
    for (size_t i = 0; i <= listeners; ++i) Join(i);
    Run(Duration::Seconds(2));
    for (Attendee& attendee : attendees_) {
      attendee.OpenEvents(now, answers_);
      CarryToEngine(attendee);
    }
    Run(Duration::Seconds(2));
    SourceSet published;
    published.Set(SourceKind::kMic, true);
    published.Set(SourceKind::kCamera, true);
    attendees_[0].Publish(published, now, answers_);
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
    header.payload_type = kConferenceOpus;
    header.sequence_number = static_cast<uint16_t>(audio_index_);
    header.timestamp = static_cast<uint32_t>(audio_index_ * 960);
    header.ssrc = kAudioSsrc;
    header.mid = "sa";
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
    header.payload_type = kConferenceVp8;
    header.sequence_number = static_cast<uint16_t>(video_index_);
    header.timestamp = static_cast<uint32_t>(frame * 3000);
    header.ssrc = kVideoSsrc;
    header.mid = "sv";
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
    engine_.HandleDatagram(attendees_[0].address(), datagram, now, out);
  }
  void FromListener(size_t listener, ByteSpan datagram) {
    engine_.HandleDatagram(attendees_[listener + 1].address(), datagram, now, out);
  }
  Attendee& listener(size_t index) { return attendees_[index + 1]; }
  /// Carries what is in `out` to the attendees, their answers back, and so on.
  void Exchange() {
    while (!out.datagrams.empty() || !to_engine_.empty()) {
      std::swap(out, from_engine_);
      for (size_t i = 0; i < from_engine_.datagrams.size(); ++i) {
        const Datagram datagram = from_engine_.datagrams[i];
        Attendee& attendee = attendees_[datagram.peer.port() - kFirstPort];
        attendee.HandleDatagram({kServer, datagram.bytes}, now, answers_);
        CarryToEngine(attendee);
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
      for (const Attendee& one : attendees_) next = std::min(next, one.NextDeadline());
      if (next > end) break;
      now = std::max(now, next);
      engine_.HandleDeadline(now, out);
      for (Attendee& one : attendees_) {
        if (one.NextDeadline() > now) continue;
        one.HandleDeadline(now, answers_);
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
  static constexpr uint32_t kAudioSsrc = 0x1000;
  static constexpr uint32_t kVideoSsrc = 0x2000;
  static constexpr uint16_t kFirstPort = 10000;
  inline static const SocketAddress kServer = *SocketAddress::FromLiteral("192.0.2.1", 40000);

  static EngineOptions MakeOptions() {
    EngineOptions options;
    options.spaces.push_back({.id = "hall", .plan = {}});
    options.candidates = {kServer};
    return options;
  }
  void Join(size_t index) {
    const SocketAddress address =
        *SocketAddress::FromLiteral("192.0.2.77", static_cast<uint16_t>(kFirstPort + index));
    Attendee& attendee = attendees_.emplace_back(address, *certificate_, random_);
    JoinRequest request;
    request.space = "hall";
    request.offer = attendee.Offer();
    request.track_mids[static_cast<size_t>(SourceKind::kMic)] = "sa";
    request.track_mids[static_cast<size_t>(SourceKind::kCamera)] = "sv";
    attendee.Accept(engine_.Join(request, now)->answer, now);
  }
  void CarryToEngine(const Attendee& attendee) {
    for (size_t i = 0; i < answers_.size(); ++i) {
      const ByteView bytes = answers_[i].bytes;
      to_engine_.emplace_back(attendee.address(), std::vector<uint8_t>(bytes.begin(), bytes.end()));
    }
    answers_.Clear();
  }
  std::vector<uint8_t> Seal(const RtpHeader& header, uint64_t packet_index) {
    std::vector<uint8_t> packet(kMaxWrittenRtpHeaderSize + payload_.size() + kMaxSrtpOverhead);
    const size_t header_size = WriteRtpHeader(header, kConferenceIds, packet);
    packet.resize(attendees_[0].secure().SealRtp(packet, header_size, payload_, packet_index));
    return packet;
  }

  SeededRandom random_{1};
  std::shared_ptr<const DtlsCertificate> certificate_ = DtlsCertificate::Make();
  Engine engine_;
  std::deque<Attendee> attendees_;  // the first is the speaker
  EngineOutput from_engine_;
  DatagramList answers_;
  std::vector<std::pair<SocketAddress, std::vector<uint8_t>>> to_engine_;
  std::vector<uint8_t> payload_;
  uint64_t audio_index_ = 0;
  uint64_t video_index_ = 0;
};

}  // namespace earshot
