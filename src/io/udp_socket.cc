#include "io/udp_socket.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "io/ancillary_data.h"
#include "io/clock.h"
#include "io/interface_addresses.h"
#include "io/udp_descriptor.h"

namespace earshot {
namespace {

// Pieces refused one after the other, until they are given up for good.
constexpr int kMaxRefusals = 16;

Error BindError(const std::string& address, uint16_t port, int error) {
  std::string message = "Cannot bind UDP port " + std::to_string(port) + " on " + address + ": " +
                        std::strerror(error) + ".";
  if (error == EADDRINUSE) message += " Another process uses it; `ss -ulpn` shows which.";
  return Error{"bind-failed", std::move(message)};
}

// Not so ENOBUFS: that is a queue below the socket, and nobody says when it has room again.
bool IsFull(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

}  // namespace

struct UdpSocket::Buffers {
  struct Receive {
    std::array<mmsghdr, kReceiveMessages> messages;
    std::array<iovec, kReceiveMessages> vectors;
    std::array<sockaddr_storage, kReceiveMessages> names;
    std::array<ReceiveControl, kReceiveMessages> controls;
    std::array<std::array<uint8_t, 65536>, kReceiveMessages> bytes;
  };
  struct Send {
    std::array<mmsghdr, kBatch> messages;
    std::array<sockaddr_storage, kBatch> names;
    std::array<SendControl, kBatch> controls;
    std::array<iovec, 4 * kBatch> vectors;
    static_assert(4 * kBatch >= SendPlan::kMaxSegments);
  };
  Receive receive;
  Send send;
};

// Not set to zero, so that only what is used takes memory.
std::shared_ptr<UdpSocket::Buffers> UdpSocket::MakeBuffers() {
  return std::shared_ptr<Buffers>(new Buffers);
}

Result<std::unique_ptr<UdpSocket>> UdpSocket::Bind(uv_loop_t& loop, const std::string& address,
                                                   uint16_t port, Counters& counters,
                                                   std::shared_ptr<Buffers> buffers) {
  auto literal = SocketAddress::FromLiteral(address, port);
  if (!literal) return Error{"bind-failed", "\"" + address + "\" is not an IP address."};
  const bool dual_stack = !literal->is_ipv4() && IsWildcard(*literal);
  int descriptor = OpenUdp(*literal, dual_stack);
  if (dual_stack && (descriptor == -EAFNOSUPPORT || descriptor == -EADDRNOTAVAIL)) {
    literal = SocketAddress::FromLiteral("0.0.0.0", port);
    descriptor = OpenUdp(*literal, false);
  }
  if (descriptor < 0) return BindError(address, port, -descriptor);

  std::unique_ptr<UdpSocket> socket(
      new UdpSocket({descriptor, BoundPort(descriptor), !literal->is_ipv4(), nullptr}, counters,
                    std::move(buffers)));
  if (const int error = socket->JoinLoop(loop); error != 0) {
    return BindError(address, port, -error);
  }
  return socket;
}

void UdpSocket::TellLocalsApart() {
  if (TellDestinations(descriptor_, ipv6_)) locals_ = std::make_shared<LocalAddresses>();
}

void UdpSocket::KeepLocals(std::span<const SocketAddress> hosts) {
  if (locals_ == nullptr) return;
  for (const SocketAddress& host : hosts) {
    locals_->NumberOf(LocalAddresses::ToHost(host.host()), LoopTime());
  }
}

// Costs nothing, and is exact enough for what is remembered for minutes.
Timestamp UdpSocket::LoopTime() const {
  return Timestamp::Millis(static_cast<int64_t>(uv_now(poll_->loop)));
}

UdpSocket::SamePort UdpSocket::Duplicate() const {
  return {fcntl(descriptor_, F_DUPFD_CLOEXEC, 0), port_, ipv6_, locals_};
}

std::unique_ptr<UdpSocket> UdpSocket::Adopt(const SamePort& same, uv_loop_t& loop,
                                            Counters& counters, std::shared_ptr<Buffers> buffers) {
  std::unique_ptr<UdpSocket> socket(new UdpSocket(same, counters, std::move(buffers)));
  if (socket->JoinLoop(loop) != 0) return nullptr;
  return socket;
}

std::vector<std::unique_ptr<UdpSocket>> UdpSocket::SplitOff(uv_loop_t& loop) {
  std::vector<std::unique_ptr<UdpSocket>> beside;
  if (const std::optional<UdpBeside> opened = OpenUdpBeside(descriptor_)) {
    // Of one that cannot join the loop, which is closed then, the others get what it would have.
    for (const int descriptor : {opened->checks, opened->rest}) {
      auto socket = Adopt({descriptor, port_, ipv6_, locals_}, loop, counters_, buffers_);
      if (socket != nullptr) beside.push_back(std::move(socket));
    }
  }
  return beside;
}

// Zero, or libuv's error.
int UdpSocket::JoinLoop(uv_loop_t& loop) {
  auto poll = std::make_unique<uv_poll_t>();
  if (const int error = uv_poll_init(&loop, poll.get(), descriptor_); error != 0) return error;
  poll_ = poll.release();
  poll_->data = this;
  return 0;
}

UdpSocket::UdpSocket(const SamePort& same, Counters& counters, std::shared_ptr<Buffers> buffers)
    : descriptor_(same.descriptor),
      port_(same.port),
      ipv6_(same.ipv6),
      counters_(counters),
      buffers_(std::move(buffers)),
      locals_(same.locals),
      send_queue_(counters),
      segments_(KernelCutsSegments(same.descriptor)) {
  // Each descriptor says so for itself.
  if (locals_ != nullptr) TellDestinations(descriptor_, ipv6_);
}

UdpSocket::~UdpSocket() {
  if (poll_ != nullptr) {
    uv_poll_stop(poll_);
    uv_close(reinterpret_cast<uv_handle_t*>(poll_),
             [](uv_handle_t* handle) { delete reinterpret_cast<uv_poll_t*>(handle); });
  }
  if (timer_ != nullptr) {
    uv_close(reinterpret_cast<uv_handle_t*>(timer_),
             [](uv_handle_t* handle) { delete reinterpret_cast<uv_timer_t*>(handle); });
  }
  close(descriptor_);
}

void UdpSocket::Start(Receiver receiver, std::function<void()> batch_done, Duration patience) {
  receiver_ = std::move(receiver);
  batch_done_ = std::move(batch_done);
  patience_ = Patience(patience);
  if (patience > Duration::Zero()) {
    timer_ = new uv_timer_t;
    uv_timer_init(poll_->loop, timer_);
    timer_->data = this;
  }
  Poll();
}

void UdpSocket::Poll() {
  const bool read = receiver_ && !patience_.waits();
  const int events = (read ? UV_READABLE : 0) | (send_queue_.empty() ? 0 : UV_WRITABLE);
  if (events == 0) {
    uv_poll_stop(poll_);
    return;
  }
  uv_poll_start(poll_, events, [](uv_poll_t* handle, int status, int happened) {
    auto* socket = static_cast<UdpSocket*>(handle->data);
    if (status < 0) socket->ClearError();
    if ((happened & UV_WRITABLE) != 0) socket->FlushQueue();
    if (status < 0 || (happened & UV_READABLE) != 0) socket->HandleReadable();
  });
}

// libuv gives up a descriptor that has an error pending. It is about some peer or some tool
// (`ss -K`), and this socket serves all the others: it is taken back (threat row P5).
void UdpSocket::ClearError() {
  int error = 0;
  socklen_t length = sizeof(error);
  getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &error, &length);
  Poll();
}

// Packet path 1/11; next: Engine::HandleDatagram.
void UdpSocket::HandleReadable() {
  if (!receiver_) return;
  size_t taken = 0;
  int count = 0;
  do {
    count = Receive();
    for (int i = 0; i < count; ++i) taken += Deliver(static_cast<size_t>(i));
  } while (count == static_cast<int>(kReceiveMessages) && taken < batch());
  if (taken > 0) batch_done_();
  ReadAgain(taken);
}

void UdpSocket::ReadAgain(size_t taken) {
  const bool waited = patience_.waits();
  patience_.Read(Now(), taken, taken >= batch());
  if (patience_.waits()) {
    // On strokes that all sockets of the loop have in common.
    const auto wait = static_cast<uint64_t>(patience_.wait().millis());
    uv_timer_start(
        timer_, [](uv_timer_t* timer) { static_cast<UdpSocket*>(timer->data)->HandleReadable(); },
        wait - uv_now(timer_->loop) % wait, 0);
  }
  if (patience_.waits() != waited) Poll();
}

int UdpSocket::Receive() {
  Buffers::Receive& buffers = buffers_->receive;
  for (size_t i = 0; i < kReceiveMessages; ++i) {
    buffers.vectors[i] = {buffers.bytes[i].data(), buffers.bytes[i].size()};
    buffers.messages[i] = {};
    msghdr& header = buffers.messages[i].msg_hdr;
    header.msg_name = &buffers.names[i];
    header.msg_namelen = sizeof(buffers.names[i]);
    header.msg_iov = &buffers.vectors[i];
    header.msg_iovlen = 1;
    header.msg_control = buffers.controls[i].bytes.data();
    header.msg_controllen = buffers.controls[i].bytes.size();
  }
  // An error here is an ICMP message about some peer, or nothing to read: neither is ours to act
  // upon (threat row P5).
  return recvmmsg(descriptor_, buffers.messages.data(), kReceiveMessages, 0, nullptr);
}

// Takes apart what the kernel put together of one peer; returns how many datagrams it were.
size_t UdpSocket::Deliver(size_t index) {
  mmsghdr& message = buffers_->receive.messages[index];
  const ReceivedBeside beside = ReadBeside(message.msg_hdr);
  if (beside.dropped) {
    counters_.receive_queue_drops.Add(*beside.dropped - receive_queue_drops_);
    receive_queue_drops_ = *beside.dropped;
  }
  const size_t segment_size = beside.segment_size.value_or(message.msg_len);
  auto peer = SocketAddress::FromSockaddr(
      reinterpret_cast<const sockaddr&>(buffers_->receive.names[index]));
  if (peer && locals_ != nullptr && beside.sent_to) {
    peer = peer->By(locals_->NumberOf(*beside.sent_to, LoopTime()));
  }
  std::span<uint8_t> rest(buffers_->receive.bytes[index].data(), message.msg_len);
  size_t count = 0;
  do {
    const std::span<uint8_t> datagram = rest.first(std::min(segment_size, rest.size()));
    rest = rest.subspan(datagram.size());
    ++count;
    // Larger than anything of ours, whether the kernel or we cut it off.
    if ((message.msg_hdr.msg_flags & MSG_TRUNC) != 0 || datagram.size() > kMaxDatagram) {
      counters_.Drop(DropReason::kTruncated);
    } else if (!peer) {
      counters_.Drop(DropReason::kInvalidSource);
    } else {
      receiver_(*peer, datagram);
    }
  } while (!rest.empty());
  return count;
}

// Packet path 11/11.
void UdpSocket::Send(const DatagramList& datagrams) {
  Runs runs = send_plan_.Make(datagrams, segments_);
  // What waits may be more important; and as it waits, there is little hope for more.
  while (!runs.empty() && send_queue_.empty()) {
    const size_t count = FillBatch(datagrams, runs);
    const size_t done = SendBatch(datagrams, runs.first(count));
    runs = runs.subspan(done);
    if (done < count) break;
  }
  for (const SendPlan::Run& run : runs) Enqueue(datagrams, run.datagrams);
  if (!send_queue_.empty()) FlushQueue();
}

// From where the peer talks to.
void UdpSocket::LeaveFrom(const SocketAddress& path, msghdr& header, SendControl& control) const {
  if (path.local() == 0 || locals_ == nullptr) return;
  control.SetSource(header, locals_->At(path.local()), path.is_ipv4());
}

// A message for each run, as many as there is room for.
size_t UdpSocket::FillBatch(const DatagramList& datagrams, Runs runs) {
  Buffers::Send& buffers = buffers_->send;
  size_t messages = 0;
  size_t vectors = 0;
  for (const SendPlan::Run& run : runs) {
    if (messages == kBatch || vectors + run.datagrams.size() > buffers.vectors.size()) break;
    msghdr& header = buffers.messages[messages].msg_hdr;
    header = {};
    const SocketAddress peer = datagrams[run.datagrams[0]].peer;
    header.msg_name = &buffers.names[messages];
    header.msg_namelen = peer.ToSockaddr(buffers.names[messages], ipv6_);
    header.msg_iov = &buffers.vectors[vectors];
    header.msg_iovlen = run.datagrams.size();
    for (const uint32_t index : run.datagrams) {
      const std::span<const uint8_t> bytes = datagrams[index].bytes;
      buffers.vectors[vectors++] = {const_cast<uint8_t*>(bytes.data()), bytes.size()};
    }
    SendControl& control = buffers.controls[messages];
    LeaveFrom(peer, header, control);
    if (run.datagrams.size() > 1) control.SetSegmentSize(header, run.segment_size);
    ++messages;
  }
  return messages;
}

// Returns how many runs are dealt with: fewer than given if the kernel has no room for more.
size_t UdpSocket::SendBatch(const DatagramList& datagrams, Runs runs) {
  mmsghdr* messages = buffers_->send.messages.data();
  size_t done = 0;
  while (done < runs.size()) {
    const int result = sendmmsg(descriptor_, messages + done,
                                static_cast<unsigned>(runs.size() - done), MSG_DONTWAIT);
    if (result > 0) {
      // It stops before the first message that fails, and says why when it is asked again.
      for (int i = 0; i < result; ++i) CountSent(messages[done++]);
      continue;
    }
    if (IsFull(errno)) break;
    // That one is given up and the rest goes on: an unreachable peer never holds up another.
    const size_t count = runs[done].datagrams.size();
    if (count > 1 && errno != ENOBUFS) {
      SendOneByOne(datagrams, runs[done], messages[done].msg_hdr);
    } else {
      for (size_t i = 0; i < count; ++i) counters_.Drop(DropReason::kEgressSendFailed);
    }
    ++done;
  }
  return done;
}

void UdpSocket::CountSent(const mmsghdr& message) {
  counters_.packets_out.Add(message.msg_hdr.msg_iovlen);
  counters_.bytes_out.Add(message.msg_len);
  if (message.msg_hdr.msg_iovlen > 1) refusals_ = 0;
}

// For a path that takes no pieces: a path MTU below the segment, a network card without checksums
// (EIO). Who takes what is in them and refuses the piece, every time, is not asked any more; who
// takes neither says nothing about pieces.
void UdpSocket::SendOneByOne(const DatagramList& datagrams, const SendPlan::Run& run,
                             msghdr header) {
  const std::span<iovec> segments(header.msg_iov, header.msg_iovlen);
  SendControl control;
  header.msg_control = nullptr;
  header.msg_controllen = 0;
  LeaveFrom(datagrams[run.datagrams[0]].peer, header, control);
  header.msg_iovlen = 1;
  bool piece_was_refused = false;
  for (size_t i = 0; i < segments.size(); ++i) {
    header.msg_iov = &segments[i];
    mmsghdr single{header, 0};
    if (sendmmsg(descriptor_, &single, 1, MSG_DONTWAIT) == 1) {
      CountSent(single);
      if (!std::exchange(piece_was_refused, true) && ++refusals_ == kMaxRefusals) segments_ = false;
    } else if (IsFull(errno)) {
      Enqueue(datagrams, run.datagrams.subspan(i));
      return;
    } else {
      counters_.Drop(DropReason::kEgressSendFailed);
    }
  }
}

void UdpSocket::Enqueue(const DatagramList& datagrams, std::span<const uint32_t> indices) {
  const bool was_empty = send_queue_.empty();
  const Timestamp now = Now();
  for (const uint32_t index : indices) send_queue_.Push(datagrams[index], now);
  if (was_empty) Poll();
}

// Tried in every turn that sends, too: the kernel only calls a socket writable once half of its
// buffer is free, which on a slow path is long after the first packet would fit. All that fits
// goes, so that nothing is left waiting for the turns to come, which bring their own.
void UdpSocket::FlushQueue() {
  send_queue_.DropStale(Now());
  while (!send_queue_.empty()) {
    const Datagram datagram = send_queue_.Front();
    sockaddr_storage name;
    iovec bytes{const_cast<uint8_t*>(datagram.bytes.data()), datagram.bytes.size()};
    msghdr header{};
    header.msg_name = &name;
    header.msg_namelen = datagram.peer.ToSockaddr(name, ipv6_);
    header.msg_iov = &bytes;
    header.msg_iovlen = 1;
    SendControl control;
    LeaveFrom(datagram.peer, header, control);
    const ssize_t sent = sendmsg(descriptor_, &header, MSG_DONTWAIT);
    if (sent < 0 && IsFull(errno)) return;
    if (sent < 0) {
      counters_.Drop(DropReason::kEgressSendFailed);
    } else {
      counters_.packets_out.Add();
      counters_.bytes_out.Add(static_cast<uint64_t>(sent));
    }
    send_queue_.PopFront();
  }
  Poll();
}

}  // namespace earshot
