// Two associations on a link in virtual time: the bytes choose what is lost, changed, repeated and
// made up, before, in and behind the handshake. Nothing is received that was not sent, and nothing
// twice; who is connected stays so until the other end closes; no datagram is too large.

#include <algorithm>
#include <map>
#include <string>

#include "fuzz_check.h"
#include "fuzz_input.h"
#include "randomness.h"
#include "transport/dtls_link.h"

namespace earshot {
namespace {

// One step may begin a handshake's worth of work.
constexpr size_t kMaxSteps = 60;

class Link {
 public:
  explicit Link(FuzzInput& input)
      : input_(input), link_([this](int) { return is_lossy_ && input_.Byte() < 40; }) {
    is_lossy_ = input.Flag();
    link_.Start();
    // Most of what can happen happens behind the handshake.
    if (input.Flag()) link_.Run(Duration::Seconds(10));
    Check();
  }

  void Step() {
    switch (input_.Below(7)) {
      case 0:
        link_.Run(Duration::Millis(10) * (1 + input_.Byte()));
        break;
      case 1:
        Repeat(false);
        break;
      case 2:
        Repeat(true);
        break;
      case 3:
        MakeUpRecord();
        break;
      case 4:
        link_.Deliver(input_.Flag(), input_.Bytes());
        break;
      case 5:
        Send();
        break;
      default:
        Close();
    }
    Check();
  }

 private:
  void Repeat(bool changed) {
    const bool to_server = input_.Flag();
    if (link_.sent.empty()) return;
    std::vector<uint8_t> bytes = link_.sent[input_.U16() % link_.sent.size()].second;
    if (changed) input_.Corrupt(bytes);
    link_.Deliver(to_server, bytes);
  }
  void MakeUpRecord() {
    const bool to_server = input_.Flag();
    std::vector<uint8_t> record(13);
    record[0] = static_cast<uint8_t>(19 + input_.Below(6));
    record[1] = 0xfe;
    record[2] = 0xfd;
    record[4] = static_cast<uint8_t>(input_.Below(3));  // epoch
    record[10] = input_.Byte();                         // sequence number
    const std::vector<uint8_t> body = input_.Bytes();
    StoreBigEndian(record.data() + 11, static_cast<uint16_t>(body.size()));
    record.insert(record.end(), body.begin(), body.end());
    link_.Deliver(to_server, record);
  }
  void Send() {
    const bool to_server = input_.Flag();
    std::string text = "message " + std::to_string(messages_++);
    text.resize(text.size() + input_.Byte());
    if (link_.Send(to_server, text)) ++(to_server ? to_server_ : to_client_)[text];
  }
  void Close() {
    const bool by_client = input_.Flag();
    if (input_.Byte() < 200) return;
    // What a handshake is given up with is no record that the other end could trust.
    is_closed_ = true;
    link_.Close(by_client);
  }

  void Check() {
    for (const bool server : {true, false}) {
      auto& received = server ? link_.server_received : link_.client_received;
      auto& sent = server ? to_server_ : to_client_;
      for (const std::string& text : received) FUZZ_CHECK(sent[text]-- > 0);
      received.clear();
      const DtlsState state = (server ? link_.server : link_.client).state();
      bool& was_connected = was_connected_[server];
      was_connected |= state == DtlsState::kConnected;
      if (was_connected && !is_closed_) FUZZ_CHECK(state == DtlsState::kConnected);
    }
    for (; checked_ < link_.sent.size(); ++checked_) {
      FUZZ_CHECK(link_.sent[checked_].second.size() <= DtlsAssociation::kMaxDatagramSize);
    }
  }

  FuzzInput& input_;
  bool is_lossy_ = false;
  DtlsLink link_;
  size_t messages_ = 0;
  std::map<std::string, int> to_server_, to_client_;  // sent and not received
  std::array<bool, 2> was_connected_{};
  bool is_closed_ = false;
  size_t checked_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  sim::SeedLibraries(1);
  FuzzInput input(data, size);
  Link link(input);
  for (size_t step = 0; step < kMaxSteps && !input.empty(); ++step) link.Step();
  return 0;
}

}  // namespace earshot
