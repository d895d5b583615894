#pragma once

// A socket under test in a loop that the test turns by hand. Test code only.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/udp_peer.h"
#include "io/udp_socket.h"

namespace earshot {

inline SocketAddress Loopback(uint16_t port, const std::string& host = "127.0.0.1") {
  return *SocketAddress::FromLiteral(host, port);
}

inline std::span<const uint8_t> Bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

/// A loop that the test turns by hand, with one socket that notes what it receives.
class SocketInLoop {
 public:
  explicit SocketInLoop(const std::string& address = "127.0.0.1", uint16_t port = 0) {
    uv_loop_init(&loop_);
    auto bound = UdpSocket::Bind(loop_, address, port, counters_);
    if (!bound) {
      error_ = bound.error();
      return;
    }
    socket_ = std::move(*bound);
    socket_->Start(
        [this](const SocketAddress& peer, std::span<uint8_t> bytes) {
          received_.emplace_back(bytes.begin(), bytes.end());
          peers_.push_back(peer);
        },
        [this] {
          ++batches_;
          if (on_batch) on_batch();
        });
  }
  ~SocketInLoop() {
    socket_.reset();
    uv_run(&loop_, UV_RUN_DEFAULT);
    EXPECT_EQ(uv_loop_close(&loop_), 0);
  }

  UdpSocket& operator*() { return *socket_; }
  uv_loop_t& loop() { return loop_; }
  const std::optional<Error>& error() const { return error_; }
  SocketAddress address() const { return Loopback(socket_->port()); }
  const std::vector<std::string>& received() const { return received_; }
  const std::vector<SocketAddress>& peers() const { return peers_; }
  size_t batches() const { return batches_; }
  uint64_t dropped(DropReason reason) const {
    return counters_.drops[static_cast<size_t>(reason)].value();
  }
  const Counters& counters() const { return counters_; }

  std::function<void()> on_batch;

  void Turn() { uv_run(&loop_, UV_RUN_NOWAIT); }
  bool TurnUntilReceived(size_t count) {
    return WaitUntil([&] {
      Turn();
      return received_.size() >= count;
    });
  }
  void Send(const SocketAddress& to, std::string_view text) {
    DatagramList list;
    list.Push(to, Bytes(text));
    socket_->Send(list);
  }
  /// The socket's descriptor, found as the one that is bound to its port.
  int FindDescriptor() const {
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
      const int descriptor = std::atoi(entry.path().filename().c_str());
      sockaddr_in name{};
      socklen_t length = sizeof(name);
      if (getsockname(descriptor, reinterpret_cast<sockaddr*>(&name), &length) == 0 &&
          name.sin_family == AF_INET && ntohs(name.sin_port) == socket_->port()) {
        return descriptor;
      }
    }
    return -1;
  }

 private:
  uv_loop_t loop_;
  Counters counters_;
  std::unique_ptr<UdpSocket> socket_;
  std::optional<Error> error_;
  std::vector<std::string> received_;
  std::vector<SocketAddress> peers_;
  size_t batches_ = 0;
};

}  // namespace earshot
