#pragma once

// A PeerTransport and a minimal client of it (checks, DTLS, SRTP), joined by a link under virtual
// time. The client's address can change and its checks can stop.

#include <algorithm>
#include <array>
#include <deque>
#include <functional>
#include <utility>
#include <vector>

#include "transport/dtls_link.h"
#include "transport/peer_transport.h"

namespace earshot {

class PeerLink {
 public:
  static constexpr Duration kDelay = Duration::Millis(10);
  static constexpr Duration kCheckInterval = Duration::Millis(2500);

  explicit PeerLink(const Fingerprint& of_client = ClientCertificate().fingerprint())
      : server(kServer, kClient, {}, ServerCertificate(), {of_client}, now),
        client(DtlsRole::kClient, ClientCertificate(), {ServerCertificate().fingerprint()}, now) {}

  void Connect() {
    Check();
    client.Start(now, client_out_);
    CarryFromClient();
    Run(Duration::Seconds(1));
  }
  /// One authenticated Binding request from the client's address.
  void Check(bool nominates = true) {
    std::array<uint8_t, 256> room;
    StunTransactionId id{};
    StoreBigEndian(id.data(), ++checks_);
    StunWriter writer(room, StunClass::kRequest, kStunBindingMethod, id);
    writer.Username("serverufrag:clientufrag");
    writer.Priority(1000);
    writer.IceControlling(7);
    if (nominates) writer.UseCandidate();
    const size_t size = writer.Finish(kServer.password);
    if (copies_checks_to_server_from.IsSet()) {
      copied_bytes += size;
      wire_.push_back({now + kDelay,
                       true,
                       copies_checks_to_server_from,
                       {room.begin(), room.begin() + static_cast<ptrdiff_t>(size)}});
    }
    PutToServer(ByteView(room).first(size));
    next_check_ = now + kCheckInterval;
  }
  void Run(Duration limit) {
    const Timestamp end = now + limit;
    while (Step(end)) {
    }
    now = end;
  }
  Inbound DeliverToServer(const SocketAddress& from, std::vector<uint8_t> bytes) {
    const Inbound inbound = server.HandleDatagram(from, bytes, now, server_out_, turn_);
    if (inbound.kind == Inbound::Kind::kRtp) ++rtp_at_server;
    CarryFromServer();
    Note();
    return inbound;
  }
  bool SendRtpToClient(uint16_t sequence) {
    const std::vector<uint8_t> payload(100, 7);
    const SentRtp sent = server.SendRtp(
        [sequence](ByteSpan room) {
          ByteWriter writer(room);
          writer.U8(0x80);
          writer.U8(96);
          writer.U16(sequence);
          writer.U32(1);
          writer.U32(2);
          return writer.size();
        },
        payload, {2, sequence}, Precedence::kAudio, nullptr, server_out_);
    CarryFromServer();
    return sent.size != 0;
  }
  void SendRtpToServer(uint16_t sequence) {
    std::vector<uint8_t> packet(12 + 100 + kMaxSrtpOverhead);
    const std::vector<uint8_t> payload(100, 7);
    packet[0] = 0x80;
    packet[1] = 96;
    StoreBigEndian(packet.data() + 2, sequence);
    packet.resize(client.SealRtp(packet, 12, payload, *client.TakeIndex({0, sequence})));
    PutToServer(packet);
  }
  void CloseServer() {
    server.Close(now, server_out_);
    CarryFromServer();
  }
  void CloseClient() {
    client.Close(client_out_);
    CarryFromClient();
  }
  bool SendRtcpToClient(ByteView compound) {
    const bool sent = server.SendRtcp(compound, server_out_);
    CarryFromServer();
    return sent;
  }

  Timestamp now = Timestamp::Seconds(1);
  PeerTransport server;
  SecureTransport client;
  SocketAddress client_address = *SocketAddress::FromLiteral("192.0.2.1", 5000);
  bool checks_go_on = true;
  bool client_answers_dtls = true;
  /// Somebody there is always quicker with a copy of each check.
  SocketAddress copies_checks_to_server_from;
  std::function<void(const SocketAddress& to, ByteView bytes)> sees_to_client;

