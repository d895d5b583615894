#pragma once

// Two SecureTransports, a client and a server, joined by a lossy link under virtual time.

#include <algorithm>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "transport/dtls_link.h"
#include "transport/secure_transport.h"

namespace earshot {

class SecureLink {
 public:
  struct End {
    End(DtlsRole role, const DtlsCertificate& certificate, const Fingerprint& of_peer,
        Timestamp now)
        : transport(role, certificate, {of_peer}, now) {}
    SecureTransport transport;
    SecureOutput out;  // channel events pile up here; packets are taken
    std::vector<std::vector<uint8_t>> rtp;
    std::vector<std::vector<uint8_t>> rtcp;
    std::vector<DropReason> drops;
  };
  static constexpr Duration kDelay = Duration::Millis(10);

  explicit SecureLink(DtlsLink::Loss loss = nullptr)
      : SecureLink(ClientCertificate().fingerprint(), std::move(loss)) {}
  explicit SecureLink(const Fingerprint& of_client, DtlsLink::Loss loss = nullptr)
      : server(DtlsRole::kServer, ServerCertificate(), of_client, now),
        client(DtlsRole::kClient, ClientCertificate(), ServerCertificate().fingerprint(), now),
        loss_(std::move(loss)) {}

  void Connect(Duration limit = Duration::Seconds(20)) {
    client.transport.Start(now, client.out);
    Carry();
    Run(limit, [this] { return BothReady(); });
  }
  bool BothReady() const {
    return server.transport.media_ready() && client.transport.media_ready();
  }
  void Run(
      Duration limit, const std::function<bool()>& is_done = [] { return false; }) {
    const Timestamp end = now + limit;
    while (!is_done() && Step(end)) {
    }
    if (!is_done()) now = end;
  }
  Inbound Deliver(End& to, std::vector<uint8_t> bytes) {
    const Inbound inbound = to.transport.HandleDatagram(bytes, now, to.out);
    const std::vector<uint8_t> plain(inbound.packet.begin(), inbound.packet.end());
    if (inbound.kind == Inbound::Kind::kRtp) to.rtp.push_back(plain);
    if (inbound.kind == Inbound::Kind::kRtcp) to.rtcp.push_back(plain);
    if (inbound.drop) to.drops.push_back(*inbound.drop);
    Carry();
    return inbound;
  }
  /// The sealed packet; empty when it could not be sealed.
  std::vector<uint8_t> SealRtp(End& from, uint16_t sequence, ByteView payload) {
    std::vector<uint8_t> packet(12 + payload.size() + kMaxSrtpOverhead);
    ByteWriter writer(packet);
    writer.U8(0x80);
    writer.U8(96);
    writer.U16(sequence);
    writer.U32(1234);
    const uint32_t ssrc = &from == &client ? 0xc11e47 : 0x5e47e4;
    writer.U32(ssrc);
    auto unused = from.transport.TakeIndex({ssrc, sequence});
    if (!unused) return {};
    packet.resize(from.transport.SealRtp(packet, 12, payload, *std::move(unused)));
    return packet;
  }
  void SendRtp(End& from, uint16_t sequence, ByteView payload) {
    Put(&from == &client, SealRtp(from, sequence, payload));
  }
  void SendRtcp(End& from, std::vector<uint8_t> compound) {
    const size_t size = compound.size();
    compound.resize(size + kMaxSrtpOverhead);
    compound.resize(from.transport.SealRtcp(compound, size));
    Put(&from == &client, std::move(compound));
  }
  /// Sends what the transports have put out.
  void Carry() {
    for (End* from : {&client, &server}) {
      for (size_t i = 0; i < from->out.packets.size(); ++i) {
        const ByteView packet = from->out.packets[i];
        Put(from == &client, {packet.begin(), packet.end()});
      }
      from->out.packets.Clear();
    }
  }

  Timestamp now = Timestamp::Seconds(1);
  End server;
  End client;

 private:
  struct InFlight {
    Timestamp due;
    bool to_server;
    std::vector<uint8_t> bytes;
  };
  void Put(bool to_server, std::vector<uint8_t> bytes) {
    if (loss_ && loss_(ordinal_++)) return;
    wire_.push_back({now + kDelay, to_server, std::move(bytes)});
  }
  bool Step(Timestamp end) {
    Timestamp next = std::min(server.transport.NextDeadline(), client.transport.NextDeadline());
    if (!wire_.empty()) next = std::min(next, wire_.front().due);
    if (next > end) return false;
    now = std::max(now, next);
    if (!wire_.empty() && wire_.front().due <= now) {
      const InFlight item = std::move(wire_.front());
      wire_.pop_front();
      Deliver(item.to_server ? server : client, item.bytes);
      return true;
    }
    for (End* to : {&server, &client}) {
      if (to->transport.NextDeadline() > now) continue;
      to->transport.HandleDeadline(now, to->out);
      deadlines_advance = deadlines_advance && to->transport.NextDeadline() > now;
    }
    Carry();
    return true;
  }

 public:
  bool deadlines_advance = true;

 private:
  DtlsLink::Loss loss_;
  int ordinal_ = 0;
  std::deque<InFlight> wire_;
};

}  // namespace earshot
