#include "transport/data_channels.h"

#include <algorithm>
#include <array>
#include <utility>

#include "transport/dcep.h"

namespace earshot {
namespace {

struct Channel {
  uint16_t stream = 0;
  bool ordered = true;
  std::optional<uint16_t> max_retransmits;
  bool is_ours = false;
  // Ours: OPEN has not been sent yet. Theirs: ACK has not been sent yet.
  bool is_reply_due = true;
  bool is_acknowledged = false;
  std::string label;  // until OPEN has been sent
};

ByteView AsBytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

Channel MakeInbound(uint16_t stream, const DcepOpen& open) {
  Channel channel;
  channel.stream = stream;
  channel.ordered = open.ordered;
  switch (open.reliability) {
    case DcepOpen::Reliability::kReliable:
      break;
    case DcepOpen::Reliability::kMaxRetransmits:
      channel.max_retransmits =
          static_cast<uint16_t>(std::min<uint32_t>(open.reliability_parameter, 0xffff));
      break;
    case DcepOpen::Reliability::kMaxLifetime:
      // The library measures lifetimes by the wall clock. Never repeating keeps every lifetime.
      channel.max_retransmits = 0;
      break;
  }
  return channel;
}

}  // namespace

class DataChannels::Impl {
 public:
  Impl(bool is_dtls_client, Timestamp now)
      : sctp_(SctpAssociation::Create(now)), next_stream_(is_dtls_client ? 0 : 1) {}

  void Start(Timestamp now, ChannelOutput& out);
  std::optional<DropReason> HandlePacket(ByteView packet, Timestamp now, ChannelOutput& out);
  std::optional<uint16_t> Open(std::string_view label, const ChannelOptions& options, Timestamp now,
                               ChannelOutput& out);
  bool Send(uint16_t stream, bool text, ByteView message, Timestamp now, ChannelOutput& out);
  void Close(uint16_t stream, Timestamp now, ChannelOutput& out);
  void Probe(ChannelOutput& out) {
    const PacketLoan loan(scratch_, out);
    sctp_->Probe(scratch_);
  }
  void HandleDeadline(Timestamp now, ChannelOutput& out);
  Timestamp NextDeadline() const { return sctp_->NextDeadline(); }
  SctpState state() const { return sctp_->state(); }

 private:
  // While an association call runs, the caller's packet list stands in for ours, which saves a
  // copy of every packet.
  class PacketLoan {
   public:
    PacketLoan(SctpOutput& inner, ChannelOutput& out) : inner_(inner), out_(out) {
      std::swap(inner_.packets, out_.packets);
    }
    ~PacketLoan() { std::swap(inner_.packets, out_.packets); }
    PacketLoan(const PacketLoan&) = delete;
    PacketLoan& operator=(const PacketLoan&) = delete;

   private:
    SctpOutput& inner_;
    ChannelOutput& out_;
  };

  Channel* Find(uint16_t stream);
  std::optional<DropReason> Settle(Timestamp now, ChannelOutput& out);
  std::optional<DropReason> HandleMessage(SctpMessage& message, Timestamp now, ChannelOutput& out);
  std::optional<DropReason> HandleDcep(const SctpMessage& message, Timestamp now,
                                       ChannelOutput& out);
  std::optional<DropReason> HandleOpen(uint16_t stream, DcepOpen& open, Timestamp now,
                                       ChannelOutput& out);
  std::optional<DropReason> HandleUserData(SctpMessage& message, ChannelOutput& out);
  void SendDueReplies(Timestamp now);
  bool SendDcep(uint16_t stream, ByteView message, Timestamp now);
  DropReason Violate(uint16_t stream, Timestamp now, ChannelOutput& out);
  bool Forget(uint16_t stream);
  std::optional<uint16_t> NextFreeStream();

