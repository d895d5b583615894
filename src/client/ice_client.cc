#include "client/ice_client.h"

#include <algorithm>

namespace earshot {
namespace {

constexpr size_t kMaxRequestSize = 256;
// After that many copies a check gets a new transaction: one that the server knows from another
// address may be a copy and nominates nothing there, and our address may have changed on the way.
constexpr int kMaxTransmissions = 4;
// RFC 8445 section 5.1.2.1: type preference 110 for peer-reflexive, which is what the server sees.
constexpr uint32_t kPriority = 110u << 24 | 65535u << 8 | 255u;

}  // namespace

IceClient::IceClient(const IceCredentials& local, const IceCredentials& remote,
                     std::span<const SocketAddress> candidates, const IceClientOptions& options,
                     Random& random, Timestamp now)
    : options_(options),
      random_(random),
      local_(local),
      remote_(remote),
      tie_breaker_(random.U64()),
      fails_at_(now + options.connect_timeout) {
  const size_t count = std::min(candidates.size(), kMaxCandidates);
  candidates_.assign(candidates.begin(), candidates.begin() + static_cast<ptrdiff_t>(count));
  CheckAll(now);
}

void IceClient::CheckAll(Timestamp now) {
  checks_.clear();
  for (const SocketAddress& candidate : candidates_) {
    Check& check = checks_.emplace_back();
    check.candidate = candidate;
    // Only one can be meant then.
    check.nominates = candidates_.size() == 1;
    check.retransmission = options_.retransmission_first;
    check.due = now;
  }
  RefileDeadline();
}

void IceClient::HandleDeadline(Timestamp now, DatagramList& out) {
  if (now < next_deadline_ || state_ == IceClientState::kFailed) return;
  if (now >= fails_at_) {
    Fail();
    return;
  }
  for (Check& check : checks_) {
    if (check.due <= now) Send(check, now, out);
  }
  RefileDeadline();
}

void IceClient::Send(Check& check, Timestamp now, DatagramList& out) {
  if (check.transmissions == kMaxTransmissions) check.transmissions = 0;
  if (check.transmissions == 0) random_.Fill(check.id);
  ++check.transmissions;
  StunWriter writer(out.Reserve(kMaxRequestSize), StunClass::kRequest, kStunBindingMethod,
                    check.id);
  writer.Username(remote_.ufrag + ":" + local_.ufrag);
  writer.Priority(kPriority);
  writer.IceControlling(tie_breaker_);
  if (check.nominates) writer.UseCandidate();
  const size_t size = writer.Finish(remote_.password);
  if (size != 0) out.Commit(check.candidate, size);
  check.due = now + check.retransmission;
  check.retransmission = std::min(check.retransmission * 2, options_.retransmission_max);
}

std::optional<DropReason> IceClient::HandleStun(const Datagram& datagram, Timestamp now) {
  if (state_ == IceClientState::kFailed) return DropReason::kTransportClosed;
  const std::optional<StunMessage> message = StunMessage::Parse(datagram.bytes);
  if (!message) return DropReason::kStunMalformed;
  const bool is_response =
      message->message_class == StunClass::kSuccess || message->message_class == StunClass::kError;
  const Check* check = is_response ? FindCheck(*message, datagram.peer) : nullptr;
  if (check == nullptr) return DropReason::kStunUnexpected;
  if (!message->has_integrity || !message->IntegrityMatches(remote_.password)) {
    return DropReason::kStunUnauthenticated;
  }
  if (message->message_class == StunClass::kError) {
    // Everything that the server may object to stays as it is in the next check.
    Fail();
    return std::nullopt;
  }
  if (check->nominates) {
    Confirm(*check, *message, now);
  } else {
    Nominate(SocketAddress(check->candidate), now);
  }
  return std::nullopt;
}

// RFC 8445 section 8.1.1: "the controlling agent nominates [...] only one candidate pair". Were all
// checks to nominate, the server would send from the address of the last one, not of the first.
void IceClient::Nominate(const SocketAddress& candidate, Timestamp now) {
  Check check;
  check.candidate = candidate;
  check.nominates = true;
  check.retransmission = options_.retransmission_first;
  check.due = now;
  checks_.assign(1, check);
  RefileDeadline();
}

IceClient::Check* IceClient::FindCheck(const StunMessage& response, const SocketAddress& peer) {
  for (Check& check : checks_) {
    const bool is_under_way = check.transmissions > 0 && check.id == response.transaction_id;
    // RFC 8445 section 7.2.5.2.1: the response comes from where the request went.
    if (is_under_way && check.candidate == peer) return &check;
  }
  return nullptr;
}

void IceClient::Confirm(const Check& check, const StunMessage& response, Timestamp now) {
  state_ = IceClientState::kConnected;
  selected_ = check.candidate;
  if (response.xor_mapped_address) mapped_ = *response.xor_mapped_address;
  fails_at_ = now + options_.consent_timeout;
  const double factor = 0.8 + 0.4 * random_.Unit();
  Check consent;
  consent.candidate = selected_;
  consent.nominates = true;
  consent.retransmission = options_.consent_retransmission;
  const auto interval = static_cast<double>(options_.consent_interval.micros());
  consent.due = now + Duration::Micros(static_cast<int64_t>(interval * factor));
  checks_.assign(1, consent);
  RefileDeadline();
}

void IceClient::Restart(const IceCredentials& local, const IceCredentials& remote, Timestamp now) {
  if (state_ == IceClientState::kFailed) return;
  local_ = local;
  remote_ = remote;
  CheckAll(now);
}

void IceClient::Fail() {
  state_ = IceClientState::kFailed;
  checks_.clear();
  selected_ = SocketAddress();
  next_deadline_ = Timestamp::Never();
}

void IceClient::RefileDeadline() {
  next_deadline_ = fails_at_;
  for (const Check& check : checks_) next_deadline_ = std::min(next_deadline_, check.due);
}

}  // namespace earshot
