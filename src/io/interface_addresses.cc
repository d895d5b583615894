#include "io/interface_addresses.h"

#include <uv.h>

#include <algorithm>

#include "earshot/socket_address.h"

namespace earshot {

std::vector<std::string> InterfaceAddresses(const std::string& bind_address) {
  if (bind_address != "::" && bind_address != "0.0.0.0") return {bind_address};
  uv_interface_address_t* interfaces = nullptr;
  int count = 0;
  if (uv_interface_addresses(&interfaces, &count) != 0) return {};
  std::vector<std::string> outside;
  std::vector<std::string> loopback;
  for (int i = 0; i < count; ++i) {
    const auto address = SocketAddress::FromSockaddr(
        reinterpret_cast<const sockaddr&>(interfaces[i].address.address4));
    if (!address) continue;
    const bool link_local =
        !address->is_ipv4() && address->host()[0] == 0xfe && (address->host()[1] & 0xc0) == 0x80;
    if (link_local || (bind_address == "0.0.0.0" && !address->is_ipv4())) continue;
    (interfaces[i].is_internal != 0 ? loopback : outside).push_back(address->HostLiteral());
  }
  uv_free_interface_addresses(interfaces, count);
  outside.insert(outside.end(), loopback.begin(), loopback.end());
  return outside;
}

}  // namespace earshot
