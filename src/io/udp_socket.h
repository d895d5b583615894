#pragma once

// A UDP socket in a libuv loop: receives in batches with recvmmsg, sends in batches with sendmmsg.
// One port for IPv4 and IPv6 where the host has both. Never closes because of what a peer did
// (threat rows P3 to P6). Belongs to the loop's thread.

#include <uv.h>

#include <array>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/counters.h"
#include "earshot/datagrams.h"
#include "earshot/result.h"

struct mmsghdr;

namespace earshot {

class UdpSocket {
 public:
  /// Datagrams taken per loop turn at most, so that timers and sends get their share (P9).
  static constexpr size_t kBatch = 64;
  /// Larger ones arrive truncated and are dropped.
  static constexpr size_t kMaxDatagram = 2048;

  /// One received datagram; the bytes may be changed in place and are valid during the call.
  using Receiver = std::function<void(const SocketAddress& peer, std::span<uint8_t> bytes)>;

  /// Error code "bind-failed"; the message names address and port. `counters` must outlive it.
  static Result<std::unique_ptr<UdpSocket>> Bind(uv_loop_t& loop, const std::string& address,
                                                 uint16_t port, Counters& counters);
  /// The loop must turn once more afterwards to release the handle.
  ~UdpSocket();

  /// `receiver` for each datagram of a batch, then `batch_done` once.
  void Start(Receiver receiver, std::function<void()> batch_done);
  /// What the kernel does not take at once is dropped and counted: media that waits is worthless,
  /// and every protocol above repeats what it needs.
  void Send(const DatagramList& datagrams);
  uint16_t port() const { return port_; }

 private:
  struct Buffers;
  UdpSocket(int descriptor, uint16_t port, bool ipv6, Counters& counters);
  void Poll();
  void ClearError();
  void HandleReadable();
  void SendBatch(std::span<mmsghdr> batch);

  int descriptor_;
  uint16_t port_;
  bool ipv6_;
  Counters& counters_;
  Receiver receiver_;
  std::function<void()> batch_done_;
  uv_poll_t* poll_ = nullptr;
  std::unique_ptr<Buffers> buffers_;
};

}  // namespace earshot
