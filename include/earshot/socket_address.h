#pragma once

// An IP address and UDP port as a value, and, of a peer, which of our own addresses it talks to.
// IPv4-mapped IPv6 addresses are canonicalised to IPv4 at construction, so that one peer has one
// spelling. Any thread.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

struct sockaddr;
struct sockaddr_storage;

namespace earshot {

class SocketAddress {
 public:
  /// The unspecified address; IsSet() is false.
  constexpr SocketAddress() = default;
  /// `host` is 4 bytes (IPv4) or 16 bytes (IPv6) in network order.
  SocketAddress(std::span<const uint8_t> host, uint16_t port);

  /// Parses a literal such as "192.0.2.1" or "2001:db8::1"; never resolves names.
  static std::optional<SocketAddress> FromLiteral(std::string_view host, uint16_t port);
  static std::optional<SocketAddress> FromSockaddr(const sockaddr& address);
  /// Writes the IPv6 form (IPv4 as ::ffff:a.b.c.d) when `dual_stack`, the plain form otherwise.
  /// Returns the length in bytes.
  uint32_t ToSockaddr(sockaddr_storage& out, bool dual_stack) const;

  bool is_ipv4() const { return is_ipv4_; }
  uint16_t port() const { return port_; }
  bool IsSet() const { return port_ != 0; }
  /// The raw address: 4 or 16 bytes.
  std::span<const uint8_t> host() const {
    return {bytes_.data() + (is_ipv4_ ? 12 : 0), is_ipv4_ ? size_t{4} : size_t{16}};
  }
  /// The far end of a path: `local` numbers the near end, one of our own addresses, as whoever has
  /// the socket likes; zero where it does not tell them apart. Two paths to one peer are different
  /// values, so that what comes by the one is answered by the one (RFC 8489 section 6.3.1.2).
  SocketAddress By(uint8_t local) const {
    SocketAddress path = *this;
    path.local_ = local;
    return path;
  }
  uint8_t local() const { return local_; }
  /// False for what no genuine peer can send from: unspecified, multicast, broadcast, port 0.
  bool IsValidPeer() const;
  /// Address without port, for candidates. Not for logs.
  std::string HostLiteral() const;

  bool operator==(const SocketAddress&) const = default;

  template <typename H>
  friend H AbslHashValue(H hash, const SocketAddress& address) {
    const uint32_t rest =
        uint32_t{address.port_} << 16 | uint32_t{address.local_} << 8 | uint32_t{address.is_ipv4_};
    return H::combine(std::move(hash), address.bytes_, rest);
  }

 private:
  std::array<uint8_t, 16> bytes_{};
  uint16_t port_ = 0;
  bool is_ipv4_ = false;
  uint8_t local_ = 0;
};

}  // namespace earshot
