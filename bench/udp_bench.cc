// What one datagram costs to send over loopback, the receiving half of the kernel included, as runs
// of one peer and one by one. Predicts the kernel's share of the cost of a forwarded packet: a
// video frame is some packets of equal size to each of its viewers.

#include <benchmark/benchmark.h>

#include "io/udp_socket.h"

namespace earshot {
namespace {

constexpr size_t kPeers = 20;
constexpr size_t kSize = 1200;

/// Sockets that nobody reads: once they are full, the kernel drops at the last moment.
struct Sinks {
  Sinks() {
    uv_loop_init(&loop);
    for (auto& sink : sockets) sink = std::move(*UdpSocket::Bind(loop, "127.0.0.1", 0, counters));
  }
  ~Sinks() {
    for (auto& sink : sockets) sink.reset();
    uv_run(&loop, UV_RUN_DEFAULT);
    uv_loop_close(&loop);
  }
  uv_loop_t loop;
  Counters counters;
  std::array<std::unique_ptr<UdpSocket>, kPeers> sockets;
};

/// Packets of one frame, each to all peers, as Space::Forward puts them out.
DatagramList MakeTurn(const Sinks& sinks, int64_t packets_of_frame) {
  DatagramList turn;
  const std::vector<uint8_t> packet(kSize, 1);
  for (int64_t i = 0; i < packets_of_frame; ++i) {
    for (const auto& sink : sinks.sockets) {
      turn.Push(*SocketAddress::FromLiteral("127.0.0.1", sink->port()), packet);
    }
  }
  return turn;
}

void Send(benchmark::State& state) {
  Sinks sinks;
  auto sender = std::move(*UdpSocket::Bind(sinks.loop, "127.0.0.1", 0, sinks.counters));
  sender->UseSegments(state.range(1) != 0);
  const DatagramList turn = MakeTurn(sinks, state.range(0));
  for (auto _ : state) sender->Send(turn);
  state.SetItemsProcessed(static_cast<int64_t>(turn.size()) * state.iterations());
  state.SetLabel(sender->segments() ? "runs" : "one by one");
}
BENCHMARK(Send)->ArgNames({"packets", "runs"})->ArgsProduct({{1, 2, 4, 8}, {0, 1}});

}  // namespace
}  // namespace earshot
