// A lite agent in virtual time: the bytes choose which check comes from which address, genuine,
// copied, changed or made up, where packets with the keys come from, and how time goes on. Only
// genuine checks are answered, with no more than came; media goes only to who sent a check of its
// own or has shown the keys, and leaves who has shown them for silence alone; addresses are
// bounded.

#include <algorithm>
#include <array>
#include <deque>
#include <optional>
#include <vector>

#include "base/random.h"
#include "fuzz_check.h"
#include "fuzz_input.h"
#include "transport/ice_lite.h"
#include "wire/stun.h"

namespace earshot {
namespace {

constexpr size_t kAddresses = 12;  // more than there are tuples
constexpr size_t kMaxSteps = 500;
// Fewer than the agent remembers transactions, so that it knows each copy for one.
constexpr size_t kMaxKept = 32;
constexpr size_t kFingerprintSize = 8;  // behind what a check authenticates

SocketAddress AddressOf(size_t index) {
  return *SocketAddress::FromLiteral("192.0.2.7", static_cast<uint16_t>(5000 + index));
}

struct SentCheck {
  StunTransactionId id{};
  size_t generation = 0;
  bool is_request = true;
  std::vector<uint8_t> bytes;
};

// What is known of an address by what was done, without a look into the agent.
struct Peer {
  bool has_checked = false;  // by a genuine check, perhaps copied
  bool has_vouched = false;  // by a check that came from there first, or by the keys
  bool has_keys = false;     // a packet that DTLS or SRTP authenticated
  Timestamp heard;           // at the latest; no copies
  uint64_t received = 0;
  uint64_t sent = 0;  // before it showed the keys
};

class Agent {
 public:
  explicit Agent(FuzzInput& input) : input_(input) { generations_.push_back({local_, remote_}); }

  void Step() {
    switch (input_.Below(10)) {
      case 0:
      case 1:
        return Genuine();
      case 2:
        return Copied();
      case 3:
        return Changed();
      case 4:
        return MadeUp();
      case 5:
        return Wait();
      case 6:
        return ShowKeys();
      case 7:
        return Send();
      case 8:
        return ComeLate();
      default:
        return Restart();
    }
  }

 private:
  struct Generation {
    IceCredentials local;
    IceCredentials remote;
  };

