#include "earshot/socket_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

namespace earshot {
namespace {

constexpr std::array<uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

}  // namespace

SocketAddress::SocketAddress(std::span<const uint8_t> host, uint16_t port) : port_(port) {
  if (host.size() == 4) {
    std::copy(host.begin(), host.end(), bytes_.begin() + 12);
    is_ipv4_ = true;
  } else if (host.size() == 16) {
    std::copy(host.begin(), host.end(), bytes_.begin());
    is_ipv4_ = std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), bytes_.begin());
    if (is_ipv4_) std::fill(bytes_.begin(), bytes_.begin() + 12, uint8_t{0});
  } else {
    port_ = 0;
  }
}

std::optional<SocketAddress> SocketAddress::FromLiteral(std::string_view host, uint16_t port) {
  const std::string text(host);
  // The calls below would take what stands in front of it for the whole.
  if (text.find('\0') != std::string::npos) return std::nullopt;
  in_addr v4;
  if (inet_pton(AF_INET, text.c_str(), &v4) == 1) {
    return SocketAddress({reinterpret_cast<const uint8_t*>(&v4), sizeof(v4)}, port);
  }
  in6_addr v6;
  if (inet_pton(AF_INET6, text.c_str(), &v6) == 1) {
    return SocketAddress({v6.s6_addr, sizeof(v6.s6_addr)}, port);
  }
  return std::nullopt;
}

std::optional<SocketAddress> SocketAddress::FromSockaddr(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in in;
    std::memcpy(&in, &address, sizeof(in));
    return SocketAddress({reinterpret_cast<const uint8_t*>(&in.sin_addr), 4}, ntohs(in.sin_port));
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 in;
    std::memcpy(&in, &address, sizeof(in));
    return SocketAddress({in.sin6_addr.s6_addr, 16}, ntohs(in.sin6_port));
  }
  return std::nullopt;
}

uint32_t SocketAddress::ToSockaddr(sockaddr_storage& out, bool dual_stack) const {
  std::memset(&out, 0, sizeof(out));
  if (is_ipv4_ && !dual_stack) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(port_);
    std::memcpy(&in.sin_addr, bytes_.data() + 12, 4);
    std::memcpy(&out, &in, sizeof(in));
    return sizeof(in);
  }
  sockaddr_in6 in{};
  in.sin6_family = AF_INET6;
  in.sin6_port = htons(port_);
  std::memcpy(in.sin6_addr.s6_addr, bytes_.data(), 16);
  if (is_ipv4_) std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), in.sin6_addr.s6_addr);
  std::memcpy(&out, &in, sizeof(in));
  return sizeof(in);
}

bool SocketAddress::IsValidPeer() const {
  if (port_ == 0) return false;
  if (is_ipv4_) {
    const uint8_t first = bytes_[12];
    // "This network" (RFC 6890), multicast, reserved and limited broadcast.
    return first != 0 && first < 224;
  }
  const bool unspecified =
      std::all_of(bytes_.begin(), bytes_.end(), [](uint8_t b) { return b == 0; });
  return !unspecified && bytes_[0] != 0xff;
}

std::string SocketAddress::HostLiteral() const {
  char text[INET6_ADDRSTRLEN] = {};
  inet_ntop(is_ipv4_ ? AF_INET : AF_INET6, host().data(), text, sizeof(text));
  return text;
}

}  // namespace earshot
