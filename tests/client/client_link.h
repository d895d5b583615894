#pragma once

// A client whose server end is the bare transport: what it sends is opened and kept, and tests say
// what it gets back. Virtual time, no delay.

#include <array>
#include <string>
#include <vector>

#include "client/client.h"
#include "transport/peer_transport.h"

namespace earshot {

class ClientLink {
 public:
  explicit ClientLink(const ClientOptions& options = {}, const SourceSet& published = {})
      : client(options, *certificate_, random_) {
    const auto offer = sdp::ParseOffer(client.Offer());
    const IceCredentials local = IceCredentials::Make(random_);
    server.emplace(
        local, IceCredentials{offer->ice_ufrag, offer->ice_password}, IceOptions{}, *certificate_,
        std::vector<Fingerprint>{{offer->fingerprints[0].algorithm, offer->fingerprints[0].value}},
        now);
    accepted = !client.Accept(Answer(*offer, local), ParticipantId{7}, now);
    client.Publish(published, now, out_);
  }
  void Run(Duration limit) {
    const Timestamp end = now + limit;
    while (true) {
      const Timestamp next = std::min(client.NextDeadline(), server->NextDeadline());
      if (next > end) break;
      now = std::max(now, next);
      client.HandleDeadline(now, out_);
      deadlines_advance = deadlines_advance && client.NextDeadline() > now;
      server->HandleDeadline(now, server_out_, events_);
      Exchange();
    }
    now = end;
  }
  /// Until nobody has anything to say.
  void Exchange() {
    while (!out_.datagrams.empty() || !server_out_.empty()) {
      const DatagramList to_server = std::exchange(out_.datagrams, {});
      for (size_t i = 0; i < to_server.size(); ++i) ToServer(to_server[i].bytes);
      const DatagramList to_client = std::exchange(server_out_, {});
      for (size_t i = 0; i < to_client.size(); ++i) {
        std::vector<uint8_t> bytes(to_client[i].bytes.begin(), to_client[i].bytes.end());
        client.HandleDatagram(kServer, bytes, now, out_);
        closed |= out_.closed;
      }
    }
    out_.Clear();
  }
  void SendRtcp(ByteView compound) {
    server->SendRtcp(compound, server_out_);
    Exchange();
  }
  bool Move(const Pose& pose) {
    const bool sent = client.Move(pose, now, out_);
    Exchange();
    return sent;
  }
  void Publish(SourceSet published) {
    client.Publish(published, now, out_);
    Exchange();
  }
  void CloseServer() {
    server->Close(now, server_out_);
    Exchange();
  }
  void CloseClient() {
    client.Close(out_);
    Exchange();
  }
  size_t CountRtp(uint32_t ssrc) const {
    size_t count = 0;
    for (const auto& packet : rtp) count += RtpView::Parse(packet)->ssrc() == ssrc;
    return count;
  }

 private:
  inline static const SocketAddress kServer = *SocketAddress::FromLiteral("192.0.2.1", 40000);
  inline static const SocketAddress kClient = *SocketAddress::FromLiteral("192.0.2.2", 50000);

  std::string Answer(const sdp::Offer& offer, const IceCredentials& local) const {
    sdp::Answer answer;
    answer.ice_ufrag = local.ufrag;
    answer.ice_password = local.password;
    answer.fingerprint_algorithm = certificate_->fingerprint().algorithm;
    answer.fingerprint = certificate_->fingerprint().value;
    answer.candidates = {kServer};
    uint32_t ssrc = 1000;
    for (const sdp::MediaSection& offered : offer.media) {
      sdp::AnswerSection section;
      section.offered = &offered;
      section.codecs = offered.codecs;
      section.extensions = offered.extensions;
      if (offered.direction == sdp::Direction::kSendOnly) {
        section.direction = sdp::Direction::kRecvOnly;
      } else if (offered.direction == sdp::Direction::kRecvOnly) {
        section.direction = sdp::Direction::kSendOnly;
        section.ssrc = ssrc++;
        if (offered.kind == sdp::SectionKind::kVideo) section.rtx_ssrc = ssrc++;
        section.cname = section.stream_id = "s";
      }
      answer.media.push_back(section);
    }
    return sdp::WriteAnswer(answer);
  }
  void ToServer(ByteView datagram) {
    std::vector<uint8_t> bytes(datagram.begin(), datagram.end());
    events_.Clear();
    const Inbound inbound = server->HandleDatagram(kClient, bytes, now, server_out_, events_);
    const ByteSpan packet = inbound.packet;
    if (inbound.kind == Inbound::Kind::kRtp) rtp.push_back({packet.begin(), packet.end()});
    if (inbound.kind == Inbound::Kind::kRtcp) rtcp.push_back({packet.begin(), packet.end()});
    for (const ChannelOpened& one : events_.channels_opened) opened.push_back(one);
    for (ChannelMessage& one : events_.messages) messages.push_back(std::move(one));
    if (events_.closed) server_closed = *events_.closed;
  }

  std::shared_ptr<const DtlsCertificate> certificate_ = DtlsCertificate::Make();
  SeededRandom random_{3};

 public:
  Timestamp now = Timestamp::Seconds(10);
  Client client;
  std::optional<PeerTransport> server;
  bool accepted = false;
  bool closed = false;
  bool deadlines_advance = true;
  std::optional<CloseReason> server_closed;
  std::vector<std::vector<uint8_t>> rtp, rtcp;  // opened
  std::vector<ChannelOpened> opened;
  std::vector<ChannelMessage> messages;

 private:
  ClientOutput out_;
  DatagramList server_out_;
  PeerTransportEvents events_;
};

}  // namespace earshot
