#include "transport/ice_lite.h"

#include <algorithm>

namespace earshot {
namespace {

// The largest message written here is an error with 16 unknown attributes.
constexpr size_t kMaxResponseSize = 160;

}  // namespace

IceCredentials IceCredentials::Make(Random& random) {
  constexpr size_t kUfragSize = 8;      // six bits each: 48
  constexpr size_t kPasswordSize = 24;  // 144
  return {random.IceChars(kUfragSize), random.IceChars(kPasswordSize)};
}

IceLite::IceLite(const IceCredentials& local, const IceCredentials& remote,
                 const IceOptions& options, Timestamp now)
    : options_(options),
      created_at_(now),
      current_{local, remote},
      tuples_({options.takeover_silence, options.interrupted_after}),
      next_deadline_(now + options.connect_timeout) {}

std::optional<DropReason> IceLite::HandleStun(const Datagram& datagram, Timestamp now,
                                              DatagramList& out, std::vector<IceEvent>& events) {
  if (state_ == State::kExpired) return DropReason::kTransportClosed;
  const std::optional<StunMessage> message = StunMessage::Parse(datagram.bytes);
  if (!message) return DropReason::kStunMalformed;
  if (message->message_class != StunClass::kRequest || message->method != kStunBindingMethod) {
    return DropReason::kStunUnexpected;
  }
  // RFC 8489 section 9.1.3 would answer 400 or 401 up to the integrity check. Silence instead: an
  // answer to somebody unauthenticated is an answer to whom he names as sender (S2, S4).
  if (!message->has_integrity) return DropReason::kStunUnauthenticated;
  const Generation* generation = GenerationOf(message->username, now);
  if (generation == nullptr) return DropReason::kStunUnknownUfrag;
  const std::string& password = generation->local.password;
  if (!message->IntegrityMatches(password)) return DropReason::kStunUnauthenticated;
  if (!message->unknown_required.empty()) {
    RespondUnknownAttributes(*message, password, datagram, out);
    return DropReason::kStunUnexpected;
  }
  // RFC 8445 section 7.3.1.1; a lite agent is always the controlled one when the peer is full.
  if (message->ice_controlled) {
    RespondRoleConflict(*message, password, datagram.peer, out);
    return DropReason::kStunRoleConflict;
  }
  Accept(*message, *generation, datagram, now);
  // The generation of a message that is accepted is the current one from then on.
  RespondSuccess(*message, current_.local.password, datagram.peer, out);
  Report(now, events);
  return std::nullopt;
}

const IceLite::Generation* IceLite::GenerationOf(std::string_view username, Timestamp now) const {
  const auto belongs = [username](const Generation& generation) {
    const std::string& ours = generation.local.ufrag;
    return username.size() == ours.size() + 1 + generation.remote.ufrag.size() &&
           username.starts_with(ours) && username[ours.size()] == ':' &&
           username.ends_with(generation.remote.ufrag);
  };
  if (belongs(current_)) return &current_;
  const bool is_open = pending_ && now - pending_since_ < kRestartTimeout;
  if (is_open && belongs(*pending_)) return &*pending_;
  return nullptr;
}

void IceLite::Accept(const StunMessage& message, const Generation& generation,
                     const Datagram& datagram, Timestamp now) {
  if (pending_ && &generation == &*pending_) {
    current_ = *std::move(pending_);
    pending_.reset();
  }
  using Sighting = StunTransactions::Sighting;
  const Sighting sighting =
      transactions_.See(message.transaction_id, datagram.peer, tuples_.IsProven(datagram.peer));
  // A repeated transaction is answered again but is no sign of life: somebody may have kept it, and
  // consent must not live on copies.
  if (sighting == Sighting::kRepeated) {
    tuples_.CountReceived(datagram.peer, datagram.bytes.size());
    return;
  }
  const bool wants_probe =
      tuples_.HandleCheck({.peer = datagram.peer,
                           .size = datagram.bytes.size(),
                           .priority = message.priority.value_or(0),
                           .nominates = message.use_candidate,
                           .may_be_copy = sighting == Sighting::kFromElsewhere},
                          now);
  if (wants_probe) probe_ = datagram.peer;
}

void IceLite::RespondSuccess(const StunMessage& request, std::string_view password,
                             const SocketAddress& peer, DatagramList& out) {
  StunWriter writer(out.Reserve(kMaxResponseSize), StunClass::kSuccess, kStunBindingMethod,
                    request.transaction_id);
  writer.XorMappedAddress(peer);
  const size_t size = writer.Finish(password);
  tuples_.CountSent(peer, size);
  out.Commit(peer, size);
}

void IceLite::RespondRoleConflict(const StunMessage& request, std::string_view password,
                                  const SocketAddress& peer, DatagramList& out) {
  StunWriter writer(out.Reserve(kMaxResponseSize), StunClass::kError, kStunBindingMethod,
                    request.transaction_id);
  writer.ErrorCode(487, "");
  out.Commit(peer, writer.Finish(password));
}

void IceLite::RespondUnknownAttributes(const StunMessage& request, std::string_view password,
                                       const Datagram& datagram, DatagramList& out) {
  std::array<uint8_t, 32> types;
  const size_t count = std::min(request.unknown_required.size(), types.size() / 2);
  for (size_t i = 0; i < count; ++i) {
    StoreBigEndian(types.data() + 2 * i, request.unknown_required[i]);
  }
  StunWriter writer(out.Reserve(kMaxResponseSize), StunClass::kError, kStunBindingMethod,
                    request.transaction_id);
  writer.ErrorCode(420, "");
  writer.UnknownAttributes(ByteView(types).first(2 * count));
  const size_t size = writer.Finish(password);
  // Never more bytes out than in (S7).
  if (size <= datagram.bytes.size()) out.Commit(datagram.peer, size);
}

void IceLite::HandleAuthenticated(const SocketAddress& peer, Timestamp now) {
  if (state_ == State::kExpired) return;
  const bool has_switched = tuples_.HandleAuthenticated(peer, now);
  // A packet from the selected address only moves deadlines away, and HandleDeadline finds that out
  // in time: nothing to do for nearly all media packets.
  if (state_ == State::kConnected && !has_switched) return;
  if (DueEvent(now)) {
    next_deadline_ = now;
  } else {
    RefileDeadline();
  }
}

void IceLite::HandleDeadline(Timestamp now, std::vector<IceEvent>& events) {
  if (now < next_deadline_) return;
  tuples_.Reconsider(now);
  if (ProbeDeadline() <= now) {
    probed_at_ = now;
    probe_ = tuples_.selected();
  }
  Report(now, events);
}

// Deadlines only move away, and HandleDeadline finds that out in time.
void IceLite::HandlePause(Duration pause) {
  created_at_ = created_at_ + pause;
  pending_since_ = pending_since_ + pause;
  tuples_.HandlePause(pause);
}

std::optional<IceEvent> IceLite::DueEvent(Timestamp now) const {
  switch (state_) {
    case State::kChecking:
      if (tuples_.has_selected()) return IceEvent::kConnected;
      if (now - created_at_ >= options_.connect_timeout) return IceEvent::kExpired;
      return std::nullopt;
    case State::kConnected:
    case State::kInterrupted: {
      if (now - tuples_.selected_last_heard() >= options_.consent_timeout) {
        return IceEvent::kExpired;
      }
      const bool is_silent = now - tuples_.selected_last_heard() >= options_.interrupted_after;
      const bool was_silent = state_ == State::kInterrupted;
      if (is_silent == was_silent) return std::nullopt;
      return is_silent ? IceEvent::kInterrupted : IceEvent::kResumed;
    }
    case State::kExpired:
      break;
  }
  return std::nullopt;
}

void IceLite::Report(Timestamp now, std::vector<IceEvent>& events) {
  // RFC 7675 section 5: consent is for one address. When it ran out there but not elsewhere, media
  // moves instead of ending.
  const Timestamp expired = now - options_.consent_timeout;
  if (tuples_.has_selected() && tuples_.selected_last_heard() <= expired) {
    tuples_.FallBackToLastHeard(expired, now);
  }
  // More than one is due at once when what selects an address comes after its consent ran out.
  while (const std::optional<IceEvent> event = DueEvent(now)) {
    events.push_back(*event);
    switch (*event) {
      case IceEvent::kConnected:
      case IceEvent::kResumed:
        state_ = State::kConnected;
        break;
      case IceEvent::kInterrupted:
        state_ = State::kInterrupted;
        break;
      case IceEvent::kExpired:
        state_ = State::kExpired;
        tuples_.Clear();
        break;
    }
  }
  RefileDeadline();
}

Timestamp IceLite::ProbeDeadline() const {
  if (!tuples_.has_selected()) return Timestamp::Never();
  return std::max(tuples_.selected_last_heard(), probed_at_) + options_.probe_after;
}

void IceLite::RefileDeadline() {
  switch (state_) {
    case State::kChecking:
      next_deadline_ = created_at_ + options_.connect_timeout;
      return;
    case State::kExpired:
      next_deadline_ = Timestamp::Never();
      return;
    case State::kConnected:
    case State::kInterrupted:
      next_deadline_ = std::min({tuples_.selected_last_heard() + options_.consent_timeout,
                                 tuples_.TakeoverDeadline(), ProbeDeadline()});
      if (state_ == State::kConnected) {
        next_deadline_ =
            std::min(next_deadline_, tuples_.selected_last_heard() + options_.interrupted_after);
      }
  }
}

void IceLite::Restart(const IceCredentials& local, const IceCredentials& remote, Timestamp now) {
  pending_ = Generation{local, remote};
  pending_since_ = now;
}

}  // namespace earshot
