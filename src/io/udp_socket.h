#pragma once

// A UDP socket in a libuv loop: receives and sends in batches (recvmmsg, sendmmsg), and what comes
// from or goes to one peer in a turn in one piece where the kernel can put it together and cut it
// apart (UDP_GRO, UDP_SEGMENT).
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
#include "io/local_addresses.h"
#include "io/patience.h"
#include "io/send_plan.h"
#include "io/send_queue.h"

struct mmsghdr;
struct msghdr;

namespace earshot {

class SendControl;

class UdpSocket {
 public:
  /// Once as many datagrams have been taken in a loop turn, timers and sends get their share (P9).
  static constexpr size_t kBatch = 64;
  /// And of what had to wait: one check costs less than one packet of media, which goes to many.
  static constexpr size_t kPatientBatch = 256;
  /// Read at once; each can hold 64 datagrams that the kernel put together (UDP_GRO).
  static constexpr size_t kReceiveMessages = 16;
  /// What a turn takes at most: what is read at once is taken whole.
  static constexpr size_t kMaxPerTurn = kBatch - 1 + kReceiveMessages * SendPlan::kMaxSegments;
  /// Larger ones are dropped.
  static constexpr size_t kMaxDatagram = 2048;

  /// One received datagram, by its path where they are told apart; the bytes may be changed in
  /// place and are valid during the call.
  using Receiver = std::function<void(const SocketAddress& peer, std::span<uint8_t> bytes)>;

  /// What a socket receives into and sends from: more than 1 MiB. Sockets of one loop can share
  /// it, as they take turns.
  struct Buffers;
  static std::shared_ptr<Buffers> MakeBuffers();

  /// Error code "bind-failed"; the message names address and port. `counters` must outlive it.
  static Result<std::unique_ptr<UdpSocket>> Bind(uv_loop_t& loop, const std::string& address,
                                                 uint16_t port, Counters& counters,
                                                 std::shared_ptr<Buffers> buffers = MakeBuffers());
  /// For a socket in another loop that sends from the same port; this one goes on receiving.
  struct SamePort {
    int descriptor;  // -1 when the process has none left
    uint16_t port;
    bool ipv6;
    std::shared_ptr<LocalAddresses> locals;
  };
  /// For one that is bound to all addresses of the host: what comes from a peer says which of them
  /// it was sent to (SocketAddress::By), and what goes out leaves from the one that it says. To be
  /// called before there are others at this port.
  void TellLocalsApart();
  /// Of those at least, whatever else is sent to: so that strangers who send to every address of
  /// the host leave room for them. To be called more often than LocalAddresses forgets.
  void KeepLocals(std::span<const SocketAddress> hosts);
  SamePort Duplicate() const;
  /// Takes the descriptor over, whatever comes of it; null when it cannot join the loop.
  static std::unique_ptr<UdpSocket> Adopt(const SamePort& same, uv_loop_t& loop, Counters& counters,
                                          std::shared_ptr<Buffers> buffers);
  /// Two more sockets at this port: from then on one of them gets checks, and one whatever is
  /// neither media nor a check. None where the system does not offer it (OpenUdpBeside): then this
  /// one gets all, as before.
  std::vector<std::unique_ptr<UdpSocket>> SplitOff(uv_loop_t& loop);
  /// The loop must turn once more afterwards to release the handle.
  ~UdpSocket();

  /// `receiver` for each datagram of a batch, then `batch_done` once. With `patience`, in whole
  /// milliseconds, datagrams that come close together may wait for so long (Patience).
  void Start(Receiver receiver, std::function<void()> batch_done,
             Duration patience = Duration::Zero());
  /// What waits in the kernel, at most as much as in a turn, although nobody said that there is
  /// anything. Only once started, and not from the receiver.
  void ReadNow() { HandleReadable(); }
  /// What the kernel has no room for waits a moment (SendQueue); what it refuses otherwise is
  /// dropped and counted.
  void Send(const DatagramList& datagrams);
  uint16_t port() const { return port_; }
  /// Whether runs still go out in one piece: some kernels and network cards refuse.
  bool segments() const { return segments_; }
  /// To measure what they buy.
  void UseSegments(bool on) { segments_ = segments_ && on; }

 private:
  using Runs = std::span<const SendPlan::Run>;
  UdpSocket(const SamePort& same, Counters& counters, std::shared_ptr<Buffers> buffers);
  int JoinLoop(uv_loop_t& loop);
  void Poll();
  void ClearError();
  size_t batch() const { return patience_.wait() > Duration::Zero() ? kPatientBatch : kBatch; }
  void HandleReadable();
  void ReadAgain(size_t taken);
  Timestamp LoopTime() const;
  int Receive();
  size_t Deliver(size_t index);
  void LeaveFrom(const SocketAddress& path, msghdr& header, SendControl& control) const;
  size_t FillBatch(const DatagramList& datagrams, Runs runs);
  size_t SendBatch(const DatagramList& datagrams, Runs runs);
  void CountSent(const mmsghdr& message);
  void SendOneByOne(const DatagramList& datagrams, const SendPlan::Run& run, msghdr header);
  void Enqueue(const DatagramList& datagrams, std::span<const uint32_t> indices);
  void FlushQueue();

  int descriptor_;
  uint16_t port_;
  bool ipv6_;
  Counters& counters_;
  Receiver receiver_;
  std::function<void()> batch_done_;
  uv_poll_t* poll_ = nullptr;
  uv_timer_t* timer_ = nullptr;  // with patience only
  Patience patience_{Duration::Zero()};
  uint32_t receive_queue_drops_ = 0;  // as the kernel counts them for this socket
  std::shared_ptr<Buffers> buffers_;
  std::shared_ptr<LocalAddresses> locals_;  // of all sockets at this port, or null
  SendPlan send_plan_;
  SendQueue send_queue_;
  bool segments_ = false;
  int refusals_ = 0;
};

}  // namespace earshot