  // What happened.
  int connected = 0, interrupted = 0, resumed = 0;
  std::vector<CloseReason> closed;
  std::vector<ChannelOpened> opened;
  std::vector<ChannelMessage> messages;
  size_t rtp_at_server = 0, rtp_at_client = 0, rtcp_at_client = 0;
  size_t bytes_to_server = 0, bytes_to_client = 0, copied_bytes = 0;
  SocketAddress last_destination;
  bool deadlines_advance = true;
  SecureOutput client_out_;
  void CarryFromClient() {
    for (size_t i = 0; i < client_out_.packets.size(); ++i) PutToServer(client_out_.packets[i]);
    client_out_.packets.Clear();
  }

 private:
  inline static const IceCredentials kServer{"serverufrag", "serverpasswordserverpassword"};
  inline static const IceCredentials kClient{"clientufrag", "clientpasswordclientpassword"};

  struct InFlight {
    Timestamp due;
    bool to_server;
    SocketAddress client;
    std::vector<uint8_t> bytes;
  };
  void PutToServer(ByteView bytes) {
    bytes_to_server += bytes.size();
    wire_.push_back({now + kDelay, true, client_address, {bytes.begin(), bytes.end()}});
  }
  void CarryFromServer() {
    for (size_t i = 0; i < server_out_.size(); ++i) {
      const Datagram datagram = server_out_[i];
      bytes_to_client += datagram.bytes.size();
      if (sees_to_client) sees_to_client(datagram.peer, datagram.bytes);
      last_destination = datagram.peer;
      wire_.push_back(
          {now + kDelay, false, datagram.peer, {datagram.bytes.begin(), datagram.bytes.end()}});
    }
    server_out_.Clear();
  }
  void Note() {
    connected += turn_.connected;
    interrupted += turn_.interrupted;
    resumed += turn_.resumed;
    if (turn_.closed) closed.push_back(*turn_.closed);
    opened.insert(opened.end(), turn_.channels_opened.begin(), turn_.channels_opened.end());
    messages.insert(messages.end(), turn_.messages.begin(), turn_.messages.end());
    turn_.Clear();
  }
  void DeliverToClient(InFlight item) {
    if (item.client != client_address || item.bytes[0] <= 3 || !client_answers_dtls) return;
    const Inbound inbound = client.HandleDatagram(item.bytes, now, client_out_);
    rtp_at_client += inbound.kind == Inbound::Kind::kRtp;
    rtcp_at_client += inbound.kind == Inbound::Kind::kRtcp;
    CarryFromClient();
  }
  bool Step(Timestamp end) {
    Timestamp next = std::min(server.NextDeadline(), client.NextDeadline());
    if (checks_go_on) next = std::min(next, next_check_);
    if (!wire_.empty()) next = std::min(next, wire_.front().due);
    if (next > end) return false;
    now = std::max(now, next);
    if (!wire_.empty() && wire_.front().due <= now) {
      InFlight item = std::move(wire_.front());
      wire_.pop_front();
      if (item.to_server) {
        DeliverToServer(item.client, std::move(item.bytes));
      } else {
        DeliverToClient(std::move(item));
      }
      return true;
    }
    if (checks_go_on && next_check_ <= now) Check();
    if (server.NextDeadline() <= now) {
      server.HandleDeadline(now, server_out_, turn_);
      deadlines_advance = deadlines_advance && server.NextDeadline() > now;
      CarryFromServer();
      Note();
    }
    if (client.NextDeadline() <= now) client.HandleDeadline(now, client_out_);
    CarryFromClient();
    return true;
  }

  DatagramList server_out_;
  PeerTransportEvents turn_;
  std::deque<InFlight> wire_;
  uint32_t checks_ = 0;
  Timestamp next_check_ = Timestamp::Never();
};

}  // namespace earshot
