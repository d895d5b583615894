#include "io/interface_addresses.h"

#include <ifaddrs.h>
#include <net/if.h>

#include <algorithm>
#include <memory>
#include <optional>

namespace earshot {
namespace {

bool IsLinkLocal(const SocketAddress& address) {
  const auto host = address.host();
  return !address.is_ipv4() && host[0] == 0xfe && (host[1] & 0xc0) == 0x80;
}

// By the address, not the interface: that of loopback may have others, such as those that several
// hosts share.
bool IsLoopback(const SocketAddress& address) {
  const auto host = address.host();
  if (address.is_ipv4()) return host[0] == 127;
  return host.back() == 1 && std::ranges::count(host, 0) == 15;
}

// Of those that are up. Nothing if the system does not say.
std::optional<std::vector<SocketAddress>> ReadInterfaces(uint16_t port) {
  ifaddrs* first = nullptr;
  if (getifaddrs(&first) != 0) return std::nullopt;
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owned(first, freeifaddrs);
  std::vector<SocketAddress> all;
  for (const ifaddrs* one = first; one != nullptr; one = one->ifa_next) {
    constexpr unsigned kUp = IFF_UP | IFF_RUNNING;
    if (one->ifa_addr == nullptr || (one->ifa_flags & kUp) != kUp) continue;
    const auto address = SocketAddress::FromSockaddr(*one->ifa_addr);
    if (address && !IsLinkLocal(*address)) all.emplace_back(address->host(), port);
  }
  std::stable_partition(all.begin(), all.end(),
                        [](const auto& address) { return !IsLoopback(address); });
  return all;
}

}  // namespace

bool IsWildcard(const SocketAddress& bound) {
  return std::ranges::all_of(bound.host(), [](uint8_t byte) { return byte == 0; });
}

InterfaceAddresses::InterfaceAddresses(const std::string& bound,
                                       const std::vector<std::string>& announced, uint16_t port)
    : bound_(SocketAddress::FromLiteral(bound, port).value_or(SocketAddress())) {
  for (const std::string& literal : announced) {
    if (const auto address = SocketAddress::FromLiteral(literal, port)) {
      candidates_.push_back(*address);
    }
  }
  if (!IsWildcard(bound_)) {
    expected_.push_back({bound_});
    if (candidates_.empty()) candidates_.push_back(bound_);
  } else {
    for (const SocketAddress& address : candidates_) expected_.push_back({address});
  }
  has_fixed_candidates_ = !candidates_.empty();
}

void InterfaceAddresses::Review() {
  auto interfaces = ReadInterfaces(bound_.port());
  if (!interfaces) return;
  if (bound_.is_ipv4()) {
    std::erase_if(*interfaces, [](const auto& address) { return !address.is_ipv4(); });
  }
  is_reachable_ = CanBeReachedOn(*interfaces);
  // Should the host have no address at all, those of before are as good as any.
  if (has_fixed_candidates_ || interfaces->empty()) return;
  interfaces->resize(std::min(interfaces->size(), kMaxCandidates));
  candidates_ = *std::move(interfaces);
}

bool InterfaceAddresses::CanBeReachedOn(const std::vector<SocketAddress>& interfaces) {
  const bool is_connected = !interfaces.empty() && !IsLoopback(interfaces.front());
  if (expected_.empty()) return is_connected;
  bool can_be_reached = false;
  for (Expected& one : expected_) {
    const bool is_here = std::ranges::find(interfaces, one.address) != interfaces.end();
    one.was_here = one.was_here || is_here;
    const bool may_be_elsewhere = !one.was_here && (is_connected || one.address == bound_);
    can_be_reached = can_be_reached || is_here || may_be_elsewhere || IsLoopback(one.address);
  }
  return can_be_reached;
}

}  // namespace earshot
