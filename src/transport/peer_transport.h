#pragma once

// The server's whole connection to one client: ICE-lite decides where datagrams go, SecureTransport
// what they hold. Outputs are datagrams with addresses. Composes only. One thread.

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "earshot/datagrams.h"
#include "earshot/server.h"
#include "transport/ice_lite.h"
#include "transport/sealing_batch.h"
#include "transport/secure_transport.h"

namespace earshot {

struct PeerTransportEvents {
  bool connected = false;    // once: media may flow from now on
  bool interrupted = false;  // the client has gone quiet
  bool resumed = false;
  /// Once: the transport is dead and ignores everything from now on.
  std::optional<CloseReason> closed;
  std::vector<ChannelOpened> channels_opened;
  std::vector<ChannelClosed> channels_closed;
  std::vector<ChannelMessage> messages;
  void Clear();
};

/// What became of an RTP packet.
struct SentRtp {
  size_t size = 0;  // on the wire; zero when it cannot be sent
  std::optional<DropReason> drop = {};
};

class PeerTransport {
 public:
  PeerTransport(const IceCredentials& local, const IceCredentials& remote,
                const IceOptions& ice_options, const DtlsCertificate& certificate,
                std::vector<Fingerprint> remote_fingerprints, Timestamp now,
                SrtpBackend srtp = SrtpBackend::kBuiltIn);

  /// `bytes` is opened in place. STUN is answered here and yields kind kNone.
  Inbound HandleDatagram(const SocketAddress& peer, ByteSpan bytes, Timestamp now,
                         DatagramList& out, PeerTransportEvents& events);
  void HandleDeadline(Timestamp now, DatagramList& out, PeerTransportEvents& events);
  /// Nobody listened for so long (L2): the client has that much longer for everything.
  void HandlePause(Duration pause) {
    ice_.HandlePause(pause);
    secure_.HandlePause(pause);
  }
  /// Of both children, so that what the owner does to `ice()` directly counts at once.
  Timestamp NextDeadline() const {
    return closed_ ? Timestamp::Never() : std::min(ice_.NextDeadline(), secure_.NextDeadline());
  }
  /// close_notify to the client; inert afterwards, without an event.
  void Close(Timestamp now, DatagramList& out);

  /// True when media can be sent now: keys are there and an address is selected.
  bool CanSendMedia() const;
  /// Writes the header with `write_header(ByteSpan) -> size_t`, seals and appends one RTP packet;
  /// with `elsewhere`, it is sealed from there if it may be. The header's are the SSRC and sequence
  /// number of `index`; `precedence` is that of its medium.
  // Packet path 10/11; next: UdpSocket::Send.
  template <typename WriteHeader>
  SentRtp SendRtp(WriteHeader&& write_header, ByteView payload, const RtpIndex& index,
                  Precedence precedence, SealingBatch* elsewhere, DatagramList& out) {
    if (!CanSendMedia()) return {};
    const size_t capacity = kMaxHeader + payload.size() + kMaxSrtpOverhead;
    if (!ice_.MaySend(ice_.selected(), capacity)) return {};
    std::optional<UnusedIndex> unused = secure_.TakeIndex(index);
    if (!unused) return {0, DropReason::kEgressIndexUsed};
    if (elsewhere != nullptr) {
      if (SharedSealer* sealer = secure_.shared_sealer()) {
        return {elsewhere->Add(*sealer, ice_.selected(), precedence, write_header, payload,
                               *std::move(unused))};
      }
    }
    ByteSpan room = out.Reserve(capacity);
    const size_t header_size = write_header(room.first(kMaxHeader));
    const size_t size =
        header_size == 0 ? 0 : secure_.SealRtp(room, header_size, payload, *std::move(unused));
    if (size != 0) out.Commit(ice_.selected(), size, precedence);
    return {size};
  }
  /// Seals a compound packet.
  bool SendRtcp(ByteView compound, DatagramList& out);
  bool SendOnChannel(uint16_t channel, bool text, ByteView message, Timestamp now,
                     DatagramList& out);

  IceLite& ice() { return ice_; }
  const IceLite& ice() const { return ice_; }
  SecureTransport& secure() { return secure_; }

 private:
  static constexpr size_t kMaxHeader = SealingBatch::kMaxHeader;

  void Settle(DatagramList& out, PeerTransportEvents& events);
  void SendSecureOutput(DatagramList& out);
  void SendProbe(DatagramList& out);
  void End(CloseReason reason, PeerTransportEvents& events);

  IceLite ice_;
  SecureTransport secure_;
  SecureOutput secure_out_;
  std::vector<IceEvent> ice_events_;
  SocketAddress handshake_peer_;  // where the handshake came from last
  bool was_connected_ = false;
  bool closed_ = false;
};

}  // namespace earshot
