#include "client/client.h"

#include <algorithm>
#include <utility>

namespace earshot {
namespace {

constexpr size_t kMaxCompound = 1150;
// So many fit into one compound, and into the five bits of a report's count.
constexpr size_t kReportsPerCompound = 24;
constexpr AudioLevel kSpeech{true, 30};
constexpr AudioLevel kQuietRoom{false, 100};
constexpr AudioLevel kSilence{false, 127};

}  // namespace

Client::Client(const ClientOptions& options, const DtlsCertificate& certificate, Random& random)
    : options_(options),
      certificate_(certificate),
      random_(random),
      session_(options.offer, certificate.fingerprint(), random),
      rtcp_ssrc_(random.U32()) {
  for (const SentStream& stream : session_.streams()) {
    const uint64_t first_index = options.first_index + random.Below(options.first_index_bound);
    senders_.emplace_back(stream, session_.numbers(), first_index, random, options.media);
  }
  SetTalking(false);
}

std::optional<Error> Client::Accept(const std::string& answer, ParticipantId self, Timestamp now) {
  Result<AcceptedAnswer> accepted = session_.Accept(answer);
  if (!accepted) return accepted.error();
  self_ = self;
  slots_.reserve(accepted->slots.size());
  for (const SlotStream& stream : accepted->slots) {
    slot_of_ssrc_[stream.ssrc] = slots_.size();
    if (stream.rtx_ssrc != 0) slot_of_ssrc_[stream.rtx_ssrc] = slots_.size();
    slots_.emplace_back(stream, session_.numbers());
  }
  transport_.emplace(session_.local(), accepted->remote, accepted->candidates, options_.ice,
                     certificate_, std::move(accepted->fingerprints), random_, now);
  RefileDeadline();
  return std::nullopt;
}

std::string Client::RestartOffer() {
  session_.RenewCredentials(random_);
  return session_.WriteOffer();
}

std::optional<Error> Client::AcceptRestart(const std::string& answer, Timestamp now) {
  const Result<AcceptedAnswer> accepted = session_.Accept(answer);
  if (!accepted) return accepted.error();
  if (transport_) transport_->RestartIce(session_.local(), accepted->remote, now);
  RefileDeadline();
  return std::nullopt;
}

void Client::HandleDatagram(const SocketAddress& peer, ByteSpan bytes, Timestamp now,
                            ClientOutput& out) {
  if (!transport_) return;
  events_.Clear();
  const Inbound inbound = transport_->HandleDatagram(peer, bytes, now, out.datagrams, events_);
  out.drop = inbound.drop;
  if (inbound.kind == Inbound::Kind::kRtp) {
    HandleRtp(inbound.packet, now, out);
  } else if (inbound.kind == Inbound::Kind::kRtcp) {
    HandleRtcp(inbound.packet, now, out);
  }
  HandleEvents(now, out);
  RefileDeadline();
}

void Client::HandleDeadline(Timestamp now, ClientOutput& out) {
  if (!transport_ || now < next_deadline_) return;
  events_.Clear();
  transport_->HandleDeadline(now, out.datagrams, events_);
  HandleEvents(now, out);
  if (is_connected_) {
    if (next_publish_ <= now) TellPublished(now, out);
    for (MediaSender& sender : senders_) sender.HandleDeadline(now, *transport_, out.datagrams);
    RequestRepairs(now, out);
    if (next_report_ <= now) SendReports(now, out);
  }
  RefileDeadline();
}

void Client::HandleEvents(Timestamp now, ClientOutput& out) {
  if (events_.connected) {
    is_connected_ = true;
    out.connected = true;
    OpenChannels(now, out);
    next_report_ = now + kReportInterval;
    Publish(published_, now, out);
  }
  for (ChannelMessage& message : events_.messages) {
    if (message.channel == events_channel_) {
      ForEachRecord(message.bytes, [&](ByteView record) {
        HandleMessage(record, now);
        out.messages.push_back({message.channel, message.text, {record.begin(), record.end()}});
      });
    } else {
      HandleMessage(message.bytes, now);
      out.messages.push_back(std::move(message));
    }
  }
  if (events_.closed) {
    is_connected_ = false;
    out.closed = true;
  }
}

void Client::OpenChannels(Timestamp now, ClientOutput& out) {
  events_channel_ = transport_->OpenChannel(kEventsLabel, {}, now, out.datagrams);
  ChannelOptions unreliable;
  unreliable.ordered = false;
  unreliable.max_retransmits = 0;
  positions_channel_ = transport_->OpenChannel(kPositionsLabel, unreliable, now, out.datagrams);
}

void Client::HandleMessage(ByteView message, Timestamp now) {
  if (message.empty()) return;
  ByteReader reader(message.subspan(1));
  switch (static_cast<MessageType>(message[0])) {
    case MessageType::kReset:
      people_.clear();
      for (SlotReceiver& slot : slots_) slot.assigned = SourceId();
      break;
    case MessageType::kPersonEntered:
      if (const auto entered = ParsePersonEntered(message)) {
        people_[entered->participant] = {entered->published, entered->pose};
      }
      break;
    case MessageType::kPersonLeft:
      people_.erase(ParticipantId{reader.U32Le()});
      break;
    case MessageType::kPersonPublishes: {
      const SourceSet published(reader.U8());
      const auto person = people_.find(ParticipantId{reader.U32Le()});
      if (person != people_.end()) person->second.published = published;
      break;
    }
    case MessageType::kSlotAssigned:
      if (const auto assigned = ParseSlotAssigned(message)) HandleSlotAssigned(*assigned);
      break;
    case MessageType::kHearing:
      if (const auto hearing = ParseHearing(message)) {
        const auto person = people_.find(hearing->participant);
        if (person == people_.end()) break;
        person->second.hears = hearing->hears;
        person->second.is_heard = hearing->is_heard;
      }
      break;
    case MessageType::kReach:
      if (auto reach = ParseReach(message)) reach_ = std::move(*reach);
      break;
    case MessageType::kWanted:
      if (const auto wanted = ParseWanted(message); wanted && options_.rests_unwanted) {
        wanted_ = *wanted;
        StartAndStopSenders(now);
      }
      break;
    case MessageType::kPoses:
      if (const auto poses = ParsePoses(message)) {
        for (const PersonPose& one : *poses) {
          const auto person = people_.find(one.participant);
          if (person != people_.end()) person->second.pose = one.pose;
        }
      }
      break;
    case MessageType::kYourPose: {
      Pose pose;
      pose.position = {reader.F32Le(), reader.F32Le()};
      pose.heading = reader.F32Le();
      if (reader.ok()) corrected_pose_ = pose;
      break;
    }
    default:
      break;
  }
}

void Client::HandleSlotAssigned(const SlotAssigned& message) {
  const auto slot = std::find_if(slots_.begin(), slots_.end(), [&](const SlotReceiver& one) {
    return one.stream().ref == message.hint.slot;
  });
  if (slot != slots_.end()) slot->assigned = message.source;
}

void Client::HandleRtp(ByteView packet, Timestamp now, ClientOutput& out) {
  const std::optional<RtpView> view = RtpView::Parse(packet);
  SlotReceiver* slot = view ? FindSlot(view->ssrc()) : nullptr;
  if (slot != nullptr) out.media = slot->HandlePacket(packet, *view, now);
}

void Client::HandleRtcp(ByteView compound, Timestamp now, ClientOutput& out) {
  RtcpReader reader(compound);
  while (const std::optional<RtcpMessage> message = reader.Next()) {
    if (const auto* nack = std::get_if<Nack>(&*message)) {
      nacks_received_ += nack->sequence_numbers.size();
      if (MediaSender* sender = FindSender(nack->media_ssrc)) {
        sender->HandleNack(nack->sequence_numbers, *transport_, out.datagrams);
      }
    } else if (const auto* pli = std::get_if<Pli>(&*message)) {
      ++keyframe_requests_received_;
      if (MediaSender* sender = FindSender(pli->media_ssrc)) sender->WantKeyframe();
    } else if (const auto* report = std::get_if<SenderReport>(&*message)) {
      if (SlotReceiver* slot = FindSlot(report->sender_ssrc))
        slot->HandleSenderReport(*report, now);
    }
  }
}

void Client::Publish(SourceSet published, Timestamp now, ClientOutput& out) {
  published_ = published;
  if (!is_connected_) return;
  TellPublished(now, out);
  StartAndStopSenders(now);
  RefileDeadline();
}

void Client::StartAndStopSenders(Timestamp now) {
  for (MediaSender& sender : senders_) {
    const bool is_camera = sender.kind() == SourceKind::kCamera;
    const bool is_wanted = wanted_.sources.Has(sender.kind()) &&
                           (!is_camera || wanted_.layers.Has(sender.stream().layer));
    if (!published_.Has(sender.kind()) || !is_wanted) {
      sender.Stop();
    } else if (!sender.is_on()) {
      sender.Start(SourceId(self_, sender.kind()), now);
    }
  }
}

// The channel takes nothing before its association is up, or while it is full.
void Client::TellPublished(Timestamp now, ClientOutput& out) {
  std::array<uint8_t, kMaxMessageBytes> buffer;
  ByteWriter writer(buffer);
  WriteIPublish(published_, writer);
  const bool told = SendOnEvents(writer.written(), now, out);
  next_publish_ = told ? Timestamp::Never() : now + kPublishRetry;
}

bool Client::Ask(const ActMessage& act, Timestamp now, ClientOutput& out) {
  std::array<uint8_t, 16> buffer;
  ByteWriter writer(buffer);
  Write(act, writer);
  return SendOnEvents(writer.written(), now, out);
}

bool Client::SendOnEvents(ByteView message, Timestamp now, ClientOutput& out) {
  if (!events_channel_) return false;
  const bool sent = transport_->SendOnChannel(*events_channel_, message, now, out.datagrams);
  RefileDeadline();
  return sent;
}

void Client::SetTalking(bool talking) {
  for (MediaSender& sender : senders_) {
    const bool speaks = talking || sender.kind() == SourceKind::kScreenAudio;
    const AudioLevel pause = options_.media.rests_in_silence ? kSilence : kQuietRoom;
    sender.SetAudioLevel(speaks ? kSpeech : pause);
  }
  RefileDeadline();
}

bool Client::Move(const Pose& pose, Timestamp now, ClientOutput& out) {
  if (!positions_channel_) return false;
  std::array<uint8_t, kMaxMessageBytes> buffer;
  ByteWriter writer(buffer);
  Write(MyPose{++pose_sequence_, pose}, writer);
  const bool sent =
      transport_->SendOnChannel(*positions_channel_, writer.written(), now, out.datagrams);
  RefileDeadline();
  return sent;
}

void Client::RequestRepairs(Timestamp now, ClientOutput& out) {
  std::array<uint8_t, kMaxCompound> buffer;
  for (SlotReceiver& slot : slots_) {
    if (slot.NextDeadline() > now) continue;
    const NackTracker::Batch missing = slot.TakeDueNacks(now);
    ByteWriter writer(buffer);
    if (!missing.empty()) {
      Write(Nack{rtcp_ssrc_, slot.stream().ssrc, {missing.begin(), missing.end()}}, writer);
    }
    if (slot.TakeKeyframeRequest()) Write(Pli{rtcp_ssrc_, slot.stream().ssrc}, writer);
    if (writer.ok() && writer.size() > 0) transport_->SendRtcp(writer.written(), out.datagrams);
  }
}

void Client::SendReports(Timestamp now, ClientOutput& out) {
  next_report_ = now + kReportInterval;
  std::array<uint8_t, kMaxCompound> buffer;
  ByteWriter writer(buffer);
  for (const MediaSender& sender : senders_) {
    const auto report = sender.is_on() ? sender.MakeReport(now) : std::nullopt;
    if (report) Write(*report, writer);
  }
  ReceiverReport report;
  report.sender_ssrc = rtcp_ssrc_;
  const auto flush = [&] {
    if (writer.size() == 0 || !report.reports.empty()) Write(report, writer);
    transport_->SendRtcp(writer.written(), out.datagrams);
    writer = ByteWriter(buffer);
    report.reports.clear();
  };
  for (SlotReceiver& slot : slots_) {
    const std::optional<ReportBlock> block = slot.TakeReport(now);
    if (!block) continue;
    report.reports.push_back(*block);
    if (report.reports.size() == kReportsPerCompound) flush();
  }
  if (writer.size() > 0 || !report.reports.empty()) flush();
}

void Client::Close(ClientOutput& out) {
  if (transport_) transport_->Close(out.datagrams);
  is_connected_ = false;
  for (MediaSender& sender : senders_) sender.Stop();
  RefileDeadline();
}

const MediaSender* Client::sender(SourceKind kind) const {
  const auto found = std::find_if(senders_.begin(), senders_.end(),
                                  [&](const MediaSender& one) { return one.kind() == kind; });
  return found == senders_.end() ? nullptr : &*found;
}

MediaSender* Client::FindSender(uint32_t ssrc) {
  const auto found = std::find_if(senders_.begin(), senders_.end(), [&](const MediaSender& one) {
    return one.stream().ssrc == ssrc;
  });
  return found == senders_.end() ? nullptr : &*found;
}

SlotReceiver* Client::FindSlot(uint32_t ssrc) {
  const auto found = slot_of_ssrc_.find(ssrc);
  return found == slot_of_ssrc_.end() ? nullptr : &slots_[found->second];
}

void Client::RefileDeadline() {
  next_deadline_ = transport_ ? transport_->NextDeadline() : Timestamp::Never();
  if (!is_connected_) return;
  next_deadline_ = std::min({next_deadline_, next_report_, next_publish_});
  for (const MediaSender& sender : senders_) {
    next_deadline_ = std::min(next_deadline_, sender.NextDeadline());
  }
  for (const SlotReceiver& slot : slots_) {
    next_deadline_ = std::min(next_deadline_, slot.NextDeadline());
  }
}

}  // namespace earshot