  void Genuine() {
    const size_t from = input_.Below(kAddresses);
    const uint8_t what = input_.Byte();
    SentCheck check;
    check.generation = (what & 4) != 0 ? current_ : generations_.size() - 1;
    check.is_request = (what & 8) == 0;
    random_.Fill(check.id);
    check.bytes.resize(300);
    StunWriter writer(check.bytes, check.is_request ? StunClass::kRequest : StunClass::kIndication,
                      kStunBindingMethod, check.id);
    const Generation& generation = generations_[check.generation];
    writer.Username(generation.local.ufrag + ":" + generation.remote.ufrag);
    writer.Priority(input_.U16());
    const bool has_our_role = (what & 2) != 0;
    if (has_our_role) {
      writer.IceControlled(7);
    } else {
      writer.IceControlling(7);
    }
    if ((what & 1) != 0) writer.UseCandidate();
    check.bytes.resize(writer.Finish(generation.local.password));
    const bool is_answered = IsAnswered(check);
    if (is_answered && !has_our_role) {
      peers_[from].has_vouched = true;
      peers_[from].heard = now_;
    }
    sent_.push_back(check);
    if (sent_.size() > kMaxKept) sent_.pop_front();
    FUZZ_CHECK(Feed(from, check.bytes) == is_answered);
    if (is_answered && !has_our_role) TakeOver(check);
  }
  void Copied() {
    const size_t from = input_.Below(kAddresses);
    if (sent_.empty()) return;
    const SentCheck check = sent_[input_.Byte() % sent_.size()];
    const bool is_answered = IsAnswered(check);
    FUZZ_CHECK(Feed(from, check.bytes) == is_answered);
  }
  void Changed() {
    const size_t from = input_.Below(kAddresses);
    if (sent_.empty()) return;
    const SentCheck check = sent_[input_.Byte() % sent_.size()];
    std::vector<uint8_t> bytes = check.bytes;
    input_.Corrupt(bytes);
    // What stands behind the integrity is nobody's word, and may be changed or go.
    const size_t size = bytes.size() - kFingerprintSize;
    const bool is_genuine = std::equal(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size),
                                       check.bytes.begin());
    const bool may_be_answered = is_genuine && IsAnswered(check);
    FUZZ_CHECK(!Feed(from, bytes) || may_be_answered);
  }
  void MadeUp() {
    const size_t from = input_.Below(kAddresses);
    FUZZ_CHECK(!Feed(from, input_.Bytes()));
  }
  void Wait() {
    const Timestamp end = now_ + Duration::Millis(100) * (1 + input_.Byte());
    while (ice_.NextDeadline() <= end) {
      now_ = std::max(now_, ice_.NextDeadline());
      Meet();
    }
    now_ = end;
  }
  // As a loop does that was held up.
  void ComeLate() {
    now_ = now_ + Duration::Seconds(1) * input_.Byte();
    Meet();
  }
  void Meet() {
    const Before before = Look();
    ice_.HandleDeadline(now_, events_);
    FUZZ_CHECK(ice_.NextDeadline() > now_);
    Check(before);
  }
  void ShowKeys() {
    const size_t from = input_.Below(kAddresses);
    const Before before = Look();
    if (before.knows[from] && !is_over_) {
      Peer& peer = peers_[from];
      peer.has_vouched = peer.has_keys = true;
      peer.heard = now_;
    }
    ice_.HandleAuthenticated(AddressOf(from), now_);
    FUZZ_CHECK(ice_.selected() == before.selected || ice_.selected() == AddressOf(from));
    Check(before, true);
  }
  // A handshake, and an answer of any size to it.
  void Send() {
    const size_t to = input_.Below(kAddresses);
    const size_t received = input_.Byte();
    const size_t sent = input_.U16();
    ice_.HandleUnauthenticated(AddressOf(to), received);
    peers_[to].received += received;
    const bool may = ice_.MaySend(AddressOf(to), sent);
    FUZZ_CHECK(!may || ice_.Knows(AddressOf(to)));
    FUZZ_CHECK(may || !peers_[to].has_keys || !ice_.Knows(AddressOf(to)));
    if (may) CountSent(to, sent);
  }
  void Restart() {
    const Before before = Look();
    generations_.push_back({IceCredentials::Make(random_), IceCredentials::Make(random_)});
    is_restarting_ = true;
    restarted_at_ = now_;
    ice_.Restart(generations_.back().local, generations_.back().remote, now_);
    FUZZ_CHECK(ice_.selected() == before.selected);
    Check(before);
  }

  // By what was agreed on alone.
  bool IsAnswered(const SentCheck& check) const {
    if (is_over_ || !check.is_request) return false;
    if (check.generation == current_) return true;
    return is_restarting_ && check.generation == generations_.size() - 1 &&
           now_ - restarted_at_ < IceLite::kRestartTimeout;
  }
  void TakeOver(const SentCheck& check) {
    if (check.generation == current_) return;
    current_ = check.generation;
    is_restarting_ = false;
  }

  struct Before {
    SocketAddress selected;
    std::array<bool, kAddresses> knows{};
  };
  Before Look() const {
    Before before{ice_.selected(), {}};
    for (size_t i = 0; i < kAddresses; ++i) before.knows[i] = ice_.Knows(AddressOf(i));
    return before;
  }

  // Whether it was answered.
  bool Feed(size_t from, const std::vector<uint8_t>& bytes) {
    out_.Clear();
    const Before before = Look();
    const SocketAddress address = AddressOf(from);
    const std::optional<DropReason> drop = ice_.HandleStun({address, bytes}, now_, out_, events_);
    FUZZ_CHECK(out_.size() <= 1 && (drop || out_.size() == 1));
    if (!out_.empty()) {
      FUZZ_CHECK(out_[0].peer == address && out_[0].bytes.size() <= bytes.size());
      const auto answer = StunMessage::Parse(out_[0].bytes);
      FUZZ_CHECK(answer && answer->message_class != StunClass::kRequest);
      peers_[from].received += bytes.size();
      CountSent(from, out_[0].bytes.size());
    }
    if (!drop) peers_[from].has_checked = true;
    Check(before);
    return !out_.empty();
  }
  // Threat row S11.
  void CountSent(size_t to, size_t size) {
    Peer& peer = peers_[to];
    if (peer.has_keys) return;
    peer.sent += size;
    FUZZ_CHECK(peer.sent <= 3 * peer.received);
  }

