#pragma once

// A plain UDP socket on the loopback interface, as the other end of what the io and server rooms
// open, and waiting for what another thread or the kernel does. Test code only.

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstring>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "earshot/socket_address.h"

namespace earshot {

/// False when `condition` does not come about within the time-out, which only a fault reaches.
template <typename Condition>
bool WaitUntil(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

class UdpPeer {
 public:
  explicit UdpPeer(const std::string& host = "127.0.0.1", uint16_t port = 0) {
    const auto local = *SocketAddress::FromLiteral(host, port);
    descriptor_ = socket(local.is_ipv4() ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_storage storage{};
    const socklen_t length = local.ToSockaddr(storage, false);
    bound_ = bind(descriptor_, reinterpret_cast<const sockaddr*>(&storage), length) == 0;
    socklen_t size = sizeof(storage);
    getsockname(descriptor_, reinterpret_cast<sockaddr*>(&storage), &size);
    address_ = *SocketAddress::FromSockaddr(reinterpret_cast<const sockaddr&>(storage));
  }
  ~UdpPeer() { close(descriptor_); }
  UdpPeer(const UdpPeer&) = delete;
  UdpPeer& operator=(const UdpPeer&) = delete;

  bool bound() const { return bound_; }
  const SocketAddress& address() const { return address_; }

  bool Send(const SocketAddress& to, std::string_view bytes) const {
    sockaddr_storage storage{};
    const socklen_t length = to.ToSockaddr(storage, false);
    return sendto(descriptor_, bytes.data(), bytes.size(), 0,
                  reinterpret_cast<const sockaddr*>(&storage),
                  length) == static_cast<ssize_t>(bytes.size());
  }
  /// As `Send`, from another IPv4 address of this host; this socket must be bound to 0.0.0.0.
  bool SendFrom(uint32_t source, const SocketAddress& to, std::string_view bytes) const {
    sockaddr_storage storage{};
    const socklen_t length = to.ToSockaddr(storage, false);
    iovec vector{const_cast<char*>(bytes.data()), bytes.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(in_pktinfo))> control{};
    msghdr message{};
    message.msg_name = &storage;
    message.msg_namelen = length;
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = IPPROTO_IP;
    header->cmsg_type = IP_PKTINFO;
    header->cmsg_len = CMSG_LEN(sizeof(in_pktinfo));
    in_pktinfo info{};
    info.ipi_spec_dst.s_addr = htonl(source);
    std::memcpy(CMSG_DATA(header), &info, sizeof(info));
    return sendmsg(descriptor_, &message, 0) == static_cast<ssize_t>(bytes.size());
  }
  /// And from whom; nothing if nothing comes within `milliseconds`.
  std::optional<std::pair<std::string, SocketAddress>> ReceiveFrom(
      int milliseconds = 60'000) const {
    pollfd poll_for{descriptor_, POLLIN, 0};
    if (poll(&poll_for, 1, milliseconds) != 1) return std::nullopt;
    std::string bytes(65536, '\0');
    sockaddr_storage name{};
    socklen_t length = sizeof(name);
    const ssize_t size = recvfrom(descriptor_, bytes.data(), bytes.size(), 0,
                                  reinterpret_cast<sockaddr*>(&name), &length);
    if (size < 0) return std::nullopt;
    bytes.resize(static_cast<size_t>(size));
    return std::pair(std::move(bytes),
                     *SocketAddress::FromSockaddr(reinterpret_cast<const sockaddr&>(name)));
  }
  std::optional<std::string> Receive(int milliseconds = 60'000) const {
    auto received = ReceiveFrom(milliseconds);
    if (!received) return std::nullopt;
    return std::move(received->first);
  }

 private:
  int descriptor_ = -1;
  bool bound_ = false;
  SocketAddress address_;
};

inline bool HasIpv6() { return UdpPeer("::1").bound(); }

/// Bytes of memory that this process holds.
inline size_t ResidentBytes() {
  size_t all = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

/// Sanitizers hold memory of their own, which says nothing about ours.
constexpr bool kMemoryIsOurs =
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    false;
#else
    true;
#endif

}  // namespace earshot
