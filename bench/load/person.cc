#include "person.h"

#include <utility>

#include "clock.h"

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
      SignallingRequest{options_.name, options_.token, client_.Offer(), client_.TrackMids()},
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
  for (auto& losses : losses_) losses.resize(kMaxSlotsPerKind);
  surroundings_.host.OnJoined(options_.index, reply);
  client_.Publish(options_.published, now, surroundings_.out);
  FinishTurn(now);
}

void Person::HandleDatagram(const SocketAddress& peer, std::span<uint8_t> bytes) {
  const Timestamp now = Now();
  ClientOutput& out = surroundings_.out;
  client_.HandleDatagram(peer, bytes, now, out);
  if (out.media) {
    if (!out.media->is_duplicate)
      LossOf(out.media->slot).HandlePacket(out.media->extended_sequence);
    surroundings_.host.OnMedia(options_.index, *out.media, now);
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
  if (!was_here_ && !is_over_ && events_opened_) {
    was_here_ = true;
    surroundings_.host.OnHere(options_.index, now - asked_);
  }
  socket_->Send(out.datagrams);
  const bool closed = out.closed && !is_over_;
  out.Clear();
  if (const auto pose = client_.TakeCorrectedPose()) {
    surroundings_.host.OnCorrected(options_.index, *pose);
  }
  surroundings_.host.OnTurn(options_.index);
  if (!closed) return;
  Leave();
  surroundings_.host.OnEnded(options_.index, {"media-ended", "The media connection ended."});
}

void Person::Move(const Pose& pose, Timestamp now) {
  client_.Move(pose, now, surroundings_.out);
  FinishTurn(now);
}

void Person::SetTalking(bool talking) {
  client_.SetTalking(talking);
  surroundings_.host.OnTurn(options_.index);
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

SlotLoss& Person::LossOf(const SlotRef& slot) {
  return losses_[static_cast<size_t>(slot.kind)][slot.index];
}

void Person::OpenLoss() {
  for (auto& losses : losses_) {
    for (SlotLoss& loss : losses) loss.Open();
  }
  assigned_at_open_.clear();
  for (const SlotReceiver& slot : client_.slots()) assigned_at_open_.push_back(slot.assigned);
}

void Person::CloseLoss() {
  for (auto& losses : losses_) {
    for (SlotLoss& loss : losses) loss.Close();
  }
}

uint32_t Person::SilentSlots(MediaKind kind) const {
  uint32_t silent = 0;
  for (size_t i = 0; i < assigned_at_open_.size(); ++i) {
    const SlotReceiver& slot = client_.slots()[i];
    const SlotRef& ref = slot.stream().ref;
    if (ref.kind != kind || !slot.assigned || slot.assigned != assigned_at_open_[i]) continue;
    if (losses_[static_cast<size_t>(kind)][ref.index].expected() == 0) ++silent;
  }
  return silent;
}

Loss Person::loss() const {
  Loss sum;
  for (const auto& losses : losses_) {
    for (const SlotLoss& loss : losses) sum.Add({loss.expected(), loss.lost()});
  }
  return sum;
}

}  // namespace earshot::load