  void Check(const Before& before, bool shows_keys = false) {
    CheckEvents();
    CheckTuples(before);
    CheckSelected(before, shows_keys);
    const std::optional<SocketAddress> probe = ice_.TakeProbe();
    FUZZ_CHECK(!probe || is_over_ || ice_.Knows(*probe));
  }
  void CheckEvents() {
    for (const IceEvent event : events_) {
      FUZZ_CHECK(!is_over_);
      FUZZ_CHECK((event == IceEvent::kConnected) == (!last_event_ && event != IceEvent::kExpired));
      FUZZ_CHECK(event != last_event_);
      FUZZ_CHECK(event != IceEvent::kResumed || last_event_ == IceEvent::kInterrupted);
      is_over_ = event == IceEvent::kExpired;
      last_event_ = event;
    }
    events_.clear();
  }
  // Threat row S12.
  void CheckTuples(const Before& before) {
    const std::vector<SocketAddress> tuples = ice_.Tuples();
    FUZZ_CHECK(tuples.size() <= IceLite::kMaxTuples && (!is_over_ || tuples.empty()));
    const bool is_crowded = std::count(before.knows.begin(), before.knows.end(), true) ==
                            static_cast<ptrdiff_t>(IceLite::kMaxTuples);
    for (size_t i = 0; i < kAddresses; ++i) {
      Peer& peer = peers_[i];
      const SocketAddress address = AddressOf(i);
      const auto count = std::count(tuples.begin(), tuples.end(), address);
      FUZZ_CHECK(count <= 1 && (count == 1) == ice_.Knows(address));
      FUZZ_CHECK(count == 0 || peer.has_checked);
      FUZZ_CHECK(ice_.HasProven(address) ==
                 (count == 1 && (peer.has_keys || ice_.selected() == address)));
      if (count == 1) continue;
      const bool is_old = now_ - peer.heard >= IceTuples::kLifetime;
      FUZZ_CHECK(!before.knows[i] || is_over_ || is_old || (is_crowded && MayMakeRoom(peer)));
      peer.has_vouched = peer.has_keys = false;
    }
  }
  // Who has shown the keys goes after all who have not.
  bool MayMakeRoom(const Peer& leaving) const {
    if (!leaving.has_keys) return true;
    size_t without = 0;
    for (size_t i = 0; i < kAddresses; ++i) {
      const SocketAddress address = AddressOf(i);
      without += ice_.Knows(address) && !peers_[i].has_keys && ice_.selected() != address;
    }
    return without <= 1;  // who came instead
  }
  // Threat rows S11, S15 and S16.
  void CheckSelected(const Before& before, bool shows_keys) {
    const SocketAddress& selected = ice_.selected();
    if (is_over_) FUZZ_CHECK(!selected.IsSet());
    if (!selected.IsSet()) return;
    const Peer& now_selected = PeerOf(selected);
    FUZZ_CHECK(ice_.Knows(selected) && now_selected.has_vouched);
    if (!before.selected.IsSet() || before.selected == selected) return;
    const Peer& left = PeerOf(before.selected);
    if (!left.has_keys || shows_keys) return;
    const Duration silence = now_ - left.heard;
    FUZZ_CHECK(silence >=
               (now_selected.has_keys ? options_.takeover_silence : options_.interrupted_after));
  }
  const Peer& PeerOf(const SocketAddress& address) const {
    return peers_[static_cast<size_t>(address.port() - 5000)];
  }

  FuzzInput& input_;
  SeededRandom random_{1};
  Timestamp now_ = Timestamp::Seconds(100);
  const IceOptions options_{};
  const IceCredentials local_ = IceCredentials::Make(random_);
  const IceCredentials remote_ = IceCredentials::Make(random_);
  IceLite ice_{local_, remote_, options_, now_};
  std::vector<Generation> generations_;
  size_t current_ = 0;  // of them; the newest may be on its way
  bool is_restarting_ = false;
  Timestamp restarted_at_;
  std::deque<SentCheck> sent_;
  std::array<Peer, kAddresses> peers_{};
  bool is_over_ = false;
  std::optional<IceEvent> last_event_;
  DatagramList out_;
  std::vector<IceEvent> events_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FuzzInput input(data, size);
  Agent agent(input);
  for (size_t step = 0; step < kMaxSteps && !input.empty(); ++step) agent.Step();
  return 0;
}

}  // namespace earshot
