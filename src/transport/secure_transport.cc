#include "transport/secure_transport.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "transport/sctp_packet.h"
#include "wire/demux.h"

namespace earshot {
namespace {

template <typename T>
void MoveAppend(std::vector<T>& from, std::vector<T>& to) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

Inbound Dropped(DropReason reason) { return {.packet = {}, .drop = reason}; }

Inbound FromSrtp(const SrtpOpener::Result& result, Inbound::Kind kind, ByteSpan datagram) {
  if (const auto* reason = std::get_if<DropReason>(&result)) return Dropped(*reason);
  const auto& opened = *std::get_if<SrtpOpener::Opened>(&result);
  return {.kind = kind,
          .packet = datagram.first(opened.size),
          .packet_index = opened.packet_index,
          .drop = {},
          .authenticated = true};
}

}  // namespace

void SecureOutput::Clear() {
  packets.Clear();
  opened.clear();
  closed.clear();
  messages.clear();
}

SecureTransport::SecureTransport(DtlsRole role, const DtlsCertificate& certificate,
                                 std::vector<Fingerprint> remote_fingerprints, Timestamp now,
                                 SrtpBackend srtp)
    : role_(role),
      srtp_(srtp),
      dtls_(role, certificate, std::move(remote_fingerprints), now),
      next_deadline_(dtls_.NextDeadline()) {}

SecureTransport::~SecureTransport() = default;

void SecureTransport::Start(Timestamp now, SecureOutput& out) {
  dtls_.Start(now, out.packets);
  RefileDeadline();
}

Inbound SecureTransport::HandleDatagram(ByteSpan datagram, Timestamp now, SecureOutput& out) {
  switch (ClassifyPacket(datagram)) {
    case PacketKind::kRtp:
      if (opener_ == nullptr) return Dropped(DropReason::kSrtpNotReady);
      return FromSrtp(opener_->OpenRtp(datagram), Inbound::Kind::kRtp, datagram);
    case PacketKind::kRtcp:
      if (opener_ == nullptr) return Dropped(DropReason::kSrtpNotReady);
      return FromSrtp(opener_->OpenRtcp(datagram), Inbound::Kind::kRtcp, datagram);
    case PacketKind::kDtls:
      return HandleDtls(datagram, now, out);
    case PacketKind::kStun:  // the owner's
    case PacketKind::kUnknown:
      break;
  }
  return Dropped(datagram.empty() ? DropReason::kEmpty : DropReason::kDemux);
}

Inbound SecureTransport::HandleDtls(ByteView datagram, Timestamp now, SecureOutput& out) {
  const DtlsState before = dtls_.state();
  PacketList application;
  Inbound inbound;
  inbound.drop = dtls_.HandleDatagram(datagram, now, out.packets, application);
  const DtlsState after = dtls_.state();
  const bool just_connected = before != after && after == DtlsState::kConnected;
  const bool just_closed = before == DtlsState::kConnected && after != before;
  inbound.authenticated = !application.empty() || just_connected || just_closed;
  if (just_connected) TakeKeys(now, out);
  if (channels_ != nullptr && !application.empty()) {
    ChannelOutput channel_out;
    for (size_t i = 0; i < application.size(); ++i) {
      const auto drop = channels_->HandlePacket(application[i], now, channel_out);
      if (drop && !inbound.drop) inbound.drop = drop;
    }
    Forward(channel_out, out);
  }
  if (just_closed) DropSecrets();
  RefileDeadline();
  return inbound;
}

void SecureTransport::TakeKeys(Timestamp now, SecureOutput& out) {
  const std::optional<DtlsSrtpKeys> keys = dtls_.TakeKeys();
  if (!keys) return;
  sealer_.sealer = SrtpSealer::Create(keys->profile, keys->local, srtp_);
  const bool is_server = role_ == DtlsRole::kServer;
  opener_ =
      SrtpOpener::Create(keys->profile, keys->remote,
                         is_server ? SrtpOpener::kMaxSsrcs : SrtpOpener::kMaxSlotSsrcs, srtp_);
  if (sealer_.sealer == nullptr || opener_ == nullptr) {
    Close(out);
    return;
  }
  channels_ = std::make_unique<DataChannels>(role_ == DtlsRole::kClient, now);
  ChannelOutput channel_out;
  channels_->Start(now, channel_out);
  Forward(channel_out, out);
}

// SCTP packets become DTLS records. One that cannot be sent is lost, and SCTP sends it again.
void SecureTransport::Forward(ChannelOutput& channel_out, SecureOutput& out) {
  for (size_t i = 0; i < channel_out.packets.size(); ++i) {
    dtls_.Send(channel_out.packets[i], out.packets);
  }
  MoveAppend(channel_out.opened, out.opened);
  MoveAppend(channel_out.closed, out.closed);
  MoveAppend(channel_out.messages, out.messages);
}

std::optional<uint32_t> SecureTransport::SctpTag() {
  if (channels_ == nullptr) return std::nullopt;
  // A HEARTBEAT has it.
  ChannelOutput probe;
  channels_->Probe(probe);
  if (probe.packets.empty()) return std::nullopt;
  return SctpVerificationTag(probe.packets[0]);
}

bool SecureTransport::SendSctpPacket(ByteView packet, SecureOutput& out) {
  return channels_ != nullptr && dtls_.Send(packet, out.packets);
}

void SecureTransport::HandleDeadline(Timestamp now, SecureOutput& out) {
  dtls_.HandleDeadline(now, out.packets);
  if (channels_ != nullptr && channels_->NextDeadline() <= now) {
    ChannelOutput channel_out;
    channels_->HandleDeadline(now, channel_out);
    Forward(channel_out, out);
  }
  RefileDeadline();
}

void SecureTransport::Close(SecureOutput& out) {
  dtls_.Close(out.packets);
  DropSecrets();
  RefileDeadline();
}

void SecureTransport::DropSecrets() {
  channels_.reset();
  sealer_ = {};
  opener_.reset();
}

size_t SecureTransport::SealRtp(ByteSpan out, size_t header_size, ByteView payload,
                                UnusedIndex index) {
  if (!media_ready()) return 0;
  return sealer_.sealer->SealRtp(out, header_size, payload, std::move(index));
}

size_t SecureTransport::SealRtcp(ByteSpan out, size_t size) {
  return media_ready() ? sealer_.sealer->SealRtcp(out, size) : 0;
}

void SecureTransport::RemoveInboundSsrc(uint32_t ssrc) {
  if (opener_ != nullptr) opener_->RemoveSsrc(ssrc);
}

void SecureTransport::Probe(SecureOutput& out) {
  if (channels_ == nullptr) return;
  ChannelOutput channel_out;
  channels_->Probe(channel_out);
  Forward(channel_out, out);
}

void SecureTransport::RetireInboundSsrc(uint32_t ssrc) {
  if (opener_ != nullptr) opener_->RetireSsrc(ssrc);
}

std::optional<uint16_t> SecureTransport::OpenChannel(std::string_view label,
                                                     const ChannelOptions& options, Timestamp now,
                                                     SecureOutput& out) {
  if (channels_ == nullptr) return std::nullopt;
  ChannelOutput channel_out;
  const std::optional<uint16_t> channel = channels_->Open(label, options, now, channel_out);
  Forward(channel_out, out);
  RefileDeadline();
  return channel;
}

bool SecureTransport::SendOnChannel(uint16_t channel, bool text, ByteView message, Timestamp now,
                                    SecureOutput& out) {
  if (channels_ == nullptr) return false;
  ChannelOutput channel_out;
  const bool sent = channels_->Send(channel, text, message, now, channel_out);
  Forward(channel_out, out);
  RefileDeadline();
  return sent;
}

void SecureTransport::RefileDeadline() {
  next_deadline_ = dtls_.NextDeadline();
  if (channels_ != nullptr) next_deadline_ = std::min(next_deadline_, channels_->NextDeadline());
}

}  // namespace earshot
