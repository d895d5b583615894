// Data channels of both roles over usrsctp, behind its validator: the bytes change packets on their
// way, make up chunks under the right verification tag, open, send and close. The number of open
// channels and the size of messages stay bounded, whatever comes; deadlines advance (SctpLink).

#include <algorithm>
#include <set>
#include <string>

#include "fuzz_check.h"
#include "fuzz_input.h"
#include "randomness.h"
#include "transport/sctp_link.h"
#include "transport/sctp_packet.h"

namespace earshot {
namespace {

constexpr size_t kMaxSteps = 100;
constexpr size_t kHeaderSize = 12;

class Pair {
 public:
  explicit Pair(FuzzInput& input) : input_(input) {
    pair_.filter = [this](size_t side, std::vector<uint8_t>& packet) {
      if (packet.size() < kHeaderSize) return true;
      tags_[side] = {packet.begin() + 4, packet.begin() + 8};
      if (changes_ == 0) return true;
      --changes_;
      input_.Corrupt(packet);
      WriteSctpChecksum(packet);
      return input_.Byte() > 20;
    };
    // Most of what can happen happens behind the handshake.
    if (input.Flag()) pair_.Connect();
  }

  void Step() {
    const size_t side = input_.Below(2);
    switch (input_.Below(7)) {
      case 0:
        pair_.RunFor(Duration::Millis(20) * (1 + input_.Byte()));
        break;
      case 1:
        changes_ = input_.Below(8);
        break;
      case 2:
      case 3:
        MakeUp(side);
        break;
      case 4:
        if (const auto channel = pair_.Open(side, "channel")) open_[side].insert(*channel);
        break;
      case 5: {
        const auto stream = static_cast<uint16_t>(input_.Below(SctpAssociation::kMaxStreams));
        pair_.Send(side, stream, input_.Flag(), std::string(input_.U16(), 'x'));
        break;
      }
      default: {
        const auto stream = static_cast<uint16_t>(input_.Below(SctpAssociation::kMaxStreams));
        open_[side].erase(stream);
        pair_.channels[side]->Close(stream, pair_.now(), pair_.output(side));
        pair_.Collect(side);
      }
    }
    Check();
  }

 private:
  // A packet of whole chunks that the other end sends to `side`.
  void MakeUp(size_t side) {
    std::vector<uint8_t> packet = {0x13, 0x88, 0x13, 0x88, 0, 0, 0, 0, 0, 0, 0, 0};
    const auto& tag = tags_[1 - side];
    if (tag.size() == 4) std::copy(tag.begin(), tag.end(), packet.begin() + 4);
    for (size_t chunks = 1 + input_.Below(4); chunks > 0; --chunks) {
      const uint8_t type = input_.Byte();
      const uint8_t flags = input_.Byte();
      const std::vector<uint8_t> value = input_.Bytes();
      packet.push_back(type);
      packet.push_back(flags);
      packet.push_back(0);
      packet.push_back(static_cast<uint8_t>(std::min<size_t>(value.size() + 4, 255)));
      packet.insert(packet.end(), value.begin(),
                    value.begin() + static_cast<ptrdiff_t>(std::min<size_t>(value.size(), 251)));
      packet.resize((packet.size() + 3) & ~size_t{3});
    }
    WriteSctpChecksum(packet);
    pair_.channels[side]->HandlePacket(packet, pair_.now(), pair_.output(side));
    pair_.Collect(side);
  }

  void Check() {
    for (size_t side = 0; side < 2; ++side) {
      ChannelOutput& output = pair_.output(side);
      for (const ChannelMessage& message : output.messages) {
        FUZZ_CHECK(message.bytes.size() <= SctpAssociation::kMaxMessageSize);
        FUZZ_CHECK(message.channel < SctpAssociation::kMaxStreams);
      }
      for (const ChannelOpened& one : output.opened) {
        FUZZ_CHECK(one.label.size() <= DataChannels::kMaxLabelSize);
        open_[side].insert(one.channel);
      }
      for (const ChannelClosed& one : output.closed) open_[side].erase(one.channel);
      FUZZ_CHECK(open_[side].size() <= DataChannels::kMaxChannels);
      output.opened.clear();
      output.messages.clear();
      output.closed.clear();
    }
    FUZZ_CHECK(pair_.largest_packet() <= SctpAssociation::kMaxPacketSize);
  }

  FuzzInput& input_;
  ChannelPair pair_;
  std::array<std::vector<uint8_t>, 2> tags_;  // that this side sends with
  std::array<std::set<uint16_t>, 2> open_;
  size_t changes_ = 0;  // of the next packets
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  sim::SeedLibraries(1);
  FuzzInput input(data, size);
  Pair pair(input);
  for (size_t step = 0; step < kMaxSteps && !input.empty(); ++step) pair.Step();
  return 0;
}

}  // namespace earshot
