#include "transport/ice_tuples.h"

#include <algorithm>
#include <span>
#include <utility>

namespace earshot {

bool IceTuples::HandleCheck(const Check& check, Timestamp now) {
  const size_t index = FindOrAdd(check.peer);
  Tuple& tuple = tuples_[index];
  tuple.priority = check.priority;
  tuple.last_seen = now;
  tuple.received_bytes += check.size;
  const bool is_worth_probing = IsWorthProbing(tuple, check, now);
  if (is_worth_probing) tuple.probed_at = now;
  if (!check.may_be_copy) {
    tuple.last_heard = now;
    if (check.nominates) tuple.nominated_at = now;
    if (check.nominates && !selected_) Select(index, now);
  }
  Reconsider(now);
  return is_worth_probing;
}

// Browsers go on checking pairs that they do not use, without nominating them. Firefox does not
// nominate again from a new address either, but then nothing comes from the old one any more.
bool IceTuples::IsWorthProbing(const Tuple& tuple, const Check& check, Timestamp now) const {
  if (!selected_ || tuple.is_authenticated || !tuples_[*selected_].is_authenticated) return false;
  if (now - tuple.probed_at < kProbeInterval) return false;
  return check.nominates || now - tuples_[*selected_].last_heard >= patience_.of_proven;
}

bool IceTuples::HandleAuthenticated(const SocketAddress& peer, Timestamp now) {
  const std::optional<size_t> index =
      selected_ && tuples_[*selected_].address == peer ? selected_ : Find(peer);
  if (!index) return false;
  const bool is_first_choice = !selected_ || !tuples_[*selected_].is_authenticated;
  Tuple& tuple = tuples_[*index];
  tuple.last_seen = now;
  tuple.last_heard = now;
  tuple.is_authenticated = true;
  if (index == selected_) return false;
  // Packets that were under way on the old path arrive after the first of the new one: without the
  // limit they would turn media back.
  if (!is_first_choice && now - last_switch_ < kMinSwitchInterval) return false;
  Select(*index, now);
  return true;
}

void IceTuples::CountReceived(const SocketAddress& peer, size_t size) {
  if (const auto index = Find(peer)) tuples_[*index].received_bytes += size;
}

void IceTuples::CountSent(const SocketAddress& peer, size_t size) {
  if (const auto index = Find(peer)) tuples_[*index].sent_bytes += size;
}

bool IceTuples::MaySend(const SocketAddress& peer, size_t size) {
  const std::optional<size_t> index =
      selected_ && tuples_[*selected_].address == peer ? selected_ : Find(peer);
  if (!index) return false;
  Tuple& tuple = tuples_[*index];
  if (tuple.is_authenticated) return true;
  if (tuple.sent_bytes + size > 3 * tuple.received_bytes) return false;
  tuple.sent_bytes += size;
  return true;
}

Timestamp IceTuples::EligibleAt(const Tuple& candidate) const {
  const Tuple& current = tuples_[*selected_];
  if (candidate.nominated_at == Timestamp::LongAgo()) return Timestamp::Never();
  if (!current.is_authenticated &&
      (candidate.is_authenticated || candidate.priority > current.priority)) {
    return candidate.nominated_at;
  }
  // A nomination counts for taking over only while the selected tuple stays silent after it.
  if (candidate.nominated_at <= current.last_heard) return Timestamp::Never();
  const bool is_proven = candidate.is_authenticated || !current.is_authenticated;
  return current.last_heard + (is_proven ? patience_.of_proven : patience_.of_unproven);
}

void IceTuples::Reconsider(Timestamp now) {
  ForgetOld(now);
  if (!selected_ || now - last_switch_ < kMinSwitchInterval) return;
  std::optional<size_t> best;
  for (size_t i = 0; i < count_; ++i) {
    if (i == *selected_ || EligibleAt(tuples_[i]) > now) continue;
    const auto rank = [this](size_t index) {
      return std::pair(tuples_[index].is_authenticated, tuples_[index].priority);
    };
    if (!best || rank(i) > rank(*best)) best = i;
  }
  if (best) Select(*best, now);
}

Timestamp IceTuples::TakeoverDeadline() const {
  Timestamp earliest = Timestamp::Never();
  if (!selected_) return earliest;
  for (size_t i = 0; i < count_; ++i) {
    if (i != *selected_) earliest = std::min(earliest, EligibleAt(tuples_[i]));
  }
  return earliest.IsNever() ? earliest : std::max(earliest, last_switch_ + kMinSwitchInterval);
}

void IceTuples::ForgetOld(Timestamp now) {
  for (size_t i = count_; i-- > 0;) {
    if (i == selected_ || now - tuples_[i].last_seen < kLifetime) continue;
    // The last one takes its place.
    const size_t last = --count_;
    tuples_[i] = tuples_[last];
    if (selected_ == last) selected_ = i;
    ++version_;
  }
}

void IceTuples::FallBackToLastHeard(Timestamp after, Timestamp now) {
  std::optional<size_t> latest;
  for (size_t i = 0; i < count_; ++i) {
    if (tuples_[i].last_heard <= after) continue;
    if (!latest || tuples_[i].last_heard > tuples_[*latest].last_heard) latest = i;
  }
  if (latest) Select(*latest, now);
}

void IceTuples::Clear() {
  tuples_ = {};
  count_ = 0;
  selected_.reset();
  ++version_;
}

void IceTuples::HandlePause(Duration pause) {
  for (Tuple& tuple : std::span(tuples_).first(count_)) {
    tuple.last_seen = tuple.last_seen + pause;
    tuple.last_heard = tuple.last_heard + pause;
    if (tuple.nominated_at != Timestamp::LongAgo()) tuple.nominated_at = tuple.nominated_at + pause;
  }
}

Timestamp IceTuples::selected_last_heard() const {
  return selected_ ? tuples_[*selected_].last_heard : Timestamp::LongAgo();
}

bool IceTuples::IsProven(const SocketAddress& peer) const {
  const std::optional<size_t> index = Find(peer);
  return index && (index == selected_ || tuples_[*index].is_authenticated);
}

std::vector<SocketAddress> IceTuples::Addresses() const {
  std::vector<SocketAddress> addresses;
  for (size_t i = 0; i < count_; ++i) addresses.push_back(tuples_[i].address);
  return addresses;
}

std::optional<size_t> IceTuples::Find(const SocketAddress& peer) const {
  for (size_t i = 0; i < count_; ++i) {
    if (tuples_[i].address == peer) return i;
  }
  return std::nullopt;
}

size_t IceTuples::FindOrAdd(const SocketAddress& peer) {
  if (const auto index = Find(peer)) return *index;
  const size_t index = count_ < kMaxTuples ? count_++ : LeastWorthKeeping();
  tuples_[index] = Tuple{};
  tuples_[index].address = peer;
  ++version_;
  return index;
}

size_t IceTuples::LeastWorthKeeping() const {
  std::optional<size_t> least;
  const auto worth = [this](size_t index) {
    return std::pair(tuples_[index].is_authenticated, tuples_[index].last_seen);
  };
  for (size_t i = 0; i < count_; ++i) {
    if (i == selected_) continue;
    if (!least || worth(i) < worth(*least)) least = i;
  }
  return *least;  // the table has more than one place
}

void IceTuples::Select(size_t index, Timestamp now) {
  if (selected_ == index) return;
  if (selected_) last_switch_ = now;
  selected_ = index;
}

}  // namespace earshot
