#include "floor/people_sockets.h"

#include <utility>

namespace earshot {
namespace {

// Turns in which nothing came, until it is taken for lost.
constexpr int kMaxIdleTurns = 1000;

}  // namespace

PeopleSockets::PeopleSockets(size_t count, Receiver receiver) : receiver_(std::move(receiver)) {
  uv_loop_init(&loop_);
  for (size_t person = 0; person < count; ++person) {
    auto& socket =
        sockets_.emplace_back(std::move(*UdpSocket::Bind(loop_, "127.0.0.1", 0, counters_)));
    socket->Start(
        [this, person](const SocketAddress&, std::span<uint8_t> bytes) {
          ++received_;
          receiver_(person, bytes);
        },
        [] {});
    addresses_.push_back(*SocketAddress::FromLiteral("127.0.0.1", socket->port()));
  }
}

PeopleSockets::~PeopleSockets() {
  sockets_.clear();
  uv_run(&loop_, UV_RUN_DEFAULT);
  uv_loop_close(&loop_);
}

bool PeopleSockets::Receive(uint64_t expected) {
  const uint64_t end = received_ + expected;
  for (int idle = 0; received_ < end && idle < kMaxIdleTurns; ++idle) {
    const uint64_t before = received_;
    uv_run(&loop_, UV_RUN_NOWAIT);
    if (received_ != before) idle = 0;
  }
  return received_ == end;
}

}  // namespace earshot
