#pragma once

// The client's whole connection to the server: IceClient decides where datagrams go,
// SecureTransport what they hold. PeerTransport's counterpart. Composes only. One thread.

#include <algorithm>
#include <span>
#include <vector>

#include "client/ice_client.h"
#include "transport/secure_transport.h"
#include "wire/rtp_packet.h"

namespace earshot {

struct ClientTransportEvents {
  bool connected = false;  // once: media and messages may flow from now on
  bool closed = false;     // once: the transport is dead and ignores everything from now on
  std::vector<ChannelMessage> messages;
  void Clear() {
    connected = closed = false;
    messages.clear();
  }
};

class ClientTransport {
 public:
  /// `random` and `certificate` must outlive this object.
  ClientTransport(const IceCredentials& local, const IceCredentials& remote,
                  std::span<const SocketAddress> candidates, const IceClientOptions& ice_options,
                  const DtlsCertificate& certificate, std::vector<Fingerprint> remote_fingerprints,
                  Random& random, Timestamp now);

  /// `bytes` is opened in place. STUN is handled here and yields kind kNone.
  Inbound HandleDatagram(const SocketAddress& peer, ByteSpan bytes, Timestamp now,
                         DatagramList& out, ClientTransportEvents& events);
  void HandleDeadline(Timestamp now, DatagramList& out, ClientTransportEvents& events);
  Timestamp NextDeadline() const {
    return closed_ ? Timestamp::Never() : std::min(ice_.NextDeadline(), secure_.NextDeadline());
  }
  /// close_notify to the server; inert afterwards, without an event.
  void Close(DatagramList& out);

  bool CanSendMedia() const { return !closed_ && secure_.media_ready(); }
  /// As PeerTransport's. The size on the wire, or zero.
  template <typename WriteHeader>
  size_t SendRtp(WriteHeader&& write_header, ByteView payload, const RtpIndex& index,
                 DatagramList& out) {
    std::optional<UnusedIndex> unused = secure_.TakeIndex(index);
    if (closed_ || !unused) return 0;
    ByteSpan room = out.Reserve(kMaxWrittenRtpHeaderSize + payload.size() + kMaxSrtpOverhead);
    const size_t header_size = write_header(room.first(kMaxWrittenRtpHeaderSize));
    const size_t size =
        header_size == 0 ? 0 : secure_.SealRtp(room, header_size, payload, *std::move(unused));
    if (size != 0) out.Commit(ice_.selected(), size);
    return size;
  }
  bool SendRtcp(ByteView compound, DatagramList& out);
  /// As SecureTransport's.
  std::optional<uint32_t> SctpTag() { return secure_.SctpTag(); }
  bool SendSctpPacket(ByteView packet, DatagramList& out);
  std::optional<uint16_t> OpenChannel(std::string_view label, const ChannelOptions& options,
                                      Timestamp now, DatagramList& out);
  bool SendOnChannel(uint16_t channel, ByteView message, Timestamp now, DatagramList& out);

  /// New credentials of both sides (RFC 8445 section 9).
  void RestartIce(const IceCredentials& local, const IceCredentials& remote, Timestamp now) {
    ice_.Restart(local, remote, now);
  }
  const IceClient& ice() const { return ice_; }

 private:
  void Settle(Timestamp now, DatagramList& out, ClientTransportEvents& events);
  void SendSecureOutput(DatagramList& out);

  IceClient ice_;
  SecureTransport secure_;
  SecureOutput secure_out_;
  bool started_ = false;  // DTLS, as soon as ICE has an address
  bool was_connected_ = false;
  bool closed_ = false;
};

}  // namespace earshot
