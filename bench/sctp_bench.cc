// Predicts what data channels cost a worker: a position message in, a presence message out, a tick
// for an association that waits for an answer, and a join; the last two with many people connected
// already.

#include <benchmark/benchmark.h>

#include <memory>
#include <utility>
#include <vector>

#include "transport/sctp.h"
#include "transport/sctp_packet.h"

namespace earshot {
namespace {

struct Pair {
  explicit Pair(Timestamp start) : now(start) {
    for (auto& end : ends) end = SctpAssociation::Create(now);
    for (size_t i = 0; i < 2; ++i) ends[i]->Connect(now, outputs[i]);
    for (int round = 0; round < 4; ++round) Exchange();
  }
  void Exchange() {
    for (size_t i = 0; i < 2; ++i) {
      const PacketList packets = std::exchange(outputs[i].packets, {});
      for (size_t p = 0; p < packets.size(); ++p) {
        ends[1 - i]->HandlePacket(packets[p], now, outputs[1 - i]);
      }
    }
  }
  Timestamp now;
  std::unique_ptr<SctpAssociation> ends[2];
  SctpOutput outputs[2];
};

// `ends` of associations that are connected and silent.
std::vector<std::unique_ptr<Pair>> Silent(int64_t ends) {
  std::vector<std::unique_ptr<Pair>> pairs;
  for (int64_t i = 0; i < ends / 2; ++i) {
    pairs.push_back(std::make_unique<Pair>(Timestamp::Seconds(1)));
  }
  return pairs;
}

void BM_SctpValidate(benchmark::State& state) {
  std::vector<uint8_t> packet(static_cast<size_t>(state.range(0)));
  ByteWriter writer(packet);
  writer.U32(0x13881388);
  writer.U64(0x0102030400000000);
  writer.U16(0x0003);
  writer.U16(static_cast<uint16_t>(packet.size() - 12));
  WriteSctpChecksum(packet);
  for (auto _ : state) benchmark::DoNotOptimize(IsAcceptableSctpPacket(packet));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * packet.size()));
}
BENCHMARK(BM_SctpValidate)->Arg(60)->Arg(1148);

// Both ends: sent, validated, delivered, acknowledged, and the acknowledgement handled.
void BM_SctpMessage(benchmark::State& state) {
  Pair pair(Timestamp::Seconds(1));
  const std::vector<uint8_t> message(static_cast<size_t>(state.range(0)));
  const SctpSendOptions unreliable{.ordered = false, .max_retransmits = 0};
  for (auto _ : state) {
    pair.now = pair.now + Duration::Millis(1);
    if (!pair.ends[0]->Send(0, SctpPpid::kBinary, message, unreliable, pair.now, pair.outputs[0])) {
      state.SkipWithError("not sent");
      break;
    }
    pair.Exchange();
    pair.Exchange();
    pair.outputs[1].messages.clear();
  }
}
BENCHMARK(BM_SctpMessage)->Arg(17)->Arg(1000);

// With `range` others that wait for nothing, which must not matter.
void BM_SctpTick(benchmark::State& state) {
  const auto others = Silent(state.range(0));
  Pair pair(Timestamp::Seconds(1));
  const std::vector<uint8_t> message(100);
  pair.ends[0]->Send(0, SctpPpid::kBinary, message, {}, pair.now, pair.outputs[0]);
  for (auto _ : state) {
    pair.ends[0]->HandleDeadline(pair.ends[0]->NextDeadline(), pair.outputs[0]);
    pair.outputs[0].packets.Clear();
    if (pair.ends[0]->state() != SctpState::kConnected) state.SkipWithError("gave up");
  }
}
// Ten seconds of ticks; the association would give up after more than a minute.
BENCHMARK(BM_SctpTick)->Iterations(200)->Arg(0)->Arg(1000)->Arg(4000);

// Connecting and closing both ends while `range` others are connected.
void BM_SctpConnect(benchmark::State& state) {
  const auto others = Silent(state.range(0));
  for (auto _ : state) Pair pair(Timestamp::Seconds(1));
}
BENCHMARK(BM_SctpConnect)->Arg(0)->Arg(1000)->Arg(4000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace earshot
