#include "person.h"

#include <utility>

#include "io/clock.h"
#include "wire/messages.h"
#include "wire/rtp_packet.h"

namespace earshot::load {

Person::Person(const Options& options, Surroundings& surroundings)
    : options_(options),
      surroundings_(surroundings),
      client_(options.client, surroundings.certificate, surroundings.random) {}

std::optional<Error> Person::Join() {
  auto socket = UdpSocket::Bind(surroundings_.loop, "::", 0, counters_, surroundings_.buffers);
  if (!socket) return socket.error();
  socket_ = std::move(*socket);
  socket_->Start(
      [this](const SocketAddress& peer, std::span<uint8_t> bytes) { HandleDatagram(peer, bytes); },
      [this] { FinishTurn(Now()); });
  signalling_.emplace(
      surroundings_.io, surroundings_.target,
      SignallingRequest{options_.name, options_.space, options_.token, client_.Offer(),
                        client_.TrackMids()},
      Signalling::Handlers{[this](const JoinedReply& reply) { HandleJoined(reply); },
                           [this](const Error& error) {
                             is_over_ = true;
                             surroundings_.host.OnEnded(options_.index, error);
                           }});
  return std::nullopt;
}

void Person::HandleJoined(const JoinedReply& reply) {
  const Timestamp now = Now();
  asked_ = reply.asked;
  if (const auto error = client_.Accept(reply.answer, reply.participant, now)) {
    Leave();
    surroundings_.host.OnEnded(options_.index, *error);
    return;
  }
  const ClientOffer& offer = options_.client.offer;
  slots_[static_cast<size_t>(MediaKind::kAudio)].resize(offer.audio_slots);
  slots_[static_cast<size_t>(MediaKind::kVideo)].resize(offer.video_slots);
  surroundings_.host.OnJoined(options_.index, reply);
  client_.Publish(options_.published, now, surroundings_.out);
  FinishTurn(now);
}

void Person::HandleDatagram(const SocketAddress& peer, std::span<uint8_t> bytes) {
  if (is_over_) return;
  const Timestamp now = Now();
  ClientOutput& out = surroundings_.out;
  surroundings_.host.OnDatagram(options_.index, bytes);
  client_.HandleDatagram(peer, bytes, now, out);
  if (out.drop) surroundings_.host.OnDrop(*std::exchange(out.drop, std::nullopt));
  if (out.media) {
    const auto latency = NoteInSlot(*out.media, now);
    surroundings_.host.OnMedia(options_.index, *out.media, latency, now);
    out.media.reset();
  }
  // The server says "start over" first. What opens the other channel came along with the request
  // for this one.
  events_opened_ |= !out.messages.empty();
  out.messages.clear();
}

void Person::HandleDeadline(Timestamp now) {
  client_.HandleDeadline(now, surroundings_.out);
  FinishTurn(now);
}

void Person::FinishTurn(Timestamp now) {
  ClientOutput& out = surroundings_.out;
  if (is_over_) {
    out.Clear();
    return;
  }
  if (!was_here_ && events_opened_) {
    was_here_ = true;
    surroundings_.host.OnHere(options_.index, now - asked_);
  }
  socket_->Send(out.datagrams);
  const bool closed = out.closed;
  out.Clear();
  if (const auto pose = client_.TakeCorrectedPose()) {
    surroundings_.host.OnCorrected(options_.index, *pose);
  }
  surroundings_.host.OnTurn(options_.index);
  if (!closed) return;
  Leave();
  const char* const what = was_here_ ? "The media connection ended."
                                     : "No media connection came about; is the server's UDP port "
                                       "reachable at the addresses that it announces?";
  surroundings_.host.OnEnded(options_.index, {"media-ended", what});
}

void Person::Move(const Pose& pose, Timestamp now) {
  client_.Move(pose, now, surroundings_.out);
  FinishTurn(now);
}

void Person::SetTalking(bool talking) {
  client_.SetTalking(talking);
  surroundings_.host.OnTurn(options_.index);
}

void Person::SendFlood(uint32_t packets, Timestamp now) {
  if (client_.transport() == nullptr || packets == 0) return;
  ClientOutput& out = surroundings_.out;
  if (flood_index_ == 0) {
    SourceSet on;
    on.Set(SourceKind::kMic, true);
    std::array<uint8_t, 16> buffer;
    ByteWriter writer(buffer);
    WriteIPublish(on, writer);
    client_.SendOnEvents(writer.written(), now, out);
  }
  const ClientNumbers& numbers = client_.session().numbers();
  RtpHeader header;
  header.payload_type = numbers.opus_payload_type;
  header.ssrc = client_.sender(SourceKind::kMic)->stream().ssrc;
  header.audio_level = AudioLevel{true, 0};
  const std::vector<uint8_t> payload(options_.client.media.opus_payload);
  for (uint32_t i = 0; i < packets; ++i, ++flood_index_) {
    header.sequence_number = static_cast<uint16_t>(flood_index_);
    header.timestamp = static_cast<uint32_t>(flood_index_ * 960);
    client_.transport()->SendRtp(
        [&](ByteSpan room) { return WriteRtpHeader(header, numbers.extensions, room); }, payload,
        {header.ssrc, flood_index_}, out.datagrams);
  }
  FinishTurn(now);
}

void Person::Leave() {
  is_over_ = true;
  client_.Close(surroundings_.out);
  if (socket_) socket_->Send(surroundings_.out.datagrams);
  surroundings_.out.Clear();
  if (signalling_) signalling_->Leave();
}

uint64_t Person::packets_sent() const {
  uint64_t sent = 0;
  for (const SourceKind kind : {SourceKind::kMic, SourceKind::kCamera}) {
    if (const MediaSender* sender = client_.sender(kind)) sent += sender->packets_sent();
  }
  return sent;
}

std::optional<Duration> Person::NoteInSlot(const ReceivedMedia& media, Timestamp now) {
  if (media.is_duplicate) return std::nullopt;
  Slot& slot = slots_[static_cast<size_t>(media.slot.kind)][media.slot.index];
  slot.loss.HandlePacket(media.extended_sequence);
  if (slot.source != media.source) {
    slot.source = media.source;
    slot.since = now;
  }
  // Only of our own people is it known when they sent it.
  const bool is_ours = media.tag && media.tag->source == media.source;
  if (!is_ours || media.tag->sent < slot.since) return std::nullopt;
  return now - media.tag->sent;
}

void Person::OpenLoss() {
  for (auto& slots : slots_) {
    for (Slot& slot : slots) slot.loss.Open();
  }
  assigned_at_open_.clear();
  for (const SlotReceiver& slot : client_.slots()) assigned_at_open_.push_back(slot.assigned);
}

void Person::CloseLoss() {
  for (auto& slots : slots_) {
    for (Slot& slot : slots) slot.loss.Close();
  }
}

uint32_t Person::SilentSlots(MediaKind kind) const {
  uint32_t silent = 0;
  for (size_t i = 0; i < assigned_at_open_.size(); ++i) {
    const SlotReceiver& slot = client_.slots()[i];
    const SlotRef& ref = slot.stream().ref;
    if (ref.kind != kind || !slot.assigned || slot.assigned != assigned_at_open_[i]) continue;
    if (slots_[static_cast<size_t>(kind)][ref.index].loss.expected() == 0) ++silent;
  }
  return silent;
}

Loss Person::loss() const {
  Loss sum;
  for (const auto& slots : slots_) {
    for (const Slot& slot : slots) sum.Add({slot.loss.expected(), slot.loss.lost()});
  }
  return sum;
}

}  // namespace earshot::load
