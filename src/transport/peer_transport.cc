#include "transport/peer_transport.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "wire/demux.h"

namespace earshot {
namespace {

CloseReason ReasonOf(DtlsFailure failure) {
  switch (failure) {
    case DtlsFailure::kNone:
      return CloseReason::kLeft;
    case DtlsFailure::kFingerprint:
      return CloseReason::kFingerprintMismatch;
    case DtlsFailure::kTimeout:
      return CloseReason::kConnectTimeout;
    case DtlsFailure::kHandshake:
    case DtlsFailure::kNoSrtpProfile:
      break;
  }
  return CloseReason::kDtlsFailed;
}

template <typename T>
void MoveAppend(std::vector<T>& from, std::vector<T>& to) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

void PeerTransportEvents::Clear() {
  connected = interrupted = resumed = false;
  closed.reset();
  channels_opened.clear();
  channels_closed.clear();
  messages.clear();
}

PeerTransport::PeerTransport(const IceCredentials& local, const IceCredentials& remote,
                             const IceOptions& ice_options, const DtlsCertificate& certificate,
                             std::vector<Fingerprint> remote_fingerprints, Timestamp now,
                             SrtpBackend srtp)
    : ice_(local, remote, ice_options, now),
      secure_(DtlsRole::kServer, certificate, std::move(remote_fingerprints), now, srtp) {}

// Packet path 4/11; next: Participant::HandleRtp.
Inbound PeerTransport::HandleDatagram(const SocketAddress& peer, ByteSpan bytes, Timestamp now,
                                      DatagramList& out, PeerTransportEvents& events) {
  Inbound inbound;
  if (closed_) {
    inbound.drop = DropReason::kTransportClosed;
    return inbound;
  }
  const PacketKind kind = ClassifyPacket(bytes);
  if (kind == PacketKind::kStun) {
    inbound.drop = ice_.HandleStun({.peer = peer, .bytes = bytes}, now, out, ice_events_);
    inbound.routine = was_connected_ && ice_events_.empty() && !ice_.wants_probe();
  } else if (peer != ice_.selected() && !ice_.Knows(peer)) {
    // Threat rows P7 and D1: who has not shown a check reaches neither DTLS nor SRTP.
    inbound.drop = DropReason::kUnknownSource;
    return inbound;
  } else {
    inbound = secure_.HandleDatagram(bytes, now, secure_out_);
    if (inbound.authenticated) {
      ice_.HandleAuthenticated(peer, now);
    } else if (kind == PacketKind::kDtls) {
      ice_.HandleUnauthenticated(peer, bytes.size());
    }
    if (kind == PacketKind::kDtls && !was_connected_) handshake_peer_ = peer;
  }
  // Media leaves nothing to settle.
  if (inbound.kind == Inbound::Kind::kNone && !inbound.routine) Settle(out, events);
  return inbound;
}

void PeerTransport::HandleDeadline(Timestamp now, DatagramList& out, PeerTransportEvents& events) {
  if (closed_) return;
  // With new keys, which only a new connection brings, it goes on; without, reports would stop.
  if (secure_.sealer() != nullptr && secure_.sealer()->keys_are_spent()) {
    secure_.Close(secure_out_);
    SendSecureOutput(out);
    return End(CloseReason::kInvariantViolation, events);
  }
  if (now < NextDeadline()) return;
  ice_.HandleDeadline(now, ice_events_);
  secure_.HandleDeadline(now, secure_out_);
  Settle(out, events);
}

void PeerTransport::Close(Timestamp, DatagramList& out) {
  if (closed_) return;
  secure_.Close(secure_out_);
  SendSecureOutput(out);
  closed_ = true;
}

// What a call left behind in the children becomes datagrams and events, in the order in which the
// client should see them: answers first, the end last.
void PeerTransport::Settle(DatagramList& out, PeerTransportEvents& events) {
  SendSecureOutput(out);
  SendProbe(out);
  MoveAppend(secure_out_.opened, events.channels_opened);
  MoveAppend(secure_out_.closed, events.channels_closed);
  MoveAppend(secure_out_.messages, events.messages);
  secure_out_.Clear();
  if (!was_connected_ && CanSendMedia()) {
    was_connected_ = true;
    events.connected = true;
  }
  for (const IceEvent event : ice_events_) {
    switch (event) {
      case IceEvent::kConnected:
        break;
      case IceEvent::kInterrupted:
        events.interrupted = true;
        break;
      case IceEvent::kResumed:
        events.resumed = true;
        break;
      case IceEvent::kExpired:
        End(was_connected_ ? CloseReason::kConsentExpired : CloseReason::kConnectTimeout, events);
        break;
    }
  }
  ice_events_.clear();
  const DtlsState state = secure_.state();
  if (state == DtlsState::kClosed || state == DtlsState::kFailed) {
    End(ReasonOf(secure_.failure()), events);
  }
}

void PeerTransport::End(CloseReason reason, PeerTransportEvents& events) {
  if (closed_) return;
  closed_ = true;
  events.closed = reason;
}

void PeerTransport::SendSecureOutput(DatagramList& out) {
  // A handshake is answered where it came from, which is a validated address: the client may not
  // have nominated yet, and what was nominated first may have been a copy.
  const bool is_in_handshake = !was_connected_ && handshake_peer_.IsSet();
  const SocketAddress& to = is_in_handshake ? handshake_peer_ : ice_.selected();
  for (size_t i = 0; i < secure_out_.packets.size() && to.IsSet(); ++i) {
    const ByteView packet = secure_out_.packets[i];
    if (ice_.MaySend(to, packet.size())) out.Push(to, packet);
  }
  // Not even the room for them is kept: most transports are silent, and media does not come here.
  secure_out_.packets = {};
}

// The answer comes as an authenticated packet like any other.
void PeerTransport::SendProbe(DatagramList& out) {
  const std::optional<SocketAddress> to = ice_.TakeProbe();
  if (!to || closed_) return;
  SecureOutput probe;
  secure_.Probe(probe);
  for (size_t i = 0; i < probe.packets.size(); ++i) {
    if (ice_.MaySend(*to, probe.packets[i].size())) out.Push(*to, probe.packets[i]);
  }
}

bool PeerTransport::CanSendMedia() const {
  return !closed_ && secure_.media_ready() && ice_.selected().IsSet();
}

bool PeerTransport::SendRtcp(ByteView compound, DatagramList& out) {
  const size_t capacity = compound.size() + kMaxSrtpOverhead;
  if (!CanSendMedia() || !ice_.MaySend(ice_.selected(), capacity)) return false;
  const ByteSpan room = out.Reserve(capacity);
  std::ranges::copy(compound, room.begin());
  const size_t size = secure_.SealRtcp(room, compound.size());
  if (size != 0) out.Commit(ice_.selected(), size);
  return size != 0;
}

bool PeerTransport::SendOnChannel(uint16_t channel, bool text, ByteView message, Timestamp now,
                                  DatagramList& out) {
  if (closed_) return false;
  const bool sent = secure_.SendOnChannel(channel, text, message, now, secure_out_);
  SendSecureOutput(out);
  return sent;
}

}  // namespace earshot
