#pragma once

// DTLS, SRTP and data channels of one connection, put together; knows no addresses and no ICE, so
// both roles share it. Composes only. One thread.

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "transport/data_channels.h"
#include "transport/dtls.h"
#include "transport/sealing_batch.h"
#include "transport/srtp.h"

namespace earshot {

/// What a non-STUN datagram turned out to be.
struct Inbound {
  enum class Kind : uint8_t { kNone, kRtp, kRtcp };
  Kind kind = Kind::kNone;
  /// The plain packet, in place in the span that was given in.
  ByteSpan packet;
  /// Of RTP: the index that authenticated it (RFC 3711 section 3.3.1).
  uint64_t packet_index = 0;
  /// Why it was not used, if so.
  std::optional<DropReason> drop;
  /// It passed DTLS or SRTP authentication, so its sender holds the keys (threat row S11).
  bool authenticated = false;
  /// Nothing else follows from it than when the peer was heard last: a check of somebody connected.
  bool routine = false;
};

/// Appended to by every call; the caller takes and clears it.
struct SecureOutput {
  PacketList packets;  // DTLS datagrams to be sent
  std::vector<ChannelOpened> opened;
  std::vector<ChannelClosed> closed;
  std::vector<ChannelMessage> messages;
  void Clear();
};

class SecureTransport {
 public:
  SecureTransport(DtlsRole role, const DtlsCertificate& certificate,
                  std::vector<Fingerprint> remote_fingerprints, Timestamp now,
                  SrtpBackend srtp = SrtpBackend::kBuiltIn);
  ~SecureTransport();

  /// Client role: sends the first flight.
  void Start(Timestamp now, SecureOutput& out);
  Inbound HandleDatagram(ByteSpan datagram, Timestamp now, SecureOutput& out);
  void HandleDeadline(Timestamp now, SecureOutput& out);
  /// SCTP's clock stands still by itself (TickClock).
  void HandlePause(Duration pause) { dtls_.HandlePause(pause); }
  Timestamp NextDeadline() const { return next_deadline_; }
  /// close_notify.
  void Close(SecureOutput& out);

  /// As SrtpSealer; nothing before the keys are there.
  std::optional<UnusedIndex> TakeIndex(const RtpIndex& index) {
    return media_ready() ? sealer_.sealer->TakeIndex(index) : std::nullopt;
  }
  size_t SealRtp(ByteSpan out, size_t header_size, ByteView payload, UnusedIndex index);
  size_t SealRtcp(ByteSpan out, size_t size);
  SrtpSealer* sealer() { return sealer_.sealer.get(); }
  /// Null when RTP has to be sealed here.
  SharedSealer* shared_sealer() {
    const bool may = sealer_.sealer != nullptr && sealer_.sealer->MaySealElsewhere();
    return may ? &sealer_ : nullptr;
  }
  /// To put the other side to the test: the verification tag that it takes packets of SCTP with,
  /// and sending one, whatever is in it. Nothing before there is an association.
  std::optional<uint32_t> SctpTag();
  bool SendSctpPacket(ByteView packet, SecureOutput& out);
  void RemoveInboundSsrc(uint32_t ssrc);
  /// A packet that only the peer can answer, with one that authenticates it, and at once does.
  /// Nothing before there is an association of data channels.
  void Probe(SecureOutput& out);
  void RetireInboundSsrc(uint32_t ssrc);

  std::optional<uint16_t> OpenChannel(std::string_view label, const ChannelOptions& options,
                                      Timestamp now, SecureOutput& out);
  bool SendOnChannel(uint16_t channel, bool text, ByteView message, Timestamp now,
                     SecureOutput& out);

  /// Media may flow: the handshake has finished and the fingerprint matched.
  bool media_ready() const { return sealer_.sealer != nullptr; }
  DtlsState state() const { return dtls_.state(); }
  DtlsFailure failure() const { return dtls_.failure(); }

 private:
  Inbound HandleDtls(ByteView datagram, Timestamp now, SecureOutput& out);
  void TakeKeys(Timestamp now, SecureOutput& out);
  void Forward(ChannelOutput& channel_out, SecureOutput& out);
  void DropSecrets();
  void RefileDeadline();

  const DtlsRole role_;
  const SrtpBackend srtp_;
  DtlsAssociation dtls_;
  SharedSealer sealer_;
  std::unique_ptr<SrtpOpener> opener_;
  std::unique_ptr<DataChannels> channels_;
  Timestamp next_deadline_;
};

}  // namespace earshot
