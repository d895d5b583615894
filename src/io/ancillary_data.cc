#include "io/ancillary_data.h"

#include <netinet/in.h>
#include <netinet/udp.h>

#include <algorithm>
#include <cstring>
#include <span>

namespace earshot {
namespace {

static_assert(sizeof(ReceiveControl) >= CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(uint32_t)) +
                                            CMSG_SPACE(sizeof(in6_pktinfo)));
static_assert(sizeof(SendControl) >=
              CMSG_SPACE(sizeof(in6_pktinfo)) + CMSG_SPACE(sizeof(uint16_t)));

template <typename Value>
Value ValueOf(const cmsghdr& control) {
  Value value;
  std::memcpy(&value, CMSG_DATA(&control), sizeof(value));
  return value;
}

}  // namespace

ReceivedBeside ReadBeside(msghdr& message) {
  ReceivedBeside beside;
  for (cmsghdr* control = CMSG_FIRSTHDR(&message); control != nullptr;
       control = CMSG_NXTHDR(&message, control)) {
    const int level = control->cmsg_level, type = control->cmsg_type;
    if (level == SOL_UDP && type == UDP_GRO) {
      beside.segment_size = static_cast<size_t>(ValueOf<int>(*control));
    } else if (level == SOL_SOCKET && type == SO_RXQ_OVFL) {
      beside.dropped = ValueOf<uint32_t>(*control);
    } else if (level == IPPROTO_IPV6 && type == IPV6_PKTINFO) {
      const in6_addr address = ValueOf<in6_pktinfo>(*control).ipi6_addr;
      beside.sent_to = LocalAddresses::ToHost(address.s6_addr);
    } else if (level == IPPROTO_IP && type == IP_PKTINFO) {
      const in_addr address = ValueOf<in_pktinfo>(*control).ipi_spec_dst;
      beside.sent_to =
          LocalAddresses::ToHost({reinterpret_cast<const uint8_t*>(&address), sizeof(address)});
    }
  }
  return beside;
}

template <typename Value>
void SendControl::Append(msghdr& message, int level, int type, const Value& value) {
  auto* const control = reinterpret_cast<cmsghdr*>(bytes_.data() + message.msg_controllen);
  control->cmsg_level = level;
  control->cmsg_type = type;
  control->cmsg_len = CMSG_LEN(sizeof(value));
  std::memcpy(CMSG_DATA(control), &value, sizeof(value));
  message.msg_control = bytes_.data();
  message.msg_controllen += CMSG_SPACE(sizeof(value));
}

// No interface is named: which one leads to the peer is the routes' to say. IPv6 sockets take
// either form for IPv4, and this one is so small that the kernel need not allocate for it.
void SendControl::SetSource(msghdr& message, const LocalAddresses::Host& from, bool is_ipv4) {
  if (is_ipv4) {
    in_pktinfo info{};
    constexpr size_t kIpv4Size = sizeof(info.ipi_spec_dst);
    std::memcpy(&info.ipi_spec_dst, from.data() + from.size() - kIpv4Size, kIpv4Size);
    Append(message, IPPROTO_IP, IP_PKTINFO, info);
  } else {
    in6_pktinfo info{};
    std::copy(from.begin(), from.end(), info.ipi6_addr.s6_addr);
    Append(message, IPPROTO_IPV6, IPV6_PKTINFO, info);
  }
}

void SendControl::SetSegmentSize(msghdr& message, size_t size) {
  Append(message, SOL_UDP, UDP_SEGMENT, static_cast<uint16_t>(size));
}

}  // namespace earshot
