#include "io/udp_socket.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace earshot {
namespace {

constexpr int kWantedBufferBytes = 4 * 1024 * 1024;

Error BindError(const std::string& address, uint16_t port, int error) {
  std::string message = "Cannot bind UDP port " + std::to_string(port) + " on " + address + ": " +
                        std::strerror(error) + ".";
  if (error == EADDRINUSE) message += " Another process uses it; `ss -ulpn` shows which.";
  return Error{"bind-failed", std::move(message)};
}

int OpenSocket(const SocketAddress& address, bool dual_stack) {
  const int family = address.is_ipv4() ? AF_INET : AF_INET6;
  const int descriptor = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return -errno;
  const int v6_only = dual_stack ? 0 : 1;
  if (family == AF_INET6) {
    setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &v6_only, sizeof(v6_only));
  }
  // As much as the system allows; sysctl net.core.rmem_max bounds it.
  setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &kWantedBufferBytes, sizeof(kWantedBufferBytes));
  setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &kWantedBufferBytes, sizeof(kWantedBufferBytes));
  sockaddr_storage storage;
  const socklen_t length = address.ToSockaddr(storage, false);
  if (bind(descriptor, reinterpret_cast<const sockaddr*>(&storage), length) != 0) {
    const int error = errno;
    close(descriptor);
    return -error;
  }
  return descriptor;
}

uint16_t BoundPort(int descriptor) {
  sockaddr_storage storage{};
  socklen_t length = sizeof(storage);
  getsockname(descriptor, reinterpret_cast<sockaddr*>(&storage), &length);
  const auto address = SocketAddress::FromSockaddr(reinterpret_cast<const sockaddr&>(storage));
  return address ? address->port() : 0;
}

}  // namespace

struct UdpSocket::Buffers {
  std::array<mmsghdr, kBatch> messages;
  std::array<iovec, kBatch> vectors;
  std::array<sockaddr_storage, kBatch> names;
  std::array<std::array<uint8_t, kMaxDatagram>, kBatch> bytes;
};

Result<std::unique_ptr<UdpSocket>> UdpSocket::Bind(uv_loop_t& loop, const std::string& address,
                                                   uint16_t port, Counters& counters) {
  auto literal = SocketAddress::FromLiteral(address, port);
  if (!literal) return Error{"bind-failed", "\"" + address + "\" is not an IP address."};
  int descriptor = OpenSocket(*literal, address == "::");
  if (address == "::" && (descriptor == -EAFNOSUPPORT || descriptor == -EADDRNOTAVAIL)) {
    literal = SocketAddress::FromLiteral("0.0.0.0", port);
    descriptor = OpenSocket(*literal, false);
  }
  if (descriptor < 0) return BindError(address, port, -descriptor);

  std::unique_ptr<UdpSocket> socket(
      new UdpSocket(descriptor, BoundPort(descriptor), !literal->is_ipv4(), counters));
  auto poll = std::make_unique<uv_poll_t>();
  if (const int error = uv_poll_init(&loop, poll.get(), descriptor); error != 0) {
    return BindError(address, port, -error);
  }
  socket->poll_ = poll.release();
  socket->poll_->data = socket.get();
  return socket;
}

UdpSocket::UdpSocket(int descriptor, uint16_t port, bool ipv6, Counters& counters)
    : descriptor_(descriptor),
      port_(port),
      ipv6_(ipv6),
      counters_(counters),
      buffers_(std::make_unique<Buffers>()) {}

UdpSocket::~UdpSocket() {
  if (poll_ != nullptr) {
    uv_poll_stop(poll_);
    uv_close(reinterpret_cast<uv_handle_t*>(poll_),
             [](uv_handle_t* handle) { delete reinterpret_cast<uv_poll_t*>(handle); });
  }
  close(descriptor_);
}

void UdpSocket::Start(Receiver receiver, std::function<void()> batch_done) {
  receiver_ = std::move(receiver);
  batch_done_ = std::move(batch_done);
  Poll();
}

void UdpSocket::Poll() {
  uv_poll_start(poll_, UV_READABLE, [](uv_poll_t* handle, int status, int) {
    auto* socket = static_cast<UdpSocket*>(handle->data);
    if (status < 0) socket->ClearError();
    socket->HandleReadable();
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
  Buffers& buffers = *buffers_;
  for (size_t i = 0; i < kBatch; ++i) {
    buffers.vectors[i] = {buffers.bytes[i].data(), kMaxDatagram};
    buffers.messages[i] = {};
    buffers.messages[i].msg_hdr.msg_name = &buffers.names[i];
    buffers.messages[i].msg_hdr.msg_namelen = sizeof(buffers.names[i]);
    buffers.messages[i].msg_hdr.msg_iov = &buffers.vectors[i];
    buffers.messages[i].msg_hdr.msg_iovlen = 1;
  }
  // An error here is an ICMP message about some peer, or nothing to read: neither is ours to act
  // upon (threat row P5).
  const int count = recvmmsg(descriptor_, buffers.messages.data(), kBatch, 0, nullptr);
  for (int i = 0; i < count; ++i) {
    const auto index = static_cast<size_t>(i);
    const mmsghdr& message = buffers.messages[index];
    if ((message.msg_hdr.msg_flags & MSG_TRUNC) != 0) {
      counters_.Drop(DropReason::kTruncated);
      continue;
    }
    const auto peer =
        SocketAddress::FromSockaddr(reinterpret_cast<const sockaddr&>(buffers.names[index]));
    if (!peer) {
      counters_.Drop(DropReason::kInvalidSource);
      continue;
    }
    receiver_(*peer, {buffers.bytes[index].data(), message.msg_len});
  }
  if (count > 0) batch_done_();
}

// Packet path 11/11.
void UdpSocket::Send(const DatagramList& datagrams) {
  std::array<mmsghdr, kBatch> messages;
  std::array<iovec, kBatch> vectors;
  std::array<sockaddr_storage, kBatch> names;
  for (size_t next = 0; next < datagrams.size();) {
    size_t filled = 0;
    for (; filled < kBatch && next < datagrams.size(); ++filled, ++next) {
      const Datagram datagram = datagrams[next];
      vectors[filled] = {const_cast<uint8_t*>(datagram.bytes.data()), datagram.bytes.size()};
      messages[filled] = {};
      messages[filled].msg_hdr.msg_name = &names[filled];
      messages[filled].msg_hdr.msg_namelen = datagram.peer.ToSockaddr(names[filled], ipv6_);
      messages[filled].msg_hdr.msg_iov = &vectors[filled];
      messages[filled].msg_hdr.msg_iovlen = 1;
    }
    SendBatch({messages.data(), filled});
  }
}

void UdpSocket::SendBatch(std::span<mmsghdr> batch) {
  while (!batch.empty()) {
    const int result =
        sendmmsg(descriptor_, batch.data(), static_cast<unsigned>(batch.size()), MSG_DONTWAIT);
    const size_t sent = result < 0 ? 0 : static_cast<size_t>(result);
    for (const mmsghdr& message : batch.first(sent)) {
      counters_.packets_out.Add();
      counters_.bytes_out.Add(message.msg_len);
    }
    batch = batch.subspan(sent);
    if (batch.empty()) return;
    // sendmmsg stops before the first datagram that fails; that one is given up and the rest
    // tried again, so that one unreachable peer never holds up another.
    counters_.Drop(DropReason::kEgressSendFailed);
    batch = batch.subspan(1);
  }
}

}  // namespace earshot
