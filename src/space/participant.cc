#include "space/participant.h"

#include <algorithm>
#include <utility>

#include "transport/egress_lanes.h"
#include "wire/rtcp.h"

namespace earshot {
namespace {

// The largest compound that leaves room for SRTCP within the smallest usual path MTU.
constexpr size_t kMaxCompound = 1150;

std::vector<Slot> MakeSlots(const std::vector<SlotFormat>& formats, Random& random) {
  std::vector<Slot> slots;
  slots.reserve(formats.size());
  for (const SlotFormat& format : formats) slots.emplace_back(format, random);
  return slots;
}

}  // namespace

Participant::Participant(ParticipantSetup setup, const Negotiated& negotiated,
                         const IngressLimits& limits, Random& random, Counters& counters)
    : ingress(limits, negotiated.sources),
      position_feed(setup.joined),
      setup_(std::move(setup)),
      cname_(negotiated.cname),
      rtcp_ssrc_(random.U32()),
      counters_(counters),
      audio_slots_(MakeSlots(negotiated.audio_slots, random)),
      video_slots_(MakeSlots(negotiated.video_slots, random)) {
  for (const NegotiatedSource& source : negotiated.sources) {
    publications_[static_cast<size_t>(source.format.id.kind())].emplace(source);
  }
}

SourceSet Participant::Publishable(SourceSet wanted) const {
  SourceSet can;
  for (size_t i = 0; i < kSourceKindCount; ++i) {
    can.Set(static_cast<SourceKind>(i), publications_[i].has_value());
  }
  return wanted & can & setup_.may_publish;
}

Slot* Participant::slot(SlotRef ref) {
  std::vector<Slot>& all = slots(ref.kind);
  return ref.index < all.size() ? &all[ref.index] : nullptr;
}

const Slot* Participant::FindSlotByMid(std::string_view mid) const {
  for (const auto* all : {&audio_slots_, &video_slots_}) {
    for (const Slot& slot : *all) {
      if (slot.format().mid == mid) return &slot;
    }
  }
  return nullptr;
}

Slot* Participant::FindSlotBySsrc(uint32_t ssrc) {
  for (auto* all : {&audio_slots_, &video_slots_}) {
    for (Slot& slot : *all) {
      if (slot.format().ssrc == ssrc) return &slot;
    }
  }
  return nullptr;
}

Participant::InboundLayer Participant::FindBySsrc(const RtpView& view) {
  for (auto& entry : publications_) {
    if (!entry) continue;
    for (size_t i = 0; i < entry->layers().size(); ++i) {
      const Source& source = entry->layers()[i];
      if (source.ssrc == view.ssrc() || source.rtx_ssrc == view.ssrc()) return {&*entry, i};
    }
  }
  return {};
}

// RFC 8843 section 9.2: a stream that the offer did not announce is known by its MID, a layer by
// its RID besides (RFC 8852).
std::variant<Participant::InboundLayer, DropReason> Participant::BindByMid(const RtpView& view,
                                                                           Timestamp now) {
  const auto id_in = [&view](uint8_t extension) {
    const auto bytes = view.Extension(extension);
    return bytes ? ParseStreamId(*bytes) : std::nullopt;
  };
  DropReason reason = DropReason::kUnsignalledSsrc;
  for (auto& entry : publications_) {
    if (!entry) continue;
    const SourceFormat& format = entry->layers().front().format();
    const auto mid = id_in(format.extensions.mid);
    if (mid && reason == DropReason::kUnsignalledSsrc) reason = DropReason::kUnsignalledMid;
    if (mid != format.mid) continue;
    // An id may mean something else in another section, so what reads as a MID here may be none.
    const PayloadFormat* payload = entry->layers().front().FindPayload(view.payload_type());
    if (payload == nullptr) {
      reason = DropReason::kUnsignalledPayloadType;
      continue;
    }
    const bool is_repair = payload->rtx_payload_type == view.payload_type();
    const auto rid =
        id_in(is_repair ? format.extensions.repaired_rid : format.extensions.rid).value_or("");
    for (size_t i = 0; i < entry->layers().size(); ++i) {
      Source& source = entry->layers()[i];
      if (!source.format().rid.empty() && source.format().rid != rid) continue;
      if (!Bind(source, is_repair, view.ssrc(), now)) return DropReason::kUnsignalledSsrc;
      return InboundLayer{&*entry, i};
    }
  }
  return reason;
}

// A client cannot make state without bound (threat rows R4, R5): one SSRC at a time, and another
// one only once the first has ended, as after a collision (RFC 3550 section 8.2).
bool Participant::Bind(Source& source, bool is_repair, uint32_t ssrc, Timestamp now) {
  std::optional<uint32_t>& bound = is_repair ? source.rtx_ssrc : source.ssrc;
  const Timestamp last_heard = is_repair ? source.rtx_last_heard : source.last_heard;
  if (bound && now - last_heard < kReplacedAfter) return false;
  if (bound) transport->secure().RetireInboundSsrc(*bound);
  bound = ssrc;
  if (!is_repair) source.BeginStream();
  return true;
}

// Packet path 5/11; next: Source::HandlePacket.
std::variant<Participant::InboundMedia, Source::Padding, DropReason> Participant::HandleRtp(
    ByteSpan packet, uint64_t packet_index, Timestamp now) {
  const std::optional<RtpView> view = RtpView::Parse(packet);
  if (!view) return DropReason::kRtpMalformed;
  InboundLayer found = FindBySsrc(*view);
  if (found.publication == nullptr) {
    const auto bound = BindByMid(*view, now);
    if (const auto* reason = std::get_if<DropReason>(&bound)) {
      transport->secure().RemoveInboundSsrc(view->ssrc());
      return *reason;
    }
    found = std::get<InboundLayer>(bound);
  }
  Publication& publication = *found.publication;
  if (!ingress.Admit(publication.id().kind(), found.layer, packet.size(), now)) {
    return DropReason::kMediaRateLimited;
  }
  Source::Handled handled =
      publication.layers()[found.layer].HandlePacket(packet, *view, packet_index, now);
  if (const auto* reason = std::get_if<DropReason>(&handled)) return *reason;
  if (std::holds_alternative<Source::Padding>(handled)) return Source::Padding();
  if (!IsOn(publication.id().kind())) return DropReason::kSourceSwitchedOff;
  auto& media = std::get<SourcePacket>(handled);
  media.layer = static_cast<uint8_t>(found.layer);
  publication.NoteArrival(found.layer, now);
  if (!publication.is_video()) publication.recent().Store(media, now);
  if (next_report_.IsNever()) next_report_ = now + kReportInterval;
  return InboundMedia{&publication, media};
}

void Participant::HandleRtcp(ByteView compound, Timestamp now,
                             std::vector<SlotFeedback>& feedback) {
  RtcpReader reader(compound);
  while (const std::optional<RtcpMessage> message = reader.Next()) {
    // Feedback names a slot by its SSRC; any other SSRC is somebody else's business (C6).
    if (const auto* pli = std::get_if<Pli>(&*message)) {
      if (Slot* slot = FindSlotBySsrc(pli->media_ssrc)) feedback.push_back({slot, true, {}});
    } else if (const auto* fir = std::get_if<Fir>(&*message)) {
      for (const Fir::Entry& entry : fir->entries) {
        if (Slot* slot = FindSlotBySsrc(entry.ssrc)) feedback.push_back({slot, true, {}});
      }
    } else if (const auto* nack = std::get_if<Nack>(&*message)) {
      counters_.nacks_in.Add();
      if (Slot* slot = FindSlotBySsrc(nack->media_ssrc)) {
        feedback.push_back({slot, false, nack->sequence_numbers});
      }
    } else if (const auto* bye = std::get_if<Bye>(&*message)) {
      ForEachSource([&](Source& source) { source.HandleBye(*bye); });
    } else if (const auto* report = std::get_if<SenderReport>(&*message)) {
      ForEachSource([&](Source& source) {
        if (source.ssrc == report->sender_ssrc) source.HandleSenderReport(report->ntp_time, now);
      });
    }
  }
  if (reader.malformed()) counters_.Drop(DropReason::kRtcpMalformed);
}

// Packet path 9/11; next: PeerTransport::SendRtp.
bool Participant::Send(Slot& slot, const OutboundPacket& packet, Timestamp now, EngineOutput& out) {
  const ExtensionIds& ids = slot.format().extensions;
  RtpHeader header = packet.header;
  if (ids.abs_send_time != 0) header.abs_send_time = AbsSendTimeAt(now);
  const bool is_video = slot.format().ref.kind == MediaKind::kVideo;
  const SentRtp sent = transport->SendRtp(
      [&](ByteSpan room) { return WriteRtpHeader(header, ids, room); }, packet.payload,
      {header.ssrc, packet.packet_index}, is_video ? Precedence::kVideo : Precedence::kAudio,
      out.lanes == nullptr ? nullptr : out.lanes->BatchFor(setup_.id), out.datagrams);
  if (sent.drop) counters_.Drop(*sent.drop);
  if (sent.size == 0) return false;
  if (header.ssrc == slot.format().ssrc) {
    slot.CountSent(packet.payload.size());
    repair_budget_.CountSent(sent.size);
  }
  if (next_report_.IsNever()) next_report_ = now + kReportInterval;
  return true;
}

void Participant::SendRepair(Slot& slot, const OutboundPacket& packet, Timestamp now,
                             EngineOutput& out) {
  if (!repair_budget_.TrySpend(packet.payload.size(), now)) {
    counters_.Drop(DropReason::kEgressQueueFull);
    return;
  }
  if (Send(slot, packet, now, out)) counters_.rtp_retransmitted.Add();
}

Timestamp Participant::NextDeadline() const {
  Timestamp next = std::min(next_report_, pose_intake.NextDeadline());
  if (publish_wish) next = std::min(next, ingress.told.ConformsFrom());
  next = std::min({next, NextTelling(), reach_feed.NextDeadline()});
  for (const auto& entry : publications_) {
    if (entry) next = std::min(next, entry->NextDeadline());
  }
  return next;
}

void Participant::HandleDeadline(Timestamp now, DatagramList& out) {
  RequestRepairs(now, out);
  if (next_report_ <= now) SendReports(now, out);
}

void Participant::RequestRepairs(Timestamp now, DatagramList& out) {
  std::array<uint8_t, kMaxCompound> buffer;
  ForEachSource([&](Source& source) {
    if (source.NextDeadline() > now) return;
    const NackTracker::Batch missing = source.TakeDueNacks(now);
    const bool keyframe = source.TakeDueKeyframeRequest(now);
    if (!source.ssrc) return;
    ByteWriter writer(buffer);
    if (!missing.empty()) {
      Write(Nack{rtcp_ssrc_, *source.ssrc, {missing.begin(), missing.end()}}, writer);
      counters_.nacks_out.Add();
    }
    if (keyframe) {
      Write(Pli{rtcp_ssrc_, *source.ssrc}, writer);
      counters_.keyframe_requests_out.Add();
    }
    if (writer.ok() && writer.size() > 0) transport->SendRtcp(writer.written(), out);
  });
}

bool Participant::TakeWantedChange(Timestamp now) {
  Publication* camera = publication(SourceKind::kCamera);
  return camera != nullptr && camera->TakeWantedChange(now);
}

// A report a second for all that flows (RFC 3550 section 6.2 with a fixed interval, section 6.4 for
// who reports); nothing while nothing flows, so that silence is free. What fell silent gives its
// memory back.
void Participant::SendReports(Timestamp now, DatagramList& out) {
  next_report_ = Timestamp::Never();
  if (!transport->CanSendMedia()) return;
  ReceiverReport receiver_report{rtcp_ssrc_, {}};
  for (auto& entry : publications_) {
    if (!entry) continue;
    if (now - entry->last_packet() > kSilentAfter) {
      entry->ForgetPackets();
      continue;
    }
    for (Source& layer : entry->layers()) {
      if (const auto block = layer.MakeReport(now)) receiver_report.reports.push_back(*block);
    }
  }
  std::array<uint8_t, kMaxCompound> buffer;
  ByteWriter writer(buffer);
  Write(receiver_report, writer);
  Sdes sdes;
  sdes.chunks.push_back({rtcp_ssrc_, cname_});
  Write(sdes, writer);

  bool anything = !receiver_report.reports.empty();
  for (auto* all : {&audio_slots_, &video_slots_}) {
    for (Slot& slot : *all) {
      if (now - slot.last_sent() > kSilentAfter) {
        slot.ForgetPackets();
        continue;
      }
      // An empty one as well, until it is forgotten.
      next_report_ = now + kReportInterval;
      const auto report = slot.source() ? slot.MakeSenderReport(now) : std::nullopt;
      if (!report) continue;
      if (writer.size() + 40 > kMaxCompound) {
        transport->SendRtcp(writer.written(), out);
        writer = ByteWriter(buffer);
      }
      Write(*report, writer);
      anything = true;
    }
  }
  if (!anything || !writer.ok()) return;
  transport->SendRtcp(writer.written(), out);
  next_report_ = now + kReportInterval;
}

}  // namespace earshot
