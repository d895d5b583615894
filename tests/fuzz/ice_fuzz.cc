// A lite agent in virtual time: the bytes choose which check comes from which address, genuine,
// copied, changed or made up, and how time goes on. Whoever has not shown a genuine check is never
// known, nobody is answered with more than it sent before authentication, and deadlines advance.

#include <algorithm>
#include <array>
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

SocketAddress AddressOf(size_t index) {
  return *SocketAddress::FromLiteral("192.0.2.7", static_cast<uint16_t>(5000 + index));
}

class Agent {
 public:
  explicit Agent(FuzzInput& input) : input_(input) {}

  void Step() {
    switch (input_.Below(8)) {
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
        return ice_.HandleAuthenticated(AddressOf(input_.Below(kAddresses)), now_);
      default:
        return Restart();
    }
  }

 private:
  void Genuine() {
    const size_t from = input_.Below(kAddresses);
    const uint8_t what = input_.Byte();
    StunTransactionId id;
    random_.Fill(id);
    std::vector<uint8_t> bytes(300);
    StunWriter writer(bytes, (what & 8) != 0 ? StunClass::kIndication : StunClass::kRequest,
                      kStunBindingMethod, id);
    writer.Username(ice_.local().ufrag + ":" + remote_.ufrag);
    writer.Priority(input_.U16());
    if ((what & 2) != 0) {
      writer.IceControlled(7);
    } else {
      writer.IceControlling(7);
    }
    if ((what & 1) != 0) writer.UseCandidate();
    bytes.resize(writer.Finish(ice_.local().password));
    checks_.push_back(bytes);
    has_checked_[from] = true;
    Feed(from, bytes);
  }
  void Copied() {
    const size_t from = input_.Below(kAddresses);
    if (checks_.empty()) return;
    has_checked_[from] = true;
    Feed(from, checks_[input_.U16() % checks_.size()]);
  }
  void Changed() {
    const size_t from = input_.Below(kAddresses);
    if (checks_.empty()) return;
    std::vector<uint8_t> bytes = checks_[input_.U16() % checks_.size()];
    input_.Corrupt(bytes);
    Feed(from, bytes);
  }
  void MadeUp() {
    const size_t from = input_.Below(kAddresses);
    Feed(from, input_.Bytes());
  }
  void Wait() {
    const Timestamp end = now_ + Duration::Millis(100) * (1 + input_.Byte());
    while (ice_.NextDeadline() <= end) {
      now_ = std::max(now_, ice_.NextDeadline());
      ice_.HandleDeadline(now_, events_);
      FUZZ_CHECK(ice_.NextDeadline() > now_);
      Check();
    }
    now_ = end;
  }
  void Restart() {
    remote_ = IceCredentials::Make(random_);
    ice_.Restart(IceCredentials::Make(random_), remote_, now_);
    Check();
  }

  void Feed(size_t from, const std::vector<uint8_t>& bytes) {
    out_.Clear();
    const SocketAddress peer = AddressOf(from);
    ice_.HandleStun({peer, bytes}, now_, out_, events_);
    FUZZ_CHECK(out_.size() <= 1);
    if (!out_.empty()) {
      FUZZ_CHECK(out_[0].peer == peer && has_checked_[from]);
      FUZZ_CHECK(StunMessage::Parse(out_[0].bytes));
    }
    Check();
  }
  void Check() {
    const std::vector<SocketAddress> tuples = ice_.Tuples();
    FUZZ_CHECK(tuples.size() <= IceLite::kMaxTuples);
    for (size_t i = 0; i < kAddresses; ++i) {
      const auto count = std::count(tuples.begin(), tuples.end(), AddressOf(i));
      FUZZ_CHECK(count <= 1 && (count == 1) == ice_.Knows(AddressOf(i)));
      FUZZ_CHECK(count == 0 || has_checked_[i]);
    }
    const SocketAddress& selected = ice_.selected();
    FUZZ_CHECK(!selected.IsSet() || ice_.Knows(selected));
    const auto expired = std::find(events_.begin(), events_.end(), IceEvent::kExpired);
    FUZZ_CHECK(expired == events_.end() || (expired + 1 == events_.end() && !selected.IsSet()));
  }

  FuzzInput& input_;
  SeededRandom random_{1};
  Timestamp now_ = Timestamp::Seconds(100);
  IceCredentials remote_ = IceCredentials::Make(random_);
  IceLite ice_{IceCredentials::Make(random_), remote_, {}, now_};
  std::vector<std::vector<uint8_t>> checks_;
  std::array<bool, kAddresses> has_checked_{};
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
