#include "hostile/hostile.h"

#include <utility>

#include "io/clock.h"
#include "wire/stun.h"

namespace earshot::load {
namespace {

constexpr size_t kRemembered = 200;
constexpr uint32_t kLongestMoodMillis = 6000;

ClientOptions MakeClientOptions() {
  ClientOptions options;
  options.offer.audio_slots = 8;
  options.offer.video_slots = 4;
  return options;
}

}  // namespace

Hostile::Hostile(const Options& options, Person::Surroundings& surroundings, Random& chance)
    : options_(options),
      surroundings_(surroundings),
      chance_(chance),
      client_(MakeClientOptions(), surroundings.certificate, surroundings.random) {}

std::optional<Error> Hostile::Join() {
  for (std::unique_ptr<UdpSocket>* socket : {&socket_, &other_socket_}) {
    auto bound = UdpSocket::Bind(surroundings_.loop, "::", 0, counters_, surroundings_.buffers);
    if (!bound) return bound.error();
    *socket = std::move(*bound);
  }
  socket_->Start(
      [this](const SocketAddress& peer, std::span<uint8_t> bytes) { HandleDatagram(peer, bytes); },
      [this] { FinishTurn(Now()); });
  other_socket_->Start([](const SocketAddress&, std::span<uint8_t>) {}, [] {});
  signalling_.emplace(
      surroundings_.io, surroundings_.target,
      SignallingRequest{options_.name, options_.space, options_.token, client_.Offer(),
                        client_.TrackMids()},
      Signalling::Handlers{[this](const JoinedReply& reply) { HandleJoined(reply); },
                           [this](const Error&) { is_over_ = true; }, [](const Error&) {}});
  return std::nullopt;
}

// Also for each answer to a restart; one that was not expected is no use.
void Hostile::HandleJoined(const JoinedReply& reply) {
  const Timestamp now = Now();
  const bool restarts = answer_.has_value();
  const auto answer = client_.session().Accept(reply.answer);
  if (!answer || answer->candidates.empty()) return;
  answer_ = *answer;
  if (restarts) {
    client_.AcceptRestart(reply.answer, now);
  } else {
    client_.Accept(reply.answer, reply.participant, now);
    client_.Publish(SourceSet::All(), now, surroundings_.out);
  }
  FinishTurn(now);
}

void Hostile::HandleDatagram(const SocketAddress& peer, std::span<uint8_t> bytes) {
  if (is_over_) return;
  client_.HandleDatagram(peer, bytes, Now(), surroundings_.out);
  surroundings_.out.media.reset();
  surroundings_.out.messages.clear();
}

void Hostile::FinishTurn(Timestamp now) {
  ClientOutput& out = surroundings_.out;
  if (!is_over_ && socket_) {
    client_.HandleDeadline(now, out);
    socket_->Send(out.datagrams);
    for (size_t i = 0; i < out.datagrams.size(); ++i) {
      const auto bytes = out.datagrams[i].bytes;
      if (OnceIn(chance_, 4)) sent_.emplace_back(bytes.begin(), bytes.end());
    }
    while (sent_.size() > kRemembered) sent_.pop_front();
    is_over_ |= out.closed;
  }
  out.Clear();
}

void Hostile::Act(uint32_t acts, Timestamp now) {
  if (is_over_ || !answer_) return;
  if (next_mood_ <= now) ChangeMood(now);
  for (; acts > 0 && mood_ != Mood::kSilence && !is_over_; --acts) {
    ++acts_;
    const bool strays = OnceIn(chance_, 3);
    const auto any = static_cast<Mood>(chance_.Below(static_cast<uint32_t>(Mood::kSilence)));
    ActOnce(strays || mood_ == Mood::kAnything ? any : mood_, now);
  }
  if (!is_over_) socket_->Send(out_);
  out_.Clear();
  FinishTurn(now);
}

void Hostile::ChangeMood(Timestamp now) {
  mood_ = static_cast<Mood>(chance_.Below(static_cast<uint32_t>(Mood::kCount)));
  next_mood_ = now + Duration::Millis(500 + chance_.Below(kLongestMoodMillis));
  if (!OnceIn(chance_, 4)) return;
  // And comes back.
  OnceIn(chance_, 2) ? Leave() : Vanish();
}

void Hostile::ActOnce(Mood mood, Timestamp now) {
  switch (mood) {
    case Mood::kAnything:
    case Mood::kMedia:
      return SendMedia();
    case Mood::kFeedback:
      return SendFeedback();
    case Mood::kMessages:
      return SendMessage(now);
    case Mood::kDatagrams:
      return SendDatagram(now);
    case Mood::kReplays:
      return Replay();
    case Mood::kSctp:
      return SendSctp();
    // More of them only closes the WebSocket.
    case Mood::kTexts:
      if (OnceIn(chance_, 6)) signalling_->Send(TextNoise(chance_));
      return;
    case Mood::kRestarts:
      if (OnceIn(chance_, 6)) Restart();
      return;
    case Mood::kSilence:
    case Mood::kCount:
      return;
  }
}

void Hostile::SendMedia() {
  ClientTransport* const transport = client_.transport();
  if (transport == nullptr || !transport->CanSendMedia()) return;
  const ClientSession& session = client_.session();
  const RtpNoise noise = media_.Make(chance_, session.streams(), session.numbers());
  transport->SendRtp(
      [&](ByteSpan room) {
        return WriteRtpHeader(noise.header, session.numbers().extensions, room);
      },
      noise.payload, {noise.header.ssrc, noise.index}, out_);
}

void Hostile::SendFeedback() {
  if (client_.transport() == nullptr) return;
  client_.transport()->SendRtcp(RtcpNoise(chance_, Ssrcs()), out_);
}

void Hostile::SendSctp() {
  ClientTransport* const transport = client_.transport();
  const std::optional<uint32_t> tag = transport == nullptr ? std::nullopt : transport->SctpTag();
  if (tag) transport->SendSctpPacket(SctpNoise(chance_, *tag), out_);
}

void Hostile::SendMessage(Timestamp now) {
  if (OnceIn(chance_, 64)) return OpenChannel(now);
  if (OnceIn(chance_, 4)) {
    const auto anywhere = [&] { return static_cast<float>(chance_.Unit() * 60 - 10); };
    client_.Move({{anywhere(), anywhere()}, anywhere()}, now, surroundings_.out);
    return;
  }
  const Bytes message = MessageNoise(chance_, People());
  if (OnceIn(chance_, 8) && client_.transport() != nullptr) {
    const auto channel = static_cast<uint16_t>(chance_.Below(8));
    client_.transport()->SendOnChannel(channel, message, now, out_);
  } else {
    client_.SendOnEvents(message, now, surroundings_.out);
  }
}

void Hostile::OpenChannel(Timestamp now) {
  if (client_.transport() == nullptr) return;
  const Bytes label = RandomBytes(chance_, 40);
  const std::string text(label.begin(), label.end());
  const bool is_known = OnceIn(chance_, 2);
  ChannelOptions options;
  options.ordered = OnceIn(chance_, 2);
  client_.transport()->OpenChannel(is_known ? std::string(kEventsLabel) : text, options, now, out_);
}

void Hostile::SendDatagram(Timestamp now) {
  if (OnceIn(chance_, 8)) return SendCheck();
  if (OnceIn(chance_, 16)) return SendHello(now);
  out_.Push(answer_->candidates.front(), DatagramNoise(chance_));
}

void Hostile::Replay() {
  if (sent_.empty()) return;
  Bytes bytes = sent_[chance_.Below(static_cast<uint32_t>(sent_.size()))];
  if (!OnceIn(chance_, 3)) Mutate(chance_, bytes);
  // Also from where nobody has checked.
  if (!OnceIn(chance_, 8)) return out_.Push(answer_->candidates.front(), bytes);
  ForgeAndSend(answer_->candidates.front(), std::move(bytes));
}

void Hostile::ForgeAndSend(const SocketAddress& to, Bytes bytes) {
  DatagramList one;
  one.Push(to, bytes);
  other_socket_->Send(one);
}

// From the other address mostly, and at times with the role or the password of nobody.
void Hostile::SendCheck() {
  Bytes check(256);
  StunTransactionId id;
  chance_.Fill(id);
  StunWriter writer(check, StunClass::kRequest, kStunBindingMethod, id);
  writer.Username(answer_->remote.ufrag + ":" + client_.session().local().ufrag);
  writer.Priority(chance_.U32());
  OnceIn(chance_, 8) ? writer.IceControlled(chance_.U64()) : writer.IceControlling(chance_.U64());
  if (!OnceIn(chance_, 4)) writer.UseCandidate();
  check.resize(writer.Finish(OnceIn(chance_, 8) ? "nobody's password" : answer_->remote.password));
  if (OnceIn(chance_, 4)) return out_.Push(answer_->candidates.front(), check);
  ForgeAndSend(answer_->candidates.front(), std::move(check));
}

// The first flight of a handshake within a session that has had one.
void Hostile::SendHello(Timestamp now) {
  DtlsAssociation handshake(DtlsRole::kClient, surroundings_.certificate, answer_->fingerprints,
                            now);
  PacketList flight;
  handshake.Start(now, flight);
  for (size_t i = 0; i < flight.size(); ++i) {
    out_.Push(answer_->candidates.front(), flight[i]);
  }
}

void Hostile::Restart() {
  std::string offer = client_.RestartOffer();
  // What is asked with may be wrong; then the old credentials stay in use on one side only.
  if (OnceIn(chance_, 4)) offer.resize(chance_.Below(static_cast<uint32_t>(offer.size())));
  for (size_t at = 0; (at = offer.find("\r\n", at)) != std::string::npos; at += 4) {
    offer.replace(at, 2, "\\r\\n");
  }
  signalling_->Send(R"({"type":"ice-restart","id":"9","offer":")" + offer + "\"}");
}

std::vector<uint32_t> Hostile::Ssrcs() const {
  std::vector<uint32_t> ssrcs;
  for (const SlotReceiver& slot : client_.slots()) {
    ssrcs.push_back(slot.stream().ssrc);
    if (slot.stream().rtx_ssrc != 0) ssrcs.push_back(slot.stream().rtx_ssrc);
  }
  for (const SentStream& stream : client_.session().streams()) ssrcs.push_back(stream.ssrc);
  return ssrcs;
}

std::vector<ParticipantId> Hostile::People() const {
  std::vector<ParticipantId> people = {client_.self()};
  for (const auto& [participant, person] : client_.people()) people.push_back(participant);
  return people;
}

void Hostile::Leave() {
  is_over_ = true;
  client_.Close(surroundings_.out);
  if (socket_) socket_->Send(surroundings_.out.datagrams);
  surroundings_.out.Clear();
  if (signalling_) signalling_->Leave();
}

}  // namespace earshot::load
