#include "client/client_transport.h"

#include <iterator>
#include <utility>

#include "wire/demux.h"

namespace earshot {

ClientTransport::ClientTransport(const IceCredentials& local, const IceCredentials& remote,
                                 std::span<const SocketAddress> candidates,
                                 const IceClientOptions& ice_options,
                                 const DtlsCertificate& certificate,
                                 std::vector<Fingerprint> remote_fingerprints, Random& random,
                                 Timestamp now)
    : ice_(local, remote, candidates, ice_options, random, now),
      secure_(DtlsRole::kClient, certificate, std::move(remote_fingerprints), now) {}

Inbound ClientTransport::HandleDatagram(const SocketAddress& peer, ByteSpan bytes, Timestamp now,
                                        DatagramList& out, ClientTransportEvents& events) {
  Inbound inbound;
  if (closed_) {
    inbound.drop = DropReason::kTransportClosed;
    return inbound;
  }
  if (ClassifyPacket(bytes) == PacketKind::kStun) {
    inbound.drop = ice_.HandleStun({.peer = peer, .bytes = bytes}, now);
  } else if (peer != ice_.selected()) {
    inbound.drop = DropReason::kUnknownSource;
    return inbound;
  } else {
    inbound = secure_.HandleDatagram(bytes, now, secure_out_);
  }
  if (inbound.kind == Inbound::Kind::kNone) Settle(now, out, events);
  return inbound;
}

void ClientTransport::HandleDeadline(Timestamp now, DatagramList& out,
                                     ClientTransportEvents& events) {
  if (closed_ || now < NextDeadline()) return;
  ice_.HandleDeadline(now, out);
  secure_.HandleDeadline(now, secure_out_);
  Settle(now, out, events);
}

void ClientTransport::Settle(Timestamp now, DatagramList& out, ClientTransportEvents& events) {
  if (!started_ && ice_.state() == IceClientState::kConnected) {
    started_ = true;
    secure_.Start(now, secure_out_);
  }
  events.messages.insert(events.messages.end(),
                         std::make_move_iterator(secure_out_.messages.begin()),
                         std::make_move_iterator(secure_out_.messages.end()));
  SendSecureOutput(out);
  secure_out_.Clear();
  if (!was_connected_ && secure_.media_ready()) {
    was_connected_ = true;
    events.connected = true;
  }
  const DtlsState state = secure_.state();
  if (ice_.state() == IceClientState::kFailed || state == DtlsState::kClosed ||
      state == DtlsState::kFailed) {
    closed_ = true;
    events.closed = true;
  }
}

void ClientTransport::SendSecureOutput(DatagramList& out) {
  for (size_t i = 0; i < secure_out_.packets.size(); ++i) {
    out.Push(ice_.selected(), secure_out_.packets[i]);
  }
  secure_out_.packets.Clear();
}

void ClientTransport::Close(DatagramList& out) {
  if (closed_) return;
  closed_ = true;
  secure_.Close(secure_out_);
  if (started_) SendSecureOutput(out);
}

bool ClientTransport::SendRtcp(ByteView compound, DatagramList& out) {
  if (!CanSendMedia()) return false;
  const ByteSpan room = out.Reserve(compound.size() + kMaxSrtpOverhead);
  std::ranges::copy(compound, room.begin());
  const size_t size = secure_.SealRtcp(room, compound.size());
  if (size != 0) out.Commit(ice_.selected(), size);
  return size != 0;
}

bool ClientTransport::SendSctpPacket(ByteView packet, DatagramList& out) {
  const bool sent = !closed_ && secure_.SendSctpPacket(packet, secure_out_);
  SendSecureOutput(out);
  return sent;
}

std::optional<uint16_t> ClientTransport::OpenChannel(std::string_view label,
                                                     const ChannelOptions& options, Timestamp now,
                                                     DatagramList& out) {
  if (closed_) return std::nullopt;
  const auto channel = secure_.OpenChannel(label, options, now, secure_out_);
  SendSecureOutput(out);
  return channel;
}

bool ClientTransport::SendOnChannel(uint16_t channel, ByteView message, Timestamp now,
                                    DatagramList& out) {
  if (closed_) return false;
  const bool sent = secure_.SendOnChannel(channel, false, message, now, secure_out_);
  SendSecureOutput(out);
  return sent;
}

}  // namespace earshot
