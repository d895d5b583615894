#pragma once

// The people's ends: a UDP socket each on loopback. Loopback delivers within the call that sends,
// so after a turn of the server everything is there. One thread.

#include <uv.h>

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/counters.h"
#include "io/udp_socket.h"

namespace earshot {

class PeopleSockets {
 public:
  using Receiver = std::function<void(size_t person, std::span<uint8_t> bytes)>;

  PeopleSockets(size_t count, Receiver receiver);
  ~PeopleSockets();
  PeopleSockets(const PeopleSockets&) = delete;
  PeopleSockets& operator=(const PeopleSockets&) = delete;

  const std::vector<SocketAddress>& addresses() const { return addresses_; }
  void Send(size_t person, const DatagramList& datagrams) { sockets_[person]->Send(datagrams); }
  /// Hands out what has come. False if it is not so many datagrams.
  bool Receive(uint64_t expected);

 private:
  uv_loop_t loop_;
  Counters counters_;
  Receiver receiver_;
  std::vector<std::unique_ptr<UdpSocket>> sockets_;
  std::vector<SocketAddress> addresses_;
  uint64_t received_ = 0;
};

}  // namespace earshot