  std::unique_ptr<SctpAssociation> sctp_;
  SctpOutput scratch_;
  std::vector<Channel> channels_;  // at most kMaxChannels
  uint16_t next_stream_;
};

void DataChannels::Impl::Start(Timestamp now, ChannelOutput& out) {
  const PacketLoan loan(scratch_, out);
  sctp_->Connect(now, scratch_);
  Settle(now, out);
}

std::optional<DropReason> DataChannels::Impl::HandlePacket(ByteView packet, Timestamp now,
                                                           ChannelOutput& out) {
  const PacketLoan loan(scratch_, out);
  const std::optional<DropReason> unused = sctp_->HandlePacket(packet, now, scratch_);
  const std::optional<DropReason> violation = Settle(now, out);
  return unused ? unused : violation;
}

std::optional<uint16_t> DataChannels::Impl::Open(std::string_view label,
                                                 const ChannelOptions& options, Timestamp now,
                                                 ChannelOutput& out) {
  if (state() == SctpState::kClosed || channels_.size() >= kMaxChannels) return std::nullopt;
  if (label.size() > kMaxLabelSize || !IsValidUtf8(AsBytes(label))) return std::nullopt;
  const std::optional<uint16_t> stream = NextFreeStream();
  if (!stream) return std::nullopt;
  const PacketLoan loan(scratch_, out);
  Channel& channel = channels_.emplace_back();
  channel.stream = *stream;
  channel.ordered = options.ordered;
  channel.max_retransmits = options.max_retransmits;
  channel.is_ours = true;
  channel.label = label;
  Settle(now, out);
  return stream;
}

bool DataChannels::Impl::Send(uint16_t stream, bool text, ByteView message, Timestamp now,
                              ChannelOutput& out) {
  const Channel* const channel = Find(stream);
  if (channel == nullptr || channel->is_reply_due) return false;
  SctpSendOptions options;
  // RFC 8832 section 6: until the ACK has come, everything is ordered, so that nothing overtakes
  // the OPEN.
  options.ordered = channel->ordered || !channel->is_acknowledged;
  options.max_retransmits = channel->max_retransmits;
  SctpPpid ppid = text ? SctpPpid::kString : SctpPpid::kBinary;
  static constexpr std::array<uint8_t, 1> kZero{};
  if (message.empty()) {
    // RFC 8831 section 6.6: SCTP has no empty messages, so one zero byte stands for one.
    ppid = text ? SctpPpid::kStringEmpty : SctpPpid::kBinaryEmpty;
    message = kZero;
  }
  const PacketLoan loan(scratch_, out);
  const bool is_sent = sctp_->Send(stream, ppid, message, options, now, scratch_);
  Settle(now, out);
  return is_sent;
}

void DataChannels::Impl::Close(uint16_t stream, Timestamp now, ChannelOutput& out) {
  if (!Forget(stream)) return;
  const PacketLoan loan(scratch_, out);
  sctp_->ResetStream(stream, now, scratch_);
  Settle(now, out);
}

void DataChannels::Impl::HandleDeadline(Timestamp now, ChannelOutput& out) {
  const PacketLoan loan(scratch_, out);
  sctp_->HandleDeadline(now, scratch_);
  Settle(now, out);
}

// Works off what the association delivered. Returns the first violation.
std::optional<DropReason> DataChannels::Impl::Settle(Timestamp now, ChannelOutput& out) {
  std::optional<DropReason> violation;
  // Answers may deliver more, so the lists are taken before they are worked off.
  while (!scratch_.messages.empty() || !scratch_.reset_streams.empty()) {
    std::vector<SctpMessage> messages = std::exchange(scratch_.messages, {});
    const std::vector<uint16_t> resets = std::exchange(scratch_.reset_streams, {});
    for (SctpMessage& message : messages) {
      const std::optional<DropReason> reason = HandleMessage(message, now, out);
      if (!violation) violation = reason;
    }
    for (const uint16_t stream : resets) {
      if (!Forget(stream)) continue;
      out.closed.push_back({stream});
      // RFC 8831 section 6.7: the other side of the channel is closed in the same way.
      sctp_->ResetStream(stream, now, scratch_);
    }
  }
  if (state() == SctpState::kConnected) SendDueReplies(now);
  if (state() == SctpState::kClosed) {
    for (const Channel& channel : channels_) out.closed.push_back({channel.stream});
    channels_.clear();
  }
  return violation;
}

std::optional<DropReason> DataChannels::Impl::HandleMessage(SctpMessage& message, Timestamp now,
                                                            ChannelOutput& out) {
  if (message.ppid == static_cast<uint32_t>(SctpPpid::kDcep)) return HandleDcep(message, now, out);
  return HandleUserData(message, out);
}

std::optional<DropReason> DataChannels::Impl::HandleDcep(const SctpMessage& message, Timestamp now,
                                                         ChannelOutput& out) {
  std::optional<DcepMessage> parsed = ParseDcepMessage(message.bytes);
  if (!parsed) return Violate(message.stream, now, out);
  if (DcepOpen* const open = std::get_if<DcepOpen>(&*parsed)) {
    return HandleOpen(message.stream, *open, now, out);
  }
  Channel* const channel = Find(message.stream);
  if (channel == nullptr || !channel->is_ours) return Violate(message.stream, now, out);
  channel->is_acknowledged = true;
  return std::nullopt;
}

std::optional<DropReason> DataChannels::Impl::HandleOpen(uint16_t stream, DcepOpen& open,
                                                         Timestamp now, ChannelOutput& out) {
  // Of either parity: some peers number by their ICE role, not by the one of DTLS.
  if (Find(stream) != nullptr || channels_.size() >= kMaxChannels) {
    return Violate(stream, now, out);
  }
  channels_.push_back(MakeInbound(stream, open));
  channels_.back().is_acknowledged = true;
  out.opened.push_back({stream, std::move(open.label)});
  return std::nullopt;
}

std::optional<DropReason> DataChannels::Impl::HandleUserData(SctpMessage& message,
                                                             ChannelOutput& out) {
  // Nothing is closed for it: what was under way when we closed a channel ends up here as well.
  if (Find(message.stream) == nullptr) return DropReason::kDataChannelViolation;
  ChannelMessage delivered;
  delivered.channel = message.stream;
  switch (static_cast<SctpPpid>(message.ppid)) {
    case SctpPpid::kString:
      delivered.text = true;
      [[fallthrough]];
    case SctpPpid::kBinary:
      delivered.bytes = std::move(message.bytes);
      break;
    case SctpPpid::kStringEmpty:
      delivered.text = true;
      break;
    case SctpPpid::kBinaryEmpty:
      break;
    default:
      return DropReason::kDataChannelViolation;  // threat row T7
  }
  out.messages.push_back(std::move(delivered));
  return std::nullopt;
}

// OPEN for channels of ours, ACK for those of the peer. What finds the send buffer full, or the
// stream still being reset, is tried again at the next turn; there is one, since the association
// has something unanswered then.
void DataChannels::Impl::SendDueReplies(Timestamp now) {
  for (Channel& channel : channels_) {
    if (!channel.is_reply_due) continue;
    std::vector<uint8_t> reply;
    if (channel.is_ours) {
      DcepOpen open;
      open.ordered = channel.ordered;
      if (channel.max_retransmits) {
        open.reliability = DcepOpen::Reliability::kMaxRetransmits;
        open.reliability_parameter = *channel.max_retransmits;
      }
      open.label = channel.label;
      reply = WriteDcepOpen(open);
    } else {
      reply = WriteDcepAck();
    }
    if (!SendDcep(channel.stream, reply, now)) continue;
    channel.is_reply_due = false;
    channel.label.clear();
  }
}

bool DataChannels::Impl::SendDcep(uint16_t stream, ByteView message, Timestamp now) {
  return sctp_->Send(stream, SctpPpid::kDcep, message, {}, now, scratch_);
}

// Threat row T6: a violation closes the channel, whether it was open or not.
DropReason DataChannels::Impl::Violate(uint16_t stream, Timestamp now, ChannelOutput& out) {
  if (Forget(stream)) out.closed.push_back({stream});
  sctp_->ResetStream(stream, now, scratch_);
  return DropReason::kDataChannelViolation;
}

Channel* DataChannels::Impl::Find(uint16_t stream) {
  const auto it = std::find_if(channels_.begin(), channels_.end(),
                               [&](const Channel& channel) { return channel.stream == stream; });
  return it == channels_.end() ? nullptr : &*it;
}

bool DataChannels::Impl::Forget(uint16_t stream) {
  return std::erase_if(channels_, [&](const Channel& c) { return c.stream == stream; }) != 0;
}

// Goes round through all ids of our parity, so that a closed channel's id rests before it returns.
std::optional<uint16_t> DataChannels::Impl::NextFreeStream() {
  for (uint16_t i = 0; i < SctpAssociation::kMaxStreams / 2; ++i) {
    const uint16_t stream = next_stream_;
    next_stream_ = static_cast<uint16_t>((next_stream_ + 2) % SctpAssociation::kMaxStreams);
    if (Find(stream) == nullptr) return stream;
  }
  return std::nullopt;
}

DataChannels::DataChannels(bool is_dtls_client, Timestamp now)
    : impl_(std::make_unique<Impl>(is_dtls_client, now)) {}
DataChannels::~DataChannels() = default;

void DataChannels::Start(Timestamp now, ChannelOutput& out) { impl_->Start(now, out); }
std::optional<DropReason> DataChannels::HandlePacket(ByteView packet, Timestamp now,
                                                     ChannelOutput& out) {
  return impl_->HandlePacket(packet, now, out);
}
std::optional<uint16_t> DataChannels::Open(std::string_view label, const ChannelOptions& options,
                                           Timestamp now, ChannelOutput& out) {
  return impl_->Open(label, options, now, out);
}
bool DataChannels::Send(uint16_t channel, bool text, ByteView message, Timestamp now,
                        ChannelOutput& out) {
  return impl_->Send(channel, text, message, now, out);
}
void DataChannels::Close(uint16_t channel, Timestamp now, ChannelOutput& out) {
  impl_->Close(channel, now, out);
}
void DataChannels::Probe(ChannelOutput& out) { impl_->Probe(out); }

void DataChannels::HandleDeadline(Timestamp now, ChannelOutput& out) {
  impl_->HandleDeadline(now, out);
}
Timestamp DataChannels::NextDeadline() const { return impl_->NextDeadline(); }
bool DataChannels::closed() const { return impl_->state() == SctpState::kClosed; }
bool DataChannels::connected() const { return impl_->state() == SctpState::kConnected; }

}  // namespace earshot
