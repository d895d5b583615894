#include "io/udp_descriptor.h"

#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace earshot {
namespace {

constexpr int kWantedBufferBytes = 4 * 1024 * 1024;

bool Set(int descriptor, int level, int option, int value) {
  return setsockopt(descriptor, level, option, &value, sizeof(value)) == 0;
}

int Get(int descriptor, int level, int option) {
  int value = 0;
  socklen_t length = sizeof(value);
  return getsockopt(descriptor, level, option, &value, &length) == 0 ? value : -1;
}

// Not bound yet, or the negative errno.
int Create(int family, bool v6_only) {
  const int descriptor = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return -errno;
  if (family == AF_INET6) Set(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, v6_only ? 1 : 0);
  // As much as the system allows; sysctl net.core.rmem_max bounds it.
  Set(descriptor, SOL_SOCKET, SO_RCVBUF, kWantedBufferBytes);
  Set(descriptor, SOL_SOCKET, SO_SNDBUF, kWantedBufferBytes);
  // Neither is needed: without, datagrams come one by one and drops of the kernel go uncounted.
  Set(descriptor, SOL_UDP, UDP_GRO, 1);
  Set(descriptor, SOL_SOCKET, SO_RXQ_OVFL, 1);
  return descriptor;
}

// Zero, or the negative errno.
int Bind(int descriptor, const sockaddr_storage& name, socklen_t length) {
  return bind(descriptor, reinterpret_cast<const sockaddr*>(&name), length) == 0 ? 0 : -errno;
}

// Of the sockets at a port the kernel takes the one whose number, in the order in which they came,
// this program gives for the first byte of the payload.
bool SplitByFirstByte(int descriptor) {
  std::array<sock_filter, 7> program{{
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0), BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 192, 4, 0),
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 128, 1, 0), BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 4, 2, 1),
      BPF_STMT(BPF_RET | BPF_K, 0),  // media
      BPF_STMT(BPF_RET | BPF_K, 1),  // checks
      BPF_STMT(BPF_RET | BPF_K, 2),  // the rest
  }};
  const sock_fprog filter{program.size(), program.data()};
  return setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &filter, sizeof(filter)) == 0;
}

// Another one at the port of `media`, or -1.
int OpenAnother(int media) {
  sockaddr_storage name{};
  socklen_t length = sizeof(name);
  if (getsockname(media, reinterpret_cast<sockaddr*>(&name), &length) != 0) return -1;
  const int another = Create(name.ss_family, Get(media, IPPROTO_IPV6, IPV6_V6ONLY) == 1);
  if (another < 0) return -1;
  if (Set(another, SOL_SOCKET, SO_REUSEPORT, 1) && Bind(another, name, length) == 0) return another;
  close(another);
  return -1;
}

}  // namespace

int OpenUdp(const SocketAddress& local, bool dual_stack) {
  const int descriptor = Create(local.is_ipv4() ? AF_INET : AF_INET6, !dual_stack);
  if (descriptor < 0) return descriptor;
  sockaddr_storage name;
  const socklen_t length = local.ToSockaddr(name, false);
  if (const int error = Bind(descriptor, name, length); error != 0) {
    close(descriptor);
    return error;
  }
  return descriptor;
}

// The first one was bound without SO_REUSEPORT, so that a port that another process has is refused;
// it joins the group when the second one is bound.
std::optional<UdpBeside> OpenUdpBeside(int media) {
  if (!Set(media, SOL_SOCKET, SO_REUSEPORT, 1)) return std::nullopt;
  const UdpBeside beside{OpenAnother(media), OpenAnother(media)};
  if (beside.checks >= 0 && beside.rest >= 0 && SplitByFirstByte(media)) return beside;
  for (const int descriptor : {beside.checks, beside.rest}) {
    if (descriptor >= 0) close(descriptor);
  }
  Set(media, SOL_SOCKET, SO_REUSEPORT, 0);
  return std::nullopt;
}

bool TellDestinations(int descriptor, bool ipv6) {
  return ipv6 ? Set(descriptor, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1)
              : Set(descriptor, IPPROTO_IP, IP_PKTINFO, 1);
}

uint16_t BoundPort(int descriptor) {
  sockaddr_storage storage{};
  socklen_t length = sizeof(storage);
  getsockname(descriptor, reinterpret_cast<sockaddr*>(&storage), &length);
  const auto address = SocketAddress::FromSockaddr(reinterpret_cast<const sockaddr&>(storage));
  return address ? address->port() : 0;
}

bool KernelCutsSegments(int descriptor) { return Get(descriptor, SOL_UDP, UDP_SEGMENT) >= 0; }

}  // namespace earshot
